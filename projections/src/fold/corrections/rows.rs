//! The rows about corrections and retractions.
//!
//! | table | key | value |
//! |---|---|---|
//! | `f` | source, id | [`Fact`]: every touchpoint |
//! | `l` | target's source, target's id, history key of the touchpoint that names it | [`Link`] |
//! | `m` | source, id | [`Mark`]: the touchpoint names another or is named; without one there is nothing to look up |

use ownerline_proto::time::Instant;
use ownerline_proto::v1::{Subjects, Visibility};
use prost::Message;

use crate::fold::state::StateError;
use crate::fold::table::HistoryTable;
use crate::sight::Sight;
use crate::{Position, Rank};

pub(super) const FACTS: u8 = b'f';
pub(super) const LINK_TABLE: u8 = b'l';
pub(super) static LINKS: HistoryTable<Link, 2> = HistoryTable::new("corrections", LINK_TABLE);
pub(super) const MARKS: u8 = b'm';

/// The facts about a touchpoint that decide whether another can correct or retract it.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Fact {
    #[prost(uint64, tag = "1")]
    pub position: u64,
    #[prost(sint64, tag = "2")]
    pub occurred_at: i64,
    /// The number of its kind.
    #[prost(uint32, tag = "3")]
    pub kind: u32,
    #[prost(string, tag = "4")]
    pub stream: String,
    /// The byte of its rank.
    #[prost(uint32, tag = "5")]
    pub rank: u32,
    /// Its subjects, apart from the one that names its stream; absent if there are none.
    #[prost(message, optional, tag = "6")]
    pub subjects: Option<Subjects>,
    /// See [`Sight`].
    #[prost(enumeration = "Visibility", tag = "7")]
    pub visibility: i32,
    #[prost(message, optional, tag = "8")]
    pub visible_from: Option<Instant>,
}

impl Fact {
    pub(super) fn position(&self) -> Position {
        Position(self.position)
    }

    pub(super) fn rank(&self) -> Rank {
        Rank::of_byte(u8::try_from(self.rank).unwrap_or(u8::MAX))
    }
}

/// A correction or retraction, filed under its target; its own history key is in the key.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Link {
    /// Whether it retracts; otherwise it corrects.
    #[prost(bool, tag = "1")]
    pub retracts: bool,
    /// The number of its kind.
    #[prost(uint32, tag = "2")]
    pub kind: u32,
    #[prost(string, tag = "3")]
    pub stream: String,
    /// See [`Sight`].
    #[prost(enumeration = "Visibility", tag = "4")]
    pub visibility: i32,
    #[prost(message, optional, tag = "5")]
    pub visible_from: Option<Instant>,
}

impl Link {
    pub(super) fn sight(&self) -> Sight {
        Sight {
            visibility: self.visibility,
            visible_from: self.visible_from,
        }
    }
}

/// The key of a touchpoint.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct Ref {
    #[prost(string, tag = "1")]
    pub source: String,
    #[prost(string, tag = "2")]
    pub id: String,
}

/// The targets of a touchpoint; empty if it is only a target itself.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Mark {
    #[prost(message, optional, tag = "1")]
    pub corrects: Option<Ref>,
    #[prost(message, optional, tag = "2")]
    pub retracts: Option<Ref>,
}

/// Decodes a value of this state.
pub(super) fn decode<M: Message + Default>(bytes: &[u8]) -> Result<M, StateError> {
    M::decode(bytes).map_err(|error| StateError::Damaged {
        reason: format!("row of corrections: {error}"),
    })
}
