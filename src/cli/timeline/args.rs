//! The arguments of `timeline`.

use clap::Args;
use ownerline_proto::v1::KnownAt;
use pbjson_types::Timestamp;

use crate::cli::filters::{said, type_name};
use crate::cli::report::FormatArgs;
use crate::cli::time;
use crate::cli::vantage::Viewer;

/// What `timeline` takes.
#[derive(Debug, Args)]
pub struct TimelineArgs {
    /// Whose story
    #[arg(value_name = "OWNER")]
    pub owner: String,
    /// Every page, not just the first
    #[arg(long)]
    pub all: bool,
    /// As it was at this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub as_of: Option<Timestamp>,
    /// As it was known at this position of the log, or at this instant
    #[arg(long, value_name = "POSITION|TIME", value_parser = time::known_at, allow_hyphen_values = true)]
    pub known_at: Option<KnownAt>,
    /// Only this kind of touchpoint, for example `dealer_replied`; may be repeated
    #[arg(long = "type", value_name = "TYPE", value_parser = type_name)]
    pub types: Vec<String>,
    /// Only about this vehicle
    #[arg(long, value_parser = said)]
    pub vin: Option<String>,
    /// Only what this dealer owes
    #[arg(long, value_parser = said)]
    pub dealer: Option<String>,
    /// Only about this order
    #[arg(long, value_parser = said)]
    pub order: Option<String>,
    /// Only about this case
    #[arg(long, value_parser = said)]
    pub case: Option<String>,
    /// Only about this visit
    #[arg(long, value_parser = said)]
    pub visit: Option<String>,
    /// Only about this feedback
    #[arg(long, value_parser = said)]
    pub feedback: Option<String>,
    /// Only what happened at or after this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub from: Option<Timestamp>,
    /// Only what happened before this instant
    #[arg(long = "to", alias = "until", value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub until: Option<Timestamp>,
    /// The zone in which dates and times without an offset are read [default: UTC]
    #[arg(long, value_name = "ZONE", value_parser = time::named_zone)]
    pub tz: Option<String>,
    /// Only what a dealer or the owner may see
    #[arg(long, value_enum, value_name = "WHO")]
    pub visible_to: Option<Viewer>,
    /// From the beginning, not from the end
    #[arg(long)]
    pub oldest_first: bool,
    /// How many entries the server answers at once
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub page_size: u32,
    /// Wait until the answer stands at least on this position
    #[arg(
        long,
        value_name = "POSITION",
        default_value = "",
        hide_default_value = true
    )]
    pub at_least: String,
    /// Go on with what changes, until stopped; the story comes oldest first, or as one JSON object a change
    #[arg(long, conflicts_with_all = ["all", "as_of", "known_at", "oldest_first"])]
    pub watch: bool,
    /// Stop watching after this many changes
    #[arg(long, value_name = "N", requires = "watch")]
    pub changes: Option<u64>,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}
