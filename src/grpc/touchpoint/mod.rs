//! TouchpointService: the one way in, and the log as it is.

mod calls;
mod intake;
mod progress;
mod replay;
mod results;
mod streams;

use ownerline_projections::Viewer;
use ownerline_proto::replay::touchpoint_service_server::TouchpointService;
use ownerline_proto::replay::{ReadStreamResponse, SubscribeResponse};
use ownerline_proto::v1::get_touchpoint_request::By;
use ownerline_proto::v1::{
    GetTouchpointRequest, GetTouchpointResponse, ImportRequest, ImportResponse, ListDealersRequest,
    ListDealersResponse, ListOwnersRequest, ListOwnersResponse, ListTouchpointsRequest,
    ListTouchpointsResponse, ReadStreamRequest, RecordBatchRequest, RecordBatchResponse,
    RecordRequest, RecordResponse, RecordStreamRequest, RecordStreamResponse, SubscribeRequest,
};
use ownerline_proto::{Reason, Violation};
use tonic::{Request, Response, Status, Streaming};
use tracing::Span;

use super::asking::{answers, caller, streamed};
use super::convert;
use super::directory;
use super::log_lines;
use super::paced::Answers;
use super::problem::Problem;
use super::status::status;
use crate::command::Door;
use crate::query::{DirectoryReads, recorded, sees};
use crate::store::EventKey;
use calls::Calls;

pub use calls::TouchpointApiParts;

/// What figures call the method whose batches are decided here.
const RECORD_BATCH: &str = "TouchpointService/RecordBatch";

/// The service.
pub struct TouchpointApi {
    calls: Calls,
    directory: DirectoryReads,
}

impl TouchpointApi {
    /// A service over these parts, which finds what has no known id by `directory`.
    #[must_use]
    pub fn new(parts: TouchpointApiParts, directory: DirectoryReads) -> Self {
        Self {
            calls: Calls::new(parts),
            directory,
        }
    }
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
        let recorder = &self.calls.parts.recorder;
        let outcome = if validate_only {
            recorder.validate(touchpoint, expected, Door::Live).await
        } else {
            let prepared = recorder.prepare(touchpoint, Door::Live).map_err(status)?;
            recorder.append(prepared, expected).await
        };
        Ok(Response::new(convert::response(
            self.calls.parts.text,
            outcome.map_err(status)?,
        )))
    }

    async fn record_batch(
        &self,
        request: Request<RecordBatchRequest>,
    ) -> Result<Response<RecordBatchResponse>, Status> {
        let submitted = self
            .calls
            .submit(request.into_inner().touchpoints)
            .map_err(status)?;
        let mut results = Vec::with_capacity(submitted.len());
        for recording in submitted {
            let result = recording.await;
            results.push(self.calls.result(RECORD_BATCH, result));
        }
        log_lines::refused_touchpoints(&Span::current(), RECORD_BATCH, &results);
        results::fit_into_answer(&mut results);
        Ok(Response::new(RecordBatchResponse { results }))
    }

    type RecordStreamStream = Answers<RecordStreamResponse>;

    async fn record_stream(
        &self,
        request: Request<Streaming<RecordStreamRequest>>,
    ) -> Result<Response<Self::RecordStreamStream>, Status> {
        Ok(Response::new(intake::record_stream(
            self.calls.clone(),
            request.into_inner(),
        )))
    }

    type ImportStream = Answers<ImportResponse>;

    async fn import(
        &self,
        request: Request<Streaming<ImportRequest>>,
    ) -> Result<Response<Self::ImportStream>, Status> {
        Ok(Response::new(intake::import(
            self.calls.clone(),
            request.into_inner(),
        )))
    }

    answers! {
        get_touchpoint: GetTouchpointRequest => GetTouchpointResponse,
            |api, request, viewer| api.get(request, viewer);
        list_touchpoints: ListTouchpointsRequest => ListTouchpointsResponse,
            |api, request, viewer| directory::touchpoints(&api.directory, api.calls.parts.text, request, viewer);
        list_owners: ListOwnersRequest => ListOwnersResponse,
            |api, request, viewer| directory::owners(&api.directory, api.calls.parts.text, request, viewer);
        list_dealers: ListDealersRequest => ListDealersResponse,
            |api, request, viewer| directory::dealers(&api.directory, api.calls.parts.text, request, viewer);
    }

    type ReadStreamStream = Answers<ReadStreamResponse>;

    async fn read_stream(
        &self,
        request: Request<ReadStreamRequest>,
    ) -> Result<Response<Self::ReadStreamStream>, Status> {
        let (viewer, request) = caller(request);
        let answers = convert::check(&request)
            .map(|()| streams::read_stream(self.calls.clone(), viewer.clone(), &request));
        streamed(&viewer, answers)
    }

    type SubscribeStream = Answers<SubscribeResponse>;

    async fn subscribe(
        &self,
        request: Request<SubscribeRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        let (viewer, request) = caller(request);
        let answers = streams::subscribe(&self.calls, viewer.clone(), request);
        streamed(&viewer, answers)
    }
}

impl TouchpointApi {
    async fn get(
        &self,
        request: GetTouchpointRequest,
        viewer: &Viewer,
    ) -> Result<GetTouchpointResponse, Problem> {
        convert::check(&request)?;
        let (text, store) = (self.calls.parts.text, &self.calls.parts.store);
        let (name, found) = match request.by {
            Some(By::Key(key)) => {
                let wanted = EventKey {
                    source: key.source.as_str().into(),
                    id: key.id.as_str().into(),
                };
                let found = store.find(wanted).await?;
                (format!("{} {}", key.source, key.id), found)
            }
            Some(By::Position(position)) => {
                let wanted = convert::position(text, "position", &position)?;
                let found = store.read_positions(wanted.into_iter().collect()).await?;
                (position, found.into_iter().next())
            }
            None => {
                let missing = Violation::new("by", Reason::Required, "must be set");
                return Err(Problem::malformed(vec![missing]));
            }
        };
        let unknown = || Problem::not_found("touchpoint", name);
        match found {
            Some(event) if sees(viewer, &event)? => Ok(GetTouchpointResponse {
                recorded: Some(recorded(text, &event)?),
            }),
            _ => Err(unknown()),
        }
    }
}
