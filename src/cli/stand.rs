//! On what an answer stands: the same arguments of every question about the past, or about what was known.

use clap::Args;
use ownerline_proto::v1::KnownAt;
use pbjson_types::Timestamp;

use super::time;

/// On what an answer stands.
#[derive(Debug, Clone, Args)]
pub struct StandArgs {
    /// As it was at this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant)]
    pub as_of: Option<Timestamp>,
    /// As it was known at this position of the log, or at this instant
    #[arg(long, value_name = "POSITION|TIME", value_parser = time::known_at)]
    pub known_at: Option<KnownAt>,
    /// Wait until the answer stands at least on this position
    #[arg(
        long,
        value_name = "POSITION",
        default_value = "",
        hide_default_value = true
    )]
    pub at_least: String,
}
