//! On what an answer stands: the same arguments of every question about the past, or about what was known.

use clap::{Args, ValueEnum};
use ownerline_proto::v1::{KnownAt, Visibility};
use pbjson_types::Timestamp;

use super::time;

/// On what an answer stands.
#[derive(Debug, Clone, Args)]
pub struct VantageArgs {
    /// As it was at this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub as_of: Option<Timestamp>,
    /// As it was known at this position of the log, or at this instant
    #[arg(long, value_name = "POSITION|TIME", value_parser = time::known_at, allow_hyphen_values = true)]
    pub known_at: Option<KnownAt>,
    /// The zone in which dates and times without an offset are read [default: UTC]
    #[arg(long, value_name = "ZONE", value_parser = time::named_zone)]
    pub tz: Option<String>,
    /// Wait until the answer stands at least on this position
    #[arg(
        long,
        value_name = "POSITION",
        default_value = "",
        hide_default_value = true
    )]
    pub at_least: String,
}

/// For whose eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Viewer {
    /// What a dealer may see.
    Dealer,
    /// What the owner may see.
    Owner,
}

impl From<Viewer> for Visibility {
    fn from(viewer: Viewer) -> Self {
        match viewer {
            Viewer::Dealer => Self::Dealer,
            Viewer::Owner => Self::Owner,
        }
    }
}
