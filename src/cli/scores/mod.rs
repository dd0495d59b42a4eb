//! `scores`: survey scores and response rates.

mod args;
mod sheet;
mod table;
mod words;

use ownerline_proto::v1::get_scores_request::GroupBy;
use ownerline_proto::v1::{GetScoresRequest, GetScoresResponse, ScoreFilter};

pub(super) use self::args::{ABOUT, EXAMPLES, ScoresArgs};
pub(super) use self::table::table;
pub(super) use self::words::{Measure, Unit};
use crate::cli::time::PeriodEnd;
use crate::cli::{CliError, Output, clients};

pub(super) async fn run(
    server: &str,
    args: &ScoresArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let answer = ask(server, request(args)).await?;
    output.answer(&answer, args.format, |answer, _| sheet::sheet(args, answer))
}

/// Asks a server for scores.
pub(super) async fn ask(
    server: &str,
    request: GetScoresRequest,
) -> Result<GetScoresResponse, CliError> {
    let mut client = clients::advocacy(server).await?;
    Ok(client.get_scores(request).await?.into_inner())
}

fn request(args: &ScoresArgs) -> GetScoresRequest {
    let filter = ScoreFilter {
        market: args.market.clone().unwrap_or_default(),
        dealer_id: args.dealer.clone().unwrap_or_default(),
        survey: args.survey.clone().unwrap_or_default(),
        model: args.model.clone().unwrap_or_default(),
        from: args.from.as_ref().and_then(PeriodEnd::instant),
        until: args.to.as_ref().and_then(PeriodEnd::instant),
        from_date: args.from.as_ref().map(PeriodEnd::date).unwrap_or_default(),
        until_date: args.to.as_ref().map(PeriodEnd::date).unwrap_or_default(),
    };
    let group_by = args.group_by.map(GroupBy::from).unwrap_or_default();
    GetScoresRequest {
        filter: Some(filter),
        group_by: group_by.into(),
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
    }
}
