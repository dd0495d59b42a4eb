//! The arguments of `timeline`.

use clap::Args;
use pbjson_types::Timestamp;

use crate::cli::filters::{not_blank, touchpoint_type};
use crate::cli::report::FormatArgs;
use crate::cli::time;
use crate::cli::vantage::{VantageArgs, Viewer};

/// The long help of `timeline`.
pub(in crate::cli) const ABOUT: &str = "Shows everything that happened between one person and the brand, across cars, dealers and owner ids, \
    newest first.\n\n\
    --as-of shows how it was, --known-at what was known. A time is RFC 3339 (2014-01-04T09:30:00Z), a \
    date (2014-01-04: its midnight in the zone of --tz, or else UTC), or a span before now (-7d, -2w, \
    \"3 months ago\").";

/// The examples of `timeline`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline timeline owner-1\n  \
    ownerline timeline owner-1 --all --oldest-first --type dealer_replied --type feedback_received\n  \
    ownerline timeline owner-1 --as-of 2024-03-01 --known-at 2024-03-01 --visible-to dealer\n  \
    ownerline timeline owner-1 --all --json | jq '.entries[].headline'\n  \
    ownerline timeline owner-1 --watch";

/// The arguments of `timeline`.
#[derive(Debug, Args)]
pub struct TimelineArgs {
    /// The owner
    #[arg(value_name = "OWNER")]
    pub owner: String,
    /// Show every page, not only the first
    #[arg(long)]
    pub all: bool,
    /// Only touchpoints of this type, for example dealer_replied or com.ownerline.dealer_replied.v1; may be repeated
    #[arg(long = "type", value_name = "TYPE", value_parser = touchpoint_type)]
    pub types: Vec<String>,
    /// Only touchpoints about this vehicle
    #[arg(long, value_parser = not_blank)]
    pub vin: Option<String>,
    /// Only touchpoints at this dealer
    #[arg(long, value_parser = not_blank)]
    pub dealer: Option<String>,
    /// Only touchpoints about this order
    #[arg(long, value_parser = not_blank)]
    pub order: Option<String>,
    /// Only touchpoints about this case
    #[arg(long, value_parser = not_blank)]
    pub case: Option<String>,
    /// Only touchpoints about this visit
    #[arg(long, value_parser = not_blank)]
    pub visit: Option<String>,
    /// Only touchpoints about this feedback
    #[arg(long, value_parser = not_blank)]
    pub feedback: Option<String>,
    /// Only what happened at or after this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub from: Option<Timestamp>,
    /// Only what happened before this instant
    #[arg(long = "to", alias = "until", value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub until: Option<Timestamp>,
    /// Only what a dealer or the owner may see
    #[arg(long, value_enum, value_name = "WHO")]
    pub visible_to: Option<Viewer>,
    /// Start with the oldest touchpoint
    #[arg(long)]
    pub oldest_first: bool,
    /// Number of touchpoints per page [default: the server's choice]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub page_size: u32,
    /// Keep printing changes until stopped: the newest page, oldest touchpoint first, then each change; with --json,
    /// one object per change
    #[arg(long, conflicts_with_all = ["all", "as_of", "known_at", "oldest_first"])]
    pub watch: bool,
    /// Stop watching after this many changes
    #[arg(long, value_name = "N", requires = "watch")]
    pub changes: Option<u64>,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}
