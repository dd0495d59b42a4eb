//! The contacts with an owner: their number, the last one, and whether a pack was served before it.

use std::collections::BTreeMap;

use ownerline_proto::v1::missing_section::Reason;
use ownerline_proto::v1::{PackSection, touchpoint::Payload};

use super::entry::{Entry, Fact};
use super::pack::{ContactRecord, ContextPack};

const NANOS_PER_HOUR: i64 = 3_600 * 1_000_000_000;

/// How long after serving a pack to somebody who takes part in a contact the contact counts as made with it.
const OWN_WINDOW: i64 = 24 * NANOS_PER_HOUR;

/// How long after serving a pack to anybody a contact counts as made with it: systems fetch packs on behalf of people.
const ANYBODYS_WINDOW: i64 = NANOS_PER_HOUR;

/// The contacts so far, and the last serving to each actor.
#[derive(Debug, Clone, Default)]
pub(super) struct Contacts {
    contacts: u32,
    without_pack: u32,
    proactive_without_pack: u32,
    last: ContactRecord,
    served_to: BTreeMap<String, Fact>,
    served: Option<Fact>,
}

impl Contacts {
    pub(super) fn apply(&mut self, entry: Entry<'_>, payload: &Payload) {
        let fact = entry.fact;
        let actor = entry.touchpoint.actor.as_ref();
        let actor_id = actor.map(|actor| actor.id.as_str()).unwrap_or_default();
        match payload {
            Payload::ContextPackServed(_) => {
                self.served = Some(fact);
                if !actor_id.is_empty() {
                    self.served_to.insert(actor_id.to_owned(), fact);
                }
            }
            Payload::ContactMade(contact) => {
                let agents = contact.agents.iter().map(String::as_str);
                let own = agents
                    .chain([actor_id])
                    .filter_map(|agent| self.served_to.get(agent))
                    .filter(|served| within(served, &fact, OWN_WINDOW))
                    .max();
                let anybodys = self.served.as_ref();
                let anybodys = anybodys.filter(|served| within(served, &fact, ANYBODYS_WINDOW));
                let pack = own.or(anybodys).copied();
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

fn within(served: &Fact, contact: &Fact, window: i64) -> bool {
    contact.occurred_at.saturating_sub(served.occurred_at) <= window
}
