//! Reads the selected contacts, counts them, and keeps those of the page.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use ownerline_proto::time::Instant;

use super::fold::{CONTACTS, CORRECTING, Contact, LISTED, VIEW};
use super::follow_up::{Asked, FollowUp, FollowUpStates, follow_up};
use super::page::{ContactPlace, ContactsPage, ContactsQuestion, FoundContact, ListedContacts};
use super::served::Served;
use crate::bookings::{self, BookingStates};
use crate::civil::CivilCalendar;
use crate::corrections;
use crate::fold::state::StateError;
use crate::network::Network;
use crate::person::identity;
use crate::person::identity::person_ids;
use crate::timeline::TimelineStates;
use crate::{AnswerError, HistoryKey, Snapshots, Validity, Vantage};

/// Persons whose servings are kept while contacts are read.
const PERSONS: usize = 4_096;

/// Counts the contacts of a question, and keeps those of the page.
///
/// # Errors
/// If too many ids are linked to the owner's, or a state cannot be read.
pub(super) fn count(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    validity: &Validity<'_>,
    network: &Network,
    question: &ContactsQuestion,
) -> Result<ContactsPage, AnswerError> {
    let mut counting = Counting {
        reader: Reader::new(snapshots, validity, vantage.as_of),
        calendar: CivilCalendar::default(),
        network,
        vantage,
        question,
        after: question.after.as_ref().map(ContactPlace::key),
        page: BTreeMap::new(),
        persons: BTreeSet::new(),
        answer: ContactsPage::default(),
    };
    counting.read(snapshots)?;
    Ok(counting.finish())
}

/// Reads what a contact is judged by.
struct Reader<'s> {
    snapshots: &'s Snapshots<'s>,
    validity: &'s Validity<'s>,
    as_of: Instant,
    /// By owner id.
    persons: BTreeMap<String, Rc<Served>>,
}

impl<'s> Reader<'s> {
    fn new(snapshots: &'s Snapshots<'s>, validity: &'s Validity<'s>, as_of: Instant) -> Self {
        Self {
            snapshots,
            validity,
            as_of,
            persons: BTreeMap::new(),
        }
    }

    fn person(&mut self, owner_id: &str) -> Result<Rc<Served>, StateError> {
        if let Some(person) = self.persons.get(owner_id) {
            return Ok(person.clone());
        }
        let person = Served::read(self.snapshots, self.validity, self.as_of, owner_id)?;
        let person = Rc::new(person);
        if self.persons.len() >= PERSONS {
            self.persons.clear();
        }
        let of_ids = person.ids.iter().map(|id| (id.clone(), person.clone()));
        self.persons.extend(of_ids);
        Ok(person)
    }

    fn follow_up(
        &self,
        owner_id: &str,
        key: &HistoryKey,
        contact: &Contact,
    ) -> Result<Option<FollowUp>, StateError> {
        if !contact.proactive || contact.visit_id.is_empty() {
            return Ok(None);
        }
        let chain = self.validity.standing(&key.source, &key.id)?.chain;
        let reported = chain.iter().map(|it| it.position).min();
        let states = FollowUpStates {
            bookings: BookingStates {
                bookings: self.snapshots.state(bookings::VIEW.name),
                whose: TimelineStates::of(self.snapshots).whose(),
            },
            identity: self.snapshots.state(identity::VIEW.name),
            corrections: self.snapshots.state(corrections::VIEW.name),
        };
        let asked = Asked {
            owner_id,
            visit_id: &contact.visit_id,
            at: key.occurred_at,
            reported: reported.unwrap_or(key.position),
        };
        follow_up(states, asked).map(Some)
    }
}

/// Counts contacts, and keeps those of the page.
struct Counting<'a, 's> {
    reader: Reader<'s>,
    calendar: CivilCalendar,
    network: &'a Network,
    vantage: &'a Vantage<'a>,
    question: &'a ContactsQuestion,
    after: Option<HistoryKey>,
    page: BTreeMap<HistoryKey, FoundContact>,
    persons: BTreeSet<String>,
    answer: ContactsPage,
}

