//! Connections to a server.

use tonic::transport::{Channel, Endpoint};

use crate::error::LoadError;

/// How many connections each load spreads over.
pub const CONNECTIONS: usize = 4;

pub(crate) async fn connect(url: &str) -> Result<Channel, LoadError> {
    let endpoint = Endpoint::from_shared(url.to_owned())?;
    Ok(endpoint.tcp_nodelay(true).connect().await?)
}

/// Opens [`CONNECTIONS`] connections.
pub(crate) async fn connect_all(url: &str) -> Result<Vec<Channel>, LoadError> {
    let mut channels = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        channels.push(connect(url).await?);
    }
    Ok(channels)
}
