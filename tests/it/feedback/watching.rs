//! WatchObligations: a watched inbox equals ListObligations after every touchpoint and as time passes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use ownerline_generate::{Network, Settings};
use ownerline_proto::time;
use ownerline_proto::v1::obligation::State;
use ownerline_proto::v1::obligation_change::Change;
use ownerline_proto::v1::{
    KnownAt, ListObligationsRequest, ObligationFilter, OwedItem, Touchpoint,
    WatchObligationsRequest, WatchObligationsResponse, known_at,
};
use tonic::{Code, Status, Streaming};

use super::told::*;
use crate::remote::Remote;
use crate::support::{Dice, Server, reason};

/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody who watches an inbox and keeps it up to date, as a client would.
struct Watcher {
    request: WatchObligationsRequest,
    /// By the name of the obligation.
    items: BTreeMap<String, OwedItem>,
    pending: Vec<Change>,
}

impl Watcher {
    fn of(dealer: &str, filter: Option<ObligationFilter>) -> Self {
        Self {
            request: WatchObligationsRequest {
                dealer_id: dealer.to_owned(),
                filter,
                ..WatchObligationsRequest::default()
            },
            items: BTreeMap::new(),
            pending: Vec::new(),
        }
    }

    async fn open(&mut self, server: &Remote) -> Streaming<WatchObligationsResponse> {
        self.pending.clear();
        let opened = client(server).watch_obligations(self.request.clone()).await;
        opened.unwrap().into_inner()
    }

    /// Takes a message; whether the inbox stands on its position now.
    fn take(&mut self, message: WatchObligationsResponse) -> bool {
        let changes = message.changes.into_iter();
        self.pending.extend(changes.map(|it| it.change.unwrap()));
        if message.more {
            return false;
        }
        for change in std::mem::take(&mut self.pending) {
            match change {
                Change::Added(item) => {
                    let before = self.items.insert(name(&item), item);
                    assert!(before.is_none(), "added twice: {before:?}");
                }
                Change::Revised(item) => {
                    let before = self.items.insert(name(&item), item);
                    before.expect("revised what is not there");
                }
                Change::Removed(name) => {
                    self.items.remove(&name).expect("removed what is not there");
                }
            }
        }
        assert!(message.position >= self.request.after, "goes back");
        self.request.after = message.position;
        self.request.after_as_of = message.as_of;
        true
    }

    async fn follow(&mut self, stream: &mut Streaming<WatchObligationsResponse>, position: &str) {
        while self.request.after.as_str() < position {
            let message = next(stream).await.expect("the watch goes on");
            self.take(message);
        }
    }

    /// Compares the watched inbox with the listed one for the same instant and position.
    async fn holds(&self, server: &Remote) {
        let listed = ListObligationsRequest {
            filter: self.request.filter.clone(),
            as_of: self.request.after_as_of,
            known_at: Some(KnownAt {
                at: Some(known_at::At::Position(self.request.after.clone())),
            }),
            page_size: 1_000,
            ..inbox(&self.request.dealer_id, "")
        };
        let listed = list_all(server, listed).await.items;
        let listed: BTreeMap<String, OwedItem> = listed
            .into_iter()
            .map(|item| (name(&item), still(item)))
            .collect();
        let shown = self.items.clone().into_iter();
        let shown: BTreeMap<String, OwedItem> = shown.map(|(name, it)| (name, still(it))).collect();
        assert_eq!(shown, listed, "{}", self.request.dealer_id);
    }
}

async fn next(
    stream: &mut Streaming<WatchObligationsResponse>,
) -> Result<WatchObligationsResponse, Status> {
    let message = tokio::time::timeout(PATIENCE, stream.message()).await;
    let message = message.expect("a watch is never silent for that long")?;
    message.ok_or_else(|| Status::unknown("the watch ended without saying why"))
}

fn name(item: &OwedItem) -> String {
    item.obligation.as_ref().unwrap().obligation_id.clone()
}

/// Clears the fields that change with every instant.
fn still(mut item: OwedItem) -> OwedItem {
    item.age = None;
    let owed = item.obligation.as_mut().unwrap();
    if owed.state() == State::Open {
        owed.spent = None;
        owed.share = 0.0;
    }
    item
}

fn everything() -> Option<ObligationFilter> {
    Some(ObligationFilter {
        states: (1..=5).collect(),
        ..ObligationFilter::default()
    })
}

/// The touchpoints of a small network about feedback and cases, each once.
fn history(seed: u64) -> Vec<Touchpoint> {
    let settings = Settings {
        owners: 150,
        seed,
        months: 18,
        dealers: 4,
        // 2026-01-01
        until: 1_767_225_600,
    };
    let network = Network::new(settings);
    let mut seen = BTreeSet::new();
    let bears = |one: &Touchpoint| {
        let subjects = one.subjects.clone().unwrap_or_default();
        !subjects.feedback_id.is_empty() || !subjects.case_id.is_empty()
    };
    let told = network.journeys().flatten().filter(bears);
    told.filter(|one| seen.insert((one.source.clone(), one.id.clone())))
        .collect()
}

