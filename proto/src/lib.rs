//! The contract of Ownerline: messages and services of `ownerline.v1`, the rules that they declare, their split into
//! clear and personal bytes, redaction by field class, and proto3 JSON.

pub mod bounds;
pub mod civil;
pub mod closed_list;
pub mod cloudevents;
pub mod codec;
pub mod conversions;
pub mod field_class;
mod instant;
pub mod json;
pub mod json_input;
pub mod kind;
pub mod malformed;
mod position;
pub mod redaction;
pub mod schema;
pub mod time;
pub mod vin;
mod violation;
mod violations;

#[cfg(test)]
mod samples;

pub use malformed::malformed;
pub use position::Position;
pub use violation::{Reason, Violation};
pub use violations::Violations;

/// Generated from `ownerline/v1/*.proto`; the documentation of every item is its comment there.
#[allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::allow_attributes_without_reason,
    rustdoc::invalid_html_tags,
    reason = "generated code"
)]
pub mod v1 {
    include!(concat!(env!("OUT_DIR"), "/ownerline.v1.rs"));
    include!(concat!(env!("OUT_DIR"), "/ownerline.v1.serde.rs"));
}

/// The service that replays the log, and its answers, generated from the same schema with touchpoints that are already
/// encoded: the server sends the bytes of the log as they are. For servers; clients use [`v1`].
#[allow(
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::allow_attributes_without_reason,
    rustdoc::invalid_html_tags,
    reason = "generated code"
)]
pub mod replay {
    include!(concat!(env!("OUT_DIR"), "/replay/ownerline.v1.rs"));
}

/// The encoded `google.protobuf.FileDescriptorSet` of the whole contract, with its custom options and everything it
/// imports: for reflection, and stored in the log so that the log explains itself.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/ownerline.v1.bin"));

/// The names and texts of the files of the contract, with their comments.
pub const SOURCES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/sources.rs"));
