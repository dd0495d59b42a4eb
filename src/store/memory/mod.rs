//! The memory engine, which is not durable: the reference model that other engines are compared with.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::future::BoxFuture;
use tokio::sync::watch;
use uuid::Uuid;

use super::{
    Append, AppendError, Appended, Capabilities, Direction, Epoch, EventKey, EventStore, Head,
    Position, ReadAll, ReadError, ReadStream, Revision, Scanned, StoreState, StoredEvent,
    StreamName,
};
use crate::runtime::Clock;

/// Limits of the memory engine.
#[derive(Debug, Clone, Copy)]
pub struct MemoryOptions {
    /// The maximum number of events of an append; a larger one is refused as [`AppendError::QueueFull`].
    pub queue_events: usize,
}

impl Default for MemoryOptions {
    fn default() -> Self {
        Self {
            queue_events: 65_536,
        }
    }
}

/// A log in memory.
pub struct MemoryStore {
    options: MemoryOptions,
    clock: Arc<dyn Clock>,
    log_id: Uuid,
    log: Mutex<Log>,
    head: watch::Sender<Head>,
    state: watch::Sender<StoreState>,
}

/// The stored events. Position p has index p - 1.
#[derive(Default)]
struct Log {
    events: Vec<StoredEvent>,
    content: Vec<[u8; 32]>,
    streams: HashMap<StreamName, Vec<Position>>,
    keys: HashMap<EventKey, Position>,
}

impl MemoryStore {
    /// An empty log.
    #[must_use]
    pub fn new(options: MemoryOptions, clock: Arc<dyn Clock>) -> Self {
        let empty = Head {
            position: Position::START,
            recorded_at: 0,
        };
        Self {
            options,
            clock,
            log_id: Uuid::new_v4(),
            log: Mutex::default(),
            head: watch::Sender::new(empty),
            state: watch::Sender::new(StoreState::Writable),
        }
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn append_now(&self, append: Append) -> Result<Appended, AppendError> {
        if append.events.is_empty() {
            return Err(AppendError::Malformed { what: "no events" });
        }
        if append.events.len() > self.options.queue_events {
            return Err(AppendError::QueueFull {
                limit: self.options.queue_events,
            });
        }
        let mut log = self.log();
        if let Some(replayed) = log.check_identity(&append)? {
            return Ok(replayed);
        }
        log.check_expected(&append)?;
        let last = log.events.last().map_or(i64::MIN, |e| e.recorded_at);
        let appended = log.store(append, self.clock.now().max(last));
        // Sent under the lock, so that the head never goes back.
        self.head.send_replace(Head {
            position: appended.last,
            recorded_at: appended.recorded_at,
        });
        Ok(appended)
    }
}

impl Log {
    fn at(&self, position: Position) -> Option<(&StoredEvent, &[u8; 32])> {
        let index = usize::try_from(position.0.checked_sub(1)?).ok()?;
        Some((self.events.get(index)?, self.content.get(index)?))
    }

    fn last_revision(&self, stream: &StreamName) -> Option<Revision> {
        let positions = self.streams.get(stream)?;
        Some(Revision(positions.len() as u64 - 1))
    }

    /// Returns the first result if every event is stored already, and `None` if none is.
    ///
    /// # Errors
    /// If the append is malformed, stored in part, or conflicts with other content.
    fn check_identity(&self, append: &Append) -> Result<Option<Appended>, AppendError> {
        let mut seen = std::collections::HashSet::new();
        if !append.events.iter().all(|event| seen.insert(&event.key)) {
            return Err(AppendError::Malformed {
                what: "one identity twice",
            });
        }
        let mut stored = Vec::new();
        for event in &append.events {
            let Some(&position) = self.keys.get(&event.key) else {
                continue;
            };
            if self.at(position).map(|(_, content)| content) != Some(&event.content_hash) {
                return Err(AppendError::ContentConflict {
                    key: event.key.clone(),
                    position,
                });
            }
            stored.push((event.key.clone(), position));
        }
        let Some((key, position)) = stored.first().cloned() else {
            return Ok(None);
        };
        if stored.len() < append.events.len() {
            return Err(AppendError::PartlyStored { key, position });
        }
        let positions = stored.iter().map(|(_, position)| *position);
        let first = positions.clone().min().unwrap_or(position);
        let last = positions.max().unwrap_or(position);
        Ok(self.at(last).map(|(event, _)| Appended {
            first,
            last,
            revision: event.revision,
            recorded_at: event.recorded_at,
            stream: event.stream.clone(),
            replayed: true,
        }))
    }

    fn check_expected(&self, append: &Append) -> Result<(), AppendError> {
        let current = self.last_revision(&append.stream);
        if append.expected.is_met(current) {
            return Ok(());
        }
        Err(AppendError::WrongRevision {
            stream: append.stream.clone(),
            expected: append.expected,
            current,
        })
    }

