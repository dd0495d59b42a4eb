//! Response times through a whole server: on real data, under other rules, refused, and for people.

mod command_line;
mod real_data;
mod service;

use ownerline_proto::v1::response_time_service_client::ResponseTimeServiceClient;
use ownerline_proto::v1::{GetResponseTimesRequest, GetResponseTimesResponse, ResponseTimes};
use tonic::Status;

use crate::remote::Remote;

/// Asks, standing on everything that is recorded.
async fn ask(
    remote: &Remote,
    request: GetResponseTimesRequest,
) -> Result<GetResponseTimesResponse, Status> {
    let request = GetResponseTimesRequest {
        at_least: remote.head().await,
        ..request
    };
    let mut client = ResponseTimeServiceClient::new(remote.channel());
    Ok(client.get_response_times(request).await?.into_inner())
}

/// An answer without the parts that depend on the order of arrival.
fn figures(mut answer: GetResponseTimesResponse) -> GetResponseTimesResponse {
    answer.position.clear();
    answer.stale = false;
    answer
}

fn total(answer: &GetResponseTimesResponse) -> &ResponseTimes {
    answer.total.as_ref().unwrap()
}
