//! What the calls of TouchpointService share: the parts they stand on, and batches on their way.

use std::future::ready;
use std::sync::Arc;

use ownerline_proto::v1::record_result::Result as ItemResult;
use ownerline_proto::v1::{RecordResult, Touchpoint};
use ownerline_proto::{Reason, Violation};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::command::{CommandError, Door, Outcome, Recorder, Recording};
use crate::config::LimitsConfig;
use crate::grpc::convert;
use crate::grpc::counted;
use crate::grpc::problem::Problem;
use crate::grpc::status::refusal;
use crate::query::PositionText;
use crate::store::{Expected, SharedStore};
use crate::telemetry::followers::Followers;
use crate::telemetry::metrics::CallMetrics;

/// The parts that the service is built from.
pub struct TouchpointApiParts {
    /// The way in.
    pub recorder: Recorder,
    /// The log.
    pub store: SharedStore,
    /// How positions are written.
    pub text: PositionText,
    /// Limits of requests and answers.
    pub limits: LimitsConfig,
    /// Cancelled when streams must end.
    pub drain: CancellationToken,
    /// One permit a subscription or watch, as `limits.subscriptions` says.
    pub subscriptions: Arc<Semaphore>,
    /// What counts calls.
    pub metrics: CallMetrics,
    /// Who follows the log.
    pub followers: Followers,
}

/// The parts, shared by every call.
#[derive(Clone)]
pub(super) struct Calls {
    pub(super) parts: Arc<TouchpointApiParts>,
}

impl Calls {
    pub(super) fn new(parts: TouchpointApiParts) -> Self {
        Self {
            parts: Arc::new(parts),
        }
    }

    /// Refuses a message without touchpoints, and one with too many.
    pub(super) fn batch_limit(&self, field: &str, given: usize) -> Result<(), Problem> {
        let limit = self.parts.limits.batch_touchpoints;
        if given == 0 {
            let missing = Violation::new(field, Reason::Required, "must be set");
            return Err(Problem::malformed(vec![missing]));
        }
        if given > limit {
            let message = format!("batch has {given} touchpoints, at most {limit} are taken");
            return Err(Problem::limit("limits.batch_touchpoints", limit, message));
        }
        Ok(())
    }

    /// Hands every touchpoint of a batch to the log, in order, before the first answer is awaited.
    pub(super) fn submit(&self, touchpoints: Vec<Touchpoint>) -> Result<Vec<Recording>, Problem> {
        self.batch_limit("touchpoints", touchpoints.len())?;
        let recorder = &self.parts.recorder;
        let submit = |touchpoint| match recorder.prepare(touchpoint, Door::Live) {
            Ok(prepared) => recorder.append(prepared, Expected::Any),
            Err(error) => Box::pin(ready(Err(error))),
        };
        Ok(touchpoints.into_iter().map(submit).collect())
    }

    /// The result of a touchpoint that came by this method.
    pub(super) fn result(
        &self,
        method: &str,
        result: Result<Outcome, CommandError>,
    ) -> RecordResult {
        match result {
            Ok(outcome) => RecordResult {
                result: Some(ItemResult::Recorded(convert::response(
                    self.parts.text,
                    outcome,
                ))),
            },
            Err(error) => self.refused(method, error),
        }
    }

    /// The result of a touchpoint that came by this method and is not stored.
    pub(super) fn refused(&self, method: &str, problem: impl Into<Problem>) -> RecordResult {
        let refusal = refusal(problem);
        counted::refused(&self.parts.metrics, method, Some(&refusal.reason));
        RecordResult {
            result: Some(ItemResult::Refused(refusal)),
        }
    }
}
