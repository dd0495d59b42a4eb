//! The way to a server.

use std::time::Duration;

use tonic::transport::{Channel, Endpoint};

use super::CliError;

/// How long to wait for a server to accept.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// A silent connection is asked for a sign of life this often.
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// The largest answer taken: a page of 1,000 touchpoints at the default limit of 64 KiB each.
pub(super) const LARGEST_ANSWER: usize = 64 << 20;

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
