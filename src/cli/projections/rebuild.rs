//! `projections rebuild` and `projections cancel`: read models rebuilt while they serve.

use futures::StreamExt as _;
use indicatif::ProgressBar;
use ownerline_proto::v1::comparison::Verdict;
use ownerline_proto::v1::rebuild::Phase;
use ownerline_proto::v1::{
    CancelRebuildRequest, Rebuild, RebuildProjectionRequest, RebuildProjectionResponse,
};
use tonic::Streaming;

use super::args::RebuildArgs;
use super::words::{outcome, pace};
use crate::cli::progress::bar;
use crate::cli::{CliError, FOUND, Output, SUCCESS, clients};
use crate::runtime::Signals;

/// The length of the progress bar.
const STEPS: u32 = 1_000;

/// Starts rebuilds, or joins those that are running, and watches them to their end.
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
    let bar = bar(Some(STEPS.into()), "{wide_bar} {percent:>3} %  {msg}");
    let watched = tokio::select! {
        watched = watch(answers, json, &bar, output) => watched,
        signal = signals.next() => {
            bar.finish_and_clear();
            output.remark("The rebuild goes on in the server. `ownerline projections list` shows its progress, \
                `ownerline projections cancel` ends it.\n")?;
            return Ok(signal.map_or(SUCCESS, |signal| signal.exit_code()));
        }
    };
    bar.finish_and_clear();
    let last = watched?;
    if !json {
        for rebuild in &last.rebuilds {
            output.write(&format!("{}: {}\n", rebuild.name, outcome(rebuild)))?;
        }
    }
    let agreed = last.rebuilds.iter().all(agrees);
    Ok(if agreed { SUCCESS } else { FOUND })
}

/// Cancels rebuilds and reports their outcome.
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

/// Prints or draws every answer, and returns the last one.
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

/// Draws the progress of the slowest rebuild.
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
    bar.set_position((slowest.share * f64::from(STEPS)) as u64);
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
