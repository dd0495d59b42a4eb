//! Subscribers of all kinds: each gets every position that it asks for exactly once and in order while recording
//! goes on, and a filter passes what a client would have kept.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use ownerline_proto::time;
use ownerline_proto::v1::record_result::Result as ItemResult;
use ownerline_proto::v1::subscribe_request::Start;
use ownerline_proto::v1::subscribe_response::Item;
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{
    CaseOpened, RecordedTouchpoint, Subjects, SubscribeRequest, SubscribeResponse, Touchpoint,
    TouchpointFilter, touchpoint::Payload,
};
use tokio::sync::watch;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status, Streaming};

use crate::remote::Remote;
use crate::support::{Dice, NOW, Server, asked_for, feedback, pairs, reason, seed, violations};
use crate::telemetry::metrics::{ON, becomes, scraped};

/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// One who follows the log and remembers where.
struct Subscriber {
    client: TouchpointServiceClient<Channel>,
    filter: Option<TouchpointFilter>,
    /// Resume after it.
    told: String,
    /// Position and id of each received touchpoint.
    seen: Vec<(String, String)>,
    /// How often it was ended for not reading.
    too_slow: usize,
}

impl Subscriber {
    fn new(client: TouchpointServiceClient<Channel>, filter: Option<TouchpointFilter>) -> Self {
        Self {
            client,
            filter,
            told: String::new(),
            seen: Vec::new(),
            too_slow: 0,
        }
    }

    /// Subscribes after the last received position.
    async fn open(&mut self) -> Streaming<SubscribeResponse> {
        let told = Some(self.told.clone()).filter(|told| !told.is_empty());
        let request = SubscribeRequest {
            start: told.map(Start::AfterPosition),
            filter: self.filter.clone(),
        };
        let answers = self.client.subscribe(request).await;
        answers
            .unwrap_or_else(|status| panic!("{status:?}"))
            .into_inner()
    }

    /// Takes the next message; false if the subscription was ended for not being read.
    async fn take(&mut self, answers: &mut Streaming<SubscribeResponse>) -> bool {
        let message = tokio::time::timeout(PATIENCE, answers.message()).await;
        let message = message.unwrap_or_else(|_| panic!("nothing came behind {}", self.told));
        match message {
            Ok(message) => {
                self.hear(message.unwrap().item.unwrap());
                true
            }
            Err(status) => {
                assert_eq!(reason(&status), "SLOW_READER", "{status:?}");
                self.too_slow += 1;
                false
            }
        }
    }

    fn hear(&mut self, item: Item) {
        let position = match item {
            Item::Batch(batch) => {
                for RecordedTouchpoint {
                    position,
                    touchpoint,
                    ..
                } in batch.touchpoints
                {
                    self.seen.push((position, touchpoint.unwrap().id));
                }
                self.seen.last().unwrap().0.clone()
            }
            Item::Checkpoint(checkpoint) => checkpoint.position,
            Item::CaughtUp(caught_up) => caught_up.position,
        };
        assert!(
            position >= self.told,
            "{position} came behind {}",
            self.told
        );
        self.told = position;
    }

    /// Follows until recording has ended and it was told of its end, subscribing again after every so
    /// many messages. Nobody who has the time to read is promised never to be called too slow here: the
    /// machine may be busy.
    async fn follow_until(
        &mut self,
        mut progress: watch::Receiver<(u64, String)>,
        mut messages: impl FnMut() -> usize,
    ) {
        let mut answers = self.open().await;
        let mut left = messages();
        let end = loop {
            tokio::select! {
            end = ended(&mut progress) => break end,
                            taken = self.take(&mut answers) => {
                                left -= 1;
                                if !taken || left == 0 {
                                    answers = self.open().await;
                                    left = messages();
                                }
                            }
                        }
        };
        drop(answers);
        self.follow(&end, messages).await;
    }

    /// Follows until it was told of `end`, subscribing again after every so many messages.
    async fn follow(&mut self, end: &str, mut messages: impl FnMut() -> usize) {
        while self.told.as_str() < end {
            let mut answers = self.open().await;
            for _ in 0..messages() {
                if self.told.as_str() >= end || !self.take(&mut answers).await {
                    break;
                }
            }
        }
    }
}

/// The last position, once recording has ended.
async fn ended(progress: &mut watch::Receiver<(u64, String)>) -> String {
    let ended = progress.wait_for(|(part, _)| *part == 7).await;
    ended.unwrap().1.clone()
}

