//! The load generator: starts servers as child processes, puts load on them, and measures how they cope.
//!
//! It talks to a server over gRPC only, like any other client, and measures each yardstick with the same
//! client code. `ownerline bench` (`src/cli/bench/`) decides what is run and which bars hold.

mod acknowledgements;
mod case_queries;
mod connection;
mod echo;
mod error;
mod journey_feed;
mod latencies;
mod memory;
mod one_owner;
mod pace;
mod queries;
mod read_back;
mod record_stream;
mod record_unary;
mod resource_usage;
mod run;
mod server_process;
mod whale;

pub use acknowledgements::Acknowledgements;
pub use case_queries::{query_cases, query_open_cases, query_traces};
pub use connection::CONNECTIONS;
pub use echo::{echo_stream, serve_echo};
pub use error::LoadError;
pub use journey_feed::JourneyFeed;
pub use latencies::Latencies;
pub use memory::{MemoryWatch, ProcessMemory};
pub use one_owner::{ack_to_watch, query_context_packs, read_timeline};
pub use pace::{Pace, ack_to_visible};
pub use queries::{
    dealers_with_feedback, owners_with_evidence, query_all_scores, query_response_times,
    query_scores, query_timelines,
};
pub use read_back::{check_acknowledged, read_log, wait_until_live};
pub use record_stream::{MESSAGE, record_in_streams};
pub use record_unary::{IN_FLIGHT, echo_unary, record_unary};
pub use resource_usage::ResourceUsage;
pub use run::{Run, per_second};
pub use server_process::ServerProcess;
pub use whale::Whale;
