//! A question about contacts, and the page of contacts and the totals that answer it.

use std::collections::BTreeMap;

use prost::Message;

use super::fold::Contact;
use super::follow_up::{FollowUp, Irrelevance};
use super::selection::ContactFilter;
use crate::stats::Proportion;
use crate::{HistoryKey, Position, Rank};

/// A question about contacts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactsQuestion {
    /// The contacts to count.
    pub filter: ContactFilter,
    /// The contacts to list.
    pub listed: ListedContacts,
    /// The place of the last contact of the page before.
    pub after: Option<ContactPlace>,
    /// Contacts of the page at most.
    pub limit: usize,
}

/// The contacts to list, of those that are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ListedContacts {
    /// All.
    #[default]
    All,
    /// Those without a pack.
    WithoutPack,
    /// Those with one.
    WithPack,
    /// Irrelevant follow-ups.
    Irrelevant,
}

/// The place of a contact in history order, newest first.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct ContactPlace {
    /// When it began, in nanoseconds since the Unix epoch.
    #[prost(sfixed64, tag = "1")]
    pub occurred_at: i64,
    /// The byte of its rank.
    #[prost(uint32, tag = "2")]
    pub rank: u32,
    /// The system that reported it.
    #[prost(string, tag = "3")]
    pub source: String,
    /// Its id in that system.
    #[prost(string, tag = "4")]
    pub id: String,
}

impl From<&HistoryKey> for ContactPlace {
    fn from(key: &HistoryKey) -> Self {
        Self {
            occurred_at: key.occurred_at,
            rank: key.rank.byte().into(),
            source: key.source.clone(),
            id: key.id.clone(),
        }
    }
}

impl ContactPlace {
    pub(super) fn key(&self) -> HistoryKey {
        HistoryKey {
            occurred_at: self.occurred_at,
            rank: Rank::of_byte(u8::try_from(self.rank).unwrap_or(u8::MAX)),
            source: self.source.clone(),
            id: self.id.clone(),
            position: Position::START,
        }
    }
}

/// The pack that a contact was made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackOfContact {
    /// The serving.
    pub key: HistoryKey,
    /// Its age when the contact began, in nanoseconds.
    pub age: i64,
    /// Whether it was served to somebody who took part.
    pub same_actor: bool,
}

/// One contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundContact {
    /// The owner id that it names.
    pub owner_id: String,
    /// Its place.
    pub key: HistoryKey,
    /// What it says, with what it inherits.
    pub contact: Contact,
    /// The pack that it was made with.
    pub pack: Option<PackOfContact>,
    /// How it stands as a follow-up; `None` if it is none.
    pub follow_up: Option<FollowUp>,
}

/// The totals of a selection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactTotals {
    /// Contacts with a pack, of all.
    pub with_pack: Proportion,
    /// Proactive contacts, of all.
    pub proactive: Proportion,
    /// Proactive contacts with a pack, of proactive ones.
    pub proactive_with_pack: Proportion,
    /// Irrelevant follow-ups, of follow-ups.
    pub irrelevant: Proportion,
    /// By reason; one contact may count for several.
    pub by_reason: BTreeMap<Irrelevance, u64>,
    /// The persons contacted.
    pub persons: u64,
}

/// One page of contacts, and the totals.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ContactsPage {
    /// Newest first.
    pub contacts: Vec<FoundContact>,
    /// There are more.
    pub more: bool,
    /// Of the whole selection.
    pub totals: ContactTotals,
}

impl FoundContact {
    /// Whether it is a follow-up that made no sense.
    #[must_use]
    pub fn is_irrelevant(&self) -> bool {
        let follow_up = self.follow_up.as_ref();
        follow_up.is_some_and(|it| !it.irrelevant.is_empty())
    }
}

impl ContactTotals {
    pub(super) fn add(&mut self, found: &FoundContact) {
        let has_pack = found.pack.is_some();
        let is_proactive = found.contact.proactive;
        self.with_pack.add(has_pack);
        self.proactive.add(is_proactive);
        if is_proactive {
            self.proactive_with_pack.add(has_pack);
        }
        if let Some(follow_up) = &found.follow_up {
            self.irrelevant.add(!follow_up.irrelevant.is_empty());
            for reason in &follow_up.irrelevant {
                *self.by_reason.entry(*reason).or_default() += 1;
            }
        }
    }
}
