//! The caller's side of an append: admission, look-up, then the queue.

use std::sync::atomic::Ordering;

use tokio::sync::oneshot;

use super::check::{self, Decision, Prepared, unchecked};
use super::index::IndexError;
use super::queue::{Command, Request};
use super::state::poison;
use super::store::EmbeddedStore;
use crate::store::{Append, AppendError, Appended, Position, ReadError, StoreState};

/// The number of events that are looked up on the async runtime. A look-up takes some microseconds, so that more
/// of them would hold up other tasks.
const EVENTS_INLINE: usize = 64;

/// The indices of events that may be stored already, each with the positions to check.
type Candidates = Vec<(usize, Vec<Position>)>;

impl EmbeddedStore {
    pub(super) async fn append_checked(&self, append: Append) -> Result<Appended, AppendError> {
        check::refuse_malformed(&append)?;
        self.refuse_unless_writable()?;
        let room = self.queue.admit(append.events.len())?;
        let prepared = self.prepare(append).await?;
        if prepared.is_decided_by_look_up()
            && let Decision::Answer(answer) = prepared.decide(None)
        {
            return answer;
        }
        let (answer, answered) = oneshot::channel();
        let request = Request {
            prepared,
            answer,
            room,
        };
        if self.commands.send(Command::Append(request)).is_err() {
            return Err(self.writer_is_gone(AppendError::Closing));
        }
        match answered.await {
            Ok(answer) => answer,
            Err(_) => Err(self.writer_is_gone(AppendError::WriteFailed {
                reason: "the writer ended without an answer".to_owned(),
            })),
        }
    }

    fn refuse_unless_writable(&self) -> Result<(), AppendError> {
        if self.closing.load(Ordering::Acquire) {
            return Err(AppendError::Closing);
        }
        match &*self.state.borrow() {
            // The writer checks whether there is room by now.
            StoreState::Writable | StoreState::Full { .. } => Ok(()),
            StoreState::Poisoned { reason } => Err(AppendError::Poisoned {
                reason: reason.clone(),
            }),
        }
    }

    fn writer_is_gone(&self, unless_closing: AppendError) -> AppendError {
        if self.closing.load(Ordering::Acquire) {
            return AppendError::Closing;
        }
        poison(&self.state, "the writer has stopped");
        unless_closing
    }

    /// Hashes and seals the events and looks them up. Reads the log only if some may be stored already.
    async fn prepare(&self, append: Append) -> Result<Prepared, AppendError> {
        let index = self.index().map_err(unchecked)?;
        let sealing = self.sealing.clone();
        let inline = append.events.len() <= EVENTS_INLINE;
        let look_up = move || -> Result<(Prepared, Candidates), IndexError> {
            let mut prepared = Prepared::new(
                append,
                sealing.hashing,
                &sealing.content_key,
                &sealing.row_keys,
            );
            let candidates = prepared.look_up(&index)?;
            Ok((prepared, candidates))
        };
        let looked_up = if inline {
            look_up()
        } else {
            tokio::task::spawn_blocking(look_up)
                .await
                .unwrap_or_else(|error| Err(IndexError::Engine(error.to_string())))
        };
        let (mut prepared, candidates) = looked_up.map_err(|error| AppendError::Unchecked {
            reason: error.to_string(),
        })?;
        if candidates.is_empty() {
            return Ok(prepared);
        }
        let verified = self
            .readers
            .run(move |reader| {
                let verified = prepared.verify(candidates, &mut |position, key| {
                    reader.stored(position, key)
                });
                Ok(verified.map(|()| prepared))
            })
            .await;
        verified.map_err(|error: ReadError| unchecked(error))?
    }
}
