//! The writer thread: takes the queued appends as a group, decides on each, writes them with one sync, and
//! acknowledges them.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::Instant;

use rusqlite::Connection;
use tokio::sync::watch;

use super::check::{Decision, Prepared, unchecked};
use super::digest::Digested;
use super::index::IndexEntry;
use super::live_index::LiveIndex;
use super::queue::{Command, Request};
use super::room::{Room, RoomError};
use super::rows::{self, RowReader};
use super::state::{self, poison};
use super::tail::{Tail, TailEvent};
use super::{reads, sqlite};
use crate::runtime::Clock;
use crate::store::{AppendError, Appended, Head, Position, Revision, StoreState, StreamName};
use crate::telemetry::metrics::LogMetrics;

/// The approximate size of a row beyond its payload, in bytes.
const ROW_OVERHEAD: u64 = 250;

/// While the index cannot be written, the writer accepts this many times `tail_events` events.
const TAILS: u64 = 4;

type Answer = Result<Appended, AppendError>;

/// The writer thread, with everything that only it uses.
pub(super) struct Writer {
    pub(super) connection: Connection,
    pub(super) commands: Receiver<Command>,
    pub(super) group_events: usize,
    pub(super) tail_events: usize,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) index: Arc<LiveIndex>,
    /// The channel to the index thread. It is bounded, so that an index that lags makes the writer wait.
    pub(super) index_feed: SyncSender<Vec<IndexEntry>>,
    /// The channel to the checkpoint thread, which holds one hint.
    pub(super) checkpoint: SyncSender<()>,
    pub(super) checkpoint_bytes: u64,
    pub(super) head: Head,
    pub(super) published: watch::Sender<Head>,
    pub(super) state: Arc<watch::Sender<StoreState>>,
    pub(super) tail: Tail,
    pub(super) room: Room,
    pub(super) work: Work,
    pub(super) metrics: LogMetrics,
}

/// The state of the current group, and reused allocations.
#[derive(Default)]
pub(super) struct Work {
    entries: Vec<IndexEntry>,
    bytes: u64,
    begun: bool,
    bytes_since_checkpoint: u64,
    scratch: Vec<u8>,
    rows: RowReader,
}

/// Why a group was not committed.
enum Failure {
    /// The disk is full; nothing was written.
    NoSpace,
    /// Another process holds the write lock; nothing was written.
    Locked,
    /// Something could not be read or opened; nothing was written.
    Unread(String),
    /// Any other failure. What is on disk is unknown.
    Broken(String),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        if sqlite::is_no_space(&error) {
            Self::NoSpace
        } else if sqlite::is_locked(&error) {
            Self::Locked
        } else if sqlite::is_passing(&error) {
            Self::Unread(error.to_string())
        } else {
            Self::Broken(error.to_string())
        }
    }
}

impl Writer {
    /// Runs until it receives [`Command::Close`] or every sender is gone.
    pub(super) fn run(mut self) {
        let mut group = Vec::new();
        while let Some(command) = self.next() {
            let continues = self.gather(command, &mut group);
            self.process(&mut group);
            if !continues {
                break;
            }
        }
        while let Ok(command) = self.commands.try_recv() {
            if let Command::Append(request) = command {
                request.answer(Err(AppendError::Closing));
            }
        }
    }

    /// Waits for the next command. While the disk is full, checks for room at an interval.
    fn next(&mut self) -> Option<Command> {
        loop {
            if !matches!(&*self.state.borrow(), StoreState::Full { .. }) {
                return self.commands.recv().ok();
            }
            match self.commands.recv_timeout(self.room.interval) {
                Ok(command) => return Some(command),
                Err(RecvTimeoutError::Disconnected) => return None,
                // A failure is reported to the next append.
                Err(RecvTimeoutError::Timeout) => drop(self.check_for_room()),
            }
        }
    }

    /// Checks whether a full disk has room again.
    fn check_for_room(&mut self) -> Result<(), AppendError> {
        if !matches!(&*self.state.borrow(), StoreState::Full { .. }) {
            return Ok(());
        }
        match self.room.check(&mut self.connection, self.head.position) {
            Ok(()) => {
                state::mark_writable(&self.state);
                Ok(())
            }
            Err(RoomError::Full(reason)) => {
                tracing::debug!(reason, "still no space for the log");
                Err(AppendError::NoSpace)
            }
            Err(RoomError::Broken(reason)) => {
                poison(&self.state, &reason);
                Err(AppendError::Poisoned { reason })
            }
        }
    }

