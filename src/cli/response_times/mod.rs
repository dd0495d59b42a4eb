//! `response-times`: how long owners wait for a first reply.

mod args;
mod sheet;
mod table;

use ownerline_proto::v1::get_response_times_request::GroupBy;
use ownerline_proto::v1::sla_policy::obligation::Kind as WireKind;
use ownerline_proto::v1::{GetResponseTimesRequest, GetResponseTimesResponse, ResponseTimeFilter};

pub(super) use self::args::{ABOUT, EXAMPLES, ResponseTimesArgs};
pub(super) use self::table::table;
use crate::cli::policy::{read_calendar, read_sla};
use crate::cli::time::PeriodEnd;
use crate::cli::{CliError, Output, clients};

pub(super) async fn run(
    server: &str,
    args: &ResponseTimesArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    // A faulty file is reported before a server is contacted.
    let request = request(args)?;
    let answer = ask(server, request).await?;
    output.answer(&answer, args.format, |answer, _| sheet::sheet(args, answer))
}

/// Asks a server for response times.
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
    let group_by = args.group_by.map(GroupBy::from).unwrap_or_default();
    Ok(GetResponseTimesRequest {
        filter: Some(filter),
        group_by: group_by.into(),
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
        what_if: read_sla(args.policy.as_deref())?,
        what_if_calendar: read_calendar(args.calendar.as_deref())?,
        with_bookings: args.with_bookings,
        kind: args.kind.map_or(0, |kind| WireKind::from(kind).into()),
        ..GetResponseTimesRequest::default()
    })
}
