//! The arguments of `touchpoints`, `owners` and `dealers`.

use clap::{Args, Subcommand};
use pbjson_types::Timestamp;

use crate::cli::filters::{not_blank, touchpoint_type};
use crate::cli::report::FormatArgs;
use crate::cli::time;
use crate::cli::vantage::VantageArgs;

/// The long help of `touchpoints`.
pub(in crate::cli) const TOUCHPOINTS_ABOUT: &str = "Lists touchpoints as they were recorded, the last recorded first, including those that were corrected \
    or retracted since. Filters match what a touchpoint names itself, not what is filled in from its \
    stream. Use it to find a touchpoint whose id is not known.";

/// The examples of `touchpoints`.
pub(in crate::cli) const TOUCHPOINTS_EXAMPLES: &str = "Examples:\n  \
    ownerline touchpoints --limit 20\n  \
    ownerline touchpoints --type feedback_received --dealer dealer-7 --from 2026-01-01\n  \
    ownerline touchpoints --type case_opened -o csv";

/// The long help of `owners`.
pub(in crate::cli) const OWNERS_ABOUT: &str = "Lists the ids of owners, those with the latest touchpoint first, with the time, type and dealer of \
    that touchpoint. Listing 500 owners reads every owner once.";

/// The examples of `owners`.
pub(in crate::cli) const OWNERS_EXAMPLES: &str = "Examples:\n  \
    ownerline owners list\n  \
    ownerline owners list --dealer dealer-7 --limit 200 -o csv";

/// The examples of `dealers`.
pub(in crate::cli) const DEALERS_EXAMPLES: &str = "Examples:\n  \
    ownerline dealers list\n  \
    ownerline dealers list --market GB -o json";

/// The arguments of `touchpoints`.
#[derive(Debug, Args)]
pub struct TouchpointsArgs {
    /// Only touchpoints of this type, for example feedback_received or com.ownerline.feedback_received.v1; may be
    /// repeated
    #[arg(long = "type", value_name = "TYPE", value_parser = touchpoint_type)]
    pub types: Vec<String>,
    /// Only touchpoints that name this dealer
    #[arg(long, value_parser = not_blank)]
    pub dealer: Option<String>,
    /// Only touchpoints that name this owner
    #[arg(long, value_parser = not_blank)]
    pub owner: Option<String>,
    /// Only touchpoints that name this vehicle
    #[arg(long, value_name = "VIN", value_parser = not_blank)]
    pub vehicle: Option<String>,
    /// Only what happened at or after this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant)]
    pub from: Option<Timestamp>,
    /// Only what happened before this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant)]
    pub to: Option<Timestamp>,
    /// Only what had been recorded up to this position
    #[arg(
        long,
        value_name = "POSITION",
        default_value = "",
        hide_default_value = true
    )]
    pub known_at: String,
    /// Greatest number of touchpoints
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: usize,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// The arguments of `owners`.
#[derive(Debug, Args)]
pub struct OwnersArgs {
    /// The subcommand.
    #[command(subcommand)]
    pub command: OwnersCommand,
}

/// The subcommands of `owners`.
#[derive(Debug, Subcommand)]
pub enum OwnersCommand {
    /// List the ids of owners, those with the latest touchpoint first
    List(OwnersListArgs),
}

/// The arguments of `owners list`.
#[derive(Debug, Args)]
pub struct OwnersListArgs {
    /// Only owners whose last touchpoint that names a dealer names this one
    #[arg(long, value_parser = not_blank)]
    pub dealer: Option<String>,
    /// Greatest number of owners
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: usize,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// The arguments of `dealers`.
#[derive(Debug, Args)]
pub struct DealersArgs {
    /// The subcommand.
    #[command(subcommand)]
    pub command: DealersCommand,
}

/// The subcommands of `dealers`.
#[derive(Debug, Subcommand)]
pub enum DealersCommand {
    /// List the dealers that are registered or that feedback names
    List(DealersListArgs),
}

/// The arguments of `dealers list`.
#[derive(Debug, Args)]
pub struct DealersListArgs {
    /// Only dealers in this market
    #[arg(long, value_parser = not_blank)]
    pub market: Option<String>,
    /// Only dealers that carry this brand
    #[arg(long, value_parser = not_blank)]
    pub brand: Option<String>,
    /// Greatest number of dealers
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub limit: usize,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}