    /// Refuses appends once too many events wait for the index, which is in trouble: they are kept in memory
    /// until it has them.
    fn refuse_beyond_tail(&self) -> Result<(), AppendError> {
        let held = self.head.position.0.saturating_sub(self.index.applied().0);
        if self.index.is_in_trouble() && held >= TAILS * self.tail_events as u64 {
            return Err(AppendError::Unchecked {
                reason: format!("the index is {held} events behind and cannot be written"),
            });
        }
        Ok(())
    }

    /// Gathers the appends that queued up during the last sync. Returns whether to continue after this group.
    fn gather(&mut self, first: Command, group: &mut Vec<Request>) -> bool {
        let mut events = 0;
        let mut next = Some(first);
        while let Some(command) = next {
            match command {
                Command::Append(request) => {
                    events += request.prepared.events.len();
                    group.push(request);
                }
                #[cfg(test)]
                Command::LimitPages(pages) => {
                    let limited = self.connection.pragma_update_and_check(
                        None,
                        "max_page_count",
                        pages,
                        |_| Ok(()),
                    );
                    limited.expect("the limit is set");
                }
                Command::Close => return false,
            }
            if events >= self.group_events {
                return true;
            }
            next = self.commands.try_recv().ok();
        }
        true
    }

    fn process(&mut self, group: &mut Vec<Request>) {
        if group.is_empty() {
            return;
        }
        let poisoned = match &*self.state.borrow() {
            StoreState::Writable | StoreState::Full { .. } => None,
            StoreState::Poisoned { reason } => Some(reason.clone()),
        };
        if let Some(reason) = poisoned {
            answer_all(group, &AppendError::Poisoned { reason });
            return;
        }
        let refused = self
            .check_for_room()
            .and_then(|()| self.refuse_beyond_tail());
        if let Err(error) = refused {
            answer_all(group, &error);
            return;
        }
        self.tail.prune(self.tail_events, self.index.applied());
        let before = self.head;
        match self.write(group) {
            Ok(answers) => self.acknowledge(group, answers),
            Err(failure) => {
                let failure = self.abandon(before, failure);
                answer_all(group, &failure);
            }
        }
    }

    /// Decides on every append of the group, writes those to be stored, and commits.
    fn write(&mut self, group: &mut [Request]) -> Result<Vec<Answer>, Failure> {
        self.work.entries.clear();
        self.work.bytes = 0;
        self.work.begun = false;
        let mut answers = Vec::with_capacity(group.len());
        for request in group {
            answers.push(self.decide(&mut request.prepared)?);
        }
        if self.work.begun {
            self.commit()?;
        }
        Ok(answers)
    }

    #[expect(clippy::cast_precision_loss, reason = "a group has few events")]
    fn commit(&self) -> Result<(), Failure> {
        let begun = Instant::now();
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        self.metrics.commit.observe(begun.elapsed().as_secs_f64());
        self.metrics.group.observe(self.work.entries.len() as f64);
        Ok(())
    }

    fn decide(&mut self, prepared: &mut Prepared) -> Result<Answer, Failure> {
        if prepared.as_of < self.tail.base()
            && let Err(error) = self.look_up_again(prepared)
        {
            return Ok(Err(error));
        }
        match prepared.decide(Some(&self.tail)) {
            Decision::Answer(answer) => Ok(answer),
            Decision::Store => Ok(Ok(self.store(prepared)?)),
        }
    }

    /// Repeats the look-up of the caller, because the tail no longer reaches back to it. The index has every
    /// event before the tail.
    fn look_up_again(&mut self, prepared: &mut Prepared) -> Result<(), AppendError> {
        let tables = self.index.tables();
        let looked_up = tables.and_then(|index| prepared.look_up(&index));
        let candidates = looked_up.map_err(|error| unchecked(error.into()))?;
        let Self {
            connection, work, ..
        } = self;
        prepared.verify(candidates, &mut |position, key| {
            reads::stored(connection, &mut work.rows, position, key)
        })
    }

