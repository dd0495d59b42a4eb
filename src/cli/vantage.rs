//! The flags of every command that asks about the past: instant, position and viewer of the answer.

use clap::{Args, ValueEnum};
use ownerline_proto::v1::{KnownAt, Visibility};
use pbjson_types::Timestamp;

use super::time;

/// The instant and the position that an answer reflects.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Point in time")]
pub struct VantageArgs {
    /// As it was at this instant: count only what had happened by then [default: now]
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub as_of: Option<Timestamp>,
    /// As it was known: count only what had been recorded up to this position or instant [default: everything]
    #[arg(long, value_name = "POSITION|TIME", value_parser = time::known_at, allow_hyphen_values = true)]
    pub known_at: Option<KnownAt>,
    /// Time zone of dates and times without an offset, for example Europe/Berlin [default: UTC]
    #[arg(long, value_name = "ZONE", value_parser = time::named_zone)]
    pub tz: Option<String>,
    /// Wait until the answer includes this position
    #[arg(
        long,
        value_name = "POSITION",
        default_value = "",
        hide_default_value = true
    )]
    pub at_least: String,
}

/// The party whose permissions limit an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Viewer {
    /// What a dealer may see
    Dealer,
    /// What the owner may see
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
