//! `projections rebuild` and `projections cancel`: read models built anew while they serve.

use futures::StreamExt as _;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ownerline_proto::v1::comparison::Verdict;
use ownerline_proto::v1::rebuild::Phase;
use ownerline_proto::v1::{
    CancelRebuildRequest, Rebuild, RebuildProjectionRequest, RebuildProjectionResponse,
};
use std::io::IsTerminal as _;
use tonic::Streaming;

use super::args::RebuildArgs;
use crate::cli::terminal_text::{count, one_line};
use crate::cli::{CliError, FOUND, Output, SUCCESS, clients};
use crate::runtime::Signals;

/// Parts of the bar.
const PARTS: u32 = 1_000;

/// Begins rebuilds, or joins them, and watches until they are over.
pub(super) async fn rebuild(
    server: &str,
    args: &RebuildArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let json = args.format.as_json_lines()?;
    let mut signals = Signals::install().map_err(|source| CliError::Runtime { source })?;
    let mut client = clients::projections(server).await?;
    let names = args.names.clone();
    let answers = client
        .rebuild_projection(RebuildProjectionRequest { names })
        .await?
        .into_inner();
    let bar = bar();
    let watched = tokio::select! {
        watched = watch(answers, json, &bar, output) => watched,
        signal = signals.next() => {
            bar.finish_and_clear();
            write(&mut output.err, "The rebuild goes on in the server. `ownerline projections list` shows \
                how far it is, `ownerline projections cancel` ends it.\n")?;
            return Ok(signal.map_or(SUCCESS, |signal| signal.exit_code()));
        }
    };
    bar.finish_and_clear();
    let last = watched?;
    if !json {
        for rebuild in &last.rebuilds {
            write(
                &mut output.out,
                &format!("{}: {}\n", rebuild.name, outcome(rebuild)),
            )?;
        }
    }
    let agreed = last.rebuilds.iter().all(agrees);
    Ok(if agreed { SUCCESS } else { FOUND })
}

/// Cancels rebuilds and says what became of them.
pub(super) async fn cancel(
    server: &str,
    args: &RebuildArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let mut client = clients::projections(server).await?;
    let names = args.names.clone();
    let answer = client
        .cancel_rebuild(CancelRebuildRequest { names })
        .await?;
    let answer = answer.into_inner();
    output.answer(&answer, args.format, |answer, _| {
        if answer.rebuilds.is_empty() {
            return "No rebuild is running.\n".to_owned().into();
        }
        let lines = answer.rebuilds.iter();
        let lines = lines.map(|it| format!("{}: {}\n", it.name, outcome(it)));
        lines.collect::<String>().into()
    })
}

/// Shows every answer; the last one comes back.
async fn watch(
    mut answers: Streaming<RebuildProjectionResponse>,
    json: bool,
    bar: &ProgressBar,
    output: &mut Output<'_>,
) -> Result<RebuildProjectionResponse, CliError> {
    while let Some(answer) = answers.message().await? {
        if json {
            output.json_line(&answer)?;
            output.flush()?;
        }
        show(&answer, bar);
        if answer.done {
            return Ok(answer);
        }
    }
    Err(CliError::EndedEarly { what: "rebuild" })
}

/// The way that is left is that of the slowest.
fn show(answer: &RebuildProjectionResponse, bar: &ProgressBar) {
    let running = answer.rebuilds.iter().filter(|it| !is_over(it));
    let Some(slowest) = running.min_by(|a, b| a.share.total_cmp(&b.share)) else {
        return;
    };
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share from 0 to 1"
    )]
    bar.set_position((slowest.share * f64::from(PARTS)) as u64);
    let left = answer.rebuilds.iter().filter(|it| !is_over(it)).count();
    let of = answer.rebuilds.len();
    bar.set_message(format!("{left} of {of} running, {}", pace(slowest)));
}

fn is_over(rebuild: &Rebuild) -> bool {
    matches!(
        rebuild.phase(),
        Phase::Done | Phase::Failed | Phase::Cancelled
    )
}

fn agrees(rebuild: &Rebuild) -> bool {
    let verdict = rebuild.comparison.as_ref().map(|it| it.verdict());
    rebuild.phase() == Phase::Done && verdict != Some(Verdict::Different)
}

/// Rate and time left.
fn pace(rebuild: &Rebuild) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate, never negative"
    )]
    let rate = count(rebuild.events_per_second as u64);
    match &rebuild.time_left {
        Some(left) if left.seconds > 0 => format!("{rate}/s, about {} s to go", left.seconds),
        _ => format!("{rate}/s"),
    }
}

/// How a rebuild ended.
fn outcome(rebuild: &Rebuild) -> String {
    let generation = rebuild.generation;
    match (rebuild.phase(), &rebuild.comparison, &rebuild.failure) {
        (Phase::Done, Some(compared), _) => {
            let stands = format!(
                "generation {generation} serves, {} touchpoints, certificate {}",
                count(compared.count),
                short(&compared.hash)
            );
            let former = compared.former_generation;
            match compared.verdict() {
                Verdict::Equal => format!("{stands}, equal to that of generation {former}"),
                Verdict::FormerStopped => {
                    format!("{stands}; generation {former} had stopped")
                }
                Verdict::Different | Verdict::Unspecified => format!(
                    "{stands}; DIFFERS from generation {former} ({} touchpoints, {}), which was damaged",
                    count(compared.former_count),
                    short(&compared.former_hash)
                ),
            }
        }
        (Phase::Failed, _, Some(failure)) => format!(
            "failed at {}: {}; the generation before serves on",
            failure.position,
            one_line(&failure.message)
        ),
        (Phase::Cancelled, _, _) => "cancelled; the generation before serves on".to_owned(),
        _ => format!("generation {generation}: {}", pace(rebuild)),
    }
}

/// What `list` says about a rebuild: nothing about one that took over, for the comparison says it.
pub(super) fn remark(rebuild: &Rebuild) -> Option<String> {
    let generation = rebuild.generation;
    match rebuild.phase() {
        Phase::Done | Phase::Cancelled | Phase::Unspecified => None,
        Phase::Failed => Some(format!("rebuild {}", outcome(rebuild))),
        Phase::Switching => Some(format!("generation {generation} is about to take over")),
        Phase::Building => Some(format!(
            "rebuilding generation {generation}: {:.0} %, {}",
            rebuild.share * 100.0,
            pace(rebuild)
        )),
    }
}

/// As much of a certificate as is needed to compare by eye; the rest is in the JSON.
pub(super) fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

fn write(to: &mut dyn std::io::Write, text: &str) -> Result<(), CliError> {
    to.write_all(text.as_bytes()).map_err(CliError::Output)
}

/// A bar on a terminal, nothing elsewhere.
fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::new(PARTS.into());
    // A template that does not parse only costs the bar its looks.
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {percent:>3} %  {msg}") {
        bar.set_style(style);
    }
    bar
}
