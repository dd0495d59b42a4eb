//! The arguments of `assistance`.

use clap::Args;
use ownerline_proto::v1::get_assistance_request::GroupBy as WireGroupBy;

use crate::cli::filters::not_blank;
use crate::cli::group_by::group_by;
use crate::cli::report::FormatArgs;
use crate::cli::time::{self, PeriodEnd};
use crate::cli::vantage::VantageArgs;

/// The long help of `assistance`.
pub(in crate::cli) const ABOUT: &str = "Shows help beyond the sale: owners who were turned away, why, and whether they were told what to do next; what \
    became of their matters, also at other dealers; what they said, apart from the outcome; visits in which \
    cars of other brands were helped; and goodwill.\n\n\
    docs/contacts.md says how each figure is computed and what it does not say.";

/// The examples of `assistance`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline assistance\n  \
    ownerline assistance --group-by dealer --from 2026-01-01 --to 2026-04-01\n  \
    ownerline assistance --dealer dealer-7 --group-by month\n  \
    ownerline assistance --group-by brand --json | jq '.groups[] | {key, help: .assistance.help}'";

/// The arguments of `assistance`.
#[derive(Debug, Args)]
pub struct AssistanceArgs {
    /// Group by this dimension
    #[arg(long, value_enum, value_name = "WHAT")]
    pub group_by: Option<GroupBy>,
    /// Only what this dealer declined, did or granted
    #[arg(long, value_parser = not_blank)]
    pub dealer: Option<String>,
    /// Only dealers in this market
    #[arg(long, value_parser = not_blank)]
    pub market: Option<String>,
    /// Only vehicles of this brand
    #[arg(long, value_parser = not_blank)]
    pub brand: Option<String>,
    /// Only what happened at or after this date, in the time zone of the dealer, or this instant
    #[arg(long, value_name = "DATE|TIME", value_parser = time::period_end, allow_hyphen_values = true)]
    pub from: Option<PeriodEnd>,
    /// Only what happened before this date, in the time zone of the dealer, or this instant
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
    /// Dealer who declined, helped or granted
    Dealer: "dealer",
    /// Market of that dealer
    Market: "market",
    /// Brand of the vehicle
    Brand: "brand",
    /// Month in which it happened
    Month: "month",
}
