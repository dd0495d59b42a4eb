//! `response-times`: how long owners wait for an answer, for people or as JSON.

mod sheet;
mod table;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ownerline_proto::v1::get_response_times_request::GroupBy as WireGroupBy;
use ownerline_proto::v1::{
    Channel, GetResponseTimesRequest, GetResponseTimesResponse, ResponseTimeFilter,
};

use crate::cli::filters::said;
use crate::cli::policy::{read_calendar, read_sla};
use crate::cli::report::FormatArgs;
use crate::cli::time::PeriodEnd;
use crate::cli::vantage::VantageArgs;
use crate::cli::{CliError, Output, clients, time};

pub(super) use table::{table, took};

/// What the command is for.
pub(super) const LONG_ABOUT: &str = "Says how long owners wait for a first reply, with everything that keeps the figure honest beside\n\
    it: nobody who still waits, or was never answered, drops out of it.\n\n\
    `--as-of` asks how it was, `--known-at` what was known, `--policy` what if other rules held.\n\
    docs/response-times.md says how each figure is computed.";

/// How it is used.
pub(super) const EXAMPLES: &str = "Examples:\n  \
    ownerline response-times --group-by dealer --from 2026-01-01 --to 2026-04-01\n  \
    ownerline response-times --dealer dealer-7 --group-by month\n  \
    ownerline response-times --as-of 2026-01-01 --known-at 2026-01-01\n  \
    ownerline response-times --policy sla-12h.json --json | jq .total.onTime";

/// What `response-times` takes.
#[derive(Debug, Args)]
pub struct ResponseTimesArgs {
    /// The dimension to group by
    #[arg(long, value_enum, value_name = "WHAT")]
    pub group_by: Option<GroupBy>,
    /// Only of this dealer
    #[arg(long, value_parser = said)]
    pub dealer: Option<String>,
    /// Only of dealers of this market
    #[arg(long, value_parser = said)]
    pub market: Option<String>,
    /// Only by this channel, for example `in_person`
    #[arg(long, value_parser = channel)]
    pub channel: Option<Channel>,
    /// Only of this survey
    #[arg(long, value_parser = said)]
    pub survey: Option<String>,
    /// Only replied to by this person
    #[arg(long, value_parser = said)]
    pub responder: Option<String>,
    /// Only received from this date on, in the zone of its dealer, or from this instant on
    #[arg(long, value_name = "DATE|TIME", value_parser = time::period_end, allow_hyphen_values = true)]
    pub from: Option<PeriodEnd>,
    /// Only received before this date, in the zone of its dealer, or before this instant
    #[arg(long, value_name = "DATE|TIME", value_parser = time::period_end, allow_hyphen_values = true)]
    pub to: Option<PeriodEnd>,
    /// On what the answer stands.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// What if this SLA were in force, for everybody and always: the proto3 JSON of a policy
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// The open hours that it counts instead of the calendar it names: the proto3 JSON of a policy
    #[arg(long, value_name = "FILE", requires = "policy")]
    pub calendar: Option<PathBuf>,
    /// Also look up who booked work within 90 days after their feedback; takes longer
    #[arg(long)]
    pub with_bookings: bool,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// The dimension to group by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GroupBy {
    /// The dealer responsible at the end
    Dealer,
    /// The market of that dealer
    Market,
    /// The channel the feedback came by
    Channel,
    /// The survey it answers
    Survey,
    /// The month it was received in
    Month,
    /// Who replied
    Responder,
}

impl GroupBy {
    /// How its column is called.
    fn name(self) -> &'static str {
        match self {
            Self::Dealer => "dealer",
            Self::Market => "market",
            Self::Channel => "channel",
            Self::Survey => "survey",
            Self::Month => "month",
            Self::Responder => "responder",
        }
    }
}

impl From<GroupBy> for WireGroupBy {
    fn from(group_by: GroupBy) -> Self {
        match group_by {
            GroupBy::Dealer => Self::Dealer,
            GroupBy::Market => Self::Market,
            GroupBy::Channel => Self::Channel,
            GroupBy::Survey => Self::Survey,
            GroupBy::Month => Self::Month,
            GroupBy::Responder => Self::Responder,
        }
    }
}

fn channel(text: &str) -> Result<Channel, String> {
    let name = format!("CHANNEL_{}", text.to_ascii_uppercase());
    let known = Channel::from_str_name(&name).filter(|it| *it != Channel::Unspecified);
    known.ok_or_else(|| "must be a channel like phone, email or in_person".to_owned())
}

pub(super) async fn run(
    server: &str,
    args: &ResponseTimesArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    // A file that is none is told before a server is looked for.
    let request = request(args)?;
    let answer = ask(server, request).await?;
    output.answer(&answer, args.format, |answer, _| sheet::sheet(args, answer))
}

/// Asks a server.
pub(super) async fn ask(
    server: &str,
    request: GetResponseTimesRequest,
) -> Result<GetResponseTimesResponse, CliError> {
    let mut client = clients::response_times(server).await?;
    Ok(client.get_response_times(request).await?.into_inner())
}

fn request(args: &ResponseTimesArgs) -> Result<GetResponseTimesRequest, CliError> {
    let filter = ResponseTimeFilter {
        market: args.market.clone().unwrap_or_default(),
        dealer_id: args.dealer.clone().unwrap_or_default(),
        channel: args.channel.unwrap_or_default().into(),
        survey: args.survey.clone().unwrap_or_default(),
        responder_id: args.responder.clone().unwrap_or_default(),
        from: args.from.as_ref().and_then(PeriodEnd::instant),
        until: args.to.as_ref().and_then(PeriodEnd::instant),
        from_date: args.from.as_ref().map(PeriodEnd::date).unwrap_or_default(),
        until_date: args.to.as_ref().map(PeriodEnd::date).unwrap_or_default(),
    };
    let group_by = args
        .group_by
        .map_or(WireGroupBy::Unspecified, WireGroupBy::from);
    Ok(GetResponseTimesRequest {
        filter: Some(filter),
        group_by: group_by.into(),
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
        what_if: read_sla(args.policy.as_deref())?,
        what_if_calendar: read_calendar(args.calendar.as_deref())?,
        with_bookings: args.with_bookings,
        ..GetResponseTimesRequest::default()
    })
}
