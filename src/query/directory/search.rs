//! Searching the log backwards: touchpoints that pass a filter, the last recorded first.

use blake3::Hash;
use ownerline_projections::Viewer;

use super::lists::DirectoryReads;
use crate::query::answer_budget::AnswerBudget;
use crate::query::basis::Basis;
use crate::query::error::QueryError;
use crate::query::reads::Reads;
use crate::query::recorded::sees;
use crate::store::{EventFilter, Position, ReadAll, StoredEvent};

/// Touchpoints of a page where the request does not say.
const DEFAULT_PAGE: usize = 50;
/// Positions that are read at once.
const AT_ONCE: u64 = 4_096;
/// Positions that are searched for one page.
const SEARCHED: u64 = 100_000;
/// More bytes than the position, the instant and the tags of a recorded touchpoint take.
const RECORDED_BYTES: usize = 128;

/// What is asked.
#[derive(Debug, Clone)]
pub struct SearchAsk {
    /// Which touchpoints.
    pub filter: EventFilter,
    /// Only what was recorded up to here.
    pub known_at: Option<Position>,
    /// Touchpoints of the page.
    pub page_size: Option<usize>,
    /// From the page before.
    pub token: Option<String>,
    /// What a token is bound to.
    pub query: Hash,
}

/// One page.
#[derive(Debug, Clone)]
pub struct SearchPage {
    /// The last recorded first.
    pub events: Vec<StoredEvent>,
    /// The token of the next page, if there is one.
    pub next: Option<String>,
    /// Where the first page began.
    pub known_at: Position,
    /// Everything behind this position was searched.
    pub searched_down_to: Position,
}

impl DirectoryReads {
    /// Searches the log backwards from its end, or from where the page before ended. Reads at most 100,000 positions
    /// for each page, so that a filter which hardly anything passes answers in time, too, with a next page.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn search(&self, ask: SearchAsk, viewer: &Viewer) -> Result<SearchPage, QueryError> {
        let reads = &self.reads;
        let limit = reads.page_entries;
        let size = ask.page_size.unwrap_or(DEFAULT_PAGE.min(limit));
        if size > limit {
            return Err(QueryError::PageTooLarge { given: size, limit });
        }
        let epoch = reads.store.epoch();
        let (known_at, mut until) = match &ask.token {
            Some(token) => {
                let pinned = reads.key.open_token(token, epoch, &ask.query)?;
                (pinned.known_at, pinned.last)
            }
            None => {
                let head = reads.store.head().borrow().position;
                let from = ask.known_at.unwrap_or(head);
                if from > head {
                    return Err(QueryError::BehindEnd { field: "known_at" });
                }
                (from, from)
            }
        };
        let mut events = Vec::new();
        let mut budget = AnswerBudget::of_answer();
        let mut left = SEARCHED;
        // `until` is the greatest position that is not searched yet.
        while until > Position::START && left > 0 && events.len() < size {
            let after = Position(until.0.saturating_sub(AT_ONCE.min(left)));
            left -= until.0 - after.0;
            let found = between(reads, after, until, &ask.filter).await?;
            until = after;
            for event in found.into_iter().rev() {
                if !sees(viewer, &event)? {
                    continue;
                }
                let stream = event.stream.as_str().len();
                let bytes = event.whole.len() + stream + RECORDED_BYTES;
                if events.len() == size || !budget.takes(bytes) {
                    // The rest of this part is searched again by the next page.
                    until = event.position;
                    left = 0;
                    break;
                }
                events.push(event);
            }
        }
        let next = (until > Position::START).then(|| {
            let basis = Basis {
                known_at,
                ..Basis::default()
            };
            reads.token(&ask.query, basis, until)
        });
        Ok(SearchPage {
            events,
            next,
            known_at,
            searched_down_to: until,
        })
    }
}

/// The touchpoints that pass after one position, up to and including another, in position order.
async fn between(
    reads: &Reads,
    after: Position,
    until: Position,
    filter: &EventFilter,
) -> Result<Vec<StoredEvent>, QueryError> {
    let mut all = Vec::new();
    let mut from = after;
    while from < until {
        let max = usize::try_from(until.0 - from.0).unwrap_or(usize::MAX);
        let read = ReadAll {
            after: from,
            filter: filter.clone(),
            max,
        };
        let scanned = reads.store.read_all(read).await?;
        let is_over = scanned.at_head || scanned.through >= until;
        all.extend(scanned.events);
        from = scanned.through;
        if is_over {
            break;
        }
    }
    all.retain(|event| event.position <= until);
    Ok(all)
}
