//! `import`: history from a file of CloudEvents lines; [`record_made`] sends made history the same way.
//!
//! A thread reads and parses, or makes; batches wait in a bounded queue; at most [`WINDOW`] of them are with the
//! server unanswered. So the size of the file does not matter, and a slow server slows the reader.

mod batch;
mod lines;
mod refused;
mod send;
mod summary;

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use ownerline_proto::v1::Touchpoint;
use tokio::sync::mpsc;

use self::batch::{Batch, of_lines, of_touchpoints};
use self::lines::Lines;
use self::refused::RefusedFile;
pub(super) use self::refused::{Outcomes, Refused};
use self::send::Sender;
pub(super) use self::summary::Summary;
use super::args::ImportArgs;
use super::{CliError, Output, SOME_REFUSED, SUCCESS};

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
    let mut refused = RefusedFile::beside(&args.file, args.refused.as_deref())?;
    let progress = progress(bytes);
    let batches = read(args.file.clone(), progress.wrap_read(input));
    let mut sender = Sender::new(server, batches, &mut refused, progress.clone());
    let sent = sender.run().await;
    let mut summary = sender.into_summary();
    progress.finish_and_clear();
    let refused_file = refused.close()?;
    summary.seconds = started.elapsed().as_secs_f64();
    summary.refused_file = refused_file;
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
    Ok(if summary.refused == 0 {
        SUCCESS
    } else {
        SOME_REFUSED
    })
}

/// Sends touchpoints that this program makes, as they are made, through the door for history.
///
/// # Errors
/// If the server cannot be reached or does not go on; single refusals go to `outcomes`.
pub(super) async fn record_made(
    server: &str,
    touchpoints: impl Iterator<Item = Touchpoint> + Send + 'static,
    outcomes: &mut dyn Outcomes,
    progress: &ProgressBar,
) -> Result<Summary, CliError> {
    let started = Instant::now();
    let made = move || Ok(of_touchpoints(touchpoints));
    let batches = hand_over(made, |source| CliError::Runtime { source });
    let mut sender = Sender::new(server, batches, outcomes, progress.clone());
    let sent = sender.run().await;
    progress.finish_and_clear();
    sent?;
    let mut summary = sender.into_summary();
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
fn read(path: PathBuf, input: impl Read + Send + 'static) -> mpsc::Receiver<Handed> {
    let lines = move || Lines::new(BufReader::with_capacity(1 << 16, input)).map(of_lines);
    hand_over(lines, move |source| CliError::File {
        action: "read",
        path,
        source,
    })
}

/// Hands batches over from a thread of its own, because standard input may block for ever: the thread
/// ends with the input, with the queue's other end, or with the process.
fn hand_over<I: Iterator<Item = io::Result<Batch>>>(
    open: impl FnOnce() -> io::Result<I> + Send + 'static,
    failed: impl FnOnce(io::Error) -> CliError + Send + 'static,
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
            let _ = queue.blocking_send(Err(failed(source)));
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
