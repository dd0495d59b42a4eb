//! A connected client of each service.

use ownerline_proto::v1::advocacy_service_client::AdvocacyServiceClient;
use ownerline_proto::v1::case_service_client::CaseServiceClient;
use ownerline_proto::v1::contact_service_client::ContactServiceClient;
use ownerline_proto::v1::feedback_service_client::FeedbackServiceClient;
use ownerline_proto::v1::policy_service_client::PolicyServiceClient;
use ownerline_proto::v1::production_service_client::ProductionServiceClient;
use ownerline_proto::v1::projection_service_client::ProjectionServiceClient;
use ownerline_proto::v1::response_time_service_client::ResponseTimeServiceClient;
use ownerline_proto::v1::timeline_service_client::TimelineServiceClient;
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::vehicle_service_client::VehicleServiceClient;

use super::connect::connect;
use super::error::CliError;
use super::proxies::ProxiedChannel;

/// The largest answer that is accepted: a page of 1,000 touchpoints at the default limit of 64 KiB each.
const LARGEST_ANSWER: usize = 64 << 20;

/// Defines a client type and a function that connects it, for each service.
macro_rules! clients {
    ($($client:ident $connected:ident: $service:ident;)*) => {$(
        pub(super) type $client = $service<ProxiedChannel>;

        pub(super) async fn $connected(server: &str) -> Result<$client, CliError> {
            let client = $service::new(connect(server).await?);
            Ok(client.max_decoding_message_size(LARGEST_ANSWER))
        }
    )*};
}

clients! {
    Advocacy advocacy: AdvocacyServiceClient;
    Cases cases: CaseServiceClient;
    Contacts contacts: ContactServiceClient;
    Feedback feedback: FeedbackServiceClient;
    Orders orders: ProductionServiceClient;
    Policies policies: PolicyServiceClient;
    Projections projections: ProjectionServiceClient;
    ResponseTimes response_times: ResponseTimeServiceClient;
    Timelines timelines: TimelineServiceClient;
    Touchpoints touchpoints: TouchpointServiceClient;
    Vehicles vehicles: VehicleServiceClient;
}
