//! What CaseService is made of.

use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::config::LimitsConfig;
use crate::query::{CaseReads, PositionText, WatchPace};
use crate::telemetry::followers::Followers;

/// The service, with the parts that it is built from.
#[derive(Clone)]
pub struct CaseApi {
    /// The reads.
    pub reads: CaseReads,
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
