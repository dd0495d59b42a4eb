//! What the stream of a case does not say: who held its car, and the words of the owner in other matters.

use std::collections::BTreeSet;

use ownerline_proto::schema::Schema;

use super::fact::{CaseFact, Place};
use super::history::CaseHistory;
use super::kind::CaseFactKind;
use super::load::CaseReader;
use super::row::CaseRow;
use super::tables::INBOUND;
use crate::feedback;
use crate::fold::state::StateError;
use crate::obligation::{Fact, FactKind, Item};
use crate::person::ownership::holders;
use crate::timeline::{
    Force, TimelineError, TimelineFilter, TimelineOrder, TimelineQuery, page_in_brief,
};
use crate::{HistoryKey, TouchpointKey, Viewer};

/// Messages that are read at once.
const MESSAGES: usize = 1_000;

impl CaseReader<'_> {
    /// Those who held the car of a case when it was opened, if its stream names nobody: owners first.
    pub(super) fn holders_at_opening(
        &self,
        history: &CaseHistory,
    ) -> Result<Vec<String>, StateError> {
        let (Some(opening), vin) = (history.opening(), history.vin()) else {
            return Ok(Vec::new());
        };
        if vin.is_empty() || !history.owners_named().is_empty() {
            return Ok(Vec::new());
        }
        let ownership = self.states.timeline.ownership;
        let holding = holders(ownership, self.validity, self.persons, vin, opening.at())?;
        Ok(holding.into_iter().map(|it| it.owner_id).collect())
    }

    /// Adds what the owner said about the feedback that the case came from, unless it names a case.
    pub(super) fn add_origin(&self, history: &mut CaseHistory) -> Result<(), StateError> {
        for feedback_id in history.origins() {
            let item = feedback::load(self.states.feedback, self.validity, &feedback_id)?;
            let Some(item) = item else {
                continue;
            };
            let known: BTreeSet<_> = history.facts.iter().map(CaseFact::touchpoint).collect();
            for fact in item.facts().iter().filter(|fact| fact.case == 0) {
                let Some(said) = of_origin(&item, fact, &feedback_id) else {
                    continue;
                };
                if known.contains(&said.touchpoint()) {
                    continue;
                }
                if said.at() > self.as_of.nearest() {
                    let turns_at = history.turns_at.unwrap_or(i64::MAX);
                    history.turns_at = Some(turns_at.min(said.at()));
                } else if !said.kind().is_about_outcome()
                    || self
                        .validity
                        .case_named(&said.key.source, &said.key.id)?
                        .is_empty()
                {
                    history.facts.push(said);
                }
            }
        }
        Ok(())
    }

    /// Adds what the owner of a case said in any matter since it was first paused: messages, and contacts they began.
    pub(super) fn add_words(&self, history: &mut CaseHistory) -> Result<(), StateError> {
        let pauses = history.facts.iter().filter(|fact| {
            fact.place == Place::Stream && fact.kind() == CaseFactKind::CasePausedOnOwner
        });
        let Some(from) = pauses.map(CaseFact::at).min() else {
            return Ok(());
        };
        let known: BTreeSet<_> = history.facts.iter().map(CaseFact::touchpoint).collect();
        let mut words = Vec::new();
        let mut persons = BTreeSet::new();
        for id in &history.owner_ids {
            self.contacts(id, from, &mut words)?;
        }
        for owner_id in history.owners() {
            if persons.insert(self.persons.person(&owner_id)?) {
                self.messages(&owner_id, from, &mut words)?;
            }
        }
        words.retain(|(key, _)| !known.contains(&TouchpointKey::from(key)));
        let facts = words.into_iter().map(|(key, kind)| of_owner(key, kind));
        history.facts.extend(facts);
        Ok(())
    }

    /// The contacts that an owner began under one id.
    fn contacts(
        &self,
        owner_id: &str,
        from: i64,
        words: &mut Vec<(HistoryKey, CaseFactKind)>,
    ) -> Result<(), StateError> {
        let until = self.as_of.nearest().checked_add(1);
        let contacts = INBOUND.between([owner_id], from, until);
        contacts.counted(self.states.cases, self.validity, |key, _| {
            words.push((key, CaseFactKind::ContactMade));
            Ok(())
        })
    }

    /// The messages of a person, in the stream of whichever matter.
    fn messages(
        &self,
        owner_id: &str,
        from: i64,
        words: &mut Vec<(HistoryKey, CaseFactKind)>,
    ) -> Result<(), StateError> {
        let message = CaseFactKind::OwnerMessageReceived;
        let kind = Schema::get().kind_by_name("owner_message_received");
        let mut query = TimelineQuery {
            owner_id: owner_id.to_owned(),
            filter: TimelineFilter {
                kinds: kind.iter().map(|kind| kind.number).collect(),
                from: Some(from),
                ..TimelineFilter::default()
            },
            order: TimelineOrder::OldestFirst,
            as_of: self.as_of,
            known_at: self.validity.known_at(),
            after: None,
            limit: MESSAGES,
        };
        loop {
            let page = page_in_brief(self.states.timeline, &Viewer::unrestricted(), &query);
            let page = match page {
                Ok(page) => page,
                Err(TimelineError::State(error)) => return Err(error),
                // Nobody can say whose words are whose.
                Err(_) => return Ok(()),
            };
            query.after = page.rows.last().map(|row| row.key.clone());
            let rows = page.rows.into_iter();
            let counting = rows.filter(|row| row.standing.force == Force::InForce);
            words.extend(counting.map(|row| (row.key, message)));
            if !page.more {
                return Ok(());
            }
        }
    }
}

