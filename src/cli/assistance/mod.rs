//! `assistance`: help beyond the sale.

mod args;
mod sheet;
mod table;

use ownerline_proto::v1::get_assistance_request::GroupBy;
use ownerline_proto::v1::{AssistanceFilter, GetAssistanceRequest, GetAssistanceResponse};

pub(super) use self::args::{ABOUT, AssistanceArgs, EXAMPLES};
pub(super) use self::sheet::listed;
use crate::cli::time::PeriodEnd;
use crate::cli::{CliError, Output, clients};

pub(super) async fn run(
    server: &str,
    args: &AssistanceArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let answer = ask(server, request(args)).await?;
    output.answer(&answer, args.format, |answer, _| sheet::sheet(args, answer))
}

/// Asks a server for help beyond the sale.
pub(super) async fn ask(
    server: &str,
    request: GetAssistanceRequest,
) -> Result<GetAssistanceResponse, CliError> {
    let mut client = clients::contacts(server).await?;
    Ok(client.get_assistance(request).await?.into_inner())
}

fn request(args: &AssistanceArgs) -> GetAssistanceRequest {
    let filter = AssistanceFilter {
        market: args.market.clone().unwrap_or_default(),
        dealer_id: args.dealer.clone().unwrap_or_default(),
        brand: args.brand.clone().unwrap_or_default(),
        from: args.from.as_ref().and_then(PeriodEnd::instant),
        until: args.to.as_ref().and_then(PeriodEnd::instant),
        from_date: args.from.as_ref().map(PeriodEnd::date).unwrap_or_default(),
        until_date: args.to.as_ref().map(PeriodEnd::date).unwrap_or_default(),
    };
    let group_by = args.group_by.map(GroupBy::from).unwrap_or_default();
    GetAssistanceRequest {
        filter: Some(filter),
        group_by: group_by.into(),
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
    }
}
