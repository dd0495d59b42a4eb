//! The contacts with an owner: their number, the last one, and whether a pack was served before it.

use std::collections::VecDeque;

use ownerline_proto::v1::missing_section::Reason;
use ownerline_proto::v1::{PackSection, touchpoint::Payload};

use super::entry::{Entry, Fact};
use super::pack::{ContactRecord, ContextPack};
use crate::contacts::{PACK_WINDOW, Party, Serving, pack_before};

/// The contacts so far, and the servings that later ones may still be made with.
#[derive(Debug, Clone, Default)]
pub(super) struct Contacts {
    contacts: u32,
    without_pack: u32,
    proactive_without_pack: u32,
    last: ContactRecord,
    served: VecDeque<Serving<Fact>>,
}

impl Contacts {
    pub(super) fn apply(&mut self, entry: Entry<'_>, payload: &Payload) {
        let fact = entry.fact;
        let party = || Party::of(entry.touchpoint, &entry.subjects.dealer_id);
        match payload {
            Payload::ContextPackServed(_) => {
                let oldest = fact.occurred_at.saturating_sub(PACK_WINDOW);
                while self.served.front().is_some_and(|it| it.at < oldest) {
                    self.served.pop_front();
                }
                self.served.push_back(Serving {
                    at: fact.occurred_at,
                    to: party(),
                    key: fact,
                });
            }
            Payload::ContactMade(contact) => {
                let served = self.served.make_contiguous();
                let pack = pack_before(served, &party(), fact.occurred_at).map(|it| it.key);
                self.contacts = self.contacts.saturating_add(1);
                if pack.is_none() {
                    self.without_pack = self.without_pack.saturating_add(1);
                    let proactive = u32::from(contact.proactive);
                    self.proactive_without_pack =
                        self.proactive_without_pack.saturating_add(proactive);
                }
                self.last = ContactRecord {
                    last: Some(fact),
                    agents: contact.agents.clone(),
                    proactive: contact.proactive,
                    pack,
                    ..ContactRecord::default()
                };
            }
            _ => {}
        }
    }

    pub(super) fn finish(self, sees_servings: bool, pack: &mut ContextPack) {
        if self.contacts == 0 {
            pack.lacks(PackSection::Contacts, Reason::NoContactKnown);
        }
        if !sees_servings {
            pack.lacks(PackSection::Contacts, Reason::ServingsNotVisible);
        }
        pack.contacts = ContactRecord {
            contacts: self.contacts,
            without_pack: sees_servings.then_some(self.without_pack),
            proactive_without_pack: sees_servings.then_some(self.proactive_without_pack),
            pack: self.last.pack.filter(|_| sees_servings),
            ..self.last
        };
    }
}
