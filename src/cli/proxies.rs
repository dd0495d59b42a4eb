//! Answers of HTTP without gRPC, which come from a proxy in front of the server: what they mean, and whether to try again.

use std::collections::HashMap;
use std::time::Duration;

use http::header::{HeaderMap, RETRY_AFTER, SERVER};
use http::{Response, StatusCode};
use tonic::body::Body;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};
use tower::ServiceExt as _;
use tower::util::MapResponse;

/// The domain of an error that a proxy answered, in its details.
const DOMAIN: &str = "http";
/// The key of the advice, in its details.
const ADVICE: &str = "advice";
/// How long to wait before another attempt, if the proxy does not say it.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// The longest wait that a proxy may ask for.
const LONGEST_DELAY: Duration = Duration::from_secs(60);

/// A channel whose errors of HTTP are errors with a reason and an advice.
pub(super) type ProxiedChannel = MapResponse<Channel, fn(Response<Body>) -> Response<Body>>;

/// Makes errors of HTTP on this channel errors with a reason and an advice.
pub(super) fn proxied(channel: Channel) -> ProxiedChannel {
    channel.map_response(
        |answer| match status_of(answer.status(), answer.headers()) {
            Some(status) => status.into_http(),
            None => answer,
        },
    )
}

/// Returns the error of an answer without gRPC; `None` if it is an answer of gRPC.
pub(super) fn status_of(status: StatusCode, headers: &HeaderMap) -> Option<Status> {
    if status == StatusCode::OK || headers.contains_key("grpc-status") {
        return None;
    }
    let (code, advice, may_pass) = meaning(status);
    let mut details = ErrorDetails::new();
    let metadata = HashMap::from([(ADVICE.to_owned(), advice.to_owned())]);
    details.set_error_info(format!("HTTP_{}", status.as_u16()), DOMAIN, metadata);
    if may_pass {
        details.set_retry_info(Some(delay(headers)));
    }
    let sender = headers.get(SERVER).and_then(|name| name.to_str().ok());
    let sender = sender.map_or_else(String::new, |name| format!(" from {name}"));
    let message = format!(
        "HTTP status {status}{sender} came instead of an answer of gRPC, perhaps from a proxy in front of the server"
    );
    Some(Status::with_error_details(code, message, details))
}

/// Returns the advice in an error that a proxy answered.
pub(super) fn advice(details: &ErrorDetails) -> Option<&str> {
    let info = details.error_info().filter(|info| info.domain == DOMAIN)?;
    info.metadata.get(ADVICE).map(String::as_str)
}

/// Returns whether an error that a proxy answered may pass; `None` if no proxy answered it.
pub(super) fn may_pass(status: &Status) -> Option<bool> {
    let details = status.get_error_details();
    advice(&details).map(|_| details.retry_info().is_some())
}

/// The code as gRPC maps it, an advice, and whether another attempt may succeed. Nothing is stored twice, so that an
/// unknown outcome may be tried again, too.
fn meaning(status: StatusCode) -> (Code, &'static str, bool) {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::PROXY_AUTHENTICATION_REQUIRED => (
            Code::Unauthenticated,
            "the proxy asks for credentials, which this command does not send; go past it, or let this client through",
            false,
        ),
        StatusCode::FORBIDDEN => (
            Code::PermissionDenied,
            "let this client through in the rules of the proxy",
            false,
        ),
        StatusCode::NOT_FOUND => (
            Code::Unimplemented,
            "let the proxy forward every path to the server, or name another one with --server",
            false,
        ),
        StatusCode::PAYLOAD_TOO_LARGE => (
            Code::InvalidArgument,
            "raise the limit of the proxy for a request, which for a stream is all of it (nginx: client_max_body_size 0), \
             or send smaller ones",
            false,
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            Code::Unavailable,
            "the proxy limits the rate of calls; send fewer",
            true,
        ),
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE => (
            Code::Unavailable,
            "see whether the server behind the proxy is running, and the proxy speaks HTTP/2 to it",
            true,
        ),
        StatusCode::GATEWAY_TIMEOUT => (
            Code::Unavailable,
            "the server behind the proxy did not answer in the time of the proxy, and the outcome is unknown; nothing is \
             stored twice",
            true,
        ),
        StatusCode::BAD_REQUEST => (
            Code::Internal,
            "let the proxy forward HTTP/2 and gRPC as they are",
            false,
        ),
        _ => (
            Code::Unknown,
            "look into the log of the proxy; the outcome is unknown, and nothing is stored twice",
            status.is_server_error(),
        ),
    }
}

/// The delay that the proxy asks for in seconds.
fn delay(headers: &HeaderMap) -> Duration {
    let asked = headers
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    let asked = asked.and_then(|seconds| seconds.parse().ok());
    asked.map_or(RETRY_DELAY, |seconds| {
        Duration::from_secs(seconds).min(LONGEST_DELAY)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::CliError;

    fn of(status: u16) -> Status {
        let status = StatusCode::from_u16(status).unwrap();
        status_of(status, &HeaderMap::new()).unwrap()
    }

    #[test]
    fn what_passes_may_be_tried_again_and_nothing_else() {
        for status in [429, 500, 502, 503, 504] {
            assert_eq!(may_pass(&of(status)), Some(true), "{status}");
        }
        for status in [302, 400, 401, 403, 404, 407, 413, 418, 431] {
            assert_eq!(may_pass(&of(status)), Some(false), "{status}");
        }
        assert_eq!(may_pass(&Status::unavailable("connection reset")), None);
    }

    #[test]
    fn answers_of_grpc_are_left_alone() {
        let mut headers = HeaderMap::new();
        assert!(status_of(StatusCode::OK, &headers).is_none());
        headers.insert("grpc-status", "3".parse().unwrap());
        assert!(status_of(StatusCode::BAD_GATEWAY, &headers).is_none());
    }

    #[test]
    fn the_proxy_and_its_delay_are_named() {
        let mut headers = HeaderMap::new();
        headers.insert(SERVER, "nginx/1.26.3".parse().unwrap());
        headers.insert(RETRY_AFTER, "7".parse().unwrap());
        let status = status_of(StatusCode::SERVICE_UNAVAILABLE, &headers).unwrap();
        insta::assert_snapshot!(CliError::from(status).explanation(), @r"
        error: HTTP status 503 Service Unavailable from nginx/1.26.3 came instead of an answer of gRPC, perhaps from a proxy in front of the server
          reason: HTTP_503 (UNAVAILABLE)
          advice: see whether the server behind the proxy is running, and the proxy speaks HTTP/2 to it; try again in 7s
        ");
    }
}
