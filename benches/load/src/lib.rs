//! The load generator: servers as child processes, clients that load them, and what they measured.
//!
//! It talks to a server over gRPC alone, like anybody else, and measures each yardstick with the same
//! client code. `ownerline bench` (`cli/bench`) decides what is run and says which bars hold.

mod acked;
mod asking;
mod child;
mod echo;
mod error;
mod paced;
mod reading;
mod recording;
mod series;
mod spread;
mod unary;
mod used;

pub use acked::Acked;
pub use asking::{dealers, everybody, response_times, scores, with_evidence};
pub use child::{Child, Memory, MemoryWatch};
pub use echo::{echo_stream, serve_echo};
pub use error::BenchError;
pub use paced::{Paced, ack_to_visible};
pub use reading::{count_log, find_acknowledged, timelines, wait_until_live};
pub use recording::record_all;
pub use series::Series;
pub use spread::Spread;
pub use unary::{echo_unary, record_unary};
pub use used::Used;

use std::time::Duration;

use tonic::transport::{Channel, Endpoint};

/// Connections of every load.
pub const CONNECTIONS: usize = 4;
/// Calls of a unary load that are in flight at once, over all connections.
pub const IN_FLIGHT: usize = 256;
/// Touchpoints of one message of a stream load.
pub const MESSAGE: usize = 500;

/// How much was done in which time.
#[derive(Debug)]
pub struct Run {
    /// How many.
    pub count: u64,
    /// In which time.
    pub took: Duration,
    /// How long each took: a call, or a message until its result.
    pub spread: Spread,
}

impl Run {
    /// How many a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        per_second(self.count, self.took)
    }

    /// Adds another one to it.
    pub fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.took += other.took;
        self.spread.add(&other.spread);
    }
}

/// A count in a time, a second.
#[must_use]
pub fn per_second(count: u64, took: Duration) -> f64 {
    // Counts here are far below 2^52.
    count as f64 / took.as_secs_f64().max(1e-9)
}

async fn connect(url: &str) -> Result<Channel, BenchError> {
    let endpoint = Endpoint::from_shared(url.to_owned())?;
    Ok(endpoint.tcp_nodelay(true).connect().await?)
}

async fn connections(url: &str) -> Result<Vec<Channel>, BenchError> {
    let mut channels = Vec::with_capacity(CONNECTIONS);
    for _ in 0..CONNECTIONS {
        channels.push(connect(url).await?);
    }
    Ok(channels)
}
