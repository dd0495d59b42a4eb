//! Bulk catch-up from far behind: reading and decoding run ahead of the folds, which write to memory, and their writes
//! are committed as sorted tables.

use tokio_util::sync::CancellationToken;

use super::ahead::{Batch, ReadAhead};
use super::applied::Touched;
use super::runner::{Commit, Next, Runner};
use super::worker::Worker;
use crate::store::ReadError;

impl Runner {
    /// Whether catching up in bulk is worthwhile.
    pub(super) fn is_far_behind(&self) -> bool {
        let head = self.head.borrow().position;
        head.0.saturating_sub(self.after.0) >= self.options.bulk_events
    }

    /// Catches up to the present head. Progress is published after each commit.
    pub(super) async fn catch_up(&mut self, token: &CancellationToken) -> Next {
        let mut ahead = ReadAhead::start(self.store.clone(), self.after, self.options.batch_events);
        let mut touched = Touched::everything();
        // The last uncommitted batch.
        let mut last: Option<Batch> = None;
        let next = loop {
            let read = tokio::select! {
                biased;
                () = token.cancelled() => break Ok(Next::End),
                read = ahead.next() => read,
            };
            let batch = match read {
                None => break Ok(Next::Read),
                Some(Ok(batch)) if batch.through > self.after => batch,
                Some(Ok(_)) => break Err(format!("log answers nothing behind {}", self.after)),
                Some(Err(ReadError::Closing)) => break Ok(Next::End),
                Some(Err(error)) => break Err(error.to_string()),
            };
            if last.is_none() {
                self.note_unapplied(&batch);
            }
            let most = self.options.bulk_bytes;
            let folded = self.fold(batch, touched, move |worker, batch| {
                match batch.at_head || worker.uncommitted() >= most {
                    true => Commit::Tables,
                    false => Commit::Later,
                }
            });
            let Some((batch, seen)) = folded.await else {
                return Next::Read;
            };
            touched = seen;
            self.recovered();
            if self.worker.as_ref().is_some_and(|it| it.uncommitted() > 0) {
                last = Some(batch);
                continue;
            }
            last = None;
            self.publish(&batch);
            let fresh = Touched::everything();
            self.announce(std::mem::replace(&mut touched, fresh));
            if self.worker.as_ref().and_then(Worker::position).is_none() {
                break Ok(Next::Read);
            }
        };
        if let Some(last) = last
            && let Some((last, touched)) = self.flush(last, touched).await
        {
            self.publish(&last);
            self.announce(touched);
        }
        match next {
            Ok(next) => next,
            Err(message) => self.back_off(message, token).await,
        }
    }

    /// Commits the folded batches, of which `last` is the last.
    async fn flush(&mut self, last: Batch, touched: Touched) -> Option<(Batch, Touched)> {
        let nothing = Batch {
            entries: Vec::new(),
            undecodable: None,
            through: last.through,
            at_head: last.at_head,
        };
        let flushed = self.fold(nothing, touched, |_, _| Commit::Tables).await;
        flushed.map(|(_, touched)| (last, touched))
    }
}
