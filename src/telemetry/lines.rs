//! Lines on their way to a stream that may be full, closed or never read: a bounded queue, and the thread that empties
//! it. Whoever adds a line neither waits for the stream nor learns of its errors.
//!
//! `tracing-appender` does not fit: it drops a line that cannot be written without counting it, and prints, which may
//! panic, when its queue is full at the exit.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tracing_subscriber::fmt::MakeWriter;

use super::lost::{Losses, LostLines};

/// The bytes of all lines that wait to be written; a line that finds no room among them is lost.
pub const QUEUE_BYTES: usize = 1 << 20;

/// How long the thread waits for a line before it looks at what else is due, and for a chance to report losses.
const SECOND: Duration = Duration::from_secs(1);

/// How long the thread waits when a stream that does not block has no room.
const NO_ROOM: Duration = Duration::from_millis(20);

/// The queue. Clones share it; the thread lives as long as the process.
#[derive(Debug, Clone)]
pub(super) struct Lines {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// A line was added.
    added: Condvar,
    /// Lines were written, or lost.
    settled: Condvar,
    losses: Losses,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<u8>,
    /// Bytes that the thread took and has not settled.
    under_way: usize,
    /// Lines that were ever added.
    added: u64,
    /// Those of them that were written, or could not be.
    settled: u64,
}

/// What the thread does besides writing.
pub(super) trait Duties: Send + 'static {
    /// The line that reports lost lines.
    fn report(&self, lost: LostLines) -> String;
    /// Called once a second, unless the stream blocks the thread.
    fn every_second(&self);
}

impl Lines {
    /// Starts the thread that writes to `stream`.
    ///
    /// # Errors
    /// If the system refuses the thread.
    pub(super) fn start(
        name: &str,
        stream: impl Write + Send + 'static,
        duties: impl Duties,
    ) -> io::Result<Self> {
        let lines = Self {
            shared: Arc::default(),
        };
        let writer = Writer {
            shared: lines.shared.clone(),
            stream,
            is_cut: false,
            reported: LostLines::default(),
            duties: Box::new(duties),
        };
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || writer.run())?;
        Ok(lines)
    }

    /// Adds whole lines, or counts them as lost if there is no room for them.
    pub(super) fn add(&self, lines: &[u8]) {
        let count = lines_of(lines);
        let mut queue = self.shared.queue();
        let bytes = queue.waiting.len() + queue.under_way + lines.len();
        if bytes > QUEUE_BYTES {
            drop(queue);
            self.shared.losses.queue_full(count);
            return;
        }
        queue.waiting.extend_from_slice(lines);
        queue.added += count;
        drop(queue);
        self.shared.added.notify_one();
    }

    /// Waits until all lines that were added so far are settled, but no longer than `patience`.
    pub(super) fn flush(&self, patience: Duration) {
        let queue = self.shared.queue();
        let added = queue.added;
        let flushed = self
            .shared
            .settled
            .wait_timeout_while(queue, patience, |queue| queue.settled < added);
        // Whether or not they were written, there is no more time.
        drop(flushed);
    }

    /// What was lost so far.
    pub(super) fn lost(&self) -> LostLines {
        self.shared.losses.total()
    }
}

impl Shared {
    /// Locks the queue. No code panics while it holds the lock, so that a poisoned one is still consistent.
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn lines_of(bytes: &[u8]) -> u64 {
    bytes.iter().filter(|byte| **byte == b'\n').count() as u64
}

/// The writer of tracing's subscriber, which writes one whole line at a time.
impl Write for &Lines {
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        self.add(lines);
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'l> MakeWriter<'l> for Lines {
    type Writer = &'l Self;

    fn make_writer(&'l self) -> &'l Self {
        self
    }
}

/// The thread's side of the queue.
struct Writer<W> {
    shared: Arc<Shared>,
    stream: W,
    /// Whether the last line was written in part, so that the next one must begin with a line break.
    is_cut: bool,
    reported: LostLines,
    duties: Box<dyn Duties>,
}

impl<W: Write> Writer<W> {
    fn run(mut self) {
        let mut lines = Vec::new();
        let mut second = Instant::now();
        loop {
            self.take(&mut lines);
            for line in lines.split_inclusive(|byte| *byte == b'\n') {
                if self.write(line).is_err() {
                    self.shared.losses.write_failed();
                }
            }
            self.report_losses();
            self.settle(&lines);
            if second.elapsed() >= SECOND {
                second = Instant::now();
                self.duties.every_second();
            }
        }
    }

    /// Waits for lines, at most a second, and takes all that wait.
    fn take(&self, lines: &mut Vec<u8>) {
        lines.clear();
        let queue = self.shared.queue();
        let waited = self
            .shared
            .added
            .wait_timeout_while(queue, SECOND, |queue| queue.waiting.is_empty());
        let (mut queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
        // Both buffers live on, so that a line costs no allocation.
        std::mem::swap(lines, &mut queue.waiting);
        queue.under_way = lines.len();
    }

    fn settle(&self, lines: &[u8]) {
        let mut queue = self.shared.queue();
        queue.under_way = 0;
        queue.settled += lines_of(lines);
        drop(queue);
        self.shared.settled.notify_all();
    }

    /// Reports what was lost since the last report. If that cannot be written either, it is tried again with the next
    /// lines, and each second.
    fn report_losses(&mut self) {
        let total = self.shared.losses.total();
        let lost = total.since(self.reported);
        if lost.lines() > 0 && self.write(self.duties.report(lost).as_bytes()).is_ok() {
            self.reported = total;
        }
    }

    /// Writes one line, however long the stream has no room for it.
    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        if self.is_cut {
            self.write_all(b"\n")?;
            self.is_cut = false;
        }
        self.write_all(line)
    }

    fn write_all(&mut self, mut rest: &[u8]) -> io::Result<()> {
        while !rest.is_empty() {
            match self.stream.write(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    rest = rest.get(written..).unwrap_or_default();
                    self.is_cut = true;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(NO_ROOM),
                Err(error) => return Err(error),
            }
        }
        self.is_cut = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
