//! Directories: which owners and which dealers there are.

use std::cmp::Reverse;

use blake3::Hash;
use ownerline_projections::feedback::{self, dealers_named};
use ownerline_projections::network::{self, Dealer, Network};
use ownerline_projections::timeline::{
    self, OwnerPlace, OwnerRow, OwnersPage, OwnersQuery, owners,
};
use ownerline_projections::{Validity, Viewer, corrections};
use ownerline_proto::time::Instant;
use prost::Message;

use super::basis::{Basis, Bounds};
use super::counts::{Counts, GivenUp, Waiting};
use super::token::Pinned;
use super::views::{reached, unreadable};
use super::{QueryError, Timelines};
use crate::store::Position;

/// Owners of a page where the request does not say.
const OWNERS: usize = 50;
/// Dealers of a page where the request does not say.
const DEALERS: usize = 100;

/// What every directory is asked with.
#[derive(Debug, Clone)]
pub struct DirectoryAsk<F> {
    /// Which.
    pub filter: F,
    /// As of and as known when.
    pub bounds: Bounds,
    /// Entries of the page.
    pub page_size: Option<usize>,
    /// From the page before.
    pub token: Option<String>,
    /// What a token is bound to.
    pub query: Hash,
}

/// Which dealers.
#[derive(Debug, Clone, Default)]
pub struct DealerFilter {
    /// Of this market.
    pub market: Option<String>,
    /// That carry this brand.
    pub brand: Option<String>,
}

/// A dealer that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealerEntry {
    /// Its id.
    pub dealer_id: String,
    /// As registered; `None`: feedback names it, and nobody registered it.
    pub registered: Option<Dealer>,
}

/// A page of a directory.
#[derive(Debug, Clone)]
pub struct DirectoryPage<T> {
    /// What was found.
    pub entries: Vec<T>,
    /// The token of the next page, if there is one.
    pub next: Option<String>,
    /// The instant it reflects.
    pub as_of: Instant,
    /// The position it reflects.
    pub known_at: Position,
    /// More was recorded than it reflects, and it was asked for now.
    pub stale: bool,
}

/// Reads directories. Cheap to clone.
#[derive(Clone)]
pub struct DirectoryReads {
    timelines: Timelines,
    counts: Counts,
}

/// Where a page of owners ended.
#[derive(Clone, PartialEq, Message)]
struct OwnerCursor {
    #[prost(sint64, tag = "1")]
    last_occurred_at: i64,
    #[prost(string, tag = "2")]
    owner_id: String,
}

/// Where a page of dealers ended.
#[derive(Clone, PartialEq, Message)]
struct DealerCursor {
    #[prost(string, tag = "1")]
    dealer_id: String,
}

impl DirectoryReads {
    /// Reads over the parts that every read stands on; listing owners waits for the same turn as counts do.
    #[must_use]
    pub fn new(timelines: Timelines, counts: Counts) -> Self {
        Self { timelines, counts }
    }

    /// The parts that every read stands on.
    pub(crate) fn timelines(&self) -> &Timelines {
        &self.timelines
    }

    /// One page of owners.
    ///
    /// # Errors
    /// See [`QueryError`]; [`QueryError::UnknownName`] if nothing names the dealer asked for.
    pub async fn owners(
        &self,
        ask: DirectoryAsk<Option<String>>,
    ) -> Result<DirectoryPage<OwnerRow>, QueryError> {
        const VIEWS: [&str; 4] = [
            timeline::VIEW.name,
            corrections::VIEW.name,
            network::VIEW.name,
            feedback::VIEW.name,
        ];
        let limit = self.limit(ask.page_size, OWNERS)?;
        let cursor = self.cursor::<OwnerCursor, _>(&ask)?;
        let (wanted, asked) = self.timelines.basis(&ask.bounds, pinned(&cursor)).await?;
        self.timelines.wait_for(VIEWS, wanted).await?;
        let running = self.counts.turn().await?;
        let projector = self.timelines.projector.clone();
        let given_up = GivenUp::default();
        let waiting = Waiting(given_up.clone());
        let dealer_id = ask.filter.clone();
        let after = cursor.map(|(_, cursor)| OwnerPlace {
            last_occurred_at: Reverse(cursor.last_occurred_at),
            owner_id: cursor.owner_id,
        });
        let listing = tokio::task::spawn_blocking(move || {
            let _running = running;
            let views = projector.snapshots(VIEWS).map_err(unreadable)?;
            let basis = asked.standing_on(reached(&views));
            let [timeline, corrections, network, feedback] = &views;
            let validity = Validity::new(corrections, basis.known_at.0).map_err(unreadable)?;
            let query = OwnersQuery {
                dealer_id,
                as_of: basis.as_of,
                known_at: basis.known_at.0,
                after,
                limit,
            };
            let is_over = || given_up.is_raised();
            let page = owners(timeline, &validity, &Viewer::Unrestricted, &query, &is_over);
            let page = page.map_err(unreadable)?;
            if let Some(dealer_id) = query.dealer_id.filter(|_| page.owners.is_empty()) {
                let network =
                    Network::load(network, &validity, Instant::MAX).map_err(unreadable)?;
                super::nearest::dealer("dealer_id", &dealer_id, &network, feedback)?;
            }
            Ok::<_, QueryError>((page, basis))
        });
        let (OwnersPage { owners, more }, basis) = listing.await.map_err(unreadable)??;
        drop(waiting);
        let place = owners.last().filter(|_| more).map(|last| OwnerCursor {
            last_occurred_at: last.place.last_occurred_at.0,
            owner_id: last.place.owner_id.clone(),
        });
        Ok(self.page(owners, place, basis, &ask.query))
    }

