//! The way to a server.

use std::time::Duration;

use tonic::Code;
use tonic::transport::{Channel, Endpoint};

use super::CliError;

/// How long to wait for a server to accept.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A silent connection is asked for a sign of life this often.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// The largest answer taken: a page of 1,000 touchpoints at the default limit of 64 KiB each.
pub(super) const LARGEST_ANSWER: usize = 64 << 20;

/// How often a watch is opened again before its end is an error; each time after twice the wait.
pub(super) const ATTEMPTS: u32 = 6;
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// How long to wait before the next attempt, after this many failed.
pub(super) fn wait_before(failures: u32) -> Duration {
    FIRST_WAIT * 2_u32.pow(failures.clamp(1, ATTEMPTS) - 1)
}

/// Whether the watch may go on where it stood.
pub(super) fn is_worth_another(ended: &CliError) -> bool {
    match ended {
        CliError::EndedEarly { .. } => true,
        CliError::Server(status) => matches!(
            status.code(),
            Code::Unavailable | Code::Unknown | Code::Cancelled | Code::ResourceExhausted
        ),
        _ => false,
    }
}

/// The address as a client uses it. Only http:// is spoken: what asks for TLS must not travel in plain text.
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

/// Connects, so that an absent server is told apart from one that refuses.
pub(super) async fn connect(server: &str) -> Result<Channel, CliError> {
    let endpoint = endpoint(server)?
        .connect_timeout(CONNECT_TIMEOUT)
        .http2_keep_alive_interval(KEEP_ALIVE)
        .tcp_nodelay(true);
    endpoint
        .connect()
        .await
        .map_err(|source| CliError::Connect {
            server: server.to_owned(),
            source,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_http_is_spoken_and_everything_else_is_refused_with_its_reason() {
        for spoken in [
            "http://127.0.0.1:7431",
            "HTTP://localhost:7431",
            "http://[::1]:7431/",
        ] {
            assert!(endpoint(spoken).is_ok(), "{spoken}");
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
