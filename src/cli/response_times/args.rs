//! The arguments of `response-times`.

use std::path::PathBuf;

use clap::Args;
use ownerline_proto::v1::Channel;
use ownerline_proto::v1::get_response_times_request::GroupBy as WireGroupBy;

use crate::cli::feedback::inbox::Kind;
use crate::cli::filters::{channel, not_blank};
use crate::cli::group_by::group_by;
use crate::cli::report::FormatArgs;
use crate::cli::time::{self, PeriodEnd};
use crate::cli::vantage::VantageArgs;

/// The long help of `response-times`.
pub(in crate::cli) const ABOUT: &str = "Shows how long owners wait for a first reply. The figures include owners who are still waiting or \
    were never answered.\n\n\
    --as-of shows how it was, --known-at what was known, --policy how it would be under another SLA. \
    docs/response-times.md says how each figure is computed.";

/// The examples of `response-times`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline response-times --group-by dealer --from 2026-01-01 --to 2026-04-01\n  \
    ownerline response-times --dealer dealer-7 --group-by month\n  \
    ownerline response-times --as-of 2026-01-01 --known-at 2026-01-01\n  \
    ownerline response-times --policy sla-12h.json --json | jq .total.onTime";

/// The arguments of `response-times`.
#[derive(Debug, Args)]
pub struct ResponseTimesArgs {
    /// Group by this dimension
    #[arg(long, value_enum, value_name = "WHAT")]
    pub group_by: Option<GroupBy>,
    /// The kind of obligation to count [default: first-reply]
    #[arg(
        long,
        value_enum,
        value_name = "KIND",
        conflicts_with = "with_bookings"
    )]
    pub kind: Option<Kind>,
    /// Only feedback for which this dealer is responsible
    #[arg(long, value_parser = not_blank)]
    pub dealer: Option<String>,
    /// Only feedback to dealers in this market
    #[arg(long, value_parser = not_blank)]
    pub market: Option<String>,
    /// Only feedback received by this channel, for example in_person
    #[arg(long, value_parser = channel)]
    pub channel: Option<Channel>,
    /// Only feedback to this survey
    #[arg(long, value_parser = not_blank)]
    pub survey: Option<String>,
    /// Only feedback that this person replied to
    #[arg(long, value_parser = not_blank)]
    pub responder: Option<String>,
    /// Only feedback received at or after this date, in the time zone of its dealer, or this instant
    #[arg(long, value_name = "DATE|TIME", value_parser = time::period_end, allow_hyphen_values = true)]
    pub from: Option<PeriodEnd>,
    /// Only feedback received before this date, in the time zone of its dealer, or this instant
    #[arg(long, value_name = "DATE|TIME", value_parser = time::period_end, allow_hyphen_values = true)]
    pub to: Option<PeriodEnd>,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// Judge by the SLA of this file, as if it were in force for everybody at all times: the proto3 JSON of a policy
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Count the open hours of this file instead of the calendar that --policy names: the proto3 JSON of a policy
    #[arg(long, value_name = "FILE", requires = "policy")]
    pub calendar: Option<PathBuf>,
    /// Also show which owners booked work within 90 days after their feedback; this takes longer
    #[arg(long)]
    pub with_bookings: bool,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

group_by! { WireGroupBy;
    /// Dealer who was responsible at the end
    Dealer: "dealer",
    /// Market of that dealer
    Market: "market",
    /// Channel of the feedback
    Channel: "channel",
    /// Survey that the feedback answers
    Survey: "survey",
    /// Month in which the feedback was received
    Month: "month",
    /// Person who replied
    Responder: "responder",
}
