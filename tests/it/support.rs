//! A real server in this process, on a free port, over a directory of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use ownerline::app::{self, Running, Seams};
use ownerline::config::Config;
use ownerline_faults::Disk;
use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{
    FeedbackReceived, GetTimelineRequest, GetTimelineResponse, Subjects, Touchpoint, Visibility,
};
use tempfile::TempDir;
use tonic::Status;
use tonic::transport::Channel;
use tonic_types::StatusExt as _;

use crate::remote::Remote;

/// When the touchpoints of the tests happen, in seconds since the Unix epoch.
pub(crate) const NOW: i64 = 1_700_000_000;
/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Server {
    running: Running,
    remote: Remote,
    // Dropped last, after the server has let go of it.
    directory: Option<TempDir>,
}

impl Server {
    /// A server over a fresh directory.
    pub(crate) async fn start() -> Self {
        Self::start_with_settings(&[]).await
    }

    /// A server over a fresh directory, with settings of its own.
    pub(crate) async fn start_with_settings(settings: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut server = Self::start_with(directory.path(), settings).await;
        server.directory = Some(directory);
        server
    }

    /// A server over an existing directory.
    pub(crate) async fn start_in(data: &Path) -> Self {
        Self::start_with(data, &[]).await
    }

    /// A server over an existing directory, with settings of its own.
    pub(crate) async fn start_with(data: &Path, settings: &[(&str, &str)]) -> Self {
        Self::start_over(data, settings, Seams::default()).await
    }

    /// A server whose log is on a disk that can be made to fail.
    pub(crate) async fn start_on(disk: &Disk, data: &Path) -> Self {
        Self::start_on_with(disk, data, &[]).await
    }

    /// The same, with settings of its own.
    pub(crate) async fn start_on_with(disk: &Disk, data: &Path, settings: &[(&str, &str)]) -> Self {
        let seams = Seams {
            vfs: Some(disk.name().to_owned()),
            ..Seams::default()
        };
        Self::start_over(data, settings, seams).await
    }

    /// The same over a log and views with seams.
    pub(crate) async fn start_over(data: &Path, settings: &[(&str, &str)], seams: Seams) -> Self {
        let mut overrides = vec![
            ("store.data", data.into()),
            ("server.listen", "127.0.0.1:0".into()),
            // The log holds what the test records, unless it asks for the clock-keeper.
            ("keeper.enabled", "false".into()),
        ];
        overrides.extend(settings.iter().map(|(key, value)| (*key, (*value).into())));
        let config = Config::load(None, [], &overrides).unwrap();
        let running = app::start_with(config, seams).await.unwrap();
        let remote = connect(&running).await;
        Self {
            running,
            remote,
            directory: None,
        }
    }

    /// A client over a connection of its own.
    pub(crate) async fn another_client(&self) -> TouchpointServiceClient<Channel> {
        self.another().await.touchpoints()
    }

    /// A connection of its own.
    pub(crate) async fn another_channel(&self) -> Channel {
        self.another().await.channel()
    }

    async fn another(&self) -> Remote {
        connect(&self.running).await
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.running.addr()
    }

    /// Where its figures are, if `metrics.listen` is set.
    pub(crate) fn metrics_addr(&self) -> SocketAddr {
        self.running.metrics_addr().unwrap()
    }

    pub(crate) async fn stop(self) {
        drop(self.remote);
        tokio::time::timeout(PATIENCE, self.running.stop())
            .await
            .expect("the drain has a deadline")
            .unwrap();
    }
}

impl std::ops::Deref for Server {
    type Target = Remote;

    fn deref(&self) -> &Remote {
        &self.remote
    }
}

async fn connect(running: &Running) -> Remote {
    let url = format!("http://{}", running.addr());
    Remote::connect(&url).await.unwrap()
}

