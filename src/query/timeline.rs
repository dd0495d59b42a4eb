//! Pages of an owner's timeline: the view says which touchpoints, the log says what they are.

use std::sync::Arc;
use std::time::Duration;

use blake3::Hash;
use ownerline_projections::timeline::{
    self, TimelineFilter, TimelineOrder, TimelineQuery, TimelineRow, headline,
};
use ownerline_projections::{HistoryKey, Rank, Viewer};
use ownerline_proto::schema::Schema;
use ownerline_proto::time::{self, Instant};
use ownerline_proto::v1::Touchpoint;

use super::basis::{Basis, Bounds};
use super::token::Pinned;
use super::views::{VIEWS, Views, of_view, unreadable};
use super::{QueryError, TokenKey, decode};
use crate::projector::{ProjectorHandle, WaitError};
use crate::runtime::Clock;
use crate::store::{Position, SharedStore, StoredEvent};

/// Touchpoint bytes on one page: below the 4 MiB that gRPC clients take by default.
const PAGE_BYTES: usize = 3 << 20;

/// What is asked.
#[derive(Debug, Clone)]
pub struct TimelineAsk {
    /// Whose.
    pub owner_id: String,
    /// Which part.
    pub filter: TimelineFilter,
    /// Which way.
    pub order: TimelineOrder,
    /// As of and as known when.
    pub bounds: Bounds,
    /// Entries of the page.
    pub page_size: Option<usize>,
    /// Entries of the page where `page_size` does not say.
    pub default_page_size: usize,
    /// From the page before.
    pub token: Option<String>,
    /// What a token is bound to.
    pub query: Hash,
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
    /// In one line.
    pub headline: String,
}

/// One page.
#[derive(Debug, Clone)]
pub struct TimelinePage {
    /// In the order asked.
    pub entries: Vec<TimelineEntry>,
    /// The token of the next page, if there is one.
    pub next: Option<String>,
    /// The instant it stands on (nanoseconds since the Unix epoch).
    pub as_of: Instant,
    /// The position it stands on.
    pub known_at: Position,
    /// More was recorded than it stands on, and it was asked for now.
    pub stale: bool,
}

/// Reads timelines.
#[derive(Clone)]
pub struct Timelines {
    /// The log.
    pub store: SharedStore,
    /// The read models.
    pub projector: ProjectorHandle,
    /// Fills in an omitted `as_of`.
    pub clock: Arc<dyn Clock>,
    /// Seals page tokens.
    pub key: TokenKey,
    /// Entries of a page at most.
    pub page_entries: usize,
    /// Longest wait for the read model.
    pub patience: Duration,
}

/// What the view answered, and what it stood on.
pub(super) struct Answered {
    pub(super) basis: Basis,
    pub(super) page: timeline::TimelinePage,
}

/// Which rows of whose timeline.
pub(super) struct Part {
    pub(super) owner_id: String,
    pub(super) filter: TimelineFilter,
    pub(super) order: TimelineOrder,
    pub(super) after: Option<HistoryKey>,
    pub(super) limit: usize,
}

