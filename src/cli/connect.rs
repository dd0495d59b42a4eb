//! Connections to a server.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use tonic::Code;
use tonic::transport::{Channel, Endpoint};
use tower::{Service as _, ServiceExt as _};

use super::error::CliError;
use super::proxies::{self, ProxiedChannel};

/// How long to wait until a server accepts a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
/// How long to wait for the first answer of a server that accepted; a silent one is reported within five seconds.
const PATIENCE: Duration = Duration::from_secs(4);
/// How often an idle connection is checked.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// Parses an address. Only http:// is supported: a request meant for TLS must not travel in plain text.
fn endpoint(server: &str) -> Result<Endpoint, CliError> {
    let endpoint = Endpoint::from_shared(server.to_owned());
    let endpoint = endpoint.map_err(|source| CliError::Address {
        server: server.to_owned(),
        source,
    })?;
    let scheme = endpoint.uri().scheme_str().map(str::to_ascii_lowercase);
    match scheme.as_deref() {
        Some("http") => Ok(endpoint),
        Some("https") => Err(CliError::NoTls {
            server: server.to_owned(),
        }),
        _ => Err(CliError::Scheme {
            server: server.to_owned(),
        }),
    }
}

/// Connects, and makes sure that a gRPC server answers.
pub(super) async fn connect(server: &str) -> Result<ProxiedChannel, CliError> {
    let endpoint = endpoint(server)?
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .tcp_nodelay(true);
    let unreachable = |source| CliError::Connect {
        server: server.to_owned(),
        source,
    };
    let channel = endpoint.connect().await.map_err(unreachable)?;
    let greeting = tokio::time::timeout(PATIENCE, greeting(channel.clone())).await;
    let answer = greeting
        .map_err(|_| CliError::NoGreeting {
            server: server.to_owned(),
            patience: PATIENCE,
        })?
        .map_err(unreachable)?;
    let kind = answer.headers().get(http::header::CONTENT_TYPE);
    let is_grpc = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"));
    if is_grpc {
        return Ok(proxies::proxied(channel));
    }
    match proxies::status_of(answer.status(), answer.headers()) {
        // Any web server answers so, whether or not something else stands behind it.
        Some(status) if status.code() != Code::Unimplemented => Err(status.into()),
        _ => Err(CliError::NotGrpc {
            server: server.to_owned(),
            status: answer.status().as_u16(),
        }),
    }
}

/// Makes a call that every gRPC server answers in some way. A connection alone proves nothing: TCP accepts on behalf of
/// a process that hangs, and HTTP/2 does not wait for the greeting of the other side.
async fn greeting(
    mut channel: Channel,
) -> Result<http::Response<tonic::body::Body>, tonic::transport::Error> {
    let empty_message = Full::new(Bytes::from_static(&[0; 5]));
    let mut request = http::Request::new(tonic::body::Body::new(empty_message));
    *request.method_mut() = http::Method::POST;
    *request.version_mut() = http::Version::HTTP_2;
    *request.uri_mut() = http::Uri::from_static("/grpc.health.v1.Health/Check");
    let headers = request.headers_mut();
    headers.insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/grpc"),
    );
    headers.insert(http::header::TE, http::HeaderValue::from_static("trailers"));
    channel.ready().await?.call(request).await
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpListener;

    use super::*;

    /// Connects to a server that writes these bytes to every connection and nothing more.
    async fn connected_to(bytes: &'static [u8]) -> CliError {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            let mut open = Vec::new();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.write_all(bytes).await.unwrap();
                open.push(stream);
            }
        });
        let connected = connect(&server).await;
        serving.abort();
        connected.unwrap_err()
    }

    #[tokio::test]
    async fn a_server_that_accepts_and_stays_silent_is_reported_within_five_seconds() {
        let begun = std::time::Instant::now();
        let error = connected_to(b"").await;
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "{:?}",
            begun.elapsed()
        );
        assert!(matches!(error, CliError::NoGreeting { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_server_without_http_2_is_reported_at_once() {
        let error = connected_to(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let text = error.explanation();
        assert!(text.contains("cannot reach the server"), "{text}");
        assert!(text.contains("gRPC"), "{text}");
    }

    #[test]
    fn only_plain_http_is_supported_and_everything_else_is_refused_with_its_reason() {
        for supported in [
            "http://127.0.0.1:7431",
            "HTTP://localhost:7431",
            "http://[::1]:7431/",
        ] {
            assert!(endpoint(supported).is_ok(), "{supported}");
        }
        for tls in ["https://127.0.0.1:7431", "HTTPS://ownerline.example"] {
            assert!(
                matches!(endpoint(tls), Err(CliError::NoTls { .. })),
                "{tls}"
            );
        }
        for other in [
            "ftp://127.0.0.1:7431",
            "grpc://localhost:7431",
            "h2c://localhost",
            "127.0.0.1:7431",
            "localhost",
        ] {
            assert!(
                matches!(endpoint(other), Err(CliError::Scheme { .. })),
                "{other}"
            );
        }
        assert!(matches!(endpoint("http://"), Err(CliError::Address { .. })));
    }
}
