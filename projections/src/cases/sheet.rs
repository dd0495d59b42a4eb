//! Everything about one case that follows from its history alone.

use std::collections::BTreeSet;

use super::course::CaseCourse;
use super::dealers::dealers;
use super::dealings::{Assessment, RootCause, Step, Updates, steps};
use super::defects::{CaseDefect, defects};
use super::fact::{CaseFact, Place};
use super::flag::CaseFlag;
use super::history::{CaseHistory, distinct};
use super::kind::CaseFactKind;
use super::people::Advocates;
use super::silence::Silence;
use crate::obligation::Segment;

/// A case as of the instant of its history, without what it owes.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseSheet<'h> {
    /// Opening, episodes, outcomes and pauses.
    pub course: CaseCourse<'h>,
    /// The responsible dealers one after the other.
    pub dealers: Vec<Segment>,
    /// What somebody thinks of it.
    pub assessment: Assessment<'h>,
    /// The agents who take and took the owner's side.
    pub advocates: Advocates<'h>,
    /// The contacts about it, in history order.
    pub contacts: Vec<&'h CaseFact>,
    /// The owner's last statement of a good outcome.
    pub desired_outcome: Option<&'h CaseFact>,
    /// The steps that were proposed.
    pub steps: Vec<Step<'h>>,
    /// The root cause.
    pub root_cause: RootCause<'h>,
    /// The progress updates.
    pub updates: Updates<'h>,
    /// How long the owner heard nothing.
    pub silence: Silence,
    /// The escalations, in history order.
    pub escalations: Vec<&'h CaseFact>,
    /// Notices to the manufacturer, in history order.
    pub notices: Vec<&'h CaseFact>,
    /// The feedback that it came from or its stream names, the first named first.
    pub feedback_ids: Vec<&'h str>,
    /// The defects that it is about.
    pub defects: Vec<CaseDefect<'h>>,
    /// What is odd about it.
    pub flags: BTreeSet<CaseFlag>,
}

impl<'h> CaseSheet<'h> {
    /// Reads a history.
    #[must_use]
    pub fn of(history: &'h CaseHistory) -> Self {
        let course = CaseCourse::of(history);
        let advocates = Advocates::of(history, &course);
        let steps = steps(history);
        let all = |kind| history.of_kind(kind).collect::<Vec<_>>();
        let contacts = history.facts.iter().filter(|fact| {
            fact.place == Place::Elsewhere && fact.kind() == CaseFactKind::ContactMade
        });
        let mut flags: BTreeSet<CaseFlag> = &course.flags | &advocates.flags;
        if course.opening.is_some() && history.owners().is_empty() {
            flags.insert(CaseFlag::NoOwner);
        }
        if history.persons > 1 {
            flags.insert(CaseFlag::SeveralOwners);
        }
        if steps.iter().any(|step| step.proposed.is_none()) {
            flags.insert(CaseFlag::UnmatchedStep);
        }
        Self {
            dealers: dealers(history, &course),
            assessment: Assessment::of(history),
            contacts: contacts.collect(),
            desired_outcome: history
                .of_kind(CaseFactKind::DesiredOutcomeStated)
                .next_back(),
            root_cause: RootCause::of(history),
            updates: Updates::of(history),
            silence: Silence::of(history, &course),
            escalations: all(CaseFactKind::CaseEscalated),
            notices: all(CaseFactKind::ManufacturerNotified),
            feedback_ids: feedback(history),
            defects: defects(history),
            course,
            advocates,
            steps,
            flags,
        }
    }

    /// The dealer responsible now; empty if nobody is named.
    #[must_use]
    pub fn dealer_now(&self) -> &str {
        self.dealers
            .last()
            .map_or("", |segment| segment.dealer_id.as_str())
    }
}

fn feedback(history: &CaseHistory) -> Vec<&str> {
    let named = history.told().flat_map(|fact| {
        let row = &fact.row;
        [row.origin_feedback_id.as_str(), row.feedback_id.as_str()]
    });
    distinct(named)
}
