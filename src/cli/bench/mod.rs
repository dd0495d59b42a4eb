//! `bench`: the bars of docs/performance.md, measured on this machine beside their yardsticks.

mod args;
mod figure;
mod plan;
mod stages;
mod table;

use std::io;
use std::net::SocketAddr;
use std::num::NonZero;

use futures::StreamExt as _;
use ownerline_load::serve_echo;

pub(super) use self::args::{ABOUT, BenchArgs, EXAMPLES};
use self::figure::Figure;
use self::plan::Plan;
use self::stages::Stages;
use crate::cli::report::FormatArgs;
use crate::cli::terminal_text::count;
use crate::cli::{CliError, Output, SUCCESS};
use crate::runtime::Signals;

/// Measures everything and prints the figures.
pub(super) async fn run(args: &BenchArgs, output: &mut Output<'_>) -> Result<u8, CliError> {
    let parent = args.data.clone().unwrap_or_else(std::env::temp_dir);
    let directory = tempfile::Builder::new()
        .prefix("ownerline-bench-")
        .tempdir_in(&parent)
        .map_err(|source| CliError::File {
            action: "create a directory in",
            path: parent,
            source,
        })?;
    let mut signals = Signals::install().map_err(|source| CliError::Runtime { source })?;
    let plan = Plan::of(args);
    let events = plan.events;
    let figures = {
        let err = &mut output.err;
        let mut announce = |what: &str| {
            // Progress that nobody reads is not a failure.
            let _ = writeln!(err, "{what}");
        };
        tokio::select! {
            figures = Stages::run(plan, directory.path(), &mut announce) => figures?,
            // What was started ends, and the directory is removed, when this returns.
            Some(signal) = signals.next() => return Ok(signal.exit_code()),
        }
    };
    print(&figures, events, args.format, output)?;
    Ok(SUCCESS)
}

fn print(
    figures: &[Figure],
    events: u64,
    format: FormatArgs,
    output: &mut Output<'_>,
) -> Result<(), CliError> {
    if format.as_json_lines().is_ok_and(|json| json) {
        for figure in figures {
            serde_json::to_writer(&mut output.out, figure).map_err(CliError::Json)?;
            writeln!(output.out).map_err(CliError::Output)?;
        }
        return Ok(());
    }
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    let build = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    let heading = format!(
        "{cores} cores for server and client, {build} build, {} touchpoints\n",
        count(events)
    );
    let report = table::report(figures).heading(heading);
    output.report(&report, format)
}

/// Serves the yardstick until it is killed.
pub(super) async fn echo(output: &mut Output<'_>) -> Result<u8, CliError> {
    let listening = |address: SocketAddr| -> io::Result<()> {
        writeln!(output.out, "listening on http://{address}")?;
        output.out.flush()
    };
    serve_echo(listening)
        .await
        .map_err(|source| CliError::Runtime { source })?;
    Ok(SUCCESS)
}
