//! The rows and tables of the view `feedback`. Default values take no space.
//!
//! | table | key | value |
//! |---|---|---|
//! | `i` | feedback, number | [`Segment`]: at most [`FACTS`] facts of the feedback; the first has the [`Head`] |
//! | `c` | case, number | [`Segment`]: the same for a case, as far as it concerns a feedback |
//! | `l` | feedback, case | empty: an event of the case names the feedback |
//! | `d` | dealer, `received_at`, feedback | empty: the item may count for the dealer from then; not for large items |
//! | `v` | dealer, `occurred_at`, feedback | empty: the same for the instants of invitations |
//! | `x` | dealer, feedback | one byte: a *particular* item, large (1) or amended (0); all of them under the empty dealer |
//! | `o` | dealer, feedback | empty: the owner may wait for a reply, and this dealer is responsible |
//! | `u` | dealer, feedback | empty: the same for the resolution |
//! | `a` | `occurred_at`, feedback | empty: a fact that was recorded before it occurred |
//! | `s` | dealer, month, number | [`Chunk`]: at most [`SUMMARIES`] summaries of items that are not particular |
//! | `n` | dealer, month | the number of the last chunk |
//!
//! An item is *particular* if the fold cannot tell its state from one row. Either it is *amended*: something in its
//! stream corrects or retracts, so another view's state is needed. Or it is *large*: reading all of it for every further
//! fact would take quadratic time. Such items have no summary; queries fold them on read.

use prost::Message;
use prost::bytes::Bytes;

use crate::fold::key::KeyWriter;
use crate::fold::pairs::PairTable;
use crate::fold::state::{StateError, StateRead};
use crate::obligation::Fact;

pub(super) const ITEMS: u8 = b'i';
pub(super) const CASES: u8 = b'c';
pub(super) const LINKS: PairTable = PairTable::new(b'l');
pub(super) const DEALERS: u8 = b'd';
pub(super) const INVITED: u8 = b'v';
pub(super) const PARTICULAR: PairTable = PairTable::new(PARTICULAR_TABLE);
pub(super) const PARTICULAR_TABLE: u8 = b'x';
pub(super) const OPEN: PairTable = PairTable::new(b'o');
pub(super) const UNRESOLVED: PairTable = PairTable::new(b'u');
pub(super) const AHEAD: u8 = b'a';
pub(super) const CHUNKS: u8 = b's';
pub(super) const LAST_CHUNKS: u8 = b'n';

/// The most facts of a segment.
pub(super) const FACTS: usize = 64;

/// The most summaries of a chunk. A chunk is rewritten whole for every new fact of one of its items.
pub(super) const SUMMARIES: usize = 32;

/// A segment of facts in the order of arrival; if it is the only one of its item, in history order.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Segment {
    #[prost(string, repeated, tag = "1")]
    pub names: Vec<String>,
    #[prost(message, repeated, tag = "2")]
    pub facts: Vec<Fact>,
    #[prost(message, optional, tag = "3")]
    pub head: Option<Head>,
}

/// The facts about all segments, and the places of the item in the other tables.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Head {
    /// The number of segments after the first.
    #[prost(uint32, tag = "1")]
    pub more: u32,
    /// The revision of the last touchpoint of the stream.
    #[prost(uint64, tag = "2")]
    pub last_revision: u64,
    /// Whether something in the stream corrects or retracts.
    #[prost(bool, tag = "3")]
    pub amended: bool,
    /// Whether an event of a case names the feedback.
    #[prost(bool, tag = "4")]
    pub has_cases: bool,
    /// The place of its summary.
    #[prost(message, optional, tag = "5")]
    pub place: Option<Place>,
    /// The dealer under which it is listed as open.
    #[prost(string, tag = "6")]
    pub dealer_id: String,
    #[prost(bool, tag = "7")]
    pub is_open: bool,
    #[prost(bool, tag = "8")]
    pub is_unresolved: bool,
}

impl Head {
    pub(super) fn is_particular(&self) -> bool {
        self.amended || self.more > 0
    }
}

/// The chunk of a summary.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Place {
    #[prost(string, tag = "1")]
    pub dealer_id: String,
    /// Months since the year 0, in UTC.
    #[prost(uint64, tag = "2")]
    pub month: u64,
    #[prost(uint64, tag = "3")]
    pub chunk: u64,
}

/// Some summaries of one dealer and month.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Chunk {
    #[prost(string, repeated, tag = "1")]
    pub names: Vec<String>,
    /// The feedback of each summary.
    #[prost(bytes = "bytes", repeated, tag = "2")]
    pub ids: Vec<Bytes>,
    /// Encoded summaries, so that unchanged ones need no decoding.
    #[prost(bytes = "bytes", repeated, tag = "3")]
    pub summaries: Vec<Bytes>,
}

/// The key of a segment.
pub(super) fn segment_key(table: u8, id: &str, number: u32) -> Vec<u8> {
    KeyWriter::table(table)
        .text(id)
        .number(number.into())
        .finish()
}

/// The segments of a feedback or a case.
pub(super) fn segments(
    state: &dyn StateRead,
    table: u8,
    id: &str,
) -> Result<Vec<Segment>, StateError> {
    let Some(first) = state.get(&segment_key(table, id, 0))? else {
        return Ok(Vec::new());
    };
    let first = decode::<Segment>(&first)?;
    let more = first.head.as_ref().map_or(0, |head| head.more);
    let mut segments = vec![first];
    for number in 1..=more {
        let bytes = state.get(&segment_key(table, id, number))?;
        segments.push(decode(&bytes.unwrap_or_default())?);
    }
    Ok(segments)
}

/// Decodes a value of this view.
pub(super) fn decode<M: Message + Default>(bytes: &[u8]) -> Result<M, StateError> {
    M::decode(bytes).map_err(|error| damaged(&error.to_string()))
}

pub(super) fn damaged(reason: &str) -> StateError {
    StateError::Damaged {
        reason: format!("feedback row: {reason}"),
    }
}
