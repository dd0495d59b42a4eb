//! The arguments of `scores`.

use clap::Args;
use ownerline_proto::v1::get_scores_request::GroupBy as WireGroupBy;

use super::words::Measure;
use crate::cli::filters::not_blank;
use crate::cli::group_by::group_by;
use crate::cli::report::FormatArgs;
use crate::cli::time::{self, PeriodEnd};
use crate::cli::vantage::VantageArgs;

/// The long help of `scores`.
pub(in crate::cli) const ABOUT: &str = "Shows survey scores (NPS, CSAT, CES) and how many owners answer, each figure with its n and interval: \
    below 30 answers the score itself is withheld, below 10 the interval, too. Groups are not ranked, \
    but compared with what chance does to groups of their size.\n\n\
    --as-of shows how it was, --known-at what was known. docs/scores.md says how each figure is computed \
    and what it does not say.";

/// The examples of `scores`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline scores --group-by dealer --from 2026-01-01 --to 2026-04-01\n  \
    ownerline scores --group-by model --measure ces\n  \
    ownerline scores --dealer dealer-7 --group-by month\n  \
    ownerline scores --as-of 2026-01-01 --known-at 2026-01-01 --json | jq .total.scores.nps";

/// The arguments of `scores`.
#[derive(Debug, Args)]
pub struct ScoresArgs {
    /// Group by this dimension
    #[arg(long, value_enum, value_name = "WHAT")]
    pub group_by: Option<GroupBy>,
    /// The score that the table of groups shows
    #[arg(long, value_enum, value_name = "SCORE", default_value = "nps")]
    pub measure: Measure,
    /// Only answers about this dealer
    #[arg(long, value_parser = not_blank)]
    pub dealer: Option<String>,
    /// Only answers about dealers in this market
    #[arg(long, value_parser = not_blank)]
    pub market: Option<String>,
    /// Only answers about cars of this model
    #[arg(long, value_parser = not_blank)]
    pub model: Option<String>,
    /// Only answers to this survey
    #[arg(long, value_parser = not_blank)]
    pub survey: Option<String>,
    /// Only answers received, and invitations delivered, at or after this date, in the time zone of the dealer, or this
    /// instant
    #[arg(long, value_name = "DATE|TIME", value_parser = time::period_end, allow_hyphen_values = true)]
    pub from: Option<PeriodEnd>,
    /// Only answers received, and invitations delivered, before this date, in the time zone of the dealer, or this
    /// instant
    #[arg(long, value_name = "DATE|TIME", value_parser = time::period_end, allow_hyphen_values = true)]
    pub to: Option<PeriodEnd>,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

group_by! { WireGroupBy;
    /// Dealer who was responsible when the owner answered
    Dealer: "dealer",
    /// Market of that dealer
    Market: "market",
    /// Model of the car that the answer is about
    Model: "model",
    /// Survey
    Survey: "survey",
    /// Month in which the answer was received
    Month: "month",
}
