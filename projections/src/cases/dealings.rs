//! Dealings between the brand and the owner of a case: what it is worth, what was asked, proposed and told.

use ownerline_proto::v1::Level;

use super::fact::CaseFact;
use super::history::CaseHistory;
use super::kind::CaseFactKind;

/// What somebody thinks of a case: of each field the last word.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Assessment<'h> {
    /// How bad it is.
    pub severity: Level,
    /// How intricate it is.
    pub complexity: Level,
    /// How far it reaches.
    pub impact: Level,
    /// How soon it needs an outcome.
    pub urgency: Level,
    /// The last assessment.
    pub last: Option<&'h CaseFact>,
}

impl<'h> Assessment<'h> {
    /// The assessment of a case.
    #[must_use]
    pub fn of(history: &'h CaseHistory) -> Self {
        let mut found = Self::default();
        for fact in history.of_kind(CaseFactKind::CaseAssessed) {
            let row = &fact.row;
            for (level, said) in [
                (&mut found.severity, row.severity()),
                (&mut found.complexity, row.complexity()),
                (&mut found.impact, row.impact()),
                (&mut found.urgency, row.urgency()),
            ] {
                if said != Level::Unspecified {
                    *level = said;
                }
            }
            found.last = Some(fact);
        }
        found
    }
}

/// How the root cause stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootCauseState {
    /// The owner did not ask for it.
    NotAsked,
    /// The owner asked and was neither told nor refused it.
    Owed,
    /// The owner was told.
    Provided,
    /// The owner was refused it.
    Declined,
}

/// The root cause, as far as the owner knows it: the last of each.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RootCause<'h> {
    /// The last request.
    pub requested: Option<&'h CaseFact>,
    /// The last explanation.
    pub provided: Option<&'h CaseFact>,
    /// The last refusal.
    pub declined: Option<&'h CaseFact>,
}

impl<'h> RootCause<'h> {
    /// The root cause in a case.
    #[must_use]
    pub fn of(history: &'h CaseHistory) -> Self {
        let last = |kind| history.of_kind(kind).next_back();
        Self {
            requested: last(CaseFactKind::RootCauseRequested),
            provided: last(CaseFactKind::RootCauseProvided),
            declined: last(CaseFactKind::RootCauseDeclined),
        }
    }

    /// Whether the owner asked and was neither told nor refused it.
    #[must_use]
    pub fn is_owed(&self) -> bool {
        self.state() == RootCauseState::Owed
    }

    /// How it stands: by the last of the three.
    #[must_use]
    pub fn state(&self) -> RootCauseState {
        let by = [self.requested, self.provided, self.declined];
        let last = by.into_iter().flatten().max_by_key(|fact| &fact.key);
        match last.map(CaseFact::kind) {
            None => RootCauseState::NotAsked,
            Some(CaseFactKind::RootCauseRequested) => RootCauseState::Owed,
            Some(CaseFactKind::RootCauseProvided) => RootCauseState::Provided,
            Some(_) => RootCauseState::Declined,
        }
    }
}

/// A step that was proposed to the owner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step<'h> {
    /// The step.
    pub step_id: &'h str,
    /// The last proposal; `None`: nobody proposed it.
    pub proposed: Option<&'h CaseFact>,
    /// The last answer of the owner.
    pub answered: Option<&'h CaseFact>,
}

/// The steps of a case, in the order in which they were first spoken of.
#[must_use]
pub(super) fn steps(history: &CaseHistory) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    for fact in history.told() {
        let (proposed, answered) = match fact.kind() {
            CaseFactKind::NextStepProposed => (Some(fact), None),
            CaseFactKind::NextStepAgreed | CaseFactKind::NextStepDeclined => (None, Some(fact)),
            _ => continue,
        };
        let step_id = fact.row.subject_id.as_str();
        match steps.iter_mut().find(|step| step.step_id == step_id) {
            Some(step) => {
                step.proposed = proposed.or(step.proposed);
                step.answered = answered.or(step.answered);
            }
            None => steps.push(Step {
                step_id,
                proposed,
                answered,
            }),
        }
    }
    steps
}

/// How often the owner was told how a case stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Updates<'h> {
    /// The updates, in history order.
    pub all: Vec<&'h CaseFact>,
    /// How many of them said that there is nothing new.
    pub nothing_new: usize,
    /// How many of them were sent by a program or a car.
    pub automatic: usize,
}

impl<'h> Updates<'h> {
    /// The updates of a case.
    #[must_use]
    pub fn of(history: &'h CaseHistory) -> Self {
        let all: Vec<_> = history.of_kind(CaseFactKind::ProgressUpdateSent).collect();
        let nothing_new = all.iter().filter(|fact| !fact.row.new_information);
        let automatic = all.iter().filter(|fact| fact.is_automatic());
        Self {
            nothing_new: nothing_new.count(),
            automatic: automatic.count(),
            all,
        }
    }
}
