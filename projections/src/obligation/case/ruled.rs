//! A case with the rules that it is judged by.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use crate::TouchpointKey;
use crate::cases::{CaseCourse, CaseFact, CaseHistory, dealers};
use crate::obligation::Segment;
use crate::obligation::outcome::{Ends, Met};
use crate::obligation::terms::{InForce, Term};
use crate::obligation::{Answer, Obligation, Outcome, Remark, obligation_id};

/// A case with its course, its dealers over time and the terms in force.
pub(super) struct Ruled<'r> {
    pub(super) history: &'r CaseHistory,
    pub(super) course: &'r CaseCourse<'r>,
    in_force: &'r dyn InForce,
    dealers: Vec<Segment>,
}

/// The policy of an obligation with its version, and the term.
pub(super) type PolicyTerm = ((String, i32), Term);

/// The parts of an obligation that differ by kind.
pub(super) struct Parts<'r> {
    pub(super) opener: &'r CaseFact,
    pub(super) episode: u32,
    pub(super) policy: (String, i32),
    /// With the budget of this obligation.
    pub(super) term: Term,
    pub(super) pauses: Vec<crate::calendar::Pause>,
    pub(super) ends: Ends,
    pub(super) met: Option<&'r CaseFact>,
    pub(super) subject_id: String,
    /// Sorted.
    pub(super) notes: Vec<Remark>,
}

impl<'r> Ruled<'r> {
    pub(super) fn new(
        history: &'r CaseHistory,
        course: &'r CaseCourse<'r>,
        in_force: &'r dyn InForce,
    ) -> Self {
        Self {
            dealers: dealers(history, course),
            history,
            course,
            in_force,
        }
    }

    pub(super) fn as_of(&self) -> Instant {
        self.history.as_of
    }

    /// The fact with this key.
    pub(super) fn fact(&self, key: &TouchpointKey) -> Option<&'r CaseFact> {
        let mut facts = self.history.facts.iter();
        facts.find(|fact| fact.key.source == key.source && fact.key.id == key.id)
    }

    /// The policy and the term of what begins at an instant, if it is owed.
    pub(super) fn term(&self, kind: Kind, start: i64) -> Option<PolicyTerm> {
        let terms = self.in_force.terms(self.dealer_at(start), start);
        let term = terms.of(kind)?.clone();
        Some(((terms.policy.clone(), terms.version), term))
    }

    /// The dealer responsible at an instant; empty if none is named.
    fn dealer_at(&self, instant: i64) -> &str {
        let begun = self.dealers.iter().rfind(|it| it.from <= instant);
        let dealer = begun.or(self.dealers.first());
        dealer.map_or("", |segment| &segment.dealer_id)
    }

    /// The episode in which a fact stands in history order. The first one reaches back to the beginning.
    pub(super) fn episode_of(&self, fact: &CaseFact) -> u32 {
        let mut episodes = self.course.episodes.iter().rev();
        let episode = episodes.find(|it| it.opened_by.key <= fact.key);
        episode.map_or(0, |episode| episode.number)
    }

    /// Whether a fact may meet what is owed under a term: whoever names no dealer acts for the responsible one.
    pub(super) fn may_meet(&self, fact: &CaseFact, term: &Term) -> bool {
        !term.responsible_only || self.is_by_responsible(fact)
    }

    fn is_by_responsible(&self, fact: &CaseFact) -> bool {
        let dealer = dealer_of(fact);
        dealer.is_empty() || dealer == self.dealer_at(fact.at())
    }

    /// An obligation of its parts.
    pub(super) fn obligation(&self, parts: Parts<'r>) -> Obligation {
        let Parts {
            opener,
            episode,
            policy,
            term,
            pauses,
            ends,
            met,
            subject_id,
            notes,
        } = parts;
        let outcome = Outcome::of(ends, &term, &pauses, self.as_of());
        let end = outcome.ended_at.unwrap_or(self.as_of().nearest());
        let name = (opener.first.source.as_str(), opener.first.id.as_str());
        let kind = term.kind;
        Obligation {
            obligation_id: obligation_id(&self.history.case_id, kind, episode, name),
            episode,
            kind,
            opened_by: opener.touchpoint(),
            start: ends.start,
            dealer_at_start: self.dealer_at(ends.start).to_owned(),
            dealer_at_end: self.dealer_at(end).to_owned(),
            policy,
            pauses,
            reply_first: kind == Kind::Acknowledgement
                && met.is_some_and(|fact| fact.at() < ends.start),
            answer: met.map(|fact| self.answer(fact)),
            received_first: opener.received_at < opener.at(),
            joined: 0,
            subject_id,
            notes,
            outcome,
        }
    }

    fn answer(&self, fact: &CaseFact) -> Answer {
        Answer {
            key: fact.touchpoint(),
            at: fact.at(),
            actor_id: fact.row.actor_id.clone(),
            dealer_id: dealer_of(fact).to_owned(),
            by_responsible: self.is_by_responsible(fact),
        }
    }
}

/// The dealer for whom somebody acted: the one the actor acts for, else the one the touchpoint names.
fn dealer_of(fact: &CaseFact) -> &str {
    match fact.row.actor_dealer.as_str() {
        "" => &fact.row.dealer_id,
        dealer => dealer,
    }
}

/// The instant by which the log knew that a fact had occurred.
pub(super) fn known_by(fact: &CaseFact) -> i64 {
    fact.known_from.max(fact.at())
}

/// What met an obligation, and the instant by which the log knew of anything that met it.
pub(super) fn met_by(fact: &CaseFact, known: i64) -> Met {
    Met {
        at: fact.at(),
        known_by: known,
    }
}
