//! A real server in this process, on a free port, over a directory of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use ownerline::app::{self, Running, Seams};
use ownerline::config::Config;
use ownerline_faults::Disk;
use ownerline_proto::time;
use ownerline_proto::v1::projection_service_client::ProjectionServiceClient;
use ownerline_proto::v1::timeline_service_client::TimelineServiceClient;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{
    FeedbackReceived, GetTimelineRequest, GetTimelineResponse, ImportRequest,
    ListProjectionsRequest, RecordRequest, RecordResponse, RecordResult, Subjects, Touchpoint,
    Visibility,
};
use tempfile::TempDir;
use tonic::Status;
use tonic::transport::{Channel, Endpoint};
use tonic_types::StatusExt as _;

/// When the touchpoints of the tests happen, in seconds since the Unix epoch.
pub(crate) const NOW: i64 = 1_700_000_000;
/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Server {
    running: Running,
    channel: Channel,
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
        let seams = Seams {
            vfs: Some(disk.name().to_owned()),
            ..Seams::default()
        };
        Self::start_over(data, &[], seams).await
    }

    async fn start_over(data: &Path, settings: &[(&str, &str)], seams: Seams) -> Self {
        let mut overrides = vec![
            ("store.data", data.display().to_string()),
            ("server.listen", "127.0.0.1:0".to_owned()),
        ];
        overrides.extend(
            settings
                .iter()
                .map(|(key, value)| (*key, (*value).to_owned())),
        );
        let config = Config::load(None, [], &overrides).unwrap();
        let running = app::start_with(config, seams).await.unwrap();
        let channel = connect(&running).await;
        Self {
            running,
            channel,
            directory: None,
        }
    }

    /// A client over a connection of its own.
    pub(crate) async fn another_client(&self) -> TouchpointServiceClient<Channel> {
        TouchpointServiceClient::new(self.another_channel().await)
    }

    /// A connection of its own.
    pub(crate) async fn another_channel(&self) -> Channel {
        connect(&self.running).await
    }

    pub(crate) fn addr(&self) -> SocketAddr {
        self.running.addr()
    }

    pub(crate) fn channel(&self) -> Channel {
        self.channel.clone()
    }

    pub(crate) fn touchpoints(&self) -> TouchpointServiceClient<Channel> {
        TouchpointServiceClient::new(self.channel())
    }

    pub(crate) fn timelines(&self) -> TimelineServiceClient<Channel> {
        TimelineServiceClient::new(self.channel()).max_decoding_message_size(64 << 20)
    }

    pub(crate) async fn record(&self, touchpoint: Touchpoint) -> Result<RecordResponse, Status> {
        let request = RecordRequest {
            touchpoint: Some(touchpoint),
            ..RecordRequest::default()
        };
        Ok(self.touchpoints().record(request).await?.into_inner())
    }

    /// Imports in batches over one stream.
    pub(crate) async fn import(&self, touchpoints: Vec<Touchpoint>) -> Vec<RecordResult> {
        let batches: Vec<ImportRequest> = touchpoints
            .chunks(500)
            .map(|batch| ImportRequest {
                touchpoints: batch.to_vec(),
            })
            .collect();
        let mut answers = self
            .touchpoints()
            .import(tokio_stream::iter(batches))
            .await
            .unwrap()
            .into_inner();
        let mut results = Vec::with_capacity(touchpoints.len());
        while let Some(answer) = answers.message().await.unwrap() {
            results.extend(answer.results);
        }
        results
    }

    /// One page of a timeline.
    pub(crate) async fn page(
        &self,
        request: GetTimelineRequest,
    ) -> Result<GetTimelineResponse, Status> {
        Ok(self.timelines().get_timeline(request).await?.into_inner())
    }

    /// Every page of a timeline, put together; `position`, `as_of` of the first.
    pub(crate) async fn timeline(
        &self,
        mut request: GetTimelineRequest,
    ) -> Result<GetTimelineResponse, Status> {
        let mut whole = self.page(request.clone()).await?;
        while !whole.next_page_token.is_empty() {
            request.page_token = std::mem::take(&mut whole.next_page_token);
            let page = self.page(request.clone()).await?;
            assert_eq!(
                (&page.position, page.as_of),
                (&whole.position, whole.as_of),
                "pages stand on the same"
            );
            whole.entries.extend(page.entries);
            whole.next_page_token = page.next_page_token;
        }
        Ok(whole)
    }

    /// The head of the log.
    pub(crate) async fn head(&self) -> String {
        let mut projections = ProjectionServiceClient::new(self.channel());
        projections
            .list_projections(ListProjectionsRequest {})
            .await
            .unwrap()
            .into_inner()
            .head
    }

    pub(crate) async fn stop(self) {
        drop(self.channel);
        tokio::time::timeout(PATIENCE, self.running.stop())
            .await
            .expect("the drain has a deadline")
            .unwrap();
    }
}

async fn connect(running: &Running) -> Channel {
    let endpoint = Endpoint::from_shared(format!("http://{}", running.addr())).unwrap();
    endpoint.connect().await.unwrap()
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

/// What is expected of [`violations`], in any order.
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

/// What a timeline says apart from where and when the log took it.
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
