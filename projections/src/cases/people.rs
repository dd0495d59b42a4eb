//! The agents who take an owner's side.

use std::collections::BTreeSet;

use super::course::CaseCourse;
use super::fact::CaseFact;
use super::flag::CaseFlag;
use super::history::CaseHistory;
use super::kind::CaseFactKind;

/// An agent who takes or took the owner's side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Advocate<'h> {
    /// The agent.
    pub agent_id: &'h str,
    /// The assignment; `None`: the agent was released without one.
    pub assigned: Option<&'h CaseFact>,
    /// The release, or the closing that ended it; `None`: the agent is in charge.
    pub ended: Option<&'h CaseFact>,
}

/// The agents of a case. Several may be in charge at once; each is from the assignment to the release or the closing.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Advocates<'h> {
    /// Those in charge, in the order in which they were assigned.
    pub present: Vec<Advocate<'h>>,
    /// Those who were, in the order in which that ended.
    pub former: Vec<Advocate<'h>>,
    /// What is odd about them.
    pub flags: BTreeSet<CaseFlag>,
}

impl<'h> Advocates<'h> {
    /// The agents as of the instant of a history.
    #[must_use]
    pub fn of(history: &'h CaseHistory, course: &CaseCourse<'h>) -> Self {
        let mut advocates = Self::default();
        let closings = course.episodes.iter();
        let closings: BTreeSet<_> = closings
            .filter_map(|episode| Some(&episode.closed_by()?.key))
            .collect();
        for fact in history.told() {
            match fact.kind() {
                CaseFactKind::AdvocateAssigned => advocates.assigned(fact),
                CaseFactKind::AdvocateReleased => advocates.released(fact),
                CaseFactKind::CaseClosed if closings.contains(&fact.key) => {
                    let ended = std::mem::take(&mut advocates.present).into_iter();
                    advocates.former.extend(ended.map(|it| Advocate {
                        ended: Some(fact),
                        ..it
                    }));
                }
                _ => {}
            }
        }
        if advocates.present.len() > 1 {
            advocates.flags.insert(CaseFlag::SeveralAdvocates);
        }
        advocates
    }

    fn assigned(&mut self, fact: &'h CaseFact) {
        let agent_id = fact.row.subject_id.as_str();
        if self.present.iter().any(|it| it.agent_id == agent_id) {
            self.flags.insert(CaseFlag::AdvocateAssignedAgain);
            return;
        }
        self.present.push(Advocate {
            agent_id,
            assigned: Some(fact),
            ended: None,
        });
    }

    fn released(&mut self, fact: &'h CaseFact) {
        let agent_id = fact.row.subject_id.as_str();
        let mut in_charge = self.present.iter();
        let place = in_charge.position(|it| it.agent_id == agent_id);
        let advocate = match place {
            Some(place) => self.present.remove(place),
            None => {
                self.flags.insert(CaseFlag::ReleasedWithoutAssignment);
                Advocate {
                    agent_id,
                    assigned: None,
                    ended: None,
                }
            }
        };
        self.former.push(Advocate {
            ended: Some(fact),
            ..advocate
        });
    }
}
