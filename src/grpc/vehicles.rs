//! VehicleService: what is known of one car.

use ownerline_proto::v1::vehicle_service_server::VehicleService;
use ownerline_proto::v1::{GetRepeatRepairStatusRequest, GetRepeatRepairStatusResponse};

use super::asking::answers;
use crate::query::{PositionText, VehicleReads};

/// The service.
pub struct VehicleApi {
    /// The reads.
    pub reads: VehicleReads,
    /// How positions are written.
    pub text: PositionText,
}

#[tonic::async_trait]
impl VehicleService for VehicleApi {
    answers! {
        get_repeat_repair_status: GetRepeatRepairStatusRequest => GetRepeatRepairStatusResponse,
            |api, request, viewer| api.repairs(request, viewer);
    }
}
