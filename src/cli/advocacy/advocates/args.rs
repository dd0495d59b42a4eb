//! The arguments of `advocates`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ownerline_proto::v1::list_advocates_request::GroupBy as WireGroupBy;

use crate::cli::filters::not_blank;
use crate::cli::report::FormatArgs;
use crate::cli::vantage::VantageArgs;

/// The long help of `advocates`.
pub(in crate::cli) const ABOUT: &str = "Shows how advocacy scores are distributed, in the network or by dealer or market, and which persons \
    have the highest scores, with the confidence and what raises them most. `advocacy OWNER` explains \
    each score.\n\n\
    For fewer than 10 persons only their number is shown, for fewer than 30 only intervals. Persons about \
    whom little is known are not listed; --least-confidence 0 lists them, too.";

/// The examples of `advocates`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline advocates --group-by dealer\n  \
    ownerline advocates --dealer dealer-7 --top 50\n  \
    ownerline advocates --as-of 2026-01-01 --known-at 2026-01-01\n  \
    ownerline advocates --model scoring.json --json | jq .total";

/// The arguments of `advocates`.
#[derive(Debug, Args)]
pub struct AdvocatesArgs {
    /// Group the distribution by this dimension
    #[arg(long, value_enum, value_name = "WHAT")]
    pub group_by: Option<GroupBy>,
    /// Only persons of this dealer
    #[arg(long, value_parser = not_blank)]
    pub dealer: Option<String>,
    /// Only persons of this market
    #[arg(long, value_parser = not_blank)]
    pub market: Option<String>,
    /// Number of persons to list, 1 to 1,000
    #[arg(long, value_name = "N", default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub top: u32,
    /// List only persons whose score has at least this confidence, 0 to 1 [default: 0.2]
    #[arg(long, value_name = "SHARE")]
    pub least_confidence: Option<f64>,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// Score by this policy instead of those in force: a scoring policy or a lexicon, as `policy publish` takes it; may
    /// be given twice, once for each
    #[arg(long, value_name = "FILE")]
    pub model: Vec<PathBuf>,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// A dimension of the distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GroupBy {
    /// Dealer of the last touchpoint about a person
    Dealer,
    /// Market of the person
    Market,
}

impl From<GroupBy> for WireGroupBy {
    fn from(group_by: GroupBy) -> Self {
        match group_by {
            GroupBy::Dealer => Self::Dealer,
            GroupBy::Market => Self::Market,
        }
    }
}
