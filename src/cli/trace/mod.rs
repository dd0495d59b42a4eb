//! `case trace`: the story of a case, touchpoint by touchpoint.

mod args;
mod rows;
mod story;

use ownerline_proto::v1::{TraceCaseRequest, TraceCaseResponse};

pub(super) use self::args::{ABOUT, EXAMPLES, TraceArgs};
pub(super) use self::story::in_brief;
use super::clients;
use super::error::CliError;
use super::output::Output;
use super::report::Report;

pub(super) async fn run(
    server: &str,
    args: &TraceArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let request = TraceCaseRequest {
        case_id: args.case.clone(),
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
        limit: args.limit,
    };
    let answer = ask(server, request).await?;
    output.answer(&answer, args.format, |answer, width| {
        report(&args.case, answer, width)
    })
}

/// Asks a server for the trace of a case, in one answer.
pub(super) async fn ask(
    server: &str,
    request: TraceCaseRequest,
) -> Result<TraceCaseResponse, CliError> {
    let mut client = clients::cases(server).await?;
    let mut parts = client.trace_case(request).await?.into_inner();
    let mut answer = TraceCaseResponse::default();
    while let Some(mut part) = parts.message().await? {
        let mut entries = std::mem::take(&mut answer.entries);
        entries.append(&mut part.entries);
        answer = TraceCaseResponse { entries, ..part };
    }
    Ok(answer)
}

fn report(case: &str, answer: &TraceCaseResponse, width: usize) -> Report {
    let mut report = Report::new()
        .text(story::told(case, answer, width))
        .for_programs(rows::table(&answer.entries));
    if answer.cut {
        report = report.warning(format!(
            "These are the first {} of {} touchpoints; raise --limit, or limits.trace_entries of the server, for more.\n",
            answer.entries.len(),
            answer.total
        ));
    }
    if answer.search_ended_early {
        report = report.warning(
            "The search ended early, at limits.trace_touchpoints of the server: more touchpoints may belong to the case.\n",
        );
    }
    report.known_at(&answer.position, answer.stale)
}
