//! What ProjectionService is made of, and what its answers have in common.

use std::sync::Arc;

use ownerline_proto::time;
use ownerline_proto::v1::projection::Failure;
use pbjson_types::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::config::LimitsConfig;
use crate::projector::{ProjectorHandle, ViewError};
use crate::query::PositionText;
use crate::runtime::Clock;
use crate::store::SharedStore;

/// The service.
#[derive(Clone)]
pub struct ProjectionApi {
    /// The read models.
    pub projector: ProjectorHandle,
    /// The log.
    pub store: SharedStore,
    /// How positions are written.
    pub text: PositionText,
    /// What lag in time is measured against.
    pub clock: Arc<dyn Clock>,
    /// Limits of answers.
    pub limits: LimitsConfig,
    /// Cancelled when streams must end.
    pub drain: CancellationToken,
    /// One permit a stream, as `limits.subscriptions` says.
    pub subscriptions: Arc<Semaphore>,
}

/// Why a view stopped, or its rebuild.
pub(super) fn failure(text: PositionText, error: ViewError) -> Failure {
    Failure {
        position: text.write(error.position),
        message: error.message,
        at: Some(time::timestamp(error.at)),
    }
}

pub(super) fn duration(nanos: i64) -> Duration {
    const NANOS_PER_SECOND: i64 = 1_000_000_000;
    Duration {
        seconds: nanos / NANOS_PER_SECOND,
        nanos: i32::try_from(nanos % NANOS_PER_SECOND).unwrap_or_default(),
    }
}
