//! The services of the contract, listed once: what makes the server, the names that health answers for, and the limits that
//! every service has.

use ownerline_proto::replay::touchpoint_service_server as touchpoint;
use ownerline_proto::v1::{
    advocacy_service_server as advocacy, case_service_server as case,
    contact_service_server as contact, feedback_service_server as feedback,
    policy_service_server as policy, production_service_server as production,
    projection_service_server as projection, response_time_service_server as response_time,
    timeline_service_server as timeline, vehicle_service_server as vehicle,
};
use tonic::service::RoutesBuilder;

use super::advocacy::AdvocacyApi;
use super::cases::CaseApi;
use super::contacts::ContactApi;
use super::feedback::FeedbackApi;
use super::orders::ProductionApi;
use super::policy::PolicyApi;
use super::projection::ProjectionApi;
use super::response_times::ResponseTimeApi;
use super::timeline::TimelineApi;
use super::touchpoint::TouchpointApi;
use super::vehicles::VehicleApi;

/// Declares [`Services`], [`SERVICES`] and how each service joins the routes, from one list.
macro_rules! services {
    ($($(#[$doc:meta])* $name:ident: $api:ty, $server:ident;)+) => {
        /// Every service of the contract.
        pub struct Services {
            $($(#[$doc])* pub $name: $api,)+
        }

        /// The name of each service of the contract; the empty one stands for the server.
        pub const SERVICES: [&str; 1 + [$(stringify!($name)),+].len()] =
            ["", $($name::SERVICE_NAME),+];

        impl Services {
            /// Adds every service, each taking messages of at most `message_bytes`.
            pub(super) fn add_to(self, routes: &mut RoutesBuilder, message_bytes: usize) {
                $(routes.add_service(with_limits!(
                    $name::$server::new(self.$name),
                    message_bytes
                ));)+
            }
        }
    };
}

/// The generated servers share no trait for their settings.
macro_rules! with_limits {
    ($server:expr, $message_bytes:expr) => {
        $server
            .max_decoding_message_size($message_bytes)
            .accept_compressed(tonic::codec::CompressionEncoding::Gzip)
            .send_compressed(tonic::codec::CompressionEncoding::Gzip)
    };
}
pub(super) use with_limits;

services! {
    /// The one way in, and the log.
    touchpoint: TouchpointApi, TouchpointServiceServer;
    /// The story of one owner.
    timeline: TimelineApi, TimelineServiceServer;
    /// How much of an advocate an owner is.
    advocacy: AdvocacyApi, AdvocacyServiceServer;
    /// What is owed for feedback.
    feedback: FeedbackApi, FeedbackServiceServer;
    /// How cases stand.
    case: CaseApi, CaseServiceServer;
    /// Who contacts owners.
    contact: ContactApi, ContactServiceServer;
    /// Rules as data.
    policy: PolicyApi, PolicyServiceServer;
    /// How long owners wait.
    response_time: ResponseTimeApi, ResponseTimeServiceServer;
    /// What is known of one car.
    vehicle: VehicleApi, VehicleServiceServer;
    /// How orders stand.
    production: ProductionApi, ProductionServiceServer;
    /// How far the read models are.
    projection: ProjectionApi, ProjectionServiceServer;
}
