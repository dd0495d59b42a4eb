//! `demo`: records a generated network over gRPC and shows four situations in it.
//!
//! The network comes from a seed. The four journeys are written by hand, so that each situation is unmistakable, and
//! belong to owners of that network. Owners, dealers and brands are invented.

mod args;
mod believed;
mod factory;
mod fault_answers;
mod feedback_loop;
mod help_answers;
mod history;
mod house;
mod owed;
mod pen;
mod person;
mod repeated_fault;
mod report;
mod short;
mod situation;
mod stage;
mod waiting;

use std::path::Path;

use ownerline_generate as generate;
use ownerline_proto::time::timestamp;
use ownerline_proto::v1::get_timeline_request::Order;
use ownerline_proto::v1::{GetTimelineRequest, ListProjectionsRequest, TimelineEntry};
use pbjson_types::Timestamp;

pub(super) use self::args::{ABOUT, DemoArgs, EXAMPLES};
use self::history::{DEALERS, History, progress};
use self::report::Answered;
use self::situation::Situation;
use self::stage::Stage;
use crate::app::{self, Running};
use crate::cli::import::{Mode, send_made};
use crate::cli::pages::Extent;
use crate::cli::terminal_text::count;
use crate::cli::timeline::Pages;
use crate::cli::{CliError, FAILURE, Output, SUCCESS, clients};
use crate::config::Config;
use crate::runtime::signals::drain_on;
use crate::runtime::{Clock as _, Signals, SystemClock};

/// The dealer of the network that replies slowly.
const SLOW: usize = 3;

/// Starts a server on a free port with a temporary data directory, shows it at work, and removes everything. A signal
/// ends it at any time.
pub(super) async fn run(args: &DemoArgs, output: &mut Output<'_>) -> Result<u8, CliError> {
    let failed = |source| CliError::Runtime { source };
    let directory = tempfile::Builder::new()
        .prefix("ownerline-demo-")
        .tempdir()
        .map_err(failed)?;
    let flags = [
        ("store.data", directory.path().into()),
        ("server.listen", "127.0.0.1:0".into()),
        // The history is old, so there is nothing to warn of, and the log holds only what is shown.
        ("keeper.enabled", "false".into()),
    ];
    let running = app::start(Config::load(None, [], &flags)?).await?;
    let now = timestamp(SystemClock.now());
    let shown = until_a_signal(&running, args, directory.path(), now, output).await;
    running.stop().await?;
    directory.close().map_err(failed)?;
    let code = shown?;
    let text = match (code, args.keep) {
        (SUCCESS, false) => {
            "The server has stopped and its data is removed. `demo --keep` keeps it running, so that the commands can \
             be tried.\n"
        }
        _ => "The server has stopped and its data is removed.\n",
    };
    output.write(text)?;
    Ok(code)
}

/// Shows everything, waits if `--keep` was given, and returns the exit code.
async fn until_a_signal(
    running: &Running,
    args: &DemoArgs,
    data: &Path,
    now: Timestamp,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let signals = Signals::install().map_err(|source| CliError::Runtime { source })?;
    let tasks = running.tasks();
    let server = format!("http://{}", running.addr());
    let mut code = FAILURE;
    let program = std::env::args_os().next().unwrap_or_default();
    let program = report::shell_word(&program.to_string_lossy());
    let showing = async {
        show_situations(&server, &program, args, now, output).await?;
        code = SUCCESS;
        if args.keep {
            // Any generated owner will do; the dealer is one that has something in its inbox.
            let owner = generate::owner_id(args.seed, args.owners / 2);
            let dealers = History::new(0, args.seed, now).dealers;
            let dealer = dealers.get(SLOW).map(String::as_str).unwrap_or_default();
            let text = report::commands_to_try(&program, &server, data, [&owner, dealer]);
            output.write(&text)?;
            output.flush()?;
            std::future::pending::<()>().await;
        }
        Ok::<(), CliError>(())
    };
    tokio::select! {
        shown = showing => shown?,
        () = tasks.shutdown().cancelled_owned() => {}
        _ = drain_on(signals, tasks) => {}
    }
    Ok(code)
}

/// Records the history at a server and shows the situations as the server returns them.
async fn show_situations(
    server: &str,
    program: &str,
    args: &DemoArgs,
    now: Timestamp,
    output: &mut Output<'_>,
) -> Result<(), CliError> {
    output.write(&format!(
        "Recording 18 months at {server}: {DEALERS} dealers, {} owners generated from seed {},\n\
             and 4 owners whose journeys are written by hand. All of it is invented.\n",
        count(args.owners),
        args.seed,
    ))?;
    let how = match args.keep {
        true => format!(
            "Commands beside the answers ask this server after: export OWNERLINE_SERVER={server}\n"
        ),
        false => "Commands beside the answers can be tried with `demo --keep`.\n".to_owned(),
    };
    output.write(&how)?;
    output.flush()?;
    let history = History::new(args.owners, args.seed, now);
    let progress = progress(args.owners);
    let touchpoints = history.touchpoints(progress.clone());
    let mut answered = Answered::default();
    let made = send_made(server, touchpoints, &mut answered, &progress, Mode::Store).await;
    progress.finish_and_clear();
    let summary = made?;
    answered.nothing_refused(&summary)?;
    output.write(&report::recorded(&summary))?;
    let stage = Stage {
        server,
        program,
        at_least: &answered.position,
        now,
        width: output.width,
    };
    for (number, situation) in (1..).zip(&history.situations) {
        output.write(&told(&stage, number, situation).await?)?;
    }
    output.write(&waiting::report(&stage).await?)?;
    output.write(&believed::report(&stage).await?)?;
    let inbox = owed::fullest(&stage, &history.dealers).await?;
    output.write(&owed::report(&stage, inbox.as_ref()))?;
    let mut client = clients::projections(server).await?;
    let views = client.list_projections(ListProjectionsRequest {}).await?;
    let text = report::figures(&summary, &answered, views.get_ref());
    output.write(&text)
}

/// Tells a situation as the server returns it: as a short timeline or as the trace of its case, with the answers beside.
async fn told(stage: &Stage<'_>, number: usize, situation: &Situation) -> Result<String, CliError> {
    let entries = timeline(stage.server, situation.owner, stage.at_least).await?;
    let mut text = short::heading(number, situation, stage.width);
    if situation.owner == repeated_fault::OWNER {
        text += &fault_answers::report(stage, situation, &entries).await?;
        return Ok(text);
    }
    text += &short::timeline(stage, situation, &entries);
    if situation.owner == person::OWNER {
        text += &help_answers::report(stage).await?;
    }
    Ok(text)
}

/// Returns the whole timeline of an owner, oldest first, once everything recorded is on it.
async fn timeline(
    server: &str,
    owner: &str,
    at_least: &str,
) -> Result<Vec<TimelineEntry>, CliError> {
    let request = GetTimelineRequest {
        owner_id: owner.to_owned(),
        order: Order::OldestFirst.into(),
        at_least: at_least.to_owned(),
        ..GetTimelineRequest::default()
    };
    let mut pages = Pages::open(server, request).await?;
    Ok(pages.collect(Extent::Everything).await?.entries)
}

#[cfg(test)]
mod tests;