    fn store(&mut self, prepared: &Prepared) -> Result<Appended, Failure> {
        if !self.work.begun {
            self.connection
                .prepare_cached("BEGIN IMMEDIATE")?
                .execute([])?;
            self.work.begun = true;
        }
        let recorded_at = match self.head.position {
            Position::START => self.clock.now(),
            _ => self.clock.now().max(self.head.recorded_at),
        };
        let first = Position(self.head.position.0 + 1);
        let mut next = prepared.last_in(Some(&self.tail)).map_or(0, |r| r.0 + 1);
        let mut insert = rows::insert_statement(&self.connection)?;
        for event in &prepared.events {
            let position = Position(self.head.position.0 + 1);
            let revision = Revision(next);
            let (personal, commitment) = match &event.personal {
                Some((column, commitment)) => (Some(column.as_slice()), Some(*commitment)),
                None => (None, None),
            };
            let row = Digested {
                position: position.0,
                stream: prepared.stream.as_str(),
                revision: revision.0,
                recorded_at,
                kind: &event.new.kind,
                source: &event.new.key.source,
                id: &event.new.key.id,
                clear: &event.new.clear,
                content_digest: &event.content_digest,
                commitment,
            };
            rows::insert(&mut insert, &row, personal, &mut self.work.scratch)?;
            let payload = event.new.clear.len() + event.new.personal.len();
            self.work.bytes += payload as u64 + ROW_OVERHEAD;
            self.work.entries.push(IndexEntry {
                position,
                revision,
                stream: prepared.stream_hash,
                identity: event.identity,
                shared: event.shared || self.tail.knows_identity(&event.identity),
            });
            self.tail.push(TailEvent {
                key: event.new.key.clone(),
                identity: event.identity,
                stream_hash: prepared.stream_hash,
                stream: prepared.stream.clone(),
                position,
                revision,
                recorded_at,
                content_digest: event.content_digest,
            });
            self.head = Head {
                position,
                recorded_at,
            };
            next += 1;
        }
        Ok(appended(first, self.head, next, &prepared.stream))
    }

    /// Publishes the new head, then answers, so that a caller who was answered can read what it stored.
    fn acknowledge(&mut self, group: &mut Vec<Request>, answers: Vec<Answer>) {
        if self.work.begun {
            self.published.send_replace(self.head);
        }
        for (request, answer) in group.drain(..).zip(answers) {
            request.answer(answer);
        }
        if !self.work.begun {
            return;
        }
        let entries = std::mem::take(&mut self.work.entries);
        if self.index_feed.send(entries).is_err() {
            poison(&self.state, "the index has stopped");
        }
        self.work.bytes_since_checkpoint += self.work.bytes;
        if self.work.bytes_since_checkpoint >= self.checkpoint_bytes {
            self.work.bytes_since_checkpoint = 0;
            let _ = self.checkpoint.try_send(());
        }
    }

    /// Rolls a group back, and decides whether the log may continue.
    fn abandon(&mut self, before: Head, failure: Failure) -> AppendError {
        let rolled_back = if self.connection.is_autocommit() {
            Ok(())
        } else {
            self.connection.execute_batch("ROLLBACK")
        };
        self.head = before;
        self.tail.roll_back(before.position);
        let reason = match (failure, rolled_back) {
            (Failure::NoSpace, Ok(())) => {
                state::mark_full(&self.state, "the disk is full");
                return AppendError::NoSpace;
            }
            (Failure::Unread(reason), Ok(())) => {
                tracing::warn!(reason, "the log could not be read for an append");
                return AppendError::Unchecked { reason };
            }
            (Failure::Locked, Ok(())) => {
                let reason = "another process holds the write lock of the log".to_owned();
                tracing::warn!(reason);
                return AppendError::Unchecked { reason };
            }
            (Failure::NoSpace | Failure::Locked | Failure::Unread(_), Err(error)) => {
                format!("a group could not be rolled back: {error}")
            }
            (Failure::Broken(reason), _) => reason,
        };
        poison(&self.state, &reason);
        AppendError::WriteFailed { reason }
    }
}

fn appended(first: Position, last: Head, next_revision: u64, stream: &StreamName) -> Appended {
    Appended {
        first,
        last: last.position,
        revision: Revision(next_revision.saturating_sub(1)),
        recorded_at: last.recorded_at,
        stream: stream.clone(),
        replayed: false,
    }
}

fn answer_all(group: &mut Vec<Request>, error: &AppendError) {
    for request in group.drain(..) {
        request.answer(Err(error.clone()));
    }
}
