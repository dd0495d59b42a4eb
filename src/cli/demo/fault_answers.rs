//! What a server answers about the repeated fault: how the case was handled, how it stands, what it owed on the way, and
//! where the car stands.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ownerline_proto::v1::{
    GetCaseRequest, GetRepeatRepairStatusRequest, TimelineEntry, TraceCaseRequest,
};
use pbjson_types::Timestamp;

use super::repeated_fault::{CALLED, CASE, OWNER, VIN};
use super::short;
use super::situation::Situation;
use super::stage::{MARGIN, Stage, indented, parts};
use crate::cli::terminal_text::{count, wrapped};
use crate::cli::time::{civil, day};
use crate::cli::{CliError, cases, repairs, trace};

/// The parts of the sheet of the case that are shown.
const OF_CASE: [&str; 6] = [
    "State",
    "Outcome",
    "Promises",
    "Root cause",
    "Silence",
    "Not met",
];
/// The parts of the sheet of the car that are shown.
const OF_CAR: [&str; 6] = [
    "Repeated",
    "Car",
    "Defects",
    "de of",
    "Any defect",
    "Not known",
];

const SECONDS_PER_DAY: i64 = 86_400;

/// The situation as the trace of its case, and the answers beside it.
pub(super) async fn report(
    stage: &Stage<'_>,
    situation: &Situation,
    entries: &[TimelineEntry],
) -> Result<String, CliError> {
    let mut text = told(stage, situation, entries).await?;
    text += &case(stage).await?;
    text += &car(stage).await?;
    Ok(text)
}

/// The trace, and what the timeline has besides.
async fn told(
    stage: &Stage<'_>,
    situation: &Situation,
    entries: &[TimelineEntry],
) -> Result<String, CliError> {
    let request = TraceCaseRequest {
        case_id: CASE.to_owned(),
        as_of: Some(stage.now),
        at_least: stage.at_least.to_owned(),
        ..TraceCaseRequest::default()
    };
    let answer = trace::ask(stage.server, request).await?;
    let says = "How the case was handled, from the first light to the last word:";
    let mut text = stage.answer(says, &format!("case trace {CASE}"));
    let is_wanted = |id: &str| situation.essential.contains(id);
    let (story, shown) = trace::in_brief(&answer, |it| is_wanted(&it.id), stage.room());
    text += &indented(&story);
    let total = usize::try_from(answer.total).unwrap_or(0);
    let _ = writeln!(
        text,
        "{:MARGIN$}{} of the {} touchpoints of the trace; {} are left out.",
        "",
        count(shown as u64),
        count(total as u64),
        count(total.saturating_sub(shown) as u64)
    );
    let traced = answer.entries.iter().filter_map(|it| it.recorded.as_ref());
    let traced = traced.filter_map(|it| it.touchpoint.as_ref());
    let traced: BTreeSet<&str> = traced.map(|it| it.id.as_str()).collect();
    let besides = short::lines(situation, entries, stage.width, |id| {
        is_wanted(id) && !traced.contains(id)
    });
    if !besides.is_empty() {
        let _ = writeln!(text, "{:MARGIN$}And later, on the timeline of {OWNER}:", "");
        text += &besides;
    }
    Ok(text)
}

/// The case as it stands, and what it owed on the day after the call.
async fn case(stage: &Stage<'_>) -> Result<String, CliError> {
    let as_of = |as_of| GetCaseRequest {
        case_id: CASE.to_owned(),
        as_of: Some(as_of),
        at_least: stage.at_least.to_owned(),
        ..GetCaseRequest::default()
    };
    let answer = cases::ask(stage.server, as_of(stage.now)).await?;
    let says = "How it stands, in short:";
    let mut text = stage.answer(says, &format!("case {CASE}"));
    text += &parts(&cases::sheet(&answer, stage.room()), &OF_CASE);
    let today = stage.now.seconds.div_euclid(SECONDS_PER_DAY) * SECONDS_PER_DAY;
    let then = Timestamp {
        seconds: today - (CALLED - 1) * SECONDS_PER_DAY,
        nanos: 0,
    };
    let answer = cases::ask(stage.server, as_of(then)).await?;
    let owed = answer.case.map(|it| cases::owes(&it, &then));
    let says = format!(
        "What it owed in the first night, {}, as it was then:",
        day(&then)
    );
    let date = civil(&then).map_or_else(String::new, |it| it.date().to_string());
    text += &stage.answer(&says, &format!("case {CASE} --as-of {date}"));
    for line in wrapped(&owed.unwrap_or_default().join(" · "), stage.room()) {
        let _ = writeln!(text, "{:MARGIN$}{line}", "");
    }
    Ok(text)
}

/// Where the car stands by the rules.
async fn car(stage: &Stage<'_>) -> Result<String, CliError> {
    let request = GetRepeatRepairStatusRequest {
        vin: VIN.to_owned(),
        as_of: Some(stage.now),
        at_least: stage.at_least.to_owned(),
        ..GetRepeatRepairStatusRequest::default()
    };
    let answer = repairs::ask(stage.server, request).await?;
    let says = "Where the car stands by the rules about repeated repairs, in short:";
    let text = stage.answer(says, &format!("repairs {VIN}"));
    Ok(text + &parts(&repairs::sheet(&answer, stage.room()), &OF_CAR))
}
