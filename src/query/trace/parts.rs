//! The entries of a trace, read from the log part by part as they are sent.

use std::collections::VecDeque;

use ownerline_projections::timeline::headline;
use ownerline_projections::trace::{Trace, TraceEntry};
use ownerline_proto::field_class::FieldClasses;
use ownerline_proto::v1::Touchpoint;

use crate::query::answer_budget::AnswerBudget;
use crate::query::error::QueryError;
use crate::query::recorded::decode;
use crate::store::{Position, SharedStore, StoredEvent};

/// Entries that are read from the log at once.
const READ_AT_ONCE: usize = 128;
/// More bytes than the numbers, instants, warnings and tags of an entry take.
const ENTRY_BYTES: usize = 1_024;
/// More bytes than the tags and lengths of a reason or a reference take.
const REFERENCE_BYTES: usize = 32;

/// One entry with its touchpoint.
#[derive(Debug, Clone)]
pub struct TracedEntry {
    /// What the search says.
    pub entry: TraceEntry,
    /// What the log says.
    pub event: StoredEvent,
    /// Decoded.
    pub touchpoint: Touchpoint,
    /// In one line, for whoever may read everything.
    pub headline: String,
}

impl TracedEntry {
    fn of(entry: TraceEntry, event: StoredEvent) -> Result<Self, QueryError> {
        let touchpoint = decode(&event)?;
        Ok(Self {
            headline: headline(&touchpoint, FieldClasses::ALL),
            entry,
            event,
            touchpoint,
        })
    }

    /// The most bytes that an answer needs for it.
    fn most_bytes(&self) -> usize {
        let entry = &self.entry;
        let through = entry.reasons.iter().filter_map(|it| it.through.as_ref());
        let beside = [&entry.corrected_by, &entry.retracted_by];
        let keys = beside.into_iter().flatten().chain(through);
        let keys = keys.map(|it| it.source.len() + it.id.len() + REFERENCE_BYTES);
        let reasons = entry.reasons.iter();
        let reasons = reasons.map(|it| it.id.len() + REFERENCE_BYTES);
        self.event.whole.len()
            + self.event.stream.as_str().len()
            + self.headline.len()
            + keys.chain(reasons).sum::<usize>()
            + ENTRY_BYTES
    }
}

/// A trace whose entries are read as they are sent, so that a slow reader holds few touchpoints.
pub struct TraceParts {
    store: SharedStore,
    /// The trace, without the entries that are read.
    trace: Trace,
    waiting: VecDeque<TraceEntry>,
    ready: VecDeque<TracedEntry>,
}

impl TraceParts {
    pub(super) fn new(store: SharedStore, mut trace: Trace) -> Self {
        let entries = std::mem::take(&mut trace.entries);
        Self {
            store,
            trace,
            waiting: entries.into(),
            ready: VecDeque::new(),
        }
    }

    /// The figures of the trace; without entries.
    #[must_use]
    pub fn figures(&self) -> &Trace {
        &self.trace
    }

    /// Whether there are no more entries.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.waiting.is_empty() && self.ready.is_empty()
    }

    /// The next entries, as many as one message has; none if there are no more.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn next(&mut self) -> Result<Vec<TracedEntry>, QueryError> {
        if self.ready.is_empty() {
            let some = self.waiting.len().min(READ_AT_ONCE);
            let entries: Vec<TraceEntry> = self.waiting.drain(..some).collect();
            let positions: Vec<Position> = entries.iter().map(|it| it.key.position).collect();
            let events = self.store.read_positions(positions).await?;
            for (entry, event) in entries.into_iter().zip(events) {
                self.ready.push_back(TracedEntry::of(entry, event)?);
            }
        }
        let mut budget = AnswerBudget::of_message();
        let fitting = self.ready.iter();
        let fitting = fitting.take_while(|entry| budget.takes(entry.most_bytes()));
        let fitting = fitting.count();
        Ok(self.ready.drain(..fitting).collect())
    }
}
