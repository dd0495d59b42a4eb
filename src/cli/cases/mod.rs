//! `case`: one case as a sheet, once or as it changes; `case list`: cases by what is due next; `case trace`: the story of
//! a case.

mod args;
mod list;
mod rows;
mod sheet;
mod watch;
mod words;

use ownerline_proto::v1::{GetCaseRequest, GetCaseResponse};

pub(super) use self::args::{ABOUT, CaseArgs, EXAMPLES};
use self::args::{CaseCommand, OneArgs};
pub(super) use self::sheet::{owes, sheet};
use super::policy::read_sla;
use super::report::Report;
use super::{CliError, Output, clients, trace};

pub(super) async fn run(
    server: &str,
    args: &CaseArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    match &args.command {
        None => one(server, &args.one, output).await,
        Some(CaseCommand::List(args)) => list::run(server, args, output).await,
        Some(CaseCommand::Trace(args)) => trace::run(server, args, output).await,
    }
}

async fn one(server: &str, args: &OneArgs, output: &mut Output<'_>) -> Result<u8, CliError> {
    let request = GetCaseRequest {
        case_id: args.case.clone().unwrap_or_default(),
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
        what_if: read_sla(args.policy.as_deref())?,
    };
    if args.watch {
        let json = args.format.as_json_lines()?;
        return watch::run(server, request, json, args.changes, output).await;
    }
    let answer = ask(server, request).await?;
    output.answer(&answer, args.format, |answer, width| {
        let case = answer.case.clone().unwrap_or_default();
        Report::new()
            .text(sheet(answer, width))
            .for_programs(rows::table(&case))
            .stale(answer.stale)
    })
}

/// Asks a server for one case.
pub(super) async fn ask(
    server: &str,
    request: GetCaseRequest,
) -> Result<GetCaseResponse, CliError> {
    let mut client = clients::cases(server).await?;
    Ok(client.get_case(request).await?.into_inner())
}
