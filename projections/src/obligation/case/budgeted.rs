//! What a case owes by a budget: acknowledgements, updates and resolutions, episode by episode.

use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::ruled::{Parts, PolicyTerm, Ruled, known_by, met_by};
use crate::calendar::Pause;
use crate::cases::{CaseFact, CaseFactKind, CaseFlag, Episode, Place};
use crate::obligation::outcome::Ends;
use crate::obligation::terms::Term;
use crate::obligation::{Obligation, Remark};

/// What is owed by a budget, in no order.
pub(super) fn budgeted(ruled: &Ruled<'_>) -> Vec<Obligation> {
    let mut owed = Vec::new();
    for episode in &ruled.course.episodes {
        let walk = Walk::of(ruled, episode);
        owed.extend(walk.acknowledgement());
        owed.extend(walk.updates());
        owed.extend(walk.resolution());
    }
    owed
}

/// One episode, with the steps that may meet what it owes.
struct Walk<'r> {
    ruled: &'r Ruled<'r>,
    episode: &'r Episode<'r>,
    /// What a person did in it until its closing, in history order.
    steps: Vec<Step<'r>>,
    closed_by: Option<&'r CaseFact>,
}

/// A step that has a bearing on what is owed.
#[derive(Clone, Copy)]
enum Step<'r> {
    Acknowledged(&'r CaseFact),
    Updated(&'r CaseFact),
    /// An outcome, and whether it stands.
    Resolved(&'r CaseFact, bool),
    Rejected(&'r CaseFact),
}

/// An update that is owed.
struct Update<'r> {
    opener: &'r CaseFact,
    start: i64,
    owed: PolicyTerm,
    /// What met it, and by when the log knew of anything that met it.
    met: Option<(&'r CaseFact, i64)>,
}

impl<'r> Walk<'r> {
    fn of(ruled: &'r Ruled<'r>, episode: &'r Episode<'r>) -> Self {
        let closed_by = episode.closed_by();
        let next = ruled.course.episodes.iter();
        let next = next.map(|it| it.opened_by);
        let next = next
            .filter(|it| it.key > episode.opened_by.key)
            .min_by(|a, b| a.key.cmp(&b.key));
        let facts = ruled.history.facts.iter().filter(|fact| {
            let begun = episode.number == 0 || fact.key >= episode.opened_by.key;
            let ended = next.is_some_and(|next| fact.key >= next.key)
                || closed_by.is_some_and(|closed| fact.key >= closed.key);
            begun && !ended
        });
        Self {
            ruled,
            episode,
            steps: facts.filter_map(|fact| step(episode, fact)).collect(),
            closed_by,
        }
    }

    fn term(&self, kind: Kind) -> Option<PolicyTerm> {
        self.ruled.term(kind, self.episode.started_at)
    }

    fn acknowledgement(&self) -> Option<Obligation> {
        let (policy, term) = self.term(Kind::Acknowledgement)?;
        let acknowledges = self.steps.iter().filter_map(|step| match step {
            Step::Acknowledged(fact) | Step::Updated(fact) => Some(*fact),
            Step::Resolved(..) | Step::Rejected(_) => None,
        });
        let mut acknowledges = acknowledges.filter(|fact| self.ruled.may_meet(fact, &term));
        let met = acknowledges.next();
        let known = met.into_iter().chain(acknowledges).map(known_by).min();
        Some(self.obligation((policy, term), self.opening(), met.zip(known), Vec::new()))
    }

    fn resolution(&self) -> Option<Obligation> {
        let (policy, term) = self.term(Kind::Resolution)?;
        let outcomes = || {
            self.steps.iter().filter_map(|step| match step {
                Step::Resolved(fact, stands) => Some((*fact, *stands)),
                _ => None,
            })
        };
        let standing = outcomes().filter(|(_, stands)| *stands);
        let mut standing = standing
            .map(|(fact, _)| fact)
            .filter(|fact| self.ruled.may_meet(fact, &term));
        let met = standing.next();
        let known = met.into_iter().chain(standing).map(known_by).min();
        let is_rejected = outcomes().any(|(_, stands)| !stands);
        let notes = is_rejected.then_some(Remark::ResolutionRejected);
        let notes = notes.into_iter().collect();
        Some(self.obligation((policy, term), self.opening(), met.zip(known), notes))
    }

    /// The updates that are or were owed, one after the other.
    fn updates(&self) -> Vec<Obligation> {
        let mut done: Vec<Update<'r>> = Vec::new();
        let mut running = self.update(self.episode.opened_by, self.episode.started_at);
        let mut outcomes: Vec<&CaseFact> = Vec::new();
        for (at, step) in self.steps.iter().enumerate() {
            match step {
                Step::Acknowledged(_) => {}
                Step::Updated(fact) if fact.key < self.episode.opened_by.key => {}
                Step::Updated(fact) => {
                    if self.meet(&mut running, &mut done, at, fact) && outcomes.is_empty() {
                        running = self.update(fact, fact.at());
                    }
                }
                Step::Resolved(fact, _) => {
                    outcomes.push(fact);
                    self.meet(&mut running, &mut done, at, fact);
                }
                Step::Rejected(fact) => {
                    outcomes.retain(|outcome| !self.is_voided_by(outcome, fact));
                    if running.is_none() && outcomes.is_empty() {
                        running = self.update(fact, fact.received_at);
                    }
                }
            }
        }
        let all = done.into_iter().chain(running);
        all.map(|it| self.obligation(it.owed, (it.opener, it.start), it.met, Vec::new()))
            .collect()
    }

    /// Ends the running update with a step, if that may meet it. Returns whether another may be owed from there.
    fn meet(
        &self,
        running: &mut Option<Update<'r>>,
        done: &mut Vec<Update<'r>>,
        at: usize,
        fact: &'r CaseFact,
    ) -> bool {
        let Some(mut update) = running.take() else {
            // None is owed, or the terms of the time did not owe one.
            return true;
        };
        let term = &update.owed.1;
        if !self.ruled.may_meet(fact, term) {
            *running = Some(update);
            return false;
        }
        let later = self.steps.iter().skip(at).filter_map(|step| match step {
            Step::Updated(fact) | Step::Resolved(fact, _) => Some(*fact),
            Step::Acknowledged(_) | Step::Rejected(_) => None,
        });
        let later = later.filter(|fact| self.ruled.may_meet(fact, term));
        update.met = later.map(known_by).min().map(|known| (fact, known));
        done.push(update);
        true
    }

    fn update(&self, opener: &'r CaseFact, start: i64) -> Option<Update<'r>> {
        let owed = self.ruled.term(Kind::ProgressUpdate, start)?;
        Some(Update {
            opener,
            start,
            owed,
            met: None,
        })
    }

    /// Whether a rejection voided an outcome.
    fn is_voided_by(&self, outcome: &CaseFact, rejection: &CaseFact) -> bool {
        let mut outcomes = self.episode.outcomes.iter();
        let outcome = outcomes.find(|it| it.by.key == outcome.key);
        let by = outcome.and_then(|it| it.rejected_by);
        by.is_some_and(|by| by.key == rejection.key)
    }

    /// What opened the episode, and the start of its clocks.
    fn opening(&self) -> (&'r CaseFact, i64) {
        (self.episode.opened_by, self.episode.started_at)
    }

    fn obligation(
        &self,
        (policy, term): PolicyTerm,
        (opener, start): (&'r CaseFact, i64),
        met: Option<(&'r CaseFact, i64)>,
        mut notes: Vec<Remark>,
    ) -> Obligation {
        let flags = &self.ruled.course.flags;
        if self.episode.number == 0 && flags.contains(&CaseFlag::OpeningMissing) {
            notes.push(Remark::OpeningMissing);
        }
        self.ruled.obligation(Parts {
            opener,
            episode: self.episode.number,
            policy,
            pauses: self.pauses(&term),
            term,
            ends: Ends {
                start,
                answered: met.map(|(fact, known)| met_by(fact, known)),
                closed: self.closed_by.map(CaseFact::at),
                excluded: None,
            },
            met: met.map(|(fact, _)| fact),
            subject_id: String::new(),
            notes,
        })
    }

    /// The spans in which the clock of a term stood still.
    fn pauses(&self, term: &Term) -> Vec<Pause> {
        let pauses = self.ruled.course.pauses();
        let pauses = pauses.filter(|_| term.pauses_on_owner).map(|pause| Pause {
            from: pause.from(),
            until: pause.until(),
        });
        let takes_time = |pause: &Pause| pause.until.is_none_or(|until| pause.from < until);
        pauses.filter(takes_time).collect()
    }
}

/// The step that a fact is, if it has a bearing on what is owed: a person did it.
fn step<'r>(episode: &Episode<'r>, fact: &'r CaseFact) -> Option<Step<'r>> {
    let kind = fact.kind();
    if kind == CaseFactKind::ResolutionRejected {
        return Some(Step::Rejected(fact));
    }
    if fact.place != Place::Stream || fact.is_automatic() {
        return None;
    }
    match kind {
        CaseFactKind::CaseAcknowledged => Some(Step::Acknowledged(fact)),
        CaseFactKind::ProgressUpdateSent => Some(Step::Updated(fact)),
        CaseFactKind::CaseResolved => {
            let mut outcomes = episode.outcomes.iter();
            let outcome = outcomes.find(|it| it.by.key == fact.key);
            let stands = outcome.is_some_and(|it| it.rejected_by.is_none());
            Some(Step::Resolved(fact, stands))
        }
        _ => None,
    }
}
