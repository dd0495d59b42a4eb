//! ProductionService: how orders stand.

mod wire;

use ownerline_projections::Viewer;
use ownerline_projections::orders::OrderQuestion;
use ownerline_proto::v1::production_service_server::ProductionService;
use ownerline_proto::v1::{GetOrderRequest, GetOrderResponse, Visibility};

use super::asking::{answers, based, bounds, non_empty};
use super::convert;
use super::problem::Problem;
use crate::query::{OrderReads, PositionText};

/// The service.
pub struct ProductionApi {
    /// The reads.
    pub reads: OrderReads,
    /// How positions are written.
    pub text: PositionText,
}

#[tonic::async_trait]
impl ProductionService for ProductionApi {
    answers! {
        get_order: GetOrderRequest => GetOrderResponse,
            |api, request, viewer| api.get(request, viewer);
    }
}

impl ProductionApi {
    async fn get(
        &self,
        request: GetOrderRequest,
        viewer: &Viewer,
    ) -> Result<GetOrderResponse, Problem> {
        convert::check(&request)?;
        let bounds = bounds(self.text, &request)?;
        let visible_to = request.visible_to();
        let question = OrderQuestion {
            name: request.name,
            visible_to: (visible_to != Visibility::Unspecified).then_some(visible_to),
            owner_id: non_empty(request.owner_id),
        };
        let answer = self.reads.get(question, &bounds, viewer).await?;
        Ok(based(self.text, answer, |file| GetOrderResponse {
            order: Some(wire::order(self.text, &file)),
            ..GetOrderResponse::default()
        }))
    }
}
