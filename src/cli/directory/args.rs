//! The arguments of `touchpoints`, `owners` and `dealers`.

use clap::{Args, Subcommand};
use pbjson_types::Timestamp;

use crate::cli::filters::{said, type_name};
use crate::cli::report::FormatArgs;
use crate::cli::time;
use crate::cli::vantage::VantageArgs;

/// What `touchpoints` is for.
pub(in crate::cli) const TOUCHPOINTS_ABOUT: &str = "Lists touchpoints as they were recorded, the last recorded first, also those that were corrected or\n\
    retracted since. What a touchpoint names itself is filtered, not what is filled in from its stream.";

/// How it is used.
pub(in crate::cli) const TOUCHPOINTS_EXAMPLES: &str = "Examples:\n  \
    ownerline touchpoints --limit 20\n  \
    ownerline touchpoints --type feedback_received --dealer dealer-7 --from 2026-01-01\n  \
    ownerline touchpoints --type case_opened -o csv";

/// What `owners` is for.
pub(in crate::cli) const OWNERS_ABOUT: &str = "Lists the ids of owners, those with the latest touchpoint first. Nothing is said about them but when,\n\
    what and at which dealer that was. Every owner is read once for each 500 that are listed.";

/// How it is used.
pub(in crate::cli) const OWNERS_EXAMPLES: &str = "Examples:\n  \
    ownerline owners list\n  \
    ownerline owners list --dealer dealer-7 --limit 200 -o csv";

/// How `dealers` is used.
pub(in crate::cli) const DEALERS_EXAMPLES: &str = "Examples:\n  \
    ownerline dealers list\n  \
    ownerline dealers list --market GB -o json";

/// What `touchpoints` takes.
#[derive(Debug, Args)]
pub struct TouchpointsArgs {
    /// Only of this type, whole or short: com.ownerline.feedback_received.v1 or feedback_received; may be repeated
    #[arg(long = "type", value_name = "TYPE", value_parser = type_name)]
    pub types: Vec<String>,
    /// Only those that name this dealer
    #[arg(long, value_parser = said)]
    pub dealer: Option<String>,
    /// Only those that name this owner
    #[arg(long, value_parser = said)]
    pub owner: Option<String>,
    /// Only those that name this vehicle
    #[arg(long, value_name = "VIN", value_parser = said)]
    pub vehicle: Option<String>,
    /// Only what occurred at or after this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant)]
    pub from: Option<Timestamp>,
    /// Only what occurred before this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant)]
    pub to: Option<Timestamp>,
    /// Only what was recorded up to this position
    #[arg(
        long,
        value_name = "POSITION",
        default_value = "",
        hide_default_value = true
    )]
    pub known_at: String,
    /// Touchpoints at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: usize,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// What `owners` takes.
#[derive(Debug, Args)]
pub struct OwnersArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: OwnersCommand,
}

/// What can be done with owners.
#[derive(Debug, Subcommand)]
pub enum OwnersCommand {
    /// List the ids of owners, those with the latest touchpoint first
    List(OwnersListArgs),
}

/// What `owners list` takes.
#[derive(Debug, Args)]
pub struct OwnersListArgs {
    /// Only owners whose last touchpoint that names a dealer names this one
    #[arg(long, value_parser = said)]
    pub dealer: Option<String>,
    /// Owners at most
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: usize,
    /// On what the answer stands.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// What `dealers` takes.
#[derive(Debug, Args)]
pub struct DealersArgs {
    /// What to do.
    #[command(subcommand)]
    pub command: DealersCommand,
}

/// What can be done with dealers.
#[derive(Debug, Subcommand)]
pub enum DealersCommand {
    /// List the dealers that are registered, or that feedback names
    List(DealersListArgs),
}

/// What `dealers list` takes.
#[derive(Debug, Args)]
pub struct DealersListArgs {
    /// Only dealers of this market
    #[arg(long, value_parser = said)]
    pub market: Option<String>,
    /// Only dealers that carry this brand
    #[arg(long, value_parser = said)]
    pub brand: Option<String>,
    /// Dealers at most
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    pub limit: usize,
    /// On what the answer stands.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}
