//! The part of an inbox that cases owe.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::looking::{Looking, Turns};
use super::{InboxFilter, Owed};
use crate::cases::{
    CaseHistory, CaseList, CaseReader, CaseStates, UnfinishedAt, cases_in, every_case,
    is_unfinished, unfinished_cases,
};
use crate::fold::state::StateError;
use crate::obligation::case::{details, obligations};
use crate::obligation::terms::is_of_cases;
use crate::person::PersonLookup;
use crate::{AnswerError, Snapshots, Vantage};

impl InboxFilter {
    /// Whether an obligation of a case can pass: no case answers a survey.
    fn admits_cases(&self) -> bool {
        let kinds = &self.kinds;
        self.survey.is_none() && (kinds.is_empty() || kinds.iter().any(|kind| is_of_cases(*kind)))
    }
}

/// Passes every obligation of a case in the inbox to `take`, in no order.
pub(super) fn look_at_cases(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    looking: &Looking<'_>,
    turns: &mut Turns,
    take: &mut impl FnMut(Owed),
) -> Result<(), AnswerError> {
    let inbox = looking.inbox;
    if !inbox.filter.admits_cases() {
        return Ok(());
    }
    let validity = vantage.validity()?;
    let states = CaseStates::of(snapshots);
    let persons = PersonLookup::new(states.timeline.identity, &validity);
    let reader = CaseReader::at(states, vantage, &validity, &persons);
    let at = UnfinishedAt::of(snapshots, vantage);
    let unfinished = inbox.filter.is_open_only().then_some(at);
    for case_id in candidates(states, &inbox.dealer_id, unfinished)? {
        if vantage.is_cancelled() {
            break;
        }
        if let Some(history) = reader.history(&case_id)? {
            take_owed(&history, looking, turns, take);
        }
    }
    Ok(())
}

/// The cases that may owe something to the inbox of a dealer; for the empty dealer, any. Only unfinished ones, if
/// `unfinished` says at which standpoint.
fn candidates(
    states: CaseStates<'_>,
    dealer_id: &str,
    unfinished: Option<UnfinishedAt>,
) -> Result<BTreeSet<String>, StateError> {
    if !dealer_id.is_empty() {
        let mut cases = cases_in(states.cases, CaseList::Dealer(dealer_id))?;
        if let Some(at) = unfinished {
            let all = std::mem::take(&mut cases);
            for case_id in all {
                if is_unfinished(states.cases, &case_id, at)? {
                    cases.insert(case_id);
                }
            }
        }
        return Ok(cases);
    }
    if let Some(at) = unfinished {
        return unfinished_cases(states.cases, at);
    }
    let mut cases = BTreeSet::new();
    every_case(states.cases, |case_id| {
        cases.insert(case_id.to_owned());
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(cases)
}

/// Passes the obligations of one case to `take`.
fn take_owed(
    history: &CaseHistory,
    looking: &Looking<'_>,
    turns: &mut Turns,
    take: &mut impl FnMut(Owed),
) {
    turns.at(history.turns_at);
    let owed = obligations(history, looking.terms);
    turns.waits_for_owner |= owed
        .iter()
        .any(|owed| owed.pauses.iter().any(|pause| pause.until.is_none()));
    let channel = history.opening().map_or(0, |opening| opening.row.channel);
    for detail in details(history, owed, looking.terms) {
        if detail.obligation.dealer_at_end != looking.inbox.dealer_id {
            continue;
        }
        looking.turns(&detail, turns);
        let owed = Owed {
            feedback_id: String::new(),
            case_id: history.case_id.clone(),
            detail,
            owner_id: history.owners().into_iter().next().unwrap_or_default(),
            channel,
            survey: String::new(),
        };
        if looking.inbox.filter.admits(&owed) {
            take(owed);
        }
    }
}
