//! `import`: history from a file of CloudEvents lines. [`send_made`] sends touchpoints that this program makes the same
//! way.
//!
//! A thread reads and parses; batches wait in a bounded queue; a few of them are at the server, unanswered. So memory
//! does not grow with the input, and a slow server slows the reader.

mod args;
mod array;
mod batch;
mod beside;
mod files;
mod gzip;
mod input;
mod line;
mod lines;
mod reader;
mod refused;
mod send;
mod summary;
mod waiting;

use std::path::PathBuf;
use std::time::Instant;

use indicatif::ProgressBar;
use ownerline_proto::v1::Touchpoint;

pub(super) use self::args::{ABOUT, EXAMPLES, ImportArgs};
use self::batch::of_touchpoints;
use self::beside::BesideFile;
use self::files::Files;
use self::reader::{hand_over, open, read};
pub(super) use self::refused::{Outcomes, Refused};
pub(super) use self::send::Mode;
use self::send::Sender;
pub(super) use self::summary::Summary;
pub(super) use self::waiting::until_visible;
use crate::cli::progress::bar;
use crate::cli::{CliError, Output, SOME_REFUSED, SUCCESS};

pub(super) async fn run(
    server: &str,
    args: &ImportArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let started = Instant::now();
    let (input, bytes) = open(&args.file)?;
    let beside =
        |given: &Option<PathBuf>, ending| BesideFile::new(&args.file, given.as_deref(), ending);
    let mut files = Files {
        refused: beside(&args.refused, "refused.ndjson")?,
        warned: beside(&args.warnings, "warnings.ndjson")?,
    };
    let template = match bytes {
        Some(_) => "{bar:30} {percent:>3} %  {msg}  {elapsed} (about {eta} to go)",
        None => "{spinner}  {msg}  {elapsed}",
    };
    let progress = bar(bytes, template);
    let batches = read(args, progress.wrap_read(input));
    let mode = if args.dry_run {
        Mode::Check
    } else {
        Mode::Store
    };
    let mut sender = Sender::new(server, batches, &mut files, progress.clone(), mode);
    let sent = sender.run().await;
    let mut summary = sender.into_summary(sent.is_ok(), args.from_line);
    summary.refused_file = files.refused.close(sent.is_ok())?;
    summary.warnings_file = files.warned.close(sent.is_ok())?;
    summary.seconds = started.elapsed().as_secs_f64();
    let position = summary.position.clone();
    let awaited = position.filter(|_| sent.is_ok() && !args.no_wait);
    let not_visible = match awaited {
        Some(position) => until_visible(server, &position, &progress).await,
        None => None,
    };
    progress.finish_and_clear();
    if let Err(failed) = sent {
        // What was done before a failure is reported beside it.
        let summary = match args.format.as_json_lines()? {
            true => format!("{}\n", summary.in_json()?),
            false => summary.for_people(),
        };
        output.remark(&summary)?;
        return Err(failed);
    }
    output.own_answer(&summary.in_json()?, args.format, summary.for_people())?;
    output.remark(&not_visible.unwrap_or_default())?;
    Ok(if summary.refused == 0 {
        SUCCESS
    } else {
        SOME_REFUSED
    })
}

/// Sends touchpoints to be imported as this program makes them; `mode` says whether they are stored.
///
/// # Errors
/// If the server cannot be reached or stops. Single refusals go to `outcomes`.
pub(super) async fn send_made(
    server: &str,
    touchpoints: impl Iterator<Item = Touchpoint> + Send + 'static,
    outcomes: &mut dyn Outcomes,
    progress: &ProgressBar,
    mode: Mode,
) -> Result<Summary, CliError> {
    let started = Instant::now();
    let made = move || Ok(of_touchpoints(touchpoints));
    let batches = hand_over(made, PathBuf::new());
    let mut sender = Sender::new(server, batches, outcomes, progress.clone(), mode);
    let sent = sender.run().await;
    sent?;
    let mut summary = sender.into_summary(true, 1);
    summary.seconds = started.elapsed().as_secs_f64();
    Ok(summary)
}

#[cfg(test)]
mod tests;