/// The words of the owner, or their answer to the outcome, in the stream of a feedback.
fn of_origin(item: &Item, fact: &Fact, feedback_id: &str) -> Option<CaseFact> {
    let kind = match fact.kind() {
        FactKind::Received => CaseFactKind::FeedbackReceived,
        FactKind::Edited => CaseFactKind::FeedbackEdited,
        FactKind::Message => CaseFactKind::OwnerMessageReceived,
        FactKind::Confirmed => CaseFactKind::ResolutionConfirmed,
        FactKind::Rejected => CaseFactKind::ResolutionRejected,
        _ => return None,
    };
    let TouchpointKey { source, id } = item.key(fact);
    let (source_of_first, id_of_first) = item.first_key(fact);
    let key = HistoryKey {
        occurred_at: fact.occurred_at,
        rank: fact.kind().rank(),
        source,
        id,
        position: fact.position(),
    };
    let row = CaseRow {
        kind: kind.into(),
        imported: fact.imported,
        stream: format!("feedback-{feedback_id}"),
        owner_id: item.text(fact.owner).to_owned(),
        feedback_id: feedback_id.to_owned(),
        actor_id: item.text(fact.actor).to_owned(),
        actor_kind: fact.actor_kind,
        channel: fact.channel,
        ..CaseRow::default()
    };
    Some(CaseFact {
        place: Place::Origin,
        first: TouchpointKey::new(source_of_first, id_of_first),
        received_at: fact.received_at(),
        recorded_at: fact.recorded_at(),
        imported: fact.imported,
        known_from: fact.known_from(),
        key,
        row,
    })
}

/// Words of the owner in another matter. Only when and by which touchpoint is known of them here.
fn of_owner(key: HistoryKey, kind: CaseFactKind) -> CaseFact {
    CaseFact {
        place: Place::Owner,
        first: TouchpointKey::from(&key),
        received_at: key.occurred_at,
        recorded_at: key.occurred_at,
        imported: false,
        known_from: key.occurred_at,
        row: CaseRow {
            kind: kind.into(),
            inbound: kind == CaseFactKind::ContactMade,
            ..CaseRow::default()
        },
        key,
    }
}
