//! The index of an open log: its current tables, or why there are none at the moment.
//!
//! After a temporary failure (no file descriptors, no disk space, a failed read) the tables are reopened, and
//! brought up to the log before they serve reads, so that no reader sees less than before. A damaged index is
//! rebuilt. Neither touches the log.

use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::watch;

use super::catch_up::{CatchUpError, catch_up};
use super::files::{INDEX, LOG, shown};
use super::hashes::Hashing;
use super::index::{Checkpoint, Index, IndexError};
use super::options::EmbeddedOptions;
use crate::derived::probe;
use crate::store::{LogIdentity, OpenError, Position};

/// How long a reopening waits for the reads that use the former tables.
const RELEASE_WAIT: Duration = Duration::from_secs(5);

/// Why the index does not follow the log at the moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexTrouble {
    /// A description of the failure.
    pub reason: String,
    /// The instant of the first failure, in nanoseconds since the Unix epoch.
    pub since: i64,
}

/// Why the index was not brought up to the log.
pub(super) enum BringUpError {
    /// A temporary failure.
    Waiting(String),
    /// A permanent failure.
    Final(OpenError),
}

/// The index, shared by its readers and by the thread that writes it.
pub(super) struct LiveIndex {
    tables: RwLock<Option<Arc<Index>>>,
    options: EmbeddedOptions,
    directory: PathBuf,
    log: LogIdentity,
    hashing: Hashing,
    /// Never decreases: reopened tables are brought up to it before they are used.
    applied: watch::Sender<Position>,
    trouble: watch::Sender<Option<IndexTrouble>>,
}

impl LiveIndex {
    /// An index without tables.
    pub(super) fn new(options: &EmbeddedOptions, log: LogIdentity, hashing: Hashing) -> Self {
        Self {
            tables: RwLock::new(None),
            options: options.clone(),
            directory: options.data.join(INDEX),
            log,
            hashing,
            applied: watch::Sender::new(Position::START),
            trouble: watch::Sender::new(None),
        }
    }

