//! Reads the log ahead of the folds and decodes it, so that reading, decoding and folding overlap during a long
//! catch-up. A bounded number of batches waits.

use ownerline_projections::fold::FoldError;
use ownerline_projections::fold::driver::LogEntry;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use super::Decoder;
use crate::store::{EventFilter, Position, ReadAll, ReadError, Scanned, SharedStore};

/// The most batches that wait to be folded.
const WAITING: usize = 2;

/// The decoded events of one read.
pub(super) struct Batch {
    /// In position order; ends before an event that cannot be decoded.
    pub(super) entries: Vec<LogEntry>,
    /// The event that cannot be decoded, if there is one.
    pub(super) undecodable: Option<Undecodable>,
    /// The last position read.
    pub(super) through: Position,
    /// Whether `through` was the head of the log.
    pub(super) at_head: bool,
}

/// An event that cannot be decoded.
pub(super) struct Undecodable {
    pub(super) position: Position,
    pub(super) recorded_at: i64,
    pub(super) error: FoldError,
}

impl Batch {
    pub(super) fn of(decoder: &Decoder, scanned: &Scanned) -> Self {
        let mut entries = Vec::with_capacity(scanned.events.len());
        let mut undecodable = None;
        for event in &scanned.events {
            match decoder.decode(event) {
                Ok(entry) => entries.push(entry),
                Err(reason) => {
                    undecodable = Some(Undecodable {
                        position: event.position,
                        recorded_at: event.recorded_at,
                        error: FoldError::Unsupported { reason },
                    });
                    break;
                }
            }
        }
        Self {
            entries,
            undecodable,
            through: scanned.through,
            at_head: scanned.at_head,
        }
    }

    /// Returns `recorded_at` of the first event after a position. For an event after the batch, returns that of the last
    /// event of the batch, unless the batch reached the head: later events are not older.
    pub(super) fn oldest_after(&self, applied: Position) -> Option<i64> {
        let read = self.entries.iter().map(|entry| {
            let recorded = entry.recorded();
            (recorded.position, recorded.recorded_at)
        });
        let undecodable = self.undecodable.iter();
        let all = read.chain(undecodable.map(|event| (event.position, event.recorded_at)));
        let mut last = None;
        for (position, recorded_at) in all {
            if position > applied {
                return Some(recorded_at);
            }
            last = Some(recorded_at);
        }
        last.filter(|_| !self.at_head)
    }
}

/// The batches of the log after a position, up to its head at the time when the reading gets there.
pub(super) struct ReadAhead {
    batches: mpsc::Receiver<Result<Batch, ReadError>>,
    _reading: AbortOnDropHandle<()>,
}

impl ReadAhead {
    pub(super) fn start(store: SharedStore, after: Position, batch_events: usize) -> Self {
        let (sender, batches) = mpsc::channel(WAITING);
        let reading = tokio::spawn(read(store, after, batch_events, sender));
        Self {
            batches,
            _reading: AbortOnDropHandle::new(reading),
        }
    }

    /// Returns the next batch; `None` after the one that reached the head, or after an error. Cancel safe.
    pub(super) async fn next(&mut self) -> Option<Result<Batch, ReadError>> {
        self.batches.recv().await
    }
}

async fn read(
    store: SharedStore,
    mut after: Position,
    max: usize,
    sender: mpsc::Sender<Result<Batch, ReadError>>,
) {
    loop {
        let read = ReadAll {
            after,
            filter: EventFilter::default(),
            max,
        };
        let batch = match store.read_all(read).await {
            Ok(scanned) => {
                let decoding = tokio::task::spawn_blocking(move || {
                    let decoder = Decoder::new();
                    Batch::of(&decoder, &scanned)
                });
                decoding.await.map_err(|_| ReadError::Failed {
                    reason: "decoding was interrupted".to_owned(),
                })
            }
            Err(error) => Err(error),
        };
        let last = batch.as_ref().map_or(true, |batch| {
            let stands = batch.through <= after;
            after = batch.through;
            batch.at_head || batch.undecodable.is_some() || stands
        });
        if sender.send(batch).await.is_err() || last {
            return;
        }
    }
}
