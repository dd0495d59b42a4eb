//! The arguments of `loyalty`.

use clap::Args;
use pbjson_types::Timestamp;

use crate::cli::filters::not_blank;
use crate::cli::report::FormatArgs;
use crate::cli::time;
use crate::cli::vantage::VantageArgs;

/// The long help of `loyalty`.
pub(in crate::cli) const ABOUT: &str = "Shows how many of the owners who bought or leased again chose the same make, by make and by length \
    of ownership; and how much growth was earned rather than bought. Owners who have not bought again \
    are censored, not counted as disloyal. Loyalty is not advocacy: owners who recommend a brand need \
    not buy it again.\n\n\
    docs/scores.md says how each figure is computed.";

/// The examples of `loyalty`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline loyalty\n  \
    ownerline loyalty --make Halden --market de --from 2025-01-01 --to 2026-01-01\n  \
    ownerline loyalty --days 730 --days 1096 --as-of 2026-01-01 --known-at 2026-01-01\n  \
    ownerline loyalty --json | jq '.groups[] | {make, rate: .loyalty.rate}'";

/// The arguments of `loyalty`.
#[derive(Debug, Args)]
pub struct LoyaltyArgs {
    /// Only this make
    #[arg(long, value_parser = not_blank)]
    pub make: Option<String>,
    /// Only owners registered in this market
    #[arg(long, value_parser = not_blank)]
    pub market: Option<String>,
    /// Count only returns at or after this instant; the curve always includes all
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub from: Option<Timestamp>,
    /// Count only returns before this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub to: Option<Timestamp>,
    /// Show the curve at this length of ownership, in days, instead of at one to ten years; may be repeated
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    pub days: Vec<u32>,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}
