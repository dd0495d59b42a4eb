//! The thread that reads and parses an input, or makes touchpoints, and hands batches over.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use tokio::sync::mpsc;

use super::args::{ImportArgs, STANDARD_INPUT};
use super::batch::{Batch, of_lines};
use super::lines::Lines;
use crate::cli::CliError;
use crate::cli::error::Unreadable;

/// What the thread hands over: a batch, the end, or the error that ended the input.
pub(super) type Handed = Result<Option<Batch>, CliError>;

/// Opens the input; returns it with its length in bytes, if it has one.
pub(super) fn open(path: &Path) -> Result<(Box<dyn Read + Send>, Option<u64>), CliError> {
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

/// Reads and parses the input in a thread of its own.
pub(super) fn read(args: &ImportArgs, input: impl Read + Send + 'static) -> mpsc::Receiver<Handed> {
    let from = args.from_line;
    let lines = move || {
        let lines = Lines::new(BufReader::with_capacity(1 << 16, input));
        lines.map(|lines| of_lines(lines, from))
    };
    hand_over(lines, args.file.clone())
}

/// Hands batches over from a thread of its own, because standard input may block for ever. The thread ends with the
/// input, with the receiver, or with the process.
pub(super) fn hand_over<I: Iterator<Item = Result<Batch, Unreadable>>>(
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
            // A receiver that is gone does not need to know that there is no more.
            let _ = queue.blocking_send(Ok(None));
            Ok(())
        });
        if let Err(source) = outcome {
            // A receiver that is gone has an error of its own to report.
            let _ = queue.blocking_send(Err(CliError::Unreadable { path, source }));
        }
    };
    // If no thread can be started, the queue closes at once, and the sender reports it.
    let _ = std::thread::Builder::new()
        .name("import-reader".to_owned())
        .spawn(hand_over);
    batches
}
