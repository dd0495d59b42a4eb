//! More of everything than the limits allow: what is refused is refused with its limit, what was acknowledged
//! is kept, and a fresh client is served at once.

use std::time::Duration;

use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{RecordRequest, RecordResponse, Touchpoint};
use tonic::transport::Endpoint;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;

use crate::support::{NOW, feedback};

#[cfg(test)]
pub(crate) mod child;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod malicious;
#[cfg(test)]
pub(crate) mod raw;
#[cfg(test)]
mod readers;
#[cfg(test)]
mod writers;

/// Within this a client is served, whatever others do; a test that needs it has failed.
pub(crate) const BOUND: Duration = Duration::from_secs(20);

/// Records one touchpoint over a connection of its own.
pub(crate) async fn record_afresh(url: &str, touchpoint: Touchpoint) -> RecordResponse {
    let endpoint = Endpoint::from_shared(url.to_owned()).unwrap();
    let serving = async {
        let mut client = TouchpointServiceClient::new(endpoint.connect().await.unwrap());
        let request = RecordRequest {
            touchpoint: Some(touchpoint),
            ..RecordRequest::default()
        };
        client.record(request).await.unwrap().into_inner()
    };
    let served = tokio::time::timeout(BOUND, serving).await;
    served.expect("a fresh client is served")
}

/// A fresh client is healthy and recorded for.
pub(crate) async fn serves(url: &str, id: &str) {
    let channel = Endpoint::from_shared(url.to_owned()).unwrap();
    let checking = async {
        let mut health = HealthClient::new(channel.connect().await.unwrap());
        let request = HealthCheckRequest::default();
        health.check(request).await.unwrap().into_inner().status()
    };
    let status = tokio::time::timeout(BOUND, checking).await;
    assert_eq!(status.expect("health answers"), ServingStatus::Serving);
    record_afresh(url, feedback("owner-fresh", id, NOW)).await;
}
