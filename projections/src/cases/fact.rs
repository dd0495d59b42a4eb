//! One fact of a case, as known: a touchpoint in force with everything that corrections add to it.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::{Visibility, actor};

use super::kind::CaseFactKind;
use super::row::CaseRow;
use crate::{HistoryKey, Position, TouchpointKey};

/// The place of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the stream of the case.
    Stream,
    /// Elsewhere, and it names the case.
    Elsewhere,
    /// In the stream of the feedback that the case came from, without naming a case: words of the owner, or their answer
    /// to the outcome.
    Origin,
    /// Words of the owner in any matter: a message, or a contact that they began. Only read for a case that was ever
    /// paused, from its first pause on.
    Owner,
}

/// A touchpoint that counts for a case.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseFact {
    /// When it happened, its source, its id and its position.
    pub key: HistoryKey,
    /// Where it stands.
    pub place: Place,
    /// The first touchpoint of its chain of corrections; itself if it corrects nothing.
    pub first: TouchpointKey,
    /// When it reached the centre: of a correction, when the first of its chain did.
    pub received_at: i64,
    /// When the log took it.
    pub recorded_at: i64,
    /// It came by import: of a correction, the first of its chain did.
    pub imported: bool,
    /// The instant from which the centre could know of it in any wording. An import brings this instant with it.
    pub known_from: i64,
    /// Everything else that the view keeps of it; of a correction, inherited subjects and sight included.
    pub row: CaseRow,
}

/// A touchpoint that was known and does not count any more.
#[derive(Debug, Clone, PartialEq)]
pub struct ReplacedFact {
    /// The touchpoint as it was.
    pub fact: CaseFact,
    /// The correction in force in its place.
    pub corrected_by: Option<HistoryKey>,
    /// Its retraction.
    pub retracted_by: Option<HistoryKey>,
}

impl CaseFact {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> CaseFactKind {
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

    /// Whether it is in the stream of the case and says something of its own about it.
    #[must_use]
    pub fn tells(&self) -> bool {
        self.place == Place::Stream && self.kind().tells()
    }

    /// Whether a program or a car did it. Who is not stated counts as a person.
    #[must_use]
    pub fn is_automatic(&self) -> bool {
        matches!(
            self.row.actor_kind(),
            actor::Kind::System | actor::Kind::Bot | actor::Kind::Vehicle
        )
    }

    /// Whether it is something that the owner said, so that a case no longer waits for them: by its kind, or a contact
    /// that they began.
    #[must_use]
    pub fn is_owners_words(&self) -> bool {
        self.kind().is_owners_words()
            || (self.kind() == CaseFactKind::ContactMade && self.row.inbound)
    }

    /// The instant at which it was the word of the brand to the owner; `None` if it is not, or not yet. The owner could
    /// see it, or its kind says that they were told: an update, a reply, a contact, a notice that arrived.
    /// `by_owner` says whether the owner did it, `now` when the question is asked: what is planned to be revealed later is
    /// no word yet.
    #[must_use]
    pub fn word_at(&self, by_owner: bool, as_of: Instant, now: Instant) -> Option<i64> {
        let kind = self.kind();
        let names_case = matches!(self.place, Place::Stream | Place::Elsewhere);
        if !names_case || !kind.tells() || self.row.undelivered {
            return None;
        }
        let is_told = !by_owner || kind == CaseFactKind::ContactMade;
        match kind {
            CaseFactKind::ProgressUpdateSent
            | CaseFactKind::DealerReplied
            | CaseFactKind::ContactMade
            | CaseFactKind::OwnerNotified => return is_told.then_some(self.at()),
            CaseFactKind::UpdateViewed | CaseFactKind::ContextPackServed => return None,
            _ if by_owner || kind.is_owners_words() => return None,
            _ => {}
        }
        let sight = self.row.sight();
        if !sight.admits(Some(Visibility::Owner), as_of.min(now)) {
            return None;
        }
        let revealed = sight.visible_from.map(|from| from.nearest());
        Some(revealed.map_or(self.at(), |from| from.max(self.at())))
    }
}
