//! One item: how it stands, what is owed for it, and its history as the log tells it.

use std::collections::BTreeSet;

use ownerline_projections::feedback::load;
use ownerline_projections::obligation::{Detail, Fact, Item, ItemState, What, details};
use ownerline_projections::policy::Supposed;
use ownerline_projections::timeline::headline;
use ownerline_projections::{HistoryKey, Rank};
use ownerline_proto::schema::Schema;
use ownerline_proto::time::{self, Instant};
use ownerline_proto::v1::Touchpoint;
use ownerline_proto::v1::touchpoint::Payload;

use super::FeedbackReads;
use crate::query::basis::{Basis, Bounds};
use crate::query::obligation_views::{OBLIGATION_VIEWS, ObligationViews, unreadable};
use crate::query::{QueryError, decode};
use crate::store::{Direction, Position, ReadStream, Revision, StoredEvent, StreamName};

/// Touchpoints of a history at most.
const HISTORY: usize = 1_000;
/// Their bytes at most: below the 4 MiB that gRPC clients take by default.
const HISTORY_BYTES: usize = 3 << 20;

/// An item that is asked for.
#[derive(Debug, Clone)]
pub struct FeedbackAsk {
    /// Which.
    pub feedback_id: String,
    /// As of and as known when.
    pub bounds: Bounds,
    /// What if this were owed.
    pub what_if: Option<Supposed>,
}

/// One touchpoint of a history.
#[derive(Debug, Clone)]
pub struct HistoryEntry {
    /// What the log says.
    pub event: StoredEvent,
    /// Decoded.
    pub touchpoint: Touchpoint,
    /// In one line.
    pub headline: String,
    /// It does not count.
    pub without_effect: bool,
}

/// One item.
#[derive(Debug, Clone)]
pub struct FeedbackAnswer {
    /// How it stands.
    pub state: ItemState,
    /// What is owed, in the order in which it began.
    pub details: Vec<Detail>,
    /// Whose, as named or filled in; empty if nobody said.
    pub owner_id: String,
    /// The vehicle, likewise.
    pub vin: String,
    /// The owner's own words.
    pub verbatim: String,
    /// (source, id) of the event by which it does not count.
    pub excluded_by: Option<(String, String)>,
    /// Oldest first.
    pub history: Vec<HistoryEntry>,
    /// The instant it stands on (nanoseconds since the Unix epoch).
    pub as_of: Instant,
    /// The position it stands on.
    pub known_at: Position,
    /// More was recorded than it stands on, and it was asked for now.
    pub stale: bool,
}

/// What the views say about an item.
struct Known {
    basis: Basis,
    item: Item,
    state: ItemState,
    details: Vec<Detail>,
    views: ObligationViews,
}

impl FeedbackReads {
    /// One item.
    ///
    /// # Errors
    /// See [`QueryError`]; [`QueryError::Unknown`] if nothing of its stream is known.
    pub async fn item(&self, ask: FeedbackAsk) -> Result<FeedbackAnswer, QueryError> {
        let known = self.known(ask).await?;
        let basis = known.basis;
        let told = self.told(&known).await?;
        let verbatim = self.verbatim(&known).await?;
        let excluded_by = known.fact(|fact| fact.what() == What::Excluded);
        let excluded_by = excluded_by.map(|fact| known.item.key(fact));
        let subjects = known.item.subjects(basis.as_of);
        let (owner_id, vin) = (subjects.owner_id.to_owned(), subjects.vin.to_owned());
        let state = known.state.clone();
        let details = known.details.clone();
        let history = tokio::task::spawn_blocking(move || known.standing(told));
        let history = history.await.map_err(unreadable)??;
        Ok(FeedbackAnswer {
            state,
            details,
            owner_id,
            vin,
            verbatim,
            excluded_by,
            history,
            as_of: basis.as_of,
            known_at: basis.known_at,
            stale: basis.is_stale(&self.timelines.store),
        })
    }

    async fn known(&self, ask: FeedbackAsk) -> Result<Known, QueryError> {
        let (reached, asked) = self.timelines.basis(&ask.bounds, None).await?;
        self.timelines.wait_for(OBLIGATION_VIEWS, reached).await?;
        let projector = self.timelines.projector.clone();
        let read = tokio::task::spawn_blocking(move || {
            let views = ObligationViews::of(&projector)?;
            let basis = asked.standing_on(views.reached());
            let terms = views.terms(&basis, ask.what_if.as_ref())?;
            let validity = views.validity(basis.known_at)?;
            let found = load(views.feedback(), &validity, &ask.feedback_id);
            drop(validity);
            let item = found.map_err(unreadable)?.ok_or(QueryError::Unknown {
                what: "feedback",
                id: ask.feedback_id,
            })?;
            let state = ItemState::at(&item, &terms, basis.as_of);
            Ok(Known {
                details: details(&item, &state, &terms, basis.as_of),
                basis,
                item,
                state,
                views,
            })
        });
        read.await.map_err(unreadable)?
    }

