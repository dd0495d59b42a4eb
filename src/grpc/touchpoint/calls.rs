//! What the calls of TouchpointService share: the parts they stand on, and batches on their way.

use std::future::ready;
use std::sync::Arc;

use futures::future::BoxFuture;
use ownerline_proto::v1::record_result::Result as ItemResult;
use ownerline_proto::v1::{RecordResult, Touchpoint};
use ownerline_proto::{Reason, Violation};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::command::{CommandError, Door, Outcome, Prepared, Recorder};
use crate::config::LimitsConfig;
use crate::grpc::convert;
use crate::grpc::problem::Problem;
use crate::grpc::status::refusal;
use crate::query::PositionText;
use crate::store::{AppendError, Expected, SharedStore};

/// What the service stands on.
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

    fn batch_limit(&self, given: usize) -> Result<(), Problem> {
        let limit = self.parts.limits.batch_touchpoints;
        if given == 0 {
            return Err(Problem::malformed(vec![Violation::new(
                "touchpoints",
                Reason::Required,
                "must be set",
            )]));
        }
        if given > limit {
            let message = format!("batch has {given} touchpoints, at most {limit} are taken");
            return Err(Problem::limit("limits.batch_touchpoints", limit, message));
        }
        Ok(())
    }

    /// Hands every touchpoint of a batch to the log, in order, before the first answer is awaited.
    pub(super) fn submit(
        &self,
        touchpoints: Vec<Touchpoint>,
        door: Door,
    ) -> Result<Vec<Submitted>, Problem> {
        self.batch_limit(touchpoints.len())?;
        let submit = |touchpoint| match self.parts.recorder.prepare(touchpoint, door) {
            Ok(prepared) => Submitted {
                again: (door == Door::Import).then(|| Box::new(prepared.clone())),
                recording: self.parts.recorder.append(prepared, Expected::Any),
            },
            Err(error) => Submitted {
                recording: Box::pin(ready(Err(error))),
                again: None,
            },
        };
        Ok(touchpoints.into_iter().map(submit).collect())
    }

    pub(super) fn result(&self, result: Result<Outcome, CommandError>) -> RecordResult {
        let result = match result {
            Ok(outcome) => ItemResult::Recorded(convert::response(self.parts.text, outcome)),
            Err(error) => ItemResult::Refused(refusal(error)),
        };
        RecordResult {
            result: Some(result),
        }
    }
}

/// One touchpoint of a batch on its way.
pub(super) struct Submitted {
    /// What becomes of it.
    pub(super) recording: BoxFuture<'static, Result<Outcome, CommandError>>,
    /// To try once more when the queue was full: history waits for room, what is live is told.
    pub(super) again: Option<Box<Prepared>>,
}

/// Whether the queue before the log was full, so that waiting helps.
pub(super) fn queue_was_full(result: &Result<Outcome, CommandError>) -> bool {
    matches!(
        result,
        Err(CommandError::Append(AppendError::QueueFull { .. }))
    )
}
