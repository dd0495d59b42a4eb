//! The arguments of `case trace`.

use clap::Args;

use crate::cli::filters::not_blank;
use crate::cli::report::FormatArgs;
use crate::cli::vantage::VantageArgs;

/// The long help of `case trace`.
pub(in crate::cli) const ABOUT: &str = "Tells the story of a case: every touchpoint that caused it or came from it, across feedback, visits, \
    defects, contacts and tasks, oldest first. Each says why it belongs, who acted for whom, how long after the \
    one before, and whether whoever acted had been served a context pack. Days of silence are drawn between them. \
    What was corrected or retracted stands beside what took its place.";

/// The examples of `case trace`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline case trace case-1\n  \
    ownerline case trace case-1 --known-at 2026-03-01T09:00:00Z\n  \
    ownerline case trace case-1 --json | jq '.entries[] | {headline, reasons}'";

/// The arguments of `case trace`.
#[derive(Debug, Args)]
pub struct TraceArgs {
    /// The case
    #[arg(value_name = "CASE", value_parser = not_blank)]
    pub case: String,
    /// Greatest number of touchpoints, the first ones [default: as many as the server answers]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub limit: u32,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}