    /// The newest of what the stream of the item says, and of what bears on it elsewhere.
    async fn told(&self, known: &Known) -> Result<Vec<StoredEvent>, QueryError> {
        let store = &self.timelines.store;
        let Basis {
            known_at, as_of, ..
        } = known.basis;
        let elsewhere = known.item.facts().iter().filter(|fact| fact.case != 0);
        let elsewhere = elsewhere.filter(|fact| fact.occurred_at <= as_of);
        let positions: Vec<Position> = elsewhere.map(|it| Position(it.position)).collect();
        let skipped = positions.len().saturating_sub(HISTORY);
        let positions = positions.into_iter().skip(skipped).collect();
        let mut told = store.read_positions(positions).await?;
        let mut read = ReadStream {
            stream: StreamName::new(format!("feedback-{}", known.item.feedback_id)),
            from: None,
            direction: Direction::Backward,
            max: HISTORY,
        };
        let mut own = 0;
        while own < HISTORY {
            let events = store.read_stream(read.clone()).await?;
            let Some(last) = events.last().map(|last| last.revision) else {
                break;
            };
            for event in events {
                if own < HISTORY && event.position <= known_at {
                    own += 1;
                    told.push(event);
                }
            }
            match last.0.checked_sub(1) {
                Some(before) => read.from = Some(Revision(before)),
                None => break,
            }
        }
        Ok(told)
    }

    /// The owner's own words, as the feedback that counts says them.
    async fn verbatim(&self, known: &Known) -> Result<String, QueryError> {
        let received = known.fact(|fact| fact.what() == What::Received);
        let positions = received.map(|fact| Position(fact.position));
        let positions = positions.into_iter().collect();
        let events = self.timelines.store.read_positions(positions).await?;
        let Some(event) = events.first() else {
            return Ok(String::new());
        };
        Ok(match decode(event)?.payload {
            Some(Payload::FeedbackReceived(received)) => received.verbatim,
            _ => String::new(),
        })
    }
}

impl Known {
    /// The first fact of its own that counts and fits.
    fn fact(&self, fits: impl Fn(&Fact) -> bool) -> Option<&Fact> {
        let as_of = self.basis.as_of;
        let own = self.item.facts().iter().filter(|fact| fact.case == 0);
        let mut own = own.take_while(|fact| fact.occurred_at <= as_of);
        own.find(|fact| fits(fact))
    }

    /// The history of what was told, and which of it does not count.
    fn standing(&self, told: Vec<StoredEvent>) -> Result<Vec<HistoryEntry>, QueryError> {
        let validity = self.views.validity(self.basis.known_at)?;
        let idle = self.without_effect();
        let mut history = Vec::with_capacity(told.len());
        for event in told {
            let touchpoint = decode(&event)?;
            let occurred_at = touchpoint.occurred_at.as_ref().map(time::nanos_clamped);
            let occurred_at = occurred_at.unwrap_or_default();
            if occurred_at > self.basis.as_of {
                continue;
            }
            let standing = validity.standing(&touchpoint.source, &touchpoint.id);
            let standing = standing.map_err(unreadable)?;
            let key = (touchpoint.source.clone(), touchpoint.id.clone());
            let kind = Schema::get().kind_by_name(&event.kind);
            let place = HistoryKey {
                occurred_at,
                rank: kind.map_or(Rank::NEUTRAL, |kind| Rank::of(&touchpoint, kind.number)),
                source: touchpoint.source.clone(),
                id: touchpoint.id.clone(),
                position: event.position.0,
            };
            let entry = HistoryEntry {
                headline: kind
                    .map(|kind| headline(kind, &touchpoint))
                    .unwrap_or_default(),
                without_effect: !standing.in_force()
                    || standing.without_effect
                    || idle.contains(&key),
                event,
                touchpoint,
            };
            history.push((place, entry));
        }
        history.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut bytes = 0;
        let mut newest: Vec<HistoryEntry> = Vec::new();
        for (_, entry) in history.into_iter().rev().take(HISTORY) {
            bytes += entry.event.clear.len() + entry.event.personal.len();
            if bytes > HISTORY_BYTES && !newest.is_empty() {
                break;
            }
            newest.push(entry);
        }
        newest.reverse();
        Ok(newest)
    }

    /// (source, id) of what was reported and changed nothing, and of replies that were taken back.
    fn without_effect(&self) -> BTreeSet<(String, String)> {
        let mut idle: BTreeSet<_> = self
            .state
            .flags
            .iter()
            .map(|(_, key)| key.clone())
            .collect();
        let as_of = self.basis.as_of;
        let taken_back = self.item.replies_taken_back(as_of);
        idle.extend(taken_back.map(|fact| self.item.key(fact)));
        idle
    }
}
