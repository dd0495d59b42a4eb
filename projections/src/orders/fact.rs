//! One fact of an order, as known: a touchpoint in force with everything that corrections add to it.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::Visibility;

use super::kind::OrderFactKind;
use super::row::OrderRow;
use crate::{HistoryKey, Position, TouchpointKey};

/// A touchpoint that counts for an order.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderFact {
    /// When it happened, its source, its id and its position.
    pub key: HistoryKey,
    /// It is in the stream of the order; otherwise it is elsewhere and names the order.
    pub in_stream: bool,
    /// It does not name the order either, but tells the owner of a touchpoint of the order.
    pub names_none: bool,
    /// Every known member of its chain of corrections, itself included: a reference to any of them means it.
    pub chain: Vec<TouchpointKey>,
    /// The instant from which the centre could know of it in any wording, in nanoseconds since the Unix epoch. An import
    /// brings this instant with it.
    pub known_from: i64,
    /// The first touchpoint of its chain came by import.
    pub imported: bool,
    /// Everything else that the view keeps of it; of a correction, inherited subjects and sight included.
    pub row: OrderRow,
}

impl OrderFact {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> OrderFactKind {
        self.row.kind()
    }

    /// When it happened, in nanoseconds since the Unix epoch.
    #[must_use]
    pub fn at(&self) -> i64 {
        self.key.occurred_at
    }

    /// Its position in the log.
    #[must_use]
    pub fn position(&self) -> Position {
        self.key.position
    }

    /// Its source and id.
    #[must_use]
    pub fn touchpoint(&self) -> TouchpointKey {
        TouchpointKey::from(&self.key)
    }

    /// Whether it is in the stream of the order and says something of its own about it.
    #[must_use]
    pub fn tells(&self) -> bool {
        self.in_stream && self.kind().tells()
    }

    /// The instant from which whoever may see it could: when it happened, or when it was revealed.
    #[must_use]
    pub fn visible_at(&self) -> i64 {
        let revealed = self.row.visible_from.map(Instant::nearest);
        revealed.map_or(self.at(), |from| from.max(self.at()))
    }

    /// Whether a notice or a look is about another fact, in any of its wordings.
    #[must_use]
    pub fn is_about(&self, other: &Self) -> bool {
        let mut chain = other.chain.iter();
        chain.any(|it| it.source == self.row.about_source && it.id == self.row.about_id)
    }

    /// Whether it is a word to the owner: something of the order, or that names it, that the owner may see, said by anybody
    /// else. A handover always is one. `by_owner` says whether the owner did it.
    #[must_use]
    pub fn is_word(&self, by_owner: bool, at: Instant) -> bool {
        match self.kind() {
            OrderFactKind::HandoverCompleted => self.in_stream,
            kind => {
                kind.can_be_word()
                    && !self.names_none
                    && !by_owner
                    && !self.row.undelivered
                    && self.row.sight().admits(Some(Visibility::Owner), at)
            }
        }
    }
}
