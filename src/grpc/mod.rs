//! The gRPC surface: thin adapters between the contract and commands, queries and the log.

mod advocacy;
mod context_pack;
mod convert;
mod counted;
mod incoming;
mod layer;
mod paced;
mod policy;
mod problem;
mod projection;
mod rebuild;
mod server;
mod status;
mod timeline;
mod touchpoint;
mod watch;

pub use advocacy::AdvocacyApi;
pub use policy::PolicyApi;
pub use projection::ProjectionApi;
pub use server::{Health, ServeError, Services, serve};
pub use timeline::{TimelineApi, TimelineApiParts};
pub use touchpoint::{TouchpointApi, TouchpointApiParts};

#[cfg(test)]
mod tests;