fn dealers(history: &[Touchpoint]) -> BTreeSet<String> {
    let subjects = history.iter().filter_map(|one| one.subjects.as_ref());
    let named = subjects.map(|it| it.dealer_id.clone());
    named.filter(|dealer| !dealer.is_empty()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn watchers_of_every_inbox_end_with_what_is_listed() {
    let server = Server::start_with_settings(&[("limits.watch_silence", "50ms")]).await;
    let mut history = history(9);
    // As it may arrive: in any order.
    Dice(9).shuffle(&mut history);
    let (known, rest) = history.split_at(history.len() / 3);
    server.import(known.to_vec()).await;
    let mut watching = Vec::new();
    for (number, dealer) in dealers(&history).iter().enumerate() {
        let filter = if number % 2 == 0 { everything() } else { None };
        let mut watcher = Watcher::of(dealer, filter);
        let stream = watcher.open(&server).await;
        watching.push((watcher, stream));
    }
    assert!(watching.len() > 3, "{} are watched", watching.len());
    for batch in rest.chunks(rest.len().div_ceil(8)) {
        server.import(batch.to_vec()).await;
        for (watcher, stream) in &mut watching {
            let message = next(stream).await.unwrap();
            watcher.take(message);
        }
    }
    let head = server.head().await;
    let mut seen = 0;
    for (watcher, stream) in &mut watching {
        watcher.follow(stream, &head).await;
        watcher.holds(&server).await;
        seen += watcher.items.len();
    }
    assert!(seen > 50, "{seen} obligations are watched");
    drop(watching);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_that_is_cut_off_again_and_again_misses_nothing_and_sees_nothing_twice() {
    let server = Server::start().await;
    let history = history(10);
    let dealer = dealers(&history).into_iter().next().unwrap();
    let mut watcher = Watcher::of(&dealer, everything());
    for batch in history.chunks(history.len().div_ceil(40)) {
        server.import(batch.to_vec()).await;
        watcher.request.at_least = server.head().await;
        let mut stream = watcher.open(&server).await;
        let message = next(&mut stream).await.unwrap();
        watcher.take(message);
    }
    let head = server.head().await;
    let mut stream = watcher.open(&server).await;
    watcher.follow(&mut stream, &head).await;
    watcher.holds(&server).await;
    assert!(!watcher.items.is_empty());
    drop(stream);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn time_alone_brings_the_warning_and_the_breach() {
    let server = Server::start().await;
    publish(&server, within(2)).await;
    let said = server.record(said("1", now_seconds())).await.unwrap();
    let mut watcher = Watcher::of("dealer-1", None);
    watcher.request.at_least.clone_from(&said.position);
    let mut late = Watcher::of(
        "dealer-1",
        Some(ObligationFilter {
            min_share: 1.0,
            ..ObligationFilter::default()
        }),
    );
    late.request.at_least.clone_from(&said.position);
    let mut stream = watcher.open(&server).await;
    let mut of_late = late.open(&server).await;
    watcher.follow(&mut stream, &said.position).await;
    let item = watcher.items.values().next().unwrap().clone();
    let owed = item.obligation.unwrap();
    let [half, due] = [0, 1].map(|level| time::nanos_clamped(&owed.levels[level].at.unwrap()));
    assert_eq!(due - half, SECOND);
    let mut revised = Vec::new();
    loop {
        let as_of = time::nanos_clamped(&watcher.request.after_as_of.unwrap());
        if as_of > due {
            break;
        }
        let message = next(&mut stream).await.unwrap();
        let as_of = time::nanos_clamped(&message.as_of.unwrap());
        revised.extend(message.changes.iter().map(|_| as_of));
        assert_eq!(message.position, said.position, "nothing was recorded");
        assert!(watcher.take(message));
    }
    // The first comes in time, unless this machine slept until the second.
    assert!((1..=2).contains(&revised.len()), "{revised:?}");
    assert!(revised.last().unwrap() > &due, "{revised:?}");
    watcher.holds(&server).await;
    while late.items.is_empty() {
        let message = next(&mut of_late).await.unwrap();
        late.take(message);
    }
    let as_of = time::nanos_clamped(&late.request.after_as_of.unwrap());
    assert!(as_of >= due, "not before its budget is used up");
    drop((stream, of_late));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_policies_and_reassignments_reach_the_watchers() {
    let server = Server::start().await;
    let start = now_seconds() - 500;
    server
        .import(vec![said("1", start), said("2", start + 1)])
        .await;
    let mut one = Watcher::of("dealer-1", None);
    let mut two = Watcher::of("dealer-2", None);
    let (mut of_one, mut of_two) = (one.open(&server).await, two.open(&server).await);
    server
        .import(vec![reassigned("2", "m", start + 5, "dealer-2")])
        .await;
    let moved = server.head().await;
    one.follow(&mut of_one, &moved).await;
    two.follow(&mut of_two, &moved).await;
    assert_eq!((one.items.len(), two.items.len()), (1, 1));
    let published = publish(&server, within(60)).await;
    one.follow(&mut of_one, &published).await;
    let item = one.items.values().next().unwrap();
    assert_eq!(item.obligation.as_ref().unwrap().policy_version, 1);
    server
        .import(vec![reply("1", "r", start + 50, "dealer-1")])
        .await;
    let answered = server.head().await;
    one.follow(&mut of_one, &answered).await;
    assert!(one.items.is_empty());
    let gone = server
        .record(withdrawn("1", "w", start + 60, "r"))
        .await
        .unwrap();
    one.follow(&mut of_one, &gone.position).await;
    assert_eq!(one.items.len(), 1, "it is owed again");
    one.holds(&server).await;

    let reading = tokio::spawn(async move {
        loop {
            if let Err(ended) = next(&mut of_one).await {
                return ended;
            }
        }
    });
    drop(of_two);
    server.stop().await;
    let ended = reading.await.unwrap();
    assert_eq!(
        (ended.code(), reason(&ended).as_str()),
        (Code::Unavailable, "STOPPING")
    );
}