impl Counting<'_, '_> {
    /// Reads the contacts from where they are listed most narrowly.
    fn read(&mut self, snapshots: &Snapshots<'_>) -> Result<(), AnswerError> {
        let state = snapshots.state(VIEW.name);
        let validity = self.reader.validity;
        let filter = &self.question.filter;
        let reach = filter.period.reach();
        let until = (reach.end < i64::MAX).then_some(reach.end);
        if let Some(owner_id) = &filter.owner_id {
            let identity = snapshots.state(identity::VIEW.name);
            for id in person_ids(identity, validity, owner_id)? {
                let rows = CONTACTS.between([&id], reach.start, until);
                let rows = rows.occurred_by(self.vantage.as_of);
                rows.counted(state, validity, |key, entry| {
                    let contact = entry.inherited(validity, &key)?;
                    self.add(&id, key, contact)
                })?;
            }
            return Ok(());
        }
        let Some(name) = filter.listed_name() else {
            let rows = CONTACTS.all().occurred_by(self.vantage.as_of);
            rows.counted(state, validity, |key, entry| {
                let [owner_id] = entry.texts;
                let contact = entry.inherited(validity, &key)?;
                self.add(owner_id, key, contact)
            })?;
            return Ok(());
        };
        for list in [name.as_str(), CORRECTING] {
            let rows = LISTED.between([list], reach.start, until);
            let rows = rows.occurred_by(self.vantage.as_of);
            rows.counted(state, validity, |key, entry| {
                let owner_id = entry.text()?;
                let Some(mut contact) = CONTACTS.get(state, [owner_id], &key)? else {
                    return Ok(());
                };
                // A correction that names it itself is found under the name.
                if list == CORRECTING && contact.names().contains(&name) {
                    return Ok(());
                }
                validity.inherit(&key, &mut contact)?;
                self.add(owner_id, key, contact)
            })?;
        }
        Ok(())
    }

    fn add(&mut self, owner_id: &str, key: HistoryKey, contact: Contact) -> Result<(), StateError> {
        let viewer = self.vantage.viewer;
        let sees = viewer.sees_network()
            || viewer.sees_dealer(&contact.dealer_id)
            || viewer.sees_dealer(&contact.actor_dealer_id);
        let zone = || self.network.time_zone(contact.dealer(), key.occurred_at);
        let filter = &self.question.filter;
        if !sees
            || !filter.selects(&contact)
            || !filter
                .period
                .holds(key.occurred_at, &mut self.calendar, zone)
        {
            return Ok(());
        }
        let person = self.reader.person(owner_id)?;
        let party = contact.party();
        let pack = person.before(&party, key.occurred_at);
        let follow_up = self.reader.follow_up(owner_id, &key, &contact)?;
        self.persons.extend(person.ids.first().cloned());
        let found = FoundContact {
            owner_id: owner_id.to_owned(),
            key,
            contact,
            pack,
            follow_up,
        };
        self.answer.totals.add(&found);
        self.list(found);
        Ok(())
    }

    /// Keeps a contact for the page, if it is one of its newest.
    fn list(&mut self, found: FoundContact) {
        let is_listed = match self.question.listed {
            ListedContacts::All => true,
            ListedContacts::WithoutPack => found.pack.is_none(),
            ListedContacts::WithPack => found.pack.is_some(),
            ListedContacts::Irrelevant => found.is_irrelevant(),
        };
        let is_after = |after: &HistoryKey| found.key.is_before(after);
        if !is_listed || !self.after.as_ref().is_none_or(is_after) {
            return;
        }
        self.page.insert(found.key.clone(), found);
        if self.page.len() > self.question.limit {
            self.page.pop_first();
            self.answer.more = true;
        }
    }

    fn finish(mut self) -> ContactsPage {
        self.answer.totals.persons = self.persons.len() as u64;
        self.answer.contacts = self.page.into_values().rev().collect();
        self.answer
    }
}
