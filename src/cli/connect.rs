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

/// Connects, so that an absent server is told apart from one that refuses.
pub(super) async fn connect(server: &str) -> Result<Channel, CliError> {
    let endpoint = Endpoint::from_shared(server.to_owned())
        .map_err(|source| CliError::Address {
            server: server.to_owned(),
            source,
        })?
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
