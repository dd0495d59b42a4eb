//! What TimelineService is made of.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::command::Recorder;
use crate::config::LimitsConfig;
use crate::query::{PositionText, TimelineReads, WatchPace};
use crate::telemetry::followers::Followers;

/// The parts that the service is built from.
#[derive(Clone)]
pub struct TimelineApiParts {
    /// The reads.
    pub timelines: TimelineReads,
    /// Records that a context pack is served.
    pub recorder: Recorder,
    /// How positions are written.
    pub text: PositionText,
    /// Limits of requests and answers.
    pub limits: LimitsConfig,
    /// How watches behave.
    pub pace: WatchPace,
    /// Cancelled when streams must end.
    pub drain: CancellationToken,
    /// One permit a subscription or watch, as `limits.subscriptions` says.
    pub subscriptions: Arc<Semaphore>,
    /// Who watches.
    pub followers: Followers,
}