/// A well-formed touchpoint: feedback `{id}` of an owner at an instant (seconds since the Unix epoch).
pub(crate) fn feedback(owner: &str, id: &str, seconds: i64) -> Touchpoint {
    Touchpoint {
        id: id.to_owned(),
        source: "//test".to_owned(),
        occurred_at: Some(time::timestamp(seconds * 1_000_000_000)),
        subjects: Some(Subjects {
            owner_id: owner.to_owned(),
            feedback_id: format!("f-{id}"),
            dealer_id: "dealer-1".to_owned(),
            ..Subjects::default()
        }),
        visibility: Visibility::Owner.into(),
        payload: Some(Payload::FeedbackReceived(FeedbackReceived {
            score: Some(9),
            verbatim: "They called before I had to ask.".to_owned(),
            ..FeedbackReceived::default()
        })),
        ..Touchpoint::default()
    }
}

/// Touchpoints of one feedback's stream, a second apart, with ids that sort.
pub(crate) fn one_stream(count: i64) -> Vec<Touchpoint> {
    let of = |number: i64| {
        let mut touchpoint = feedback("owner-1", &format!("{number:05}"), NOW + number);
        if let Some(subjects) = &mut touchpoint.subjects {
            subjects.feedback_id = "f".to_owned();
        }
        touchpoint
    };
    (0..count).map(of).collect()
}

/// A request for a whole timeline, oldest first.
pub(crate) fn all_of(owner: &str) -> GetTimelineRequest {
    GetTimelineRequest {
        owner_id: owner.to_owned(),
        order: ownerline_proto::v1::get_timeline_request::Order::OldestFirst.into(),
        page_size: 1_000,
        ..GetTimelineRequest::default()
    }
}

/// The stable reason of an error.
pub(crate) fn reason(status: &Status) -> String {
    status
        .get_error_details()
        .error_info()
        .map(|info| info.reason.clone())
        .unwrap_or_default()
}

/// (field, reason) of every violation, sorted.
pub(crate) fn violations(status: &Status) -> Vec<(String, String)> {
    let details = status.get_error_details();
    let violations = details
        .bad_request()
        .map(|request| request.field_violations.clone())
        .unwrap_or_default();
    let mut pairs: Vec<(String, String)> = violations
        .into_iter()
        .map(|violation| (violation.field, violation.reason))
        .collect();
    pairs.sort();
    pairs
}

/// The expected [`violations`], in any order.
pub(crate) fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = expected
        .iter()
        .map(|(field, reason)| ((*field).to_owned(), (*reason).to_owned()))
        .collect();
    pairs.sort();
    pairs
}

/// A generator of numbers below a bound: deterministic, so that a failure repeats.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).unwrap()
    }

    /// Puts things into a random order.
    pub(crate) fn shuffle<T>(&mut self, things: &mut [T]) {
        for place in (1..things.len()).rev() {
            things.swap(place, self.below(place + 1));
        }
    }
}

/// A timeline without positions and `recorded_at`.
pub(crate) fn story(mut timeline: GetTimelineResponse) -> GetTimelineResponse {
    timeline.position.clear();
    timeline.stale = false;
    for entry in &mut timeline.entries {
        let recorded = entry.recorded.as_mut().unwrap();
        recorded.position.clear();
        recorded.revision = 0;
        recorded.recorded_at = None;
    }
    timeline
}

/// A number from the environment of the test (`OWNERLINE_KILLS=200`), or its default.
pub(crate) fn asked_for(variable: &str, otherwise: u64) -> u64 {
    let given = std::env::var(variable).ok();
    given.map_or(otherwise, |text| {
        let number = text.parse();
        number.unwrap_or_else(|_| panic!("{variable}={text} is no whole number"))
    })
}

/// The seed of a test: `OWNERLINE_SEED`, or a new one. It is printed, so that a failing run can be repeated.
pub(crate) fn seed() -> u64 {
    let seed = asked_for("OWNERLINE_SEED", u64::from(std::process::id()));
    eprintln!("OWNERLINE_SEED={seed}");
    seed
}
