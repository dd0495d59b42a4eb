//! The gRPC surface: thin adapters between the contract and commands, queries and the log.

mod advice;
mod advocacy;
mod asking;
mod assistance;
mod body;
mod bookings;
mod cases;
mod contacts;
mod context_pack;
mod convert;
mod counted;
mod directory;
mod fault;
mod feedback;
mod headlines;
mod health;
mod incoming;
mod layer;
mod log_lines;
mod loyalty;
mod messages;
mod obligation;
mod open;
mod origin;
mod paced;
mod policy;
mod problem;
mod projection;
mod reflection;
mod response_times;
mod reuse;
mod scores;
mod server;
mod services;
mod status;
mod timeline;
mod touchpoint;
mod trace;
mod transport;

pub use advocacy::AdvocacyApi;
pub use cases::CaseApi;
pub use contacts::ContactApi;
pub use counted::code_name;
pub use feedback::FeedbackApi;
pub use health::Health;
pub use policy::PolicyApi;
pub use projection::ProjectionApi;
pub use response_times::ResponseTimeApi;
pub use server::{ServeError, serve};
pub use services::{SERVICES, Services};
pub use timeline::{TimelineApi, TimelineApiParts};
pub use touchpoint::{TouchpointApi, TouchpointApiParts};

#[cfg(test)]
mod tests;
