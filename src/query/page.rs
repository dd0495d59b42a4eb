//! Pages: how many entries one has, and where the next one goes on.

use blake3::Hash;

use super::basis::{Basis, Bounds, Wanted};
use super::error::QueryError;
use super::reads::Reads;
use super::token::Pinned;
use super::token::TokenError;
use crate::store::Position;

/// What every request for a page carries.
#[derive(Debug, Clone)]
pub struct PageAsk {
    /// The position and the instant to reflect.
    pub bounds: Bounds,
    /// Entries of the page; absent: as many as the capability answers by default.
    pub size: Option<usize>,
    /// The token of the page before.
    pub token: Option<String>,
    /// A digest of the request without what may change from page to page: a token is bound to it.
    pub query: Hash,
}

/// One page.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// Its entries.
    pub entries: T,
    /// The token of the next page, if there is one.
    pub next: Option<String>,
}

/// Where a page begins: the basis of the first page and the place at which the page before ended.
pub(super) struct Begin<P> {
    pub(super) wanted: Wanted,
    pub(super) after: Option<P>,
}

impl Reads {
    /// The number of entries of a page.
    ///
    /// # Errors
    /// [`QueryError::PageTooLarge`].
    pub(super) fn page_size(&self, ask: &PageAsk, default: usize) -> Result<usize, QueryError> {
        let limit = self.page_entries;
        let given = ask.size.unwrap_or(default.min(limit));
        if given > limit {
            return Err(QueryError::PageTooLarge { given, limit });
        }
        Ok(given)
    }

    /// Where a page begins whose token carries a position.
    ///
    /// # Errors
    /// If the token is not one of this query.
    pub(super) async fn begin(&self, ask: &PageAsk) -> Result<Begin<Position>, QueryError> {
        let Some(token) = &ask.token else {
            return self.begin_anew(ask).await;
        };
        let pinned = self.key.open_token(token, self.store.epoch(), &ask.query)?;
        Ok(Begin {
            wanted: Wanted::again(basis(pinned)),
            after: Some(pinned.last),
        })
    }

    /// Where a page begins whose token carries a place of its own.
    ///
    /// # Errors
    /// If the token is not one of this query.
    pub(super) async fn begin_at_place<P>(
        &self,
        ask: &PageAsk,
        decode: impl FnOnce(&[u8]) -> Option<P>,
    ) -> Result<Begin<P>, QueryError> {
        let Some(token) = &ask.token else {
            return self.begin_anew(ask).await;
        };
        let epoch = self.store.epoch();
        let (pinned, place) = self.key.open_token_with_place(token, epoch, &ask.query)?;
        Ok(Begin {
            wanted: Wanted::again(basis(pinned)),
            after: Some(decode(&place).ok_or(TokenError::Foreign)?),
        })
    }

    async fn begin_anew<P>(&self, ask: &PageAsk) -> Result<Begin<P>, QueryError> {
        Ok(Begin {
            wanted: Wanted::by(&ask.bounds, &self.store).await?,
            after: None,
        })
    }

    /// The token of the page after the one that ends at a position.
    pub(super) fn token(&self, query: &Hash, basis: Basis, last: Position) -> String {
        self.key
            .seal(self.store.epoch(), query, pinned(basis, last))
    }

    /// The token of the page after the one that ends at a place.
    pub(super) fn token_at_place(&self, query: &Hash, basis: Basis, place: Vec<u8>) -> String {
        let pinned = pinned(basis, Position::START);
        let epoch = self.store.epoch();
        self.key.seal_with_place(epoch, query, pinned, place)
    }
}

fn basis(pinned: Pinned) -> Basis {
    Basis {
        known_at: pinned.known_at,
        as_of: pinned.as_of,
        asked_at: pinned.asked_at,
        may_be_stale: pinned.stale,
    }
}

fn pinned(basis: Basis, last: Position) -> Pinned {
    Pinned {
        known_at: basis.known_at,
        as_of: basis.as_of,
        asked_at: basis.asked_at,
        last,
        stale: basis.may_be_stale,
    }
}
