//! View `contacts`: contacts with owners and packs that were served, as they were and as they were known.
//!
//! | table | key | value |
//! |---|---|---|
//! | `c` | owner, history key | [`Contact`]: a contact |
//! | `s` | owner, history key | `ServedTo`: the serving of a context pack |
//! | `l` | name, history key | the owner of a contact of this dealer (`d`), vendor (`o`) or agent (`a`); under `~` every contact that corrects another |
//!
//! A correction may inherit its dealer, so it is also found under `~`.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Subjects, Touchpoint};
use prost::Message;

use super::pack::Party;
use crate::Recorded;
use crate::fold::corrections::{Inherited, Inherits, fill};
use crate::fold::state::StateMap;
use crate::fold::table::HistoryTable;
use crate::fold::{FoldError, Kinds, ViewDef, history_tail};

pub(super) static CONTACTS: HistoryTable<Contact> = HistoryTable::new(VIEW.name, b'c');
pub(super) static SERVINGS: HistoryTable<ServedTo> = HistoryTable::new(VIEW.name, b's');
pub(super) static LISTED: HistoryTable<()> = HistoryTable::new(VIEW.name, b'l');

/// The name under which every contact that corrects another is listed.
pub(super) const CORRECTING: &str = "~";

/// The view. See the module documentation.
pub const VIEW: ViewDef = ViewDef {
    name: "contacts",
    version: 1,
    kinds: Kinds::Named(&["contact_made", "context_pack_served"]),
    apply: &apply,
};

/// A contact. Unknown texts are empty.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Contact {
    /// The id of the actor.
    #[prost(string, tag = "1")]
    pub actor_id: String,
    /// The dealer of the actor.
    #[prost(string, tag = "2")]
    pub actor_dealer_id: String,
    /// The agents who took part.
    #[prost(string, repeated, tag = "3")]
    pub agents: Vec<String>,
    /// The dealer that it names.
    #[prost(string, tag = "4")]
    pub dealer_id: String,
    /// The organisation that operates the actor.
    #[prost(string, tag = "5")]
    pub operated_by: String,
    /// The organisation that the actor speaks for.
    #[prost(string, tag = "6")]
    pub on_behalf_of: String,
    /// The visit that it names.
    #[prost(string, tag = "7")]
    pub visit_id: String,
    /// The case that it names.
    #[prost(string, tag = "8")]
    pub case_id: String,
    /// Whether the brand contacted the owner.
    #[prost(bool, tag = "9")]
    pub proactive: bool,
    /// The duration, in whole seconds.
    #[prost(int64, tag = "10")]
    pub duration_seconds: i64,
}

/// To whom a pack was served.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct ServedTo {
    #[prost(string, tag = "1")]
    actor_id: String,
    #[prost(string, tag = "2")]
    actor_dealer_id: String,
    #[prost(string, tag = "3")]
    dealer_id: String,
    #[prost(string, tag = "4")]
    operated_by: String,
}

impl Contact {
    /// The dealer that it names, otherwise the dealer of its actor.
    #[must_use]
    pub fn dealer(&self) -> &str {
        match self.dealer_id.as_str() {
            "" => &self.actor_dealer_id,
            dealer_id => dealer_id,
        }
    }

    /// Who made it.
    #[must_use]
    pub fn party(&self) -> Party {
        Party::new(
            self.agents
                .iter()
                .chain([&self.actor_id])
                .map(String::as_str),
            [self.dealer_id.as_str(), &self.actor_dealer_id],
            &self.operated_by,
        )
    }

    /// Whether a name is that of its dealer, of the dealer of its actor, or of whom it was made on behalf of.
    #[must_use]
    pub fn is_of_dealer(&self, dealer_id: &str) -> bool {
        let mut dealers = [&self.dealer_id, &self.actor_dealer_id, &self.on_behalf_of].into_iter();
        dealers.any(|it| it == dealer_id)
    }