    fn store(&mut self, append: Append, recorded_at: i64) -> Appended {
        let first = Position(self.events.len() as u64 + 1);
        let mut last = first;
        let mut revision = Revision(0);
        let positions = self.streams.entry(append.stream.clone()).or_default();
        for event in append.events {
            last = Position(self.events.len() as u64 + 1);
            revision = Revision(positions.len() as u64);
            positions.push(last);
            self.keys.insert(event.key.clone(), last);
            self.content.push(event.content_hash);
            self.events.push(StoredEvent {
                whole: [&*event.clear, &*event.personal].concat().into(),
                position: last,
                stream: append.stream.clone(),
                revision,
                recorded_at,
                key: event.key,
                kind: event.kind,
                clear: event.clear,
                personal: event.personal,
            });
        }
        Appended {
            first,
            last,
            revision,
            recorded_at,
            stream: append.stream,
            replayed: false,
        }
    }

    fn read_stream(&self, read: &ReadStream) -> Vec<StoredEvent> {
        let Some(positions) = self.streams.get(&read.stream) else {
            return Vec::new();
        };
        let events = positions.iter().filter_map(|p| self.at(*p)).map(|(e, _)| e);
        match read.direction {
            Direction::Forward => events
                .filter(|event| read.from.is_none_or(|from| event.revision >= from))
                .take(read.max)
                .cloned()
                .collect(),
            Direction::Backward => events
                .rev()
                .filter(|event| read.from.is_none_or(|from| event.revision <= from))
                .take(read.max)
                .cloned()
                .collect(),
        }
    }

    fn read_all(&self, read: &ReadAll) -> Result<Scanned, ReadError> {
        let head = Position(self.events.len() as u64);
        let mut scanned = Scanned {
            events: Vec::new(),
            through: read.after,
            at_head: false,
        };
        while scanned.through < head && scanned.events.len() < read.max {
            let position = Position(scanned.through.0 + 1);
            if let Some((event, _)) = self.at(position) {
                let admitted = read.filter.admits(&event.kind, &event.stream, &event.clear);
                match admitted {
                    Ok(true) => scanned.events.push(event.clone()),
                    Ok(false) => {}
                    // A read ends before a damaged event; if that is its first event, it fails.
                    Err(_) if scanned.through > read.after => break,
                    Err(error) => {
                        return Err(ReadError::Damaged {
                            position,
                            reason: format!("the envelope cannot be read: {error}"),
                        });
                    }
                }
            }
            scanned.through = position;
        }
        scanned.at_head = scanned.through >= head;
        Ok(scanned)
    }
}

impl EventStore for MemoryStore {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        Box::pin(async move { self.append_now(append) })
    }

    fn read_stream(&self, read: ReadStream) -> BoxFuture<'_, Result<Vec<StoredEvent>, ReadError>> {
        Box::pin(async move { Ok(self.log().read_stream(&read)) })
    }

    fn read_all(&self, read: ReadAll) -> BoxFuture<'_, Result<Scanned, ReadError>> {
        Box::pin(async move { self.log().read_all(&read) })
    }

    fn read_positions(
        &self,
        positions: Vec<Position>,
    ) -> BoxFuture<'_, Result<Vec<StoredEvent>, ReadError>> {
        Box::pin(async move {
            let log = self.log();
            let event = |position: Position| match log.at(position) {
                Some((event, _)) => Ok(event.clone()),
                None => Err(ReadError::NoSuchPosition { position }),
            };
            positions.into_iter().map(event).collect()
        })
    }

    fn find(&self, key: EventKey) -> BoxFuture<'_, Result<Option<StoredEvent>, ReadError>> {
        Box::pin(async move {
            let log = self.log();
            let position = log.keys.get(&key).copied();
            Ok(position
                .and_then(|p| log.at(p))
                .map(|(event, _)| event.clone()))
        })
    }

    fn last_revision(
        &self,
        stream: StreamName,
    ) -> BoxFuture<'_, Result<Option<Revision>, ReadError>> {
        Box::pin(async move { Ok(self.log().last_revision(&stream)) })
    }

    fn same_content(
        &self,
        position: Position,
        content_hash: [u8; 32],
    ) -> BoxFuture<'_, Result<bool, ReadError>> {
        Box::pin(async move {
            match self.log().at(position) {
                Some((_, content)) => Ok(*content == content_hash),
                None => Err(ReadError::NoSuchPosition { position }),
            }
        })
    }

    fn position_at(&self, instant: i64) -> BoxFuture<'_, Result<Position, ReadError>> {
        Box::pin(async move {
            let count = self
                .log()
                .events
                .partition_point(|e| e.recorded_at <= instant);
            Ok(Position(count as u64))
        })
    }

    fn head(&self) -> watch::Receiver<Head> {
        self.head.subscribe()
    }

    fn epoch(&self) -> Epoch {
        Epoch(1 << 16)
    }

    fn log_id(&self) -> Uuid {
        self.log_id
    }

    fn state(&self) -> watch::Receiver<StoreState> {
        self.state.subscribe()
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            gapless: true,
            durable: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::conformance::{self, Harness, Setup};

    fn engine(setup: &Setup) -> Harness {
        let clock = conformance::test_clock();
        let options = MemoryOptions {
            queue_events: setup.queue_events,
        };
        Harness::volatile(Arc::new(MemoryStore::new(options, clock.clone())), clock)
    }

    conformance::suite!(engine);
}
