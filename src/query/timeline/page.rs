//! Pages of an owner's timeline: the view says which touchpoints, the log says what they are.

use ownerline_projections::timeline::{
    self, TimelineFilter, TimelineOrder, TimelineQuestion, TimelineRow, headline,
};
use ownerline_projections::{HistoryKey, Rank, Viewer};
use ownerline_proto::field_class::FieldClasses;
use ownerline_proto::schema::Schema;
use ownerline_proto::time;
use ownerline_proto::v1::Touchpoint;

use crate::query::answer_budget::AnswerBudget;
use crate::query::basis::{Answer, Wanted};
use crate::query::error::QueryError;
use crate::query::needs::TIMELINE;
use crate::query::page::{Page, PageAsk};
use crate::query::reads::Reads;
use crate::query::recorded::decode;
use crate::store::{Position, ReadError, StoredEvent};

/// More bytes than the tags and lengths of a reference take.
const REFERENCE_BYTES: usize = 16;
/// Entries of a page where the request does not say.
const DEFAULT_PAGE: usize = 100;

/// The timeline to read.
#[derive(Debug, Clone, Default)]
pub struct TimelineAsk {
    /// Any id of the person.
    pub owner_id: String,
    /// Which part.
    pub filter: TimelineFilter,
    /// Which way.
    pub order: TimelineOrder,
}

/// One touchpoint in an owner's story.
#[derive(Debug, Clone)]
pub struct TimelineEntry {
    /// What the view says.
    pub row: TimelineRow,
    /// What the log says.
    pub event: StoredEvent,
    /// Decoded.
    pub touchpoint: Touchpoint,
    /// In one line, for whoever may read everything.
    pub headline: String,
}

/// More bytes than the numbers, instants, warnings and tags of an entry take.
const ENTRY_BYTES: usize = 1_024;

impl TimelineEntry {
    /// The most bytes that an answer needs for it.
    pub(super) fn most_bytes(&self) -> usize {
        let row = &self.row;
        let ids = [&row.owner_id, &row.vin, &row.dealer_id];
        let standing = [&row.standing.corrected_by, &row.standing.retracted_by];
        let references = standing.into_iter().flatten().chain(&row.effects);
        let references = references.map(|key| key.source.len() + key.id.len() + REFERENCE_BYTES);
        let stream = self.event.stream.as_str().len();
        self.event.whole.len()
            + self.headline.len()
            + ids.map(String::len).into_iter().sum::<usize>()
            + references.sum::<usize>()
            + stream
            + ENTRY_BYTES
    }
}

/// Reads timelines. Cheap to clone.
#[derive(Clone)]
pub struct TimelineReads {
    /// What they are read with.
    pub reads: Reads,
}

impl TimelineReads {
    /// One page.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn page(
        &self,
        ask: TimelineAsk,
        page: &PageAsk,
        viewer: &Viewer,
    ) -> Result<Answer<Page<Vec<TimelineEntry>>>, QueryError> {
        let reads = &self.reads;
        let limit = reads.page_size(page, DEFAULT_PAGE)?;
        let begin = reads.begin(page).await?;
        let after = match begin.after {
            Some(last) => Some(self.place(last).await?),
            None => None,
        };
        let question = TimelineQuestion {
            owner_id: ask.owner_id,
            filter: ask.filter,
            order: ask.order,
            after,
            limit,
        };
        let found = self.rows(begin.wanted, question, viewer).await?;
        let positions = found.value.rows.iter();
        let positions = positions.map(|row| row.position).collect();
        let events = reads.store.read_positions(positions).await?;
        let mut entries: Vec<TimelineEntry> = Vec::with_capacity(events.len());
        let mut budget = AnswerBudget::of_answer();
        let mut more = found.value.more;
        for (row, event) in found.value.rows.iter().zip(events) {
            let entry = entry(row.clone(), event)?;
            if !budget.takes(entry.most_bytes()) {
                more = true;
                break;
            }
            entries.push(entry);
        }
        let last = entries.last().map(|entry| entry.event.position);
        let last = last.filter(|_| more);
        let next = last.map(|last| reads.token(&page.query, found.basis, last));
        Ok(found.map(|_| Page { entries, next }))
    }

    /// Rows of a timeline, all read in one snapshot.
    pub(in crate::query) async fn rows(
        &self,
        wanted: Wanted,
        question: TimelineQuestion,
        viewer: &Viewer,
    ) -> Result<Answer<timeline::TimelinePage>, QueryError> {
        let page = self
            .reads
            .ask_for(TIMELINE, wanted, viewer, move |snapshots, vantage| {
                timeline::answer(snapshots, vantage, question)
            });
        page.await
    }

    /// The place in the history of the touchpoint at which the page before ended.
    async fn place(&self, last: Position) -> Result<HistoryKey, QueryError> {
        let events = self.reads.store.read_positions(vec![last]).await?;
        let event = events.first();
        let event = event.ok_or(ReadError::NoSuchPosition { position: last })?;
        Ok(history_key(event, decode(event)?))
    }
}

/// The place of a stored touchpoint in a history.
pub(in crate::query) fn history_key(event: &StoredEvent, touchpoint: Touchpoint) -> HistoryKey {
    let occurred_at = touchpoint.occurred_at.as_ref().map(time::nanos_clamped);
    let kind = Schema::get().kind_by_name(&event.kind);
    HistoryKey {
        occurred_at: occurred_at.unwrap_or_default(),
        rank: kind.map_or(Rank::NEUTRAL, |kind| Rank::of(&touchpoint, kind.number)),
        source: touchpoint.source,
        id: touchpoint.id,
        position: event.position,
    }
}

pub(super) fn entry(row: TimelineRow, event: StoredEvent) -> Result<TimelineEntry, QueryError> {
    let touchpoint = decode(&event)?;
    Ok(TimelineEntry {
        headline: headline(&touchpoint, FieldClasses::ALL),
        row,
        event,
        touchpoint,
    })
}