    /// Whether somebody took part.
    #[must_use]
    pub fn is_by(&self, agent_id: &str) -> bool {
        self.actor_id == agent_id || self.agents.iter().any(|it| it == agent_id)
    }

    /// The names that it is listed under, each once.
    pub(super) fn names(&self) -> Vec<String> {
        let dealers = [&self.dealer_id, &self.actor_dealer_id, &self.on_behalf_of];
        let dealers = dealers.map(|it| ('d', it));
        let agents = self
            .agents
            .iter()
            .chain([&self.actor_id])
            .map(|it| ('a', it));
        let all = agents.chain(dealers).chain([('o', &self.operated_by)]);
        let named = all.filter(|(_, name)| !name.is_empty());
        let mut names: Vec<String> = named.map(|(of, name)| format!("{of}{name}")).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

impl Inherits for Contact {
    fn inherit(&mut self, inherited: &Inherited) {
        let subjects = &inherited.subjects;
        fill(&mut self.dealer_id, &subjects.dealer_id);
        fill(&mut self.visit_id, &subjects.visit_id);
        fill(&mut self.case_id, &subjects.case_id);
    }
}

impl ServedTo {
    pub(super) fn party(&self) -> Party {
        Party::new(
            [self.actor_id.as_str()],
            [self.dealer_id.as_str(), &self.actor_dealer_id],
            &self.operated_by,
        )
    }
}

impl Inherits for ServedTo {
    fn inherit(&mut self, inherited: &Inherited) {
        fill(&mut self.dealer_id, &inherited.subjects.dealer_id);
    }
}

fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let touchpoint = &recorded.touchpoint;
    let Some(subjects) = &touchpoint.subjects else {
        return Ok(());
    };
    let owner_id = subjects.owner_id.as_str();
    match &touchpoint.payload {
        Some(Payload::ContactMade(_)) => {
            let contact = contact(touchpoint, subjects);
            let mut names = contact.names();
            if touchpoint.corrects.is_some() {
                names.push(CORRECTING.to_owned());
            }
            let mut plain = vec![owner_id];
            plain.extend(names.iter().map(String::as_str));
            let tail = history_tail(recorded, &plain)?;
            CONTACTS.put(state, [owner_id], &tail, &contact);
            for name in &names {
                LISTED.put_bytes(state, [name], &tail, owner_id.as_bytes().to_vec());
            }
        }
        Some(Payload::ContextPackServed(_)) => {
            let actor = touchpoint.actor.as_ref();
            let served = ServedTo {
                actor_id: actor.map_or_else(String::new, |it| it.id.clone()),
                actor_dealer_id: actor.map_or_else(String::new, |it| it.dealer_id.clone()),
                dealer_id: subjects.dealer_id.clone(),
                operated_by: touchpoint.operated_by.clone(),
            };
            let tail = history_tail(recorded, &[owner_id])?;
            SERVINGS.put(state, [owner_id], &tail, &served);
        }
        _ => {}
    }
    Ok(())
}

fn contact(touchpoint: &Touchpoint, subjects: &Subjects) -> Contact {
    let actor = touchpoint.actor.as_ref();
    let (agents, proactive, duration_seconds) = match &touchpoint.payload {
        Some(Payload::ContactMade(it)) => (it.agents.clone(), it.proactive, it.duration_seconds),
        _ => (Vec::new(), false, 0),
    };
    Contact {
        actor_id: actor.map_or_else(String::new, |it| it.id.clone()),
        actor_dealer_id: actor.map_or_else(String::new, |it| it.dealer_id.clone()),
        agents,
        dealer_id: subjects.dealer_id.clone(),
        operated_by: touchpoint.operated_by.clone(),
        on_behalf_of: touchpoint.on_behalf_of.clone(),
        visit_id: subjects.visit_id.clone(),
        case_id: subjects.case_id.clone(),
        proactive,
        duration_seconds,
    }
}
