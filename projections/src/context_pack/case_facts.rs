//! What the open cases of a pack owe, by the rules of cases.

use std::collections::BTreeMap;

use super::pack::{ContextPack, MAX_ITEMS};
use crate::cases::{self, CaseQuestion, CaseSheet, Due};
use crate::person::{identity, ownership};
use crate::{AnswerError, Snapshots, Vantage};
use crate::{corrections, feedback, network, policy, timeline, vehicles};

/// The views that a pack is made from. The timeline is the first: errors name it.
pub const CONTEXT_PACK_VIEWS: [&str; 9] = [
    timeline::VIEW.name,
    corrections::VIEW.name,
    identity::VIEW.name,
    ownership::VIEW.name,
    vehicles::VIEW.name,
    cases::VIEW.name,
    feedback::VIEW.name,
    policy::VIEW.name,
    network::VIEW.name,
];

const NANOS_PER_DAY: i64 = 24 * 3_600 * 1_000_000_000;

/// What an open case owes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CaseFacts {
    /// Whole days for which the owner has heard nothing of the brand; `None` if no episode runs.
    pub days_without_word: Option<u32>,
    /// What is overdue, the oldest first: at most [`MAX_ITEMS`].
    pub overdue: Vec<Due>,
    /// The promises that were made and not kept: at most [`MAX_ITEMS`].
    pub not_kept: Vec<String>,
}

/// Answers what each open case that a pack shows owes. A case of which the viewer may see none of the dealers is left out.
///
/// # Errors
/// If a state cannot be read.
pub fn case_facts(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    pack: &ContextPack,
) -> Result<BTreeMap<String, CaseFacts>, AnswerError> {
    let mut found = BTreeMap::new();
    for case in &pack.open_cases.items {
        let question = CaseQuestion {
            case_id: case.case_id.clone(),
            what_if: None,
        };
        let answer = match cases::answer(snapshots, vantage, &question) {
            Err(AnswerError::Unknown { .. }) => continue,
            answer => answer?,
        };
        let present = CaseSheet::of(&answer.history).silence.present;
        let days = present.map(|gap| gap.nanos() / NANOS_PER_DAY);
        let mut overdue = answer.overdue();
        overdue.truncate(MAX_ITEMS);
        let not_kept = answer.not_kept().into_iter().take(MAX_ITEMS);
        let facts = CaseFacts {
            days_without_word: days.map(|days| u32::try_from(days).unwrap_or(u32::MAX)),
            overdue,
            not_kept: not_kept.map(str::to_owned).collect(),
        };
        found.insert(case.case_id.clone(), facts);
    }
    Ok(found)
}
