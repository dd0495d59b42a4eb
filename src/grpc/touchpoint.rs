//! TouchpointService: the one way in, and the log as it is.

use std::future::ready;
use std::pin::Pin;
use std::sync::Arc;

use futures::Stream;
use futures::future::BoxFuture;
use ownerline_proto::v1::get_touchpoint_request::By;
use ownerline_proto::v1::record_result::Result as ItemResult;
use ownerline_proto::v1::touchpoint_service_server::TouchpointService;
use ownerline_proto::v1::{
    GetTouchpointRequest, GetTouchpointResponse, ImportRequest, ImportResponse, ReadStreamRequest,
    ReadStreamResponse, RecordBatchRequest, RecordBatchResponse, RecordRequest, RecordResponse,
    RecordResult, SubscribeRequest, SubscribeResponse, Touchpoint,
};
use ownerline_proto::{Reason, Violation};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Response, Status, Streaming};

use super::convert;
use super::problem::Problem;
use super::status::{refusal, status};
use super::streams;
use crate::command::{CommandError, Door, Outcome, Prepared, Recorder};
use crate::config::LimitsConfig;
use crate::query::{PositionText, recorded};
use crate::store::{AppendError, EventKey, Expected, SharedStore};

/// A stream of answers.
pub(super) type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send + 'static>>;

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
}

/// The service.
#[derive(Clone)]
pub struct TouchpointApi {
    pub(super) parts: Arc<TouchpointApiParts>,
    pub(super) subscriptions: Arc<Semaphore>,
}

impl TouchpointApi {
    /// A service over these parts.
    #[must_use]
    pub fn new(parts: TouchpointApiParts) -> Self {
        let subscriptions = Arc::new(Semaphore::new(parts.limits.subscriptions));
        Self {
            parts: Arc::new(parts),
            subscriptions,
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

#[tonic::async_trait]
impl TouchpointService for TouchpointApi {
    async fn record(
        &self,
        request: Request<RecordRequest>,
    ) -> Result<Response<RecordResponse>, Status> {
        let RecordRequest {
            touchpoint,
            expected_revision,
            validate_only,
        } = request.into_inner();
        let Some(touchpoint) = touchpoint else {
            let missing = Violation::new("touchpoint", Reason::Required, "must be set");
            return Err(status(Problem::malformed(vec![missing])));
        };
        let expected = convert::expected(expected_revision).map_err(status)?;
        let recorder = &self.parts.recorder;
        let outcome = if validate_only {
            recorder.validate(touchpoint, expected, Door::Live).await
        } else {
            let prepared = recorder.prepare(touchpoint, Door::Live).map_err(status)?;
            recorder.append(prepared, expected).await
        };
        Ok(Response::new(convert::response(
            self.parts.text,
            outcome.map_err(status)?,
        )))
    }

    async fn record_batch(
        &self,
        request: Request<RecordBatchRequest>,
    ) -> Result<Response<RecordBatchResponse>, Status> {
        let submitted = self
            .submit(request.into_inner().touchpoints, Door::Live)
            .map_err(status)?;
        let mut results = Vec::with_capacity(submitted.len());
        for item in submitted {
            results.push(self.result(item.recording.await));
        }
        Ok(Response::new(RecordBatchResponse { results }))
    }

    type ImportStream = Answers<ImportResponse>;

    async fn import(
        &self,
        request: Request<Streaming<ImportRequest>>,
    ) -> Result<Response<Self::ImportStream>, Status> {
        Ok(Response::new(streams::import(
            self.clone(),
            request.into_inner(),
        )))
    }

    async fn get_touchpoint(
        &self,
        request: Request<GetTouchpointRequest>,
    ) -> Result<Response<GetTouchpointResponse>, Status> {
        let request = request.into_inner();
        convert::check(&request).map_err(status)?;
        let store = &self.parts.store;
        let event = match request.by {
            Some(By::Key(key)) => {
                let wanted = EventKey {
                    source: key.source.as_str().into(),
                    id: key.id.as_str().into(),
                };
                let found = store.find(wanted).await.map_err(status)?;
                found.ok_or_else(|| {
                    status(Problem::not_found(
                        "touchpoint",
                        format!("{} {}", key.source, key.id),
                    ))
                })?
            }
            Some(By::Position(position)) => {
                let wanted =
                    convert::position(self.parts.text, "position", &position).map_err(status)?;
                let found = store
                    .read_positions(wanted.into_iter().collect())
                    .await
                    .map_err(status)?;
                found
                    .into_iter()
                    .next()
                    .ok_or_else(|| status(Problem::not_found("touchpoint", position)))?
            }
            None => {
                return Err(status(Problem::malformed(vec![Violation::new(
                    "by",
                    Reason::Required,
                    "must be set",
                )])));
            }
        };
        let recorded = recorded(self.parts.text, &event).map_err(status)?;
        Ok(Response::new(GetTouchpointResponse {
            recorded: Some(recorded),
        }))
    }

    type ReadStreamStream = Answers<ReadStreamResponse>;

    async fn read_stream(
        &self,
        request: Request<ReadStreamRequest>,
    ) -> Result<Response<Self::ReadStreamStream>, Status> {
        let request = request.into_inner();
        convert::check(&request).map_err(status)?;
        Ok(Response::new(streams::read_stream(self.clone(), &request)))
    }

    type SubscribeStream = Answers<SubscribeResponse>;

    async fn subscribe(
        &self,
        request: Request<SubscribeRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        let request = request.into_inner();
        convert::check(&request).map_err(status)?;
        Ok(Response::new(
            streams::subscribe(self, request).map_err(status)?,
        ))
    }
}

/// Whether the queue before the log was full, so that waiting helps.
pub(super) fn queue_was_full(result: &Result<Outcome, CommandError>) -> bool {
    matches!(
        result,
        Err(CommandError::Append(AppendError::QueueFull { .. }))
    )
}