    /// One page of dealers.
    ///
    /// # Errors
    /// See [`QueryError`]; [`QueryError::UnknownName`] if no dealer was ever of the market asked for.
    pub async fn dealers(
        &self,
        ask: DirectoryAsk<DealerFilter>,
    ) -> Result<DirectoryPage<DealerEntry>, QueryError> {
        const VIEWS: [&str; 3] = [
            network::VIEW.name,
            feedback::VIEW.name,
            corrections::VIEW.name,
        ];
        let limit = self.limit(ask.page_size, DEALERS)?;
        let cursor = self.cursor::<DealerCursor, _>(&ask)?;
        let (wanted, asked) = self.timelines.basis(&ask.bounds, pinned(&cursor)).await?;
        self.timelines.wait_for(VIEWS, wanted).await?;
        let projector = self.timelines.projector.clone();
        let filter = ask.filter.clone();
        let after = cursor.map(|(_, cursor)| cursor.dealer_id);
        let listing = tokio::task::spawn_blocking(move || {
            let views = projector.snapshots(VIEWS).map_err(unreadable)?;
            let basis = asked.standing_on(reached(&views));
            let [network, feedback, corrections] = &views;
            let validity = Validity::new(corrections, basis.known_at.0).map_err(unreadable)?;
            let network = Network::load(network, &validity, basis.as_of).map_err(unreadable)?;
            let named = dealers_named(feedback).map_err(unreadable)?;
            if let Some(market) = &filter.market {
                super::nearest::market("market", market, &network)?;
            }
            let mut found = listed(&network, named, &filter, basis.as_of, after.as_deref());
            let more = found.len() > limit;
            found.truncate(limit);
            Ok::<_, QueryError>((found, more, basis))
        });
        let (found, more, basis) = listing.await.map_err(unreadable)??;
        let place = found.last().filter(|_| more).map(|last| DealerCursor {
            dealer_id: last.dealer_id.clone(),
        });
        Ok(self.page(found, place, basis, &ask.query))
    }

    fn limit(&self, asked: Option<usize>, default: usize) -> Result<usize, QueryError> {
        let limit = self.timelines.page_entries;
        let given = asked.unwrap_or(default.min(limit));
        if given > limit {
            return Err(QueryError::PageTooLarge { given, limit });
        }
        Ok(given)
    }

    fn cursor<C: Message + Default, F>(
        &self,
        ask: &DirectoryAsk<F>,
    ) -> Result<Option<(Pinned, C)>, QueryError> {
        let Some(token) = &ask.token else {
            return Ok(None);
        };
        let key = &self.timelines.key;
        let (pinned, place) =
            key.open_token_with_place(token, self.timelines.store.epoch(), &ask.query)?;
        let place = C::decode(&*place).map_err(|_| super::TokenError::Foreign)?;
        Ok(Some((pinned, place)))
    }

    fn page<T, C: Message>(
        &self,
        entries: Vec<T>,
        place: Option<C>,
        basis: Basis,
        query: &Hash,
    ) -> DirectoryPage<T> {
        let next = place.map(|place| {
            let pinned = Pinned {
                known_at: basis.known_at,
                as_of: basis.as_of,
                last: Position::START,
                stale: basis.may_be_stale,
            };
            let epoch = self.timelines.store.epoch();
            let place = place.encode_to_vec();
            self.timelines
                .key
                .seal_with_place(epoch, query, pinned, place)
        });
        DirectoryPage {
            entries,
            next,
            as_of: basis.as_of,
            known_at: basis.known_at,
            stale: basis.is_stale(&self.timelines.store),
        }
    }
}

fn pinned<C>(cursor: &Option<(Pinned, C)>) -> Option<Pinned> {
    cursor.as_ref().map(|(pinned, _)| *pinned)
}

/// The dealers behind a place, in the order of their ids.
fn listed(
    network: &Network,
    named: std::collections::BTreeSet<String>,
    filter: &DealerFilter,
    as_of: Instant,
    after: Option<&str>,
) -> Vec<DealerEntry> {
    let mut all = named;
    all.extend(network.dealers().map(|(dealer_id, _)| dealer_id.to_owned()));
    let entries = all.into_iter().map(|dealer_id| DealerEntry {
        registered: network.dealer(&dealer_id, as_of.nearest()).cloned(),
        dealer_id,
    });
    let fits = |entry: &DealerEntry| {
        let dealer = entry.registered.as_ref();
        let of_market = |market: &String| dealer.is_some_and(|it| it.market == *market);
        let of_brand = |brand: &String| dealer.is_some_and(|it| it.brands.contains(brand));
        after.is_none_or(|after| after < entry.dealer_id.as_str())
            && filter.market.as_ref().is_none_or(of_market)
            && filter.brand.as_ref().is_none_or(of_brand)
    };
    entries.filter(fits).collect()
}
