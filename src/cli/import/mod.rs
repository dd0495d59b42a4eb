//! `import`: history from a file of CloudEvents lines; [`send_made`] sends made history the same way.
//!
//! A thread reads and parses, or makes; batches wait in a bounded queue; at most [`WINDOW`] of them are with the
//! server unanswered. So the size of the file does not matter, and a slow server slows the reader.

pub(super) mod args;
mod array;
mod batch;
mod beside;
mod gzip;
mod input;
mod lines;
mod refused;
mod send;
mod summary;
mod waiting;

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use ownerline_proto::v1::Touchpoint;
use tokio::sync::mpsc;

use self::args::ImportArgs;
use self::batch::{Batch, of_lines, of_touchpoints};
use self::beside::BesideFile;
pub(super) use self::input::Unreadable;
use self::lines::Lines;
use self::refused::Files;
pub(super) use self::refused::{Outcomes, Refused};
pub(super) use self::send::Mode;
use self::send::Sender;
pub(super) use self::summary::Summary;
use self::waiting::until_visible;
use crate::cli::{CliError, Output, SOME_REFUSED, SUCCESS};

/// Batches on their way at once.
const WINDOW: usize = 4;
/// The name of standard input.
const STANDARD_INPUT: &str = "-";

/// What the reader hands over: a batch, the end, or why it stopped before.
type Handed = Result<Option<Batch>, CliError>;

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
    let progress = progress(bytes);
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
    let waits = position.filter(|_| sent.is_ok() && !args.no_wait);
    let unseen = match waits {
        Some(position) => visible(server, &position, &progress).await,
        None => None,
    };
    progress.finish_and_clear();
    if let Err(failed) = sent {
        // What was done before a failure was done, and is told on the side.
        let told = match args.format.as_json_lines()? {
            true => format!("{}\n", summary.in_json()?),
            false => summary.for_people(),
        };
        output
            .err
            .write_all(told.as_bytes())
            .map_err(CliError::Output)?;
        return Err(failed);
    }
    output.own_answer(&summary.in_json()?, args.format, summary.for_people())?;
    if let Some(unseen) = unseen {
        let told = output.err.write_all(unseen.as_bytes());
        told.map_err(CliError::Output)?;
    }
    Ok(if summary.refused == 0 {
        SUCCESS
    } else {
        SOME_REFUSED
    })
}

/// Waits until every read model stands on the position, and says what does not, if anything. It is stored in any
/// case, so that a failure to look is no failure of the import.
pub(super) async fn visible(
    server: &str,
    position: &str,
    progress: &ProgressBar,
) -> Option<String> {
    match until_visible(server, position, progress).await {
        Ok(behind) if behind.is_empty() => None,
        Ok(behind) => Some(format!(
            "stored, but not in every answer yet: {} stand before the last touchpoint; see \
             `ownerline projections list`\n",
            behind.join(", ")
        )),
        Err(error) => Some(format!(
            "stored, but it could not be seen whether every answer has it:\n{}",
            error.explanation()
        )),
    }
}

/// Sends touchpoints that this program makes, as they are made, through the door for history: `mode` says
/// whether to store them.
///
/// # Errors
/// If the server cannot be reached or does not go on; single refusals go to `outcomes`.
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

/// The input and its length, if it has one.
fn open(path: &Path) -> Result<(Box<dyn Read + Send>, Option<u64>), CliError> {
    if path == Path::new(STANDARD_INPUT) {
        return Ok((Box::new(io::stdin()), None));
    }
    let failed = |source| CliError::File {
        action: "read",
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(failed)?;
    let bytes = file.metadata().map_err(failed)?.len();
    Ok((Box::new(file), Some(bytes)))
}

/// Reads and parses a file or standard input.
fn read(args: &ImportArgs, input: impl Read + Send + 'static) -> mpsc::Receiver<Handed> {
    let from = args.from_line;
    let lines = move || {
        let lines = Lines::new(BufReader::with_capacity(1 << 16, input));
        lines.map(|lines| of_lines(lines, from))
    };
    hand_over(lines, args.file.clone())
}

/// Hands batches over from a thread of its own, because standard input may block for ever: the thread
/// ends with the input, with the queue's other end, or with the process.
fn hand_over<I: Iterator<Item = Result<Batch, Unreadable>>>(
    open: impl FnOnce() -> Result<I, Unreadable> + Send + 'static,
    path: PathBuf,
) -> mpsc::Receiver<Handed> {
    let (queue, batches) = mpsc::channel(1);
    let hand_over = move || {
        let outcome = open().and_then(|batches| {
            for batch in batches {
                if queue.blocking_send(Ok(Some(batch?))).is_err() {
                    return Ok(());
                }
            }
            // The other end gave up before, or this tells it that there is no more.
            let _ = queue.blocking_send(Ok(None));
            Ok(())
        });
        if let Err(source) = outcome {
            // The other end gave up before; its own error is the one to tell.
            let _ = queue.blocking_send(Err(CliError::Unreadable { path, source }));
        }
    };
    // Where no thread can be had the queue closes at once, which the sender tells.
    let _ = std::thread::Builder::new()
        .name("import-reader".to_owned())
        .spawn(hand_over);
    batches
}

/// On standard error, and hidden where that is no terminal.
fn progress(bytes: Option<u64>) -> ProgressBar {
    let (progress, template) = match bytes {
        Some(bytes) => (
            ProgressBar::new(bytes),
            "{bar:30} {percent:>3} %  {msg}  {elapsed} (about {eta} to go)",
        ),
        None => (ProgressBar::no_length(), "{spinner}  {msg}  {elapsed}"),
    };
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    progress.set_style(style);
    progress.enable_steady_tick(Duration::from_millis(200));
    progress
}

#[cfg(test)]
mod tests;