    /// The current tables.
    pub(super) fn tables(&self) -> Result<Arc<Index>, IndexError> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.clone().ok_or_else(|| {
            let trouble = self.trouble.borrow();
            let reason = trouble.as_ref().map(|trouble| trouble.reason.clone());
            IndexError::Waiting(reason.unwrap_or_else(|| "it is being opened".to_owned()))
        })
    }

    /// The last position in the index.
    pub(super) fn applied(&self) -> Position {
        *self.applied.borrow()
    }

    /// A receiver of [`Self::applied`].
    pub(super) fn follow(&self) -> watch::Receiver<Position> {
        self.applied.subscribe()
    }

    /// Publishes that everything through this position is in the index.
    pub(super) fn publish(&self, through: Position) {
        self.applied.send_replace(through);
    }

    /// Why the index does not follow the log, if it does not.
    pub(super) fn trouble(&self) -> watch::Receiver<Option<IndexTrouble>> {
        self.trouble.subscribe()
    }

    pub(super) fn is_in_trouble(&self) -> bool {
        self.trouble.borrow().is_some()
    }

    /// Sets the reason for the trouble. `now` is kept as its beginning if there was none.
    pub(super) fn waits(&self, reason: &str, now: i64) {
        self.trouble.send_if_modified(|trouble| {
            let since = trouble.as_ref().map(|trouble| trouble.since);
            if since.is_none() {
                tracing::warn!(reason, "index cannot be written, trying again");
            }
            *trouble = Some(IndexTrouble {
                reason: reason.to_owned(),
                since: since.unwrap_or(now),
            });
            true
        });
    }

    /// Ends the trouble.
    pub(super) fn recovered(&self) {
        if self.trouble.send_replace(None).is_some() {
            tracing::info!(position = self.applied().0, "index follows the log again");
        }
    }

    /// Closes the tables.
    pub(super) fn close(&self) {
        drop(self.take());
    }

    /// Checks whether files can be written to the directory.
    pub(super) fn probe(&self) -> Result<(), IndexError> {
        let faults = &self.options.seams.index_faults;
        let probed = faults.writes.check().and_then(|()| probe(&self.directory));
        probed.map_err(|error| IndexError::Waiting(error.to_string()))
    }

    /// Opens or reopens the tables and brings them up to `head`. Only then do they serve reads.
    pub(super) fn bring_up(
        &self,
        connection: &Connection,
        head: Position,
    ) -> Result<(), BringUpError> {
        if !self.release() {
            let reason = "reads that are in progress hold the index".to_owned();
            return Err(BringUpError::Waiting(reason));
        }
        let index = open_index(&self.options, self.log, head)?;
        let path = shown(&self.options.data.join(LOG));
        let batch = self.options.index_batch_events;
        catch_up(connection, &path, &index, head, self.hashing, batch).map_err(
            |error| match error {
                CatchUpError::Index(IndexError::Waiting(reason)) => BringUpError::Waiting(reason),
                CatchUpError::Index(error) => BringUpError::Final(OpenError::Io {
                    path: shown(&self.directory),
                    reason: error.to_string(),
                }),
                CatchUpError::Log(error) => BringUpError::of_log(error),
            },
        )?;
        let applied = index.applied();
        *self.tables.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(index));
        self.publish(applied);
        Ok(())
    }

    /// Closes the tables once no read uses them, because they are locked until then. Returns `false` if reads
    /// still hold them after [`RELEASE_WAIT`].
    fn release(&self) -> bool {
        let Some(mut former) = self.take() else {
            return true;
        };
        let begun = Instant::now();
        loop {
            match Arc::try_unwrap(former) {
                Ok(index) => {
                    drop(index);
                    return true;
                }
                Err(_) if begun.elapsed() > RELEASE_WAIT => return false,
                Err(shared) => former = shared,
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    fn take(&self) -> Option<Arc<Index>> {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        tables.take()
    }
}

impl BringUpError {
    /// Converts an error of the log: an I/O error is temporary, any other is permanent.
    fn of_log(error: OpenError) -> Self {
        match error {
            OpenError::Io { reason, .. } => Self::Waiting(reason),
            error => Self::Final(error),
        }
    }
}

impl From<OpenError> for BringUpError {
    fn from(error: OpenError) -> Self {
        Self::Final(error)
    }
}

/// Opens the tables of the index, or rebuilds them if they are damaged or belong to another log. Does not bring
/// them up to the log. A temporary failure is reported as such, and discards nothing.
fn open_index(
    options: &EmbeddedOptions,
    identity: LogIdentity,
    head: Position,
) -> Result<Index, BringUpError> {
    let directory = options.data.join(INDEX);
    let failed = |error: IndexError| match error {
        IndexError::InUse => BringUpError::Final(OpenError::InUse {
            path: shown(&directory),
        }),
        IndexError::Waiting(reason) => BringUpError::Waiting(reason),
        other => BringUpError::Final(OpenError::Io {
            path: shown(&directory),
            reason: other.to_string(),
        }),
    };
    match Index::open(&directory, options, identity) {
        Ok((index, checkpoint)) => {
            refuse_lost_events(identity, head, checkpoint)?;
            let of_another = checkpoint.is_some_and(|checkpoint| checkpoint.log != identity);
            let fault = if of_another {
                "it belongs to another epoch or log"
            } else if !index.is_whole() {
                "its parts do not agree"
            } else if Index::is_condemned(&directory) {
                "it was unreadable at some place"
            } else {
                return Ok(index);
            };
            tracing::warn!(fault, "index is rebuilt");
            drop(index);
        }
        Err(IndexError::Engine(error)) => {
            tracing::warn!(error, "index is unreadable, rebuilding");
        }
        Err(IndexError::Malformed) => {
            tracing::warn!("index holds a malformed value, rebuilding");
        }
        Err(error) => return Err(failed(error)),
    }
    Index::rebuild(&directory, options, identity).map_err(failed)
}

/// Refuses to go on when the index has seen more than the log holds: the log has then lost events.
fn refuse_lost_events(
    log: LogIdentity,
    head: Position,
    checkpoint: Option<Checkpoint>,
) -> Result<(), OpenError> {
    let Some(checkpoint) = checkpoint else {
        return Ok(());
    };
    if checkpoint.log == log && checkpoint.position > head {
        return Err(OpenError::LostEvents {
            head,
            derived: "the index".to_owned(),
            seen: checkpoint.position,
        });
    }
    Ok(())
}
