//! Pages of a dealer's inbox.

use std::collections::BTreeMap;

use blake3::Hash;
use ownerline_projections::policy::Supposed;
use ownerline_proto::time::Instant;

use super::look::look;
use super::place::{InboxOrder, Place};
use super::{FeedbackReads, Inbox, Owed};
use crate::query::basis::{Basis, Bounds};
use crate::query::nearest::{Named, refuse_unknown};
use crate::query::obligation_views::{OBLIGATION_VIEWS, ObligationViews, unreadable};
use crate::query::timeline::Asked;
use crate::query::token::Pinned;
use crate::query::{QueryError, TokenError};
use crate::store::Position;

/// Obligations of a page where the request does not say.
const DEFAULT_PAGE: usize = 100;

/// An inbox that is asked for.
#[derive(Debug, Clone)]
pub struct InboxAsk {
    /// Whose, and which part.
    pub inbox: Inbox,
    /// Which comes first.
    pub order: InboxOrder,
    /// As of and as known when.
    pub bounds: Bounds,
    /// What if this were owed.
    pub what_if: Option<Supposed>,
    /// Obligations of the page.
    pub page_size: Option<usize>,
    /// From the page before.
    pub token: Option<String>,
    /// What a token is bound to.
    pub query: Hash,
}

/// One page.
#[derive(Debug, Clone)]
pub struct InboxPage {
    /// In the order asked.
    pub items: Vec<Owed>,
    /// How many there are on all pages.
    pub total: u64,
    /// The token of the next page, if there is one.
    pub next: Option<String>,
    /// The instant it stands on (nanoseconds since the Unix epoch).
    pub as_of: Instant,
    /// The position it stands on.
    pub known_at: Position,
    /// More was recorded than it stands on, and it was asked for now.
    pub stale: bool,
}

/// What was found in one snapshot.
struct Found {
    basis: Basis,
    items: BTreeMap<Place, Owed>,
    total: u64,
}

impl FeedbackReads {
    /// One page of an inbox.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn list(&self, ask: InboxAsk) -> Result<InboxPage, QueryError> {
        let timelines = &self.timelines;
        let limit = timelines.page_entries;
        let size = ask.page_size.unwrap_or(DEFAULT_PAGE.min(limit));
        if size > limit {
            return Err(QueryError::PageTooLarge { given: size, limit });
        }
        let (key, epoch) = (&timelines.key, timelines.store.epoch());
        let (pinned, after) = match &ask.token {
            None => (None, None),
            Some(token) => {
                let (pinned, place) = key.open_token_with_place(token, epoch, &ask.query)?;
                let place = Place::decode(&place).ok_or(TokenError::Foreign)?;
                (Some(pinned), Some(place))
            }
        };
        let query = ask.query;
        let found = self.found(ask, pinned, after, size).await?;
        let Found {
            basis,
            mut items,
            total,
        } = found;
        let mut last = None;
        if items.len() > size {
            items.pop_last();
            last = items.last_key_value().map(|(place, _)| place.encode());
        }
        let next = last.map(|place| {
            let pinned = Pinned {
                known_at: basis.known_at,
                as_of: basis.as_of,
                last: Position::START,
                stale: basis.may_be_stale,
            };
            key.seal_with_place(epoch, &query, pinned, place)
        });
        Ok(InboxPage {
            items: items.into_values().collect(),
            total,
            next,
            as_of: basis.as_of,
            known_at: basis.known_at,
            stale: basis.is_stale(&timelines.store),
        })
    }

    /// The first `size` obligations behind a place, and one more if there is one.
    async fn found(
        &self,
        ask: InboxAsk,
        pinned: Option<Pinned>,
        after: Option<Place>,
        size: usize,
    ) -> Result<Found, QueryError> {
        let is_of_now = pinned.is_none() && ask.bounds.as_of.is_none();
        let (reached, asked) = self.timelines.basis(&ask.bounds, pinned).await?;
        self.timelines.wait_for(OBLIGATION_VIEWS, reached).await?;
        let (projector, store) = (
            self.timelines.projector.clone(),
            self.timelines.store.clone(),
        );
        let clock = self.timelines.clock.clone();
        let read = tokio::task::spawn_blocking(move || {
            let views = ObligationViews::of(&projector)?;
            let head = *store.head().borrow();
            let asked = match is_of_now {
                // Read again: nothing in the views is told to be later than now.
                true => Asked {
                    as_of: clock.now().into(),
                    ..asked
                },
                false => asked,
            };
            let basis = asked.standing_on(views.reached());
            let terms = views.terms(&basis, ask.what_if.as_ref())?;
            let (mut items, mut total) = (BTreeMap::new(), 0);
            look(&views, &ask.inbox, &terms, &basis, head, |owed| {
                total += 1;
                let place = Place::of(&owed, ask.order);
                if after.as_ref().is_none_or(|after| place > *after) {
                    items.insert(place, owed);
                    // What cannot be on the page is not kept.
                    if items.len() > size.saturating_add(1) {
                        items.pop_last();
                    }
                }
            })?;
            if total == 0 {
                // Nothing is owed, or nobody knows the dealer.
                let named = Named {
                    dealer_id: Some(&ask.inbox.dealer_id)
                        .filter(|id| !id.is_empty())
                        .map(String::as_str),
                    market: None,
                };
                let validity = views.validity(basis.known_at)?;
                refuse_unknown(named, views.network(), views.feedback(), &validity)?;
            }
            Ok(Found {
                basis,
                items,
                total,
            })
        });
        read.await.map_err(unreadable)?
    }
}