/// Imports, and answers the position of each id.
async fn recorded(server: &Remote, touchpoints: Vec<Touchpoint>) -> BTreeMap<String, String> {
    let ids: Vec<String> = touchpoints.iter().map(|each| each.id.clone()).collect();
    let results = server.import(touchpoints).await;
    assert_eq!(results.len(), ids.len());
    let positions = results.into_iter().map(|result| match result.result {
        Some(ItemResult::Recorded(recorded)) => recorded.position,
        other => panic!("{other:?}"),
    });
    positions.zip(ids).collect()
}

/// Touchpoints of two dealers in turn.
fn of_two_dealers(numbers: Range<u64>) -> Vec<Touchpoint> {
    let of = |number: u64| {
        let id = format!("{number:09}");
        let mut touchpoint = feedback(&format!("owner-{}", number % 97), &id, NOW);
        if let Some(subjects) = &mut touchpoint.subjects {
            subjects.dealer_id = format!("dealer-{}", number % 2);
        }
        touchpoint
    };
    numbers.map(of).collect()
}

/// A client whose transport accepts little before it blocks.
async fn small_client(server: &Server) -> TouchpointServiceClient<Channel> {
    let endpoint = Endpoint::from_shared(format!("http://{}", server.addr())).unwrap();
    let endpoint = endpoint
        .initial_stream_window_size(65_535)
        .initial_connection_window_size(65_535);
    TouchpointServiceClient::new(endpoint.connect().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn four_subscribers_of_different_speed_see_every_position_once_while_recording_goes_on() {
    let total = asked_for("OWNERLINE_REPLAYS", 24_000);
    let eighth = total / 8;
    let mut dice = Dice(seed());
    let settings = [ON, ("limits.slow_reader", "500ms")];
    let server = Server::start_with_settings(&settings).await;
    let mut positions = recorded(&server, of_two_dealers(0..4 * eighth)).await;

    // The second one is let go while it does not read, and finds out why later.
    let mut pausing = Subscriber::new(small_client(&server).await, None);
    let mut unread = pausing.open().await;
    assert!(pausing.take(&mut unread).await);
    becomes(&server, "ownerline_subscriptions", 0.0).await;

    let (progress, watching) = watch::channel((0, String::new()));
    let recording = {
        let remote = Remote::connect(&format!("http://{}", server.addr()))
            .await
            .unwrap();
        tokio::spawn(async move {
            let mut positions = BTreeMap::new();
            for part in 4..8 {
                let touchpoints = of_two_dealers(part * eighth..(part + 1) * eighth);
                positions.append(&mut recorded(&remote, touchpoints).await);
                let last = positions.last_key_value().unwrap().0.clone();
                progress.send_replace((part, last));
            }
            positions
        })
    };
    let fast = {
        let mut fast = Subscriber::new(server.another_client().await, None);
        let progress = watching.clone();
        tokio::spawn(async move {
            fast.follow_until(progress, || usize::MAX).await;
            fast
        })
    };
    let pausing = {
        let mut progress = watching.clone();
        tokio::spawn(async move {
            while pausing.take(&mut unread).await {}
            for part in 4..8 {
                let mut answers = pausing.open().await;
                pausing.take(&mut answers).await;
                progress.wait_for(|(done, _)| *done >= part).await.unwrap();
            }
            pausing.follow_until(progress, || usize::MAX).await;
            pausing
        })
    };
    let reconnecting = {
        let mut restless = Subscriber::new(server.another_client().await, None);
        let progress = watching.clone();
        tokio::spawn(async move {
            restless.follow_until(progress, || 2 + dice.below(3)).await;
            restless
        })
    };
    let filtered = {
        let filter = TouchpointFilter {
            dealer_ids: vec!["dealer-1".to_owned()],
            ..TouchpointFilter::default()
        };
        let mut filtered = Subscriber::new(server.another_client().await, Some(filter));
        let progress = watching.clone();
        tokio::spawn(async move {
            filtered.follow_until(progress, || usize::MAX).await;
            filtered
        })
    };

    positions.append(&mut recording.await.unwrap());
    let all: Vec<(String, String)> = positions.into_iter().collect();
    assert_eq!(all.len() as u64, 8 * eighth, "every position is given once");
    let (fast, pausing) = (fast.await.unwrap(), pausing.await.unwrap());
    let (reconnecting, filtered) = (reconnecting.await.unwrap(), filtered.await.unwrap());
    assert!(
        fast.seen == all,
        "the fast one missed or repeated something"
    );
    assert!(pausing.too_slow > 0, "nobody told it that it was too slow");
    assert!(
        pausing.seen == all,
        "the pausing one missed or repeated something"
    );
    assert!(
        reconnecting.seen == all,
        "the reconnecting one missed or repeated something"
    );
    let told =
        r#"ownerline_refused_total{method="TouchpointService/Subscribe",reason="SLOW_READER"}"#;
    let told = scraped(&server).await[told];
    assert!(told >= pausing.too_slow as f64, "{told} are counted");
    let odd = |(_, id): &&(String, String)| id.parse::<u64>().unwrap() % 2 == 1;
    let odd: Vec<_> = all.iter().filter(odd).cloned().collect();
    assert!(
        filtered.seen == odd,
        "the filtered one missed or repeated something"
    );
    server.stop().await;
}

/// One of few owners or none, one of few dealers or none, one of few cases or a piece of feedback.
fn any(dice: &mut Dice, number: u64) -> Touchpoint {
    let id = format!("{number:09}");
    let mut some = |name: &str, of: usize| match dice.below(of + 1) {
        0 => String::new(),
        which => format!("{name}-{which}"),
    };
    let mut subjects = Subjects {
        owner_id: some("owner", 3),
        dealer_id: some("dealer", 2),
        order_id: some("order", 2),
        visit_id: some("visit", 2),
        feedback_id: format!("f-{id}"),
        ..Subjects::default()
    };
    let mut touchpoint = feedback("", &id, NOW - i64::try_from(dice.below(10)).unwrap());
    if dice.below(2) == 0 {
        subjects.case_id = format!("case-{}", dice.below(3));
        touchpoint.payload = Some(Payload::CaseOpened(CaseOpened {
            subject: "The noise came back.".to_owned(),
            ..CaseOpened::default()
        }));
    }
    if dice.below(2) == 0 {
        subjects.vin = "WDB1240501A000001".to_owned();
    }
    touchpoint.subjects = Some(subjects);
    touchpoint
}

/// Any of the filters, or several.
fn any_filter(dice: &mut Dice) -> TouchpointFilter {
    let mut filter = TouchpointFilter::default();
    let two = |name: &str| vec![format!("{name}-1"), format!("{name}-2")];
    for _ in 0..=dice.below(2) {
        match dice.below(10) {
            0 => filter.owner_ids = two("owner"),
            1 => filter.dealer_ids = vec!["dealer-1".to_owned()],
            2 => filter.order_ids = two("order"),
            3 => filter.visit_ids = vec!["visit-2".to_owned()],
            4 => filter.case_ids = vec!["case-0".to_owned()],
            5 => filter.vins = vec!["WDB1240501A000001".to_owned()],
            6 => filter.feedback_ids = vec!["f-000000700".to_owned()],
            7 => filter.types = vec!["com.ownerline.case_opened.v1".to_owned()],
            8 => filter.from = Some(time::timestamp((NOW - 4) * 1_000_000_000)),
            _ => filter.until = Some(time::timestamp((NOW - 2) * 1_000_000_000)),
        }
    }
    filter
}

/// The client-side filter that the server's filter must agree with.
fn keeps(filter: &TouchpointFilter, touchpoint: &Touchpoint) -> bool {
    let subjects = touchpoint.subjects.clone().unwrap_or_default();
    let has = |wanted: &[String], named: &String| wanted.is_empty() || wanted.contains(named);
    let occurred_at = time::nanos(touchpoint.occurred_at.as_ref().unwrap()).unwrap();
    let instant = |at: &Option<_>| at.as_ref().map(|at| time::nanos(at).unwrap());
    let is_case = matches!(touchpoint.payload, Some(Payload::CaseOpened(_)));
    has(&filter.owner_ids, &subjects.owner_id)
        && has(&filter.dealer_ids, &subjects.dealer_id)
        && has(&filter.order_ids, &subjects.order_id)
        && has(&filter.visit_ids, &subjects.visit_id)
        && has(&filter.case_ids, &subjects.case_id)
        && has(&filter.vins, &subjects.vin)
        && has(&filter.feedback_ids, &subjects.feedback_id)
        && (filter.types.is_empty() || is_case)
        && instant(&filter.from).is_none_or(|from| occurred_at >= from)
        && instant(&filter.until).is_none_or(|until| occurred_at < until)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filtered_subscription_equals_filtering_everything_from_any_resume_point() {
    let mut dice = Dice(seed());
    // Small messages, so that there are many places to start again from.
    let server = Server::start_with_settings(&[("limits.read_batch", "7")]).await;
    let touchpoints: Vec<Touchpoint> = (0..1_200).map(|number| any(&mut dice, number)).collect();
    let (past, future) = touchpoints.split_at(800);
    let mut positions = recorded(&server, past.to_vec()).await;
    let (progress, end) = watch::channel(String::new());
    let mut subscribers = Vec::new();
    for _ in 0..12 {
        let filter = any_filter(&mut dice);
        let client = server.another_client().await;
        let mut subscriber = Subscriber::new(client, Some(filter.clone()));
        let (mut own, mut end) = (Dice(dice.below(1 << 30) as u64), end.clone());
        let following = tokio::spawn(async move {
            // Across the border to live, and again until everything is told.
            while end.borrow().is_empty() {
                let mut answers = subscriber.open().await;
                for _ in 0..2 + own.below(20) {
                    tokio::select! {
                        kept = subscriber.take(&mut answers) => assert!(kept),
                        _ = end.wait_for(|end| !end.is_empty()) => break,
                    }
                }
            }
            let end = end.borrow().clone();
            subscriber.follow(&end, || 1 + own.below(20)).await;
            subscriber.seen
        });
        subscribers.push((filter, following));
    }
    for some in future.chunks(20) {
        positions.append(&mut recorded(&server, some.to_vec()).await);
    }
    progress.send_replace(positions.last_key_value().unwrap().0.clone());
    let by_id: BTreeMap<&str, &Touchpoint> = touchpoints
        .iter()
        .map(|each| (each.id.as_str(), each))
        .collect();
    for (filter, following) in subscribers {
        let seen = following.await.unwrap();
        let kept = positions
            .iter()
            .filter(|(_, id)| keeps(&filter, by_id[id.as_str()]));
        let kept: Vec<(String, String)> = kept
            .map(|(position, id)| (position.clone(), id.clone()))
            .collect();
        assert_eq!(seen, kept, "{filter:?}");
    }
    server.stop().await;
}

async fn refused(server: &Server, filter: TouchpointFilter) -> Status {
    let request = SubscribeRequest {
        filter: Some(filter),
        ..SubscribeRequest::default()
    };
    server.touchpoints().subscribe(request).await.unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_violation_of_a_filter_is_reported_at_once() {
    let server = Server::start().await;
    let filter = TouchpointFilter {
        types: vec!["com.ownerline.nonsense.v1".to_owned()],
        owner_ids: vec!["fine".to_owned(), "not fine".to_owned()],
        vins: vec!["SHORT".to_owned()],
        case_ids: vec!["case".to_owned(); 201],
        from: Some(time::timestamp(NOW * 1_000_000_000)),
        until: Some(time::timestamp(NOW * 1_000_000_000)),
        ..TouchpointFilter::default()
    };
    let status = refused(&server, filter).await;
    assert_eq!(status.code(), Code::InvalidArgument);
    let expected = pairs(&[
        ("filter.case_ids", "TOO_MANY"),
        ("filter.owner_ids[1]", "CHARACTERS"),
        ("filter.types[0]", "UNKNOWN_VALUE"),
        ("filter.until", "RANGE"),
        ("filter.vins[0]", "CHARACTERS"),
    ]);
    assert_eq!(violations(&status), expected);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subject_that_only_the_stream_names_passes_no_filter() {
    let server = Server::start().await;
    let first = feedback("owner-1", "1", NOW);
    let mut second = feedback("", "2", NOW);
    if let Some(subjects) = &mut second.subjects {
        subjects.feedback_id = "f-1".to_owned();
    }
    let positions = recorded(&server, vec![first, second]).await;
    let end = positions.last_key_value().unwrap().0.clone();
    let by = |filter| Subscriber::new(server.touchpoints(), Some(filter));
    let mut by_owner = by(TouchpointFilter {
        owner_ids: vec!["owner-1".to_owned()],
        ..TouchpointFilter::default()
    });
    by_owner.follow(&end, || usize::MAX).await;
    assert_eq!(by_owner.seen.len(), 1);
    let mut by_feedback = by(TouchpointFilter {
        feedback_ids: vec!["f-1".to_owned()],
        categories: vec!["feedback".to_owned()],
        ..TouchpointFilter::default()
    });
    by_feedback.follow(&end, || usize::MAX).await;
    assert_eq!(by_feedback.seen.len(), 2);
    server.stop().await;
}
