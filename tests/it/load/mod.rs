//! Everything at once on a served data directory, across as many ends of its server as a test wants:
//! clients that record, an import, a subscription and a watch; and the account of what they were told,
//! which the log is held against after each end.

use std::path::Path;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ownerline_proto::v1::{GetTimelineRequest, GetTimelineResponse, ListProjectionsResponse};
use tokio::sync::Semaphore;
use tonic::Status;

use crate::process::{Served, run, stderr, stdout};
use crate::remote::Remote;
use crate::support::{Dice, NOW, all_of, feedback};
use crate::timeline::watcher::{Watcher, next};

mod clients;
pub(crate) mod following;
mod making;
mod sent;

use clients::{Ending, Importer, Recorder};
use following::Follower;
use sent::{Audit, Sent, SharedSent, locked};

/// How many clients record, one touchpoint after the other.
const RECORDERS: usize = 4;
/// The number of the client that imports.
const IMPORTER: usize = RECORDERS;
/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(300);

/// The clients of one log, and all that they know about it.
pub(crate) struct Load {
    sent: SharedSent,
    recorders: Vec<Recorder>,
    importer: Importer,
    subscriber: Follower,
    watcher: Watcher,
    /// Reads the new part of the log after each end.
    auditor: Follower,
    audit: Audit,
    ends: usize,
}

/// When a server is ended.
pub(crate) enum Moment {
    /// So long after the clients began.
    Any(Duration),
    /// So long after every stream was open.
    AllAreOpen(Duration),
}

/// How the open streams were ended.
pub(crate) struct Ends {
    pub(crate) import: Status,
    pub(crate) subscription: Status,
    pub(crate) watch: Status,
}

impl Load {
    pub(crate) fn new(seed: u64) -> Self {
        let sent: SharedSent = Arc::new(Mutex::new(Sent::default()));
        let recorder = |client| Recorder::new(client, seed, sent.clone());
        Self {
            recorders: (0..RECORDERS).map(recorder).collect(),
            importer: Importer::new(seed, sent.clone()),
            sent,
            subscriber: Follower::default(),
            watcher: Watcher::of(making::WATCHED),
            auditor: Follower::default(),
            audit: Audit::default(),
            ends: 0,
        }
    }

    /// Sees to it that there is somebody to watch.
    pub(crate) async fn begin(&mut self, remote: &Remote) {
        let first = feedback(making::WATCHED, "first", NOW);
        // A client of its own, so that no order is broken.
        locked(&self.sent).send(IMPORTER + 1, &first);
        let answer = remote.record(first.clone()).await.unwrap();
        // Not before the views know of them.
        self.watcher.request.at_least = answer.position.clone();
        locked(&self.sent).acknowledge(&first, answer);
    }

