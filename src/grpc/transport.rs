//! What the transport says by itself, in our words: a status that it makes has neither reason nor advice, and calls
//! faults of the client internal errors.

use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use tonic::body::Body;
use tonic::{Code, Status};

use super::advice::Effect;
use super::problem::Problem;
use super::status::{made_by_transport, status};

/// Media type of every request and answer; `+proto` and parameters may follow.
const GRPC: &str = "application/grpc";

/// What our words about a call depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wording {
    /// Bytes of one message on the wire, at most.
    pub(super) message_bytes: u64,
    /// What the call does.
    pub(super) effect: Effect,
}

/// Puts the status in headers or trailers into our words, unless it is.
pub(super) fn reword(headers: &mut HeaderMap, wording: Wording) {
    let Some(made) = made_by_transport(headers) else {
        return;
    };
    // Whatever else stands there (the encodings that are accepted, for one) stays. Our statuses fit into headers.
    let _ = status(problem(&made, wording)).add_header(headers);
}

/// What a status means that the transport made.
fn problem(made: &Status, wording: Wording) -> Problem {
    let message = made.message();
    let begins = |with: &[&str]| with.iter().any(|with| message.starts_with(with));
    if let (Code::Internal, Some(why)) = (made.code(), not_framed(message)) {
        return Problem::not_framed(why);
    }
    match made.code() {
        Code::OutOfRange | Code::ResourceExhausted
            if begins(&["Error, decoded", "Error decompressing: size limit"]) =>
        {
            too_large(wording.message_bytes)
        }
        Code::Unimplemented if message.is_empty() => Problem::unknown_method(),
        Code::Unimplemented => Problem::unknown_encoding(),
        Code::Cancelled => Problem::cancelled(wording.effect),
        // The request was cut off on its way; whoever sent it is gone, or breaks the protocol.
        Code::Internal | Code::Unknown | Code::Unavailable
            if begins(&["h2 protocol error", "error reading a body"]) =>
        {
            Problem::cancelled(wording.effect)
        }
        _ => {
            let mut problem = Problem::internal();
            problem.cause = Some(format!("{:?}: {message}", made.code()));
            problem
        }
    }
}

/// What tonic says about bytes that are no message in the framing of gRPC, and what we say. It has no other mark than its
/// words; a version that changes them fails the tests at the wire.
const NOT_FRAMED: [(&str, &str); 5] = [
    ("Missing request message", "there is no message"),
    (
        "Unexpected EOF decoding",
        "the message stops before its end",
    ),
    (
        "protocol error: received message with compressed-flag",
        "the message is marked compressed, but grpc-encoding names no compression",
    ),
    (
        "protocol error: received message with invalid",
        "the compression flag of the message is neither 0 nor 1",
    ),
    (
        "Error decompressing",
        "the message cannot be unpacked by the compression that grpc-encoding names",
    ),
];

fn not_framed(message: &str) -> Option<&'static str> {
    let mut known = NOT_FRAMED.iter();
    let found = known.find(|(begin, _)| message.starts_with(begin));
    found.map(|(_, why)| *why)
}

fn too_large(limit: u64) -> Problem {
    Problem::limit(
        "limits.batch_bytes",
        limit,
        format!("message is larger than {limit} bytes"),
    )
}

/// Refuses what is not gRPC, as its protocol asks: with a status of HTTP.
pub(super) fn refuse_other_protocols(request: &Request<Body>) -> Result<(), Box<Response<Body>>> {
    if request.method() != Method::POST {
        return Err(Box::new(refused(
            StatusCode::METHOD_NOT_ALLOWED,
            Problem::not_grpc("METHOD_NOT_ALLOWED", "only POST is answered"),
        )));
    }
    let kind = request.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.to_str().is_ok_and(is_grpc)) {
        return Err(Box::new(refused(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Problem::not_grpc("CONTENT_TYPE", "only application/grpc is answered"),
        )));
    }
    Ok(())
}

fn is_grpc(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    let rest = kind.trim().strip_prefix(GRPC);
    rest.is_some_and(|rest| {
        let rest = rest.strip_prefix("+proto").unwrap_or(rest);
        rest.is_empty() || rest.trim_start().starts_with(';')
    })
}

fn refused(code: StatusCode, problem: Problem) -> Response<Body> {
    let mut response = status(problem).into_http();
    *response.status_mut() = code;
    if code == StatusCode::METHOD_NOT_ALLOWED {
        let post = header::HeaderValue::from_static("POST");
        response.headers_mut().insert(header::ALLOW, post);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::super::status::reason_of;
    use super::*;

    const WORDING: Wording = Wording {
        message_bytes: 1,
        effect: Effect::Records,
    };

    #[test]
    fn only_grpc_with_protobuf_is_taken() {
        for taken in [
            "application/grpc",
            "application/grpc+proto",
            "Application/GRPC; charset=utf-8",
        ] {
            assert!(is_grpc(taken), "{taken}");
        }
        for other in [
            "application/json",
            "application/grpc-web",
            "application/grpc-web-text",
            "application/grpc+json",
            "",
        ] {
            assert!(!is_grpc(other), "{other}");
        }
    }

    #[test]
    fn our_own_statuses_stay_as_they_are() {
        let mut headers = HeaderMap::new();
        status(Problem::stopping())
            .add_header(&mut headers)
            .unwrap();
        let before = headers.clone();
        reword(&mut headers, WORDING);
        assert_eq!(headers, before);
    }

    #[test]
    fn what_nobody_foresaw_is_internal_and_keeps_its_message_inside() {
        let mut headers = HeaderMap::new();
        Status::data_loss("a secret of the disk")
            .add_header(&mut headers)
            .unwrap();
        reword(&mut headers, WORDING);
        assert_eq!(reason_of(&headers).as_deref(), Some("INTERNAL"));
        assert!(!format!("{headers:?}").contains("secret"));
    }
}
