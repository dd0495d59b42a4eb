//! A server reached over a channel, whether it runs in this process or in another.

use ownerline_proto::v1::projection_service_client::ProjectionServiceClient;
use ownerline_proto::v1::timeline_service_client::TimelineServiceClient;
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{
    GetTimelineRequest, GetTimelineResponse, ImportRequest, ListProjectionsRequest,
    ListProjectionsResponse, RecordRequest, RecordResponse, RecordResult, Touchpoint,
};
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

/// A connection to a server.
#[derive(Clone)]
pub(crate) struct Remote(Channel);

impl Remote {
    pub(crate) async fn connect(url: &str) -> Result<Self, tonic::transport::Error> {
        let endpoint = Endpoint::from_shared(url.to_owned())?;
        Ok(Self(endpoint.connect().await?))
    }

    /// Over a connection that is there.
    pub(crate) fn of(channel: Channel) -> Self {
        Self(channel)
    }

    pub(crate) fn channel(&self) -> Channel {
        self.0.clone()
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
                validate_only: false,
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

    /// How far the read models are.
    pub(crate) async fn projections(&self) -> ListProjectionsResponse {
        ProjectionServiceClient::new(self.channel())
            .list_projections(ListProjectionsRequest {})
            .await
            .unwrap()
            .into_inner()
    }

    /// The head of the log.
    pub(crate) async fn head(&self) -> String {
        self.projections().await.head
    }
}