    /// Everything at once, until the moment has come and `end` has ended the server; what `end` said.
    pub(crate) async fn until<T: Send + 'static>(
        &mut self,
        served: Served,
        moment: Moment,
        end: impl FnOnce(Served) -> T + Send + 'static,
    ) -> (T, Ends) {
        let remote = served.remote().await;
        let ending = Ending::default();
        let soon = ending.clone();
        let open = Semaphore::new(0);
        let ended = async {
            let instant = match moment {
                Moment::Any(instant) => instant,
                Moment::AllAreOpen(instant) => {
                    let _all = open.acquire_many(3).await.unwrap();
                    instant
                }
            };
            // Nothing is waited for here: the instant at random is the experiment.
            tokio::time::sleep(instant).await;
            soon.store(true, Ordering::SeqCst);
            tokio::task::spawn_blocking(move || end(served))
                .await
                .unwrap()
        };
        let recorders = self.recorders.iter_mut();
        let recording = recorders.map(|recorder| recorder.record_until_ended(&remote, &ending));
        let all = async {
            tokio::join!(
                ended,
                futures::future::join_all(recording),
                expected(
                    &ending,
                    self.importer.import_until_ended(&remote, &ending, &open)
                ),
                expected(&ending, self.subscriber.follow_until_ended(&remote, &open)),
                expected(
                    &ending,
                    watch_until_ended(&mut self.watcher, &remote, &open)
                ),
            )
        };
        let all = tokio::time::timeout(PATIENCE, all).await;
        let (said, _, import, subscription, watch) = all.expect("every client sees the end");
        self.ends += 1;
        let ends = Ends {
            import,
            subscription,
            watch,
        };
        (said, ends)
    }

    /// Everything at once until SIGTERM, at a random instant while every stream is open; how the streams were ended.
    pub(crate) async fn until_drained(&mut self, served: Served, dice: &mut Dice) -> Ends {
        let remote = served.remote().await;
        if self.ends == 0 {
            self.begin(&remote).await;
        }
        self.hold(&remote).await;
        drop(remote);
        let drain = |served: Served| {
            served.ask_to_end();
            served.ended()
        };
        let moment = Moment::AllAreOpen(instant(dice));
        let ((code, told), ends) = self.until(served, moment, drain).await;
        assert_eq!(code, Some(0), "{told}");
        // It says so when its deadline has to end what did not end by itself.
        assert!(!told.contains("cut off"), "{told}");
        assert!(!told.contains("ERROR"), "{told}");
        ends
    }

    /// Everything that was acknowledged is in the log, followed and watched, and the log is sound; ends the server.
    pub(crate) async fn all_is_there(&mut self, served: Served, data: &Path) {
        let remote = served.remote().await;
        self.hold(&remote).await;
        self.all_arrive(&remote).await;
        self.hold_all(&remote).await;
        assert_eq!(served.terminate(), Some(0));
        verified(data);
    }

    /// Checks the new part of the log: it was sent, is unchanged and in order, and holds all acknowledged touchpoints.
    pub(crate) async fn hold(&mut self, remote: &Remote) {
        let (sent, audit) = (&self.sent, &mut self.audit);
        let reading = self
            .auditor
            .catch_up(remote, |recorded| audit.take(recorded, &mut locked(sent)));
        reading.await;
        self.audit.hold(&mut locked(&self.sent));
    }

    /// The same of the whole log, from its beginning; and it is what was seen of it at any time.
    pub(crate) async fn hold_all(&mut self, remote: &Remote) {
        let (mut follower, mut audit) = (Follower::default(), Audit::default());
        let sent = &self.sent;
        let reading = follower.catch_up(remote, |recorded| {
            audit.take(recorded, &mut locked(sent));
        });
        reading.await;
        audit.hold_all(&locked(sent));
        assert!(follower.seen == self.auditor.seen, "the past was changed");
        let subscribed = self.subscriber.seen.len();
        assert!(
            self.subscriber.seen == follower.seen[..subscribed],
            "the subscription saw something else"
        );
    }

    /// Whoever subscribes and watches gets to the end of the log, and stands where a fresh look stands.
    pub(crate) async fn all_arrive(&mut self, remote: &Remote) {
        self.subscriber.catch_up(remote, |_| {}).await;
        let head = remote.head().await;
        assert_eq!(self.subscriber.seen.len() as u64, following::number(&head));
        let mut stream = self.watcher.open(remote).await.unwrap();
        self.watcher.follow(&mut stream, &head).await;
        let timeline = timeline(remote, making::WATCHED, &head).await;
        assert_eq!(self.watcher.timeline(), timeline.entries);
    }

    /// Every question about all owners.
    pub(crate) async fn answers(&self, remote: &Remote) -> Answers {
        let projections = settled(remote).await;
        let owners = locked(&self.sent).owners();
        let mut timelines = Vec::with_capacity(owners.len());
        for owner in owners {
            let mut timeline = timeline(remote, &owner, &projections.head).await;
            timeline.as_of = None;
            timelines.push((owner, timeline));
        }
        let certificate = projections.projections.into_iter().map(|projection| {
            let certificate = (projection.applied_count, projection.applied_hash);
            (projection.name, projection.position, certificate)
        });
        Answers {
            projections: certificate.collect(),
            timelines,
        }
    }

    /// A summary of the run, in one line.
    pub(crate) fn told(&self) -> String {
        format!(
            "{} ends of the server, {} touchpoints in the log, {} acknowledged, {} followed, {} watched",
            self.ends,
            self.auditor.seen.len(),
            locked(&self.sent).acknowledged(),
            self.subscriber.seen.len(),
            self.watcher.entries.len(),
        )
    }
}

/// The answers of the read models.
#[derive(PartialEq)]
pub(crate) struct Answers {
    /// Name, position, count and hash of each view.
    projections: Vec<(String, String, (u64, String))>,
    pub(crate) timelines: Vec<(String, GetTimelineResponse)>,
}

impl Answers {
    /// Fails with the first that differs.
    pub(crate) fn equal(&self, other: &Self) {
        assert_eq!(self.projections, other.projections);
        for (left, right) in self.timelines.iter().zip(&other.timelines) {
            assert_eq!(left, right);
        }
        assert!(self == other);
    }
}

async fn timeline(remote: &Remote, owner: &str, at_least: &str) -> GetTimelineResponse {
    let request = GetTimelineRequest {
        at_least: at_least.to_owned(),
        ..all_of(owner)
    };
    remote.timeline(request).await.unwrap()
}

/// Waits until every view stands on the head.
async fn settled(remote: &Remote) -> ListProjectionsResponse {
    let settle = async {
        loop {
            let now = remote.projections().await;
            let mut projections = now.projections.iter();
            if projections.all(|projection| projection.position == now.head) {
                return now;
            }
            tokio::task::yield_now().await;
        }
    };
    let settled = tokio::time::timeout(PATIENCE, settle).await;
    settled.expect("every view reaches the head")
}

/// A stream that is not over before its server is.
async fn expected(ending: &Ending, stream: impl Future<Output = Status>) -> Status {
    let status = stream.await;
    assert!(ending.load(Ordering::SeqCst), "it ended early: {status:?}");
    status
}

/// How the watch ended.
async fn watch_until_ended(watcher: &mut Watcher, remote: &Remote, open: &Semaphore) -> Status {
    let mut stream = match watcher.open(remote).await {
        Ok(stream) => stream,
        Err(status) => return status,
    };
    open.add_permits(1);
    loop {
        match next(&mut stream).await {
            Ok(message) => watcher.take(message),
            Err(status) => return status,
        };
    }
}

/// `log verify` finds nothing.
pub(crate) fn verified(data: &Path) {
    let verify = run(&["log", "verify", "--data", data.to_str().unwrap()]);
    let told = stdout(&verify) + &stderr(&verify);
    assert!(verify.status.success(), "{told}");
    assert!(told.contains("Nothing is wrong."), "{told}");
}

/// An instant up to a third of a second from now.
pub(crate) fn instant(dice: &mut Dice) -> Duration {
    let micros = dice.below(330_000);
    Duration::from_micros(u64::try_from(micros).unwrap())
}