impl Timelines {
    /// One page.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn page(&self, ask: TimelineAsk) -> Result<TimelinePage, QueryError> {
        let limit = ask
            .page_size
            .unwrap_or(ask.default_page_size.min(self.page_entries));
        if limit > self.page_entries {
            return Err(QueryError::PageTooLarge {
                given: limit,
                limit: self.page_entries,
            });
        }
        let pinned = match &ask.token {
            Some(token) => Some(self.key.open_token(token, self.store.epoch(), &ask.query)?),
            None => None,
        };
        let query = ask.query;
        let Answered { basis, page } = self.answer(ask, limit, pinned).await?;
        let positions: Vec<Position> = page.rows.iter().map(|row| Position(row.position)).collect();
        let events = self.store.read_positions(positions).await?;
        let mut entries = Vec::with_capacity(events.len());
        let mut bytes = 0;
        let mut more = page.more;
        for (row, event) in page.rows.into_iter().zip(events) {
            bytes += event.whole.len();
            if bytes > PAGE_BYTES && !entries.is_empty() {
                more = true;
                break;
            }
            entries.push(entry(row, event)?);
        }
        let last = entries
            .last()
            .map(|entry: &TimelineEntry| entry.event.position);
        let next = last.filter(|_| more).map(|last| {
            let pinned = Pinned {
                known_at: basis.known_at,
                as_of: basis.as_of,
                last,
                stale: basis.may_be_stale,
            };
            self.key.seal(self.store.epoch(), &query, pinned)
        });
        let stale = basis.is_stale(&self.store);
        Ok(TimelinePage {
            entries,
            next,
            as_of: basis.as_of,
            known_at: basis.known_at,
            stale,
        })
    }

    async fn answer(
        &self,
        ask: TimelineAsk,
        limit: usize,
        pinned: Option<Pinned>,
    ) -> Result<Answered, QueryError> {
        let (reached, basis) = self.basis(&ask.bounds, pinned).await?;
        self.wait(reached).await?;
        let after = match pinned {
            Some(pinned) => Some(self.cursor(pinned.last).await?),
            None => None,
        };
        let part = Part {
            owner_id: ask.owner_id,
            filter: ask.filter,
            order: ask.order,
            after,
            limit,
        };
        self.rows(basis, part).await
    }

    /// Rows of a timeline, all read in one snapshot.
    pub(super) async fn rows(&self, basis: Asked, part: Part) -> Result<Answered, QueryError> {
        let projector = self.projector.clone();
        let answered = tokio::task::spawn_blocking(move || {
            let views = Views::of(&projector)?;
            let basis = basis.standing_on(views.reached());
            let query = TimelineQuery {
                owner_id: part.owner_id,
                filter: part.filter,
                order: part.order,
                as_of: basis.as_of,
                known_at: basis.known_at.0,
                after: part.after,
                limit: part.limit,
            };
            let page =
                timeline::page(views.states(), &Viewer::Unrestricted, &query).map_err(of_view)?;
            Ok(Answered { basis, page })
        });
        answered.await.map_err(unreadable)?
    }

    /// The position to wait for, and what the answer will stand on as far as that is asked for.
    pub(super) async fn basis(
        &self,
        bounds: &Bounds,
        pinned: Option<Pinned>,
    ) -> Result<(Position, Asked), QueryError> {
        if let Some(pinned) = pinned {
            let asked = Asked {
                known_at: Some(pinned.known_at),
                as_of: pinned.as_of,
                may_be_stale: pinned.stale,
            };
            return Ok((pinned.known_at, asked));
        }
        let (reached, known_at) = bounds.resolve(&self.store).await?;
        let as_of = bounds.as_of.unwrap_or_else(|| self.clock.now().into());
        Ok((
            reached,
            Asked {
                known_at,
                as_of,
                may_be_stale: known_at.is_none(),
            },
        ))
    }

    /// Waits until every view of timelines has reached a position.
    pub(super) async fn wait(&self, wanted: Position) -> Result<(), QueryError> {
        self.wait_for(VIEWS, wanted).await
    }

    /// Waits until each of these views has reached a position.
    pub(super) async fn wait_for<const N: usize>(
        &self,
        views: [&'static str; N],
        wanted: Position,
    ) -> Result<(), QueryError> {
        let waited = self.patience;
        let arrivals = views.map(|view| async move {
            let arrived = self.projector.wait_for(view, wanted, waited).await;
            arrived.map_err(|error| match error {
                WaitError::TimedOut { reached } => QueryError::NotYet {
                    wanted,
                    reached,
                    waited,
                },
                WaitError::Failed { reason, .. } => QueryError::ViewFailed {
                    view: view.to_owned(),
                    reason,
                },
                WaitError::Closing => QueryError::Closing,
            })
        });
        futures::future::try_join_all(arrivals).await?;
        Ok(())
    }

    /// Where the page before ended, in the order of the history.
    async fn cursor(&self, last: Position) -> Result<HistoryKey, QueryError> {
        let events = self.store.read_positions(vec![last]).await?;
        let event = events
            .into_iter()
            .next()
            .ok_or(crate::store::ReadError::NoSuchPosition { position: last })?;
        let touchpoint = decode(&event)?;
        let occurred_at = touchpoint
            .occurred_at
            .as_ref()
            .map(time::nanos_clamped)
            .unwrap_or_default();
        let kind = Schema::get().kind_by_name(&event.kind);
        Ok(HistoryKey {
            occurred_at,
            rank: kind.map_or(Rank::NEUTRAL, |kind| Rank::of(&touchpoint, kind.number)),
            source: touchpoint.source,
            id: touchpoint.id,
            position: last.0,
        })
    }
}

/// What a request or its token asks to stand on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    pub(super) known_at: Option<Position>,
    pub(super) as_of: Instant,
    pub(super) may_be_stale: bool,
}

impl From<Basis> for Asked {
    fn from(basis: Basis) -> Self {
        Self {
            known_at: Some(basis.known_at),
            as_of: basis.as_of,
            may_be_stale: basis.may_be_stale,
        }
    }
}

impl Asked {
    pub(super) fn standing_on(self, reached: Position) -> Basis {
        Basis {
            known_at: self.known_at.unwrap_or(reached),
            as_of: self.as_of,
            may_be_stale: self.may_be_stale,
        }
    }
}

pub(super) fn entry(row: TimelineRow, event: StoredEvent) -> Result<TimelineEntry, QueryError> {
    let touchpoint = decode(&event)?;
    let kind = Schema::get().kind_by_name(&event.kind);
    let headline = kind
        .map(|kind| headline(kind, &touchpoint))
        .unwrap_or_default();
    Ok(TimelineEntry {
        row,
        event,
        touchpoint,
        headline,
    })
}
