//! Eight clients each send the same touchpoints while the server is killed again and again: each touchpoint is
//! stored once, and all clients get the same position. `OWNERLINE_RETRIES` sets the number of touchpoints (default
//! 2,000), `OWNERLINE_KILLS` the number of kills (default 2). The long run is a million appends:
//!
//! ```sh
//! OWNERLINE_RETRIES=125000 OWNERLINE_KILLS=10 cargo test --test it -- --nocapture retries::
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ownerline_proto::v1::record_result::Result as ItemResult;
use ownerline_proto::v1::{ImportRequest, RecordBatchRequest, RecordResult, Touchpoint};
use tokio::sync::watch;
use tonic::Status;

use crate::load::following::{Follower, number};
use crate::load::verified;
use crate::process::Served;
use crate::remote::Remote;
use crate::support::{Dice, NOW, asked_for, feedback, seed};

const CLIENTS: u64 = 8;
const BATCH: usize = 250;
/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(3_600);

/// The state that all clients share.
struct Told {
    /// By the number of the touchpoint: where the first answer said it is.
    places: Vec<AtomicU64>,
    /// Answers that said that it was stored just now.
    fresh: AtomicU64,
    /// Batches whose answer never came.
    lost: AtomicU64,
    answered: watch::Sender<u64>,
}

/// One of many that share streams.
fn touchpoint(number: usize) -> Touchpoint {
    let mut touchpoint = feedback(&format!("owner-{}", number % 499), &number.to_string(), NOW);
    if let Some(subjects) = &mut touchpoint.subjects {
        subjects.feedback_id = format!("f-{}", number % 997);
    }
    touchpoint
}

async fn send(remote: &Remote, batch: &[usize], import: bool) -> Result<Vec<RecordResult>, Status> {
    let touchpoints: Vec<Touchpoint> = batch.iter().copied().map(touchpoint).collect();
    if !import {
        let request = RecordBatchRequest { touchpoints };
        let answer = remote.touchpoints().record_batch(request).await?;
        return Ok(answer.into_inner().results);
    }
    let requests = tokio_stream::iter([ImportRequest {
        touchpoints,
        validate_only: false,
    }]);
    let mut answers = remote.touchpoints().import(requests).await?.into_inner();
    let answer = answers.message().await?;
    Ok(answer.expect("each batch is answered").results)
}

impl Told {
    /// Takes the answers, and returns the touchpoints to send again.
    fn take(&self, batch: &[usize], results: Vec<RecordResult>) -> Vec<usize> {
        assert_eq!(results.len(), batch.len());
        let mut again = Vec::new();
        for (sent, result) in batch.iter().zip(results) {
            match result.result.unwrap() {
                ItemResult::Recorded(answer) => {
                    let place = number(&answer.position);
                    let first = self.places[*sent].swap(place, Ordering::SeqCst);
                    assert!(first == 0 || first == place, "{sent}: {first} and {place}");
                    let fresh = u64::from(!answer.replayed);
                    self.fresh.fetch_add(fresh, Ordering::SeqCst);
                }
                ItemResult::Refused(refusal) => {
                    assert_eq!(refusal.reason, "BUSY", "{refusal:?}");
                    again.push(*sent);
                }
            }
        }
        let answered = (batch.len() - again.len()) as u64;
        self.answered.send_modify(|sum| *sum += answered);
        again
    }
}

/// Sends until everything is answered, to whichever server there is.
async fn send_all(
    order: Vec<usize>,
    import: bool,
    told: Arc<Told>,
    mut servers: watch::Receiver<String>,
) {
    let mut url = servers.borrow_and_update().clone();
    let mut remote = Remote::connect(&url).await.ok();
    for batch in order.chunks(BATCH) {
        let mut batch = batch.to_vec();
        while !batch.is_empty() {
            let results = match &remote {
                Some(remote) => send(remote, &batch, import).await.ok(),
                None => None,
            };
            match results {
                Some(results) => batch = told.take(&batch, results),
                None => {
                    told.lost.fetch_add(1, Ordering::SeqCst);
                    let next = servers.wait_for(|now| *now != url).await;
                    url = next.expect("another server comes").clone();
                    remote = Remote::connect(&url).await.ok();
                }
            }
        }
    }
}

/// Everything, in an order of its own; half of the clients keep step with each other.
fn order(client: u64, touchpoints: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..touchpoints).collect();
    if client.is_multiple_of(2) {
        Dice(seed + client).shuffle(&mut order);
    }
    order
}

#[tokio::test(flavor = "multi_thread")]
async fn touchpoints_sent_across_kills_are_stored_once_and_every_client_learns_the_same_position() {
    let touchpoints = usize::try_from(asked_for("OWNERLINE_RETRIES", 2_000)).unwrap();
    let kills = asked_for("OWNERLINE_KILLS", 2);
    let (seed, begun) = (seed(), Instant::now());
    let directory = tempfile::tempdir().unwrap();
    let told = Arc::new(Told {
        places: (0..touchpoints).map(|_| AtomicU64::new(0)).collect(),
        fresh: AtomicU64::new(0),
        lost: AtomicU64::new(0),
        answered: watch::Sender::new(0),
    });
    let mut served = Served::start(directory.path());
    let (servers, _) = watch::channel(served.url().to_owned());
    let clients = (0..CLIENTS).map(|client| {
        let order = order(client, touchpoints, seed);
        let sending = send_all(order, client > 5, told.clone(), servers.subscribe());
        tokio::spawn(tokio::time::timeout(PATIENCE, sending))
    });
    let clients: Vec<_> = clients.collect();
    let appends = touchpoints as u64 * CLIENTS;
    for kill in 1..=kills {
        let due = appends * kill / (kills + 1);
        let mut answered = told.answered.subscribe();
        let waiting = answered.wait_for(|answered| *answered >= due);
        let waiting = tokio::time::timeout(PATIENCE, waiting).await;
        waiting.expect("the answers come").unwrap();
        served.kill();
        served = Served::start(directory.path());
        servers.send_replace(served.url().to_owned());
    }
    for client in clients {
        client.await.unwrap().expect("every client is answered");
    }
    let mut stored = 0;
    let remote = served.remote().await;
    let check = |recorded: &ownerline_proto::v1::RecordedTouchpoint| {
        let id: usize = recorded.touchpoint.as_ref().unwrap().id.parse().unwrap();
        let place = told.places[id].load(Ordering::SeqCst);
        assert_eq!(place, number(&recorded.position), "{recorded:?}");
        stored += 1;
    };
    Follower::default().catch_up(&remote, check).await;
    assert_eq!(stored, touchpoints, "one position for each, and no other");
    assert_eq!(number(&remote.head().await), touchpoints as u64);
    assert_eq!(*told.answered.borrow(), appends);
    let (fresh, lost) = (
        told.fresh.load(Ordering::SeqCst),
        told.lost.load(Ordering::SeqCst),
    );
    assert!(fresh <= touchpoints as u64, "stored just now: {fresh}");
    assert!(lost >= 1, "no kill met anybody");
    assert_eq!(served.terminate(), Some(0));
    verified(directory.path());
    eprintln!(
        "{appends} appends of {touchpoints} touchpoints by {CLIENTS} clients, {kills} kills, {lost} answers \
         lost: head {stored}, {fresh} told as new, the rest as replayed; {:?}",
        begun.elapsed()
    );
}
