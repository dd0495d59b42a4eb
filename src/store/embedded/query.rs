//! The caller's side of every read: it fixes the head to read up to, and waits for the index where needed.

use std::sync::Arc;

use super::digest;
use super::index::{Index, IndexError};
use super::reads::ScanLimit;
use super::store::EmbeddedStore;
use crate::store::{
    Direction, EventKey, Position, ReadAll, ReadError, ReadStream, Revision, Scanned, StoredEvent,
    StreamName,
};

impl From<IndexError> for ReadError {
    fn from(error: IndexError) -> Self {
        let reason = error.to_string();
        match error {
            IndexError::Waiting(_) => Self::Waiting { reason },
            _ => Self::Failed { reason },
        }
    }
}

impl EmbeddedStore {
    pub(super) async fn query_all(&self, read: ReadAll) -> Result<Scanned, ReadError> {
        let head = self.head.borrow().position;
        let limit = ScanLimit {
            events: read.max,
            rows: self.options.rows_per_read,
            bytes: self.options.bytes_per_read,
        };
        self.readers
            .run(move |reader| reader.scan(read.after, head, &read.filter, limit))
            .await
    }

    pub(super) async fn query_stream(
        &self,
        read: ReadStream,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let index = self.index_at_head().await?;
        let stream = self.sealing.hashing.stream(read.stream.as_str().as_bytes());
        let rows = self.options.rows_per_read;
        let mut events: Vec<StoredEvent> = Vec::new();
        let mut from = read.from;
        // Read in pieces, so that no read transaction is long.
        while events.len() < read.max {
            let index = index.clone();
            let max = rows.min(read.max - events.len());
            let piece = self
                .readers
                .run(move |reader| {
                    let found = index.stream_positions(&stream, from, read.direction, max)?;
                    reader.events_at(&found)
                })
                .await?;
            let full = piece.len() == max;
            events.extend(piece);
            let Some(last) = events.last().filter(|_| full) else {
                break;
            };
            from = match read.direction {
                Direction::Forward => Some(Revision(last.revision.0 + 1)),
                Direction::Backward if last.revision.0 == 0 => break,
                Direction::Backward => Some(Revision(last.revision.0 - 1)),
            };
        }
        Ok(events)
    }

    pub(super) async fn query_positions(
        &self,
        positions: Vec<Position>,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        let head = self.head.borrow().position;
        if let Some(position) = positions.iter().find(|position| **position > head) {
            return Err(ReadError::NoSuchPosition {
                position: *position,
            });
        }
        let mut events = Vec::with_capacity(positions.len());
        for piece in positions.chunks(self.options.rows_per_read.max(1)) {
            let piece = piece.to_vec();
            let read = self.readers.run(move |reader| reader.events_at(&piece));
            events.extend(read.await?);
        }
        Ok(events)
    }

    pub(super) async fn query_key(&self, key: EventKey) -> Result<Option<StoredEvent>, ReadError> {
        let index = self.index_at_head().await?;
        let identity = self
            .sealing
            .hashing
            .identity(key.source.as_bytes(), key.id.as_bytes());
        let positions = index.identity(&identity)?;
        if positions.is_empty() {
            return Ok(None);
        }
        self.readers
            .run(move |reader| reader.find(&positions, &key))
            .await
    }

    pub(super) async fn query_last_revision(
        &self,
        stream: StreamName,
    ) -> Result<Option<Revision>, ReadError> {
        let index = self.index_at_head().await?;
        let hash = self.sealing.hashing.stream(stream.as_str().as_bytes());
        Ok(index.last_of_stream(&hash)?.map(|(revision, _)| revision))
    }

    pub(super) async fn query_same_content(
        &self,
        position: Position,
        content_hash: [u8; 32],
    ) -> Result<bool, ReadError> {
        if position > self.head.borrow().position {
            return Err(ReadError::NoSuchPosition { position });
        }
        let digest = digest::content_digest(&self.sealing.content_key, &content_hash);
        self.readers
            .run(move |reader| Ok(reader.content_digest(position)? == digest))
            .await
    }

    pub(super) async fn query_position_at(&self, instant: i64) -> Result<Position, ReadError> {
        let head = *self.head.borrow();
        if head.position == Position::START {
            return Ok(head.position);
        }
        self.readers
            .run(move |reader| reader.position_at(instant, head))
            .await
    }

    /// Waits until the index has reached the current head, at most for [`EmbeddedOptions::index_wait`].
    ///
    /// [`EmbeddedOptions::index_wait`]: super::options::EmbeddedOptions::index_wait
    async fn index_at_head(&self) -> Result<Arc<Index>, ReadError> {
        let head = self.head.borrow().position;
        if self.index.applied() >= head {
            return self.index();
        }
        let (mut applied, mut trouble) = (self.applied.clone(), self.index.trouble());
        let reached = applied.wait_for(|applied| *applied >= head);
        let waiting = trouble.wait_for(Option::is_some);
        let waited = tokio::time::timeout(self.options.index_wait, async {
            tokio::select! {
                biased;
                reached = reached => reached.map(|_| ()).map_err(|_| ReadError::Closing),
                Ok(trouble) = waiting => Err(ReadError::Waiting {
                    reason: trouble.as_ref().map(|it| it.reason.clone()).unwrap_or_default(),
                }),
            }
        });
        match waited.await {
            Ok(Ok(())) => self.index(),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(ReadError::Failed {
                reason: format!(
                    "the index is at {} and did not reach {head} within {:?}",
                    self.index.applied(),
                    self.options.index_wait
                ),
            }),
        }
    }
}
