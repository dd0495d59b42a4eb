//! A decorator for tests that makes any engine fail in ways that the contract of the port allows: appends that
//! are refused, fail after they were stored, or are never answered; reads that fail, answer late, or are
//! overtaken by later ones.
//!
//! It never breaks the contract: positions and their order are those of the engine, and after a failed write it
//! is poisoned until it is reopened.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use tokio::sync::watch;
use uuid::Uuid;

use super::{
    Append, AppendError, Appended, Capabilities, Epoch, EventKey, EventStore, Head, Position,
    ReadAll, ReadError, ReadStream, Revision, Scanned, SharedStore, StoreState, StoredEvent,
    StreamName,
};

mod plan;
#[cfg(test)]
mod tests;

pub(crate) use plan::Plan;

/// The delay of a late answer, and how long an overtaken one waits to be overtaken.
const LATE: Duration = Duration::from_millis(3);

/// A fault of an append.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AppendFault {
    /// It is refused before anything is stored.
    Refused,
    /// The queue is full.
    QueueFull,
    /// The disk is full.
    NoSpace,
    /// The write fails with an unknown outcome, and nothing is stored.
    FailsBefore,
    /// The write fails with an unknown outcome, and the events are stored.
    FailsAfter,
    /// The events are stored, and the append is never answered.
    ReplyLost,
    /// The events are stored at once, and the append is answered late.
    Late,
}

/// A fault of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadFault {
    /// It fails.
    Fails,
    /// Every reader is busy.
    Busy,
    /// It answers late.
    Late,
    /// It answers after a later read, if there is one.
    Overtaken,
}

/// An engine with planned faults.
pub(crate) struct Faulty {
    engine: SharedStore,
    appends: AtomicU64,
    append_plan: Plan<AppendFault>,
    reads: AtomicU64,
    read_plan: Plan<ReadFault>,
    /// The number of reads answered so far.
    answered: watch::Sender<u64>,
    state: watch::Sender<StoreState>,
}

impl Faulty {
    /// Wraps an engine, with these plans.
    pub(crate) fn over(
        engine: SharedStore,
        append_plan: Plan<AppendFault>,
        read_plan: Plan<ReadFault>,
    ) -> Arc<Self> {
        Arc::new(Self {
            engine,
            appends: AtomicU64::new(0),
            append_plan,
            reads: AtomicU64::new(0),
            read_plan,
            answered: watch::Sender::new(0),
            state: watch::Sender::new(StoreState::Writable),
        })
    }

    /// Accepts appends again, as after a restart of the process.
    pub(crate) fn open_again(&self) {
        self.state.send_replace(StoreState::Writable);
    }

    async fn append_under(
        &self,
        append: Append,
        fault: Option<AppendFault>,
    ) -> Result<Appended, AppendError> {
        if let StoreState::Poisoned { reason } = &*self.state.borrow() {
            let reason = reason.clone();
            return Err(AppendError::Poisoned { reason });
        }
        match fault {
            None => self.engine.append(append).await,
            Some(AppendFault::Refused) => Err(AppendError::Unchecked { reason: planned() }),
            Some(AppendFault::QueueFull) => Err(AppendError::QueueFull { limit: 0 }),
            Some(AppendFault::NoSpace) => Err(AppendError::NoSpace),
            Some(AppendFault::FailsBefore) => Err(self.fail()),
            Some(AppendFault::FailsAfter) => {
                self.engine.append(append).await?;
                Err(self.fail())
            }
            Some(AppendFault::ReplyLost) => {
                self.engine.append(append).await?;
                pending().await
            }
            Some(AppendFault::Late) => {
                let appended = self.engine.append(append).await;
                tokio::time::sleep(LATE).await;
                appended
            }
        }
    }

    fn fail(&self) -> AppendError {
        self.state
            .send_replace(StoreState::Poisoned { reason: planned() });
        AppendError::WriteFailed { reason: planned() }
    }

    /// Runs a read of the engine according to the plan.
    fn read<'s, T: Send + 's>(
        &'s self,
        read: BoxFuture<'s, Result<T, ReadError>>,
    ) -> BoxFuture<'s, Result<T, ReadError>> {
        let call = self.reads.fetch_add(1, Ordering::SeqCst) + 1;
        let fault = self.read_plan.of(call);
        Box::pin(async move {
            let answer = match fault {
                None => read.await,
                Some(ReadFault::Fails) => Err(ReadError::Failed { reason: planned() }),
                Some(ReadFault::Busy) => Err(ReadError::Busy { limit: 0 }),
                Some(ReadFault::Late) => {
                    let answer = read.await;
                    tokio::time::sleep(LATE).await;
                    answer
                }
                Some(ReadFault::Overtaken) => {
                    let answer = read.await;
                    let mut answered = self.answered.subscribe();
                    // Nothing overtakes the last read.
                    let _ = tokio::time::timeout(LATE, answered.changed()).await;
                    answer
                }
            };
            self.answered.send_modify(|answered| *answered += 1);
            answer
        })
    }
}

fn planned() -> String {
    "as planned".to_owned()
}

impl EventStore for Faulty {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        let call = self.appends.fetch_add(1, Ordering::SeqCst) + 1;
        Box::pin(self.append_under(append, self.append_plan.of(call)))
    }

    fn read_stream(&self, read: ReadStream) -> BoxFuture<'_, Result<Vec<StoredEvent>, ReadError>> {
        self.read(self.engine.read_stream(read))
    }

    fn read_all(&self, read: ReadAll) -> BoxFuture<'_, Result<Scanned, ReadError>> {
        self.read(self.engine.read_all(read))
    }

    fn read_positions(
        &self,
        positions: Vec<Position>,
    ) -> BoxFuture<'_, Result<Vec<StoredEvent>, ReadError>> {
        self.read(self.engine.read_positions(positions))
    }

    fn find(&self, key: EventKey) -> BoxFuture<'_, Result<Option<StoredEvent>, ReadError>> {
        self.read(self.engine.find(key))
    }

    fn last_revision(
        &self,
        stream: StreamName,
    ) -> BoxFuture<'_, Result<Option<Revision>, ReadError>> {
        self.read(self.engine.last_revision(stream))
    }

    fn same_content(
        &self,
        position: Position,
        content_hash: [u8; 32],
    ) -> BoxFuture<'_, Result<bool, ReadError>> {
        self.read(self.engine.same_content(position, content_hash))
    }

    fn position_at(&self, instant: i64) -> BoxFuture<'_, Result<Position, ReadError>> {
        self.read(self.engine.position_at(instant))
    }

    fn head(&self) -> watch::Receiver<Head> {
        self.engine.head()
    }

    fn epoch(&self) -> Epoch {
        self.engine.epoch()
    }

    fn log_id(&self) -> Uuid {
        self.engine.log_id()
    }

    fn state(&self) -> watch::Receiver<StoreState> {
        self.state.subscribe()
    }

    fn capabilities(&self) -> Capabilities {
        self.engine.capabilities()
    }
}
