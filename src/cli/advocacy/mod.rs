//! `advocacy`: the score of one owner, explained. `advocates`: the distribution of scores and the highest ones.

pub(super) mod advocates;
mod args;
mod explained;
mod rows;
mod words;

use ownerline_proto::v1::{GetOwnerAdvocacyRequest, GetOwnerAdvocacyResponse};

pub(super) use self::args::{ABOUT, AdvocacyArgs, EXAMPLES};
pub(super) use self::explained::short;
use crate::cli::policy::read_model;
use crate::cli::report::Report;
use crate::cli::{CliError, Output, clients};

pub(super) async fn run(
    server: &str,
    args: &AdvocacyArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let request = GetOwnerAdvocacyRequest {
        owner_id: args.owner.clone(),
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
        model: read_model(&args.model)?,
    };
    let answer = ask(server, request).await?;
    output.answer(&answer, args.format, |answer, width| {
        Report::new()
            .text(explained::explained(&args.owner, answer, width))
            .for_programs(rows::table(&args.owner, answer))
            .stale(answer.stale)
    })
}

/// Asks a server for the score of an owner.
pub(super) async fn ask(
    server: &str,
    request: GetOwnerAdvocacyRequest,
) -> Result<GetOwnerAdvocacyResponse, CliError> {
    let mut client = clients::advocacy(server).await?;
    Ok(client.get_owner_advocacy(request).await?.into_inner())
}
