//! What every request and every answer of the same shape needs. The implementations are generated beside the messages,
//! from the fields that they have.

use prost::Message;

/// A request that bounds what its answer reflects.
pub trait BoundedRequest {
    /// The position that the answer reflects at least; empty: any.
    fn at_least(&self) -> &str;

    /// As known when; `None`: now.
    fn known_at(&self) -> Option<&crate::v1::KnownAt>;

    /// As it was at this instant; `None`: now.
    fn as_of(&self) -> Option<&pbjson_types::Timestamp>;
}

/// A request for one page.
pub trait PagedRequest: Message + Sized {
    /// Entries of the page; 0: not said.
    fn page_size(&self) -> u32;

    /// The token of the page before; empty: the first page.
    fn page_token(&self) -> &str;

    /// The request without what may change from page to page: two requests with the same query may continue each other.
    #[must_use]
    fn query(&self) -> Self;
}

/// An answer that says what it reflects.
pub trait BasedAnswer {
    /// Sets the instant and the position that it reflects, and whether more was recorded than it reflects.
    fn set_basis(&mut self, as_of: pbjson_types::Timestamp, position: String, stale: bool);
}

include!(concat!(env!("OUT_DIR"), "/conversions.rs"));
