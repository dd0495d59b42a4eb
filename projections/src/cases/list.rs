//! Lists of cases: of a dealer, a person, an agent or a vehicle, by state, severity and what is overdue.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use ownerline_proto::v1::Level;

use super::course::CaseState;
use super::due::{dues, overdue};
use super::find::{CaseList, UnfinishedAt, cases_in, every_case, is_unfinished, unfinished_cases};
use super::history::CaseHistory;
use super::load::{CaseReader, CaseStates};
use super::sheet::CaseSheet;
use super::summary::{CasePlace, CaseSummary};
use crate::fold::key::is_plain;
use crate::fold::state::StateError;
use crate::obligation::case::{obligations, promises};
use crate::person::identity::everyone_linked;
use crate::person::{PersonLookup, ownership};
use crate::policy::{TermsInForce, terms_in_force};
use crate::{AnswerError, Snapshots, Vantage};

/// The most agents of a summary.
const ADVOCATES: usize = 20;

/// A question for a list of cases. All conditions hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CasesQuestion {
    /// Of this responsible dealer.
    pub dealer_id: Option<String>,
    /// Of the person with this id.
    pub owner_id: Option<String>,
    /// With this agent on the owner's side; of a closed case, until its closing.
    pub advocate_id: Option<String>,
    /// About this vehicle.
    pub vin: Option<String>,
    /// In any of these states; empty: every case that was opened and is not closed, and closed ones that still owe
    /// something.
    pub states: BTreeSet<CaseState>,
    /// Of at least this severity.
    pub min_severity: Level,
    /// With something that is overdue.
    pub overdue: bool,
    /// The place of the last case of the page before.
    pub after: Option<CasePlace>,
    /// Cases of the page at most.
    pub limit: usize,
}

/// One page of cases.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CasesPage {
    /// In the order of their places.
    pub cases: Vec<CaseSummary>,
    /// The number of cases on all pages.
    pub total: usize,
    /// There are more.
    pub more: bool,
}

/// Answers one page of a list of cases.
///
/// # Errors
/// If a state cannot be read.
pub fn list(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: &CasesQuestion,
) -> Result<CasesPage, AnswerError> {
    let validity = vantage.validity()?;
    let states = CaseStates::of(snapshots);
    let persons = PersonLookup::new(states.timeline.identity, &validity);
    let reader = CaseReader::at(states, vantage, &validity, &persons);
    let listing = Listing {
        reader,
        vantage,
        question,
        terms: terms_in_force(snapshots, vantage, None)?,
        at: UnfinishedAt::of(snapshots, vantage),
        of_person: listing_person(&reader, question)?,
    };
    let mut cases = Vec::new();
    for case_id in listing.candidates()? {
        if vantage.is_cancelled() {
            break;
        }
        if let Some(history) = reader.history(&case_id)? {
            cases.extend(listing.summary(&history)?);
        }
    }
    cases.sort_by(|a, b| a.place().rank().cmp(&b.place().rank()));
    let total = cases.len();
    if let Some(after) = &question.after {
        cases.retain(|it| after.rank() < it.place().rank());
    }
    let more = cases.len() > question.limit;
    cases.truncate(question.limit);
    Ok(CasesPage { cases, total, more })
}

/// The ids of the person who is asked for.
fn listing_person(
    reader: &CaseReader<'_>,
    question: &CasesQuestion,
) -> Result<Option<BTreeSet<String>>, StateError> {
    let Some(owner_id) = &question.owner_id else {
        return Ok(None);
    };
    if !is_plain(owner_id) {
        return Ok(Some(BTreeSet::new()));
    }
    let identity = reader.states.timeline.identity;
    everyone_linked(identity, reader.validity, owner_id).map(Some)
}

struct Listing<'l> {
    reader: CaseReader<'l>,
    vantage: &'l Vantage<'l>,
    question: &'l CasesQuestion,
    terms: TermsInForce,
    at: UnfinishedAt,
    /// The ids of the person who is asked for.
    of_person: Option<BTreeSet<String>>,
}

impl Listing<'_> {
    /// The cases that may be in the list.
    fn candidates(&self) -> Result<BTreeSet<String>, StateError> {
        let state = self.reader.states.cases;
        let mut lists = Vec::new();
        for (name, list) in [
            (&self.question.dealer_id, CaseList::Dealer as fn(_) -> _),
            (&self.question.advocate_id, CaseList::Advocate),
            (&self.question.vin, CaseList::Vehicle),
        ] {
            if let Some(name) = name {
                lists.push(cases_in(state, list(name))?);
            }
        }
        if let Some(ids) = &self.of_person {
            lists.push(self.of_person(ids)?);
        }
        let only_unfinished = self.wants_unfinished_only();
        let Some(mut candidates) = lists.into_iter().reduce(|all, list| &all & &list) else {
            return match only_unfinished {
                true => unfinished_cases(state, self.at),
                false => self.every_case(),
            };
        };
        if only_unfinished {
            let mut unfinished = BTreeSet::new();
            for case_id in candidates {
                if is_unfinished(state, &case_id, self.at)? {
                    unfinished.insert(case_id);
                }
            }
            candidates = unfinished;
        }
        Ok(candidates)
    }

    /// Whether no case is asked for that is finished, or was never opened.
    fn wants_unfinished_only(&self) -> bool {
        let finished = [CaseState::Closed, CaseState::NotOpened];
        !finished
            .iter()
            .any(|state| self.question.states.contains(state))
    }

    fn every_case(&self) -> Result<BTreeSet<String>, StateError> {
        let mut all = BTreeSet::new();
        every_case(self.reader.states.cases, |case_id| {
            all.insert(case_id.to_owned());
            Ok(match self.vantage.is_cancelled() {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            })
        })?;
        Ok(all)
    }

    /// The cases that name a person, and those of vehicles that they ever held.
    fn of_person(&self, ids: &BTreeSet<String>) -> Result<BTreeSet<String>, StateError> {
        let state = self.reader.states.cases;
        let mut found = BTreeSet::new();
        for id in ids {
            found.extend(cases_in(state, CaseList::Owner(id))?);
        }
        for vin in ownership::vehicles(self.reader.states.timeline.ownership, ids)? {
            found.extend(cases_in(state, CaseList::Vehicle(&vin))?);
        }
        Ok(found)
    }

    /// A case, if it belongs to the list.
    fn summary(&self, history: &CaseHistory) -> Result<Option<CaseSummary>, AnswerError> {
        let sheet = CaseSheet::of(history);
        let state = sheet.course.state();
        if !self.belongs(history, &sheet) {
            return Ok(None);
        }
        let owed = obligations(history, &self.terms);
        let dues = dues(owed.iter(), &promises(history));
        let mut advocates: Vec<String> = sheet
            .advocates
            .present
            .iter()
            .map(|it| it.agent_id.to_owned())
            .collect();
        advocates.sort_unstable();
        advocates.truncate(ADVOCATES);
        let present = sheet.silence.present;
        let summary = CaseSummary {
            case_id: history.case_id.clone(),
            state,
            overdue: overdue(&dues, history.as_of),
            due: dues.into_iter().next(),
            owner_id: history.owners().into_iter().next().unwrap_or_default(),
            dealer_id: sheet.dealer_now().to_owned(),
            vin: history.vin().to_owned(),
            severity: sheet.assessment.severity,
            urgency: sheet.assessment.urgency,
            advocates,
            opened_at: sheet.course.opening.map(|fact| fact.at()),
            episodes: sheet.course.episodes.len(),
            silent_since: present.map(|gap| gap.from),
            root_cause_owed: sheet.root_cause.is_owed(),
        };
        Ok(self.selects(&summary).then_some(summary))
    }

    /// Whether a case belongs to whom is asked for, and may be seen.
    fn belongs(&self, history: &CaseHistory, sheet: &CaseSheet<'_>) -> bool {
        let viewer = self.vantage.viewer;
        let mut dealers = sheet.dealers.iter();
        let sees = viewer.sees_network() || dealers.any(|it| viewer.sees_dealer(&it.dealer_id));
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted == found)
        };
        let advocate = self.question.advocate_id.as_ref().is_none_or(|wanted| {
            let present = sheet.advocates.present.iter();
            let closing = sheet.course.last().and_then(|last| last.closed_by());
            let until_closing = sheet.advocates.former.iter().filter(|it| {
                let ended = it.ended.map(|fact| &fact.key);
                ended.is_some() && ended == closing.map(|fact| &fact.key)
            });
            let mut agents = present.chain(until_closing);
            agents.any(|it| it.agent_id == wanted)
        });
        let vin = self.question.vin.as_ref();
        let vin = vin.is_none_or(|wanted| history.vins().iter().any(|vin| vin == wanted));
        let owner = self.of_person.as_ref().is_none_or(|ids| {
            let mut owners = history.owners().into_iter();
            owners.any(|owner_id| ids.contains(&owner_id))
        });
        sees && is(&self.question.dealer_id, sheet.dealer_now()) && advocate && vin && owner
    }

    fn selects(&self, summary: &CaseSummary) -> bool {
        let states = &self.question.states;
        let in_state = match states.is_empty() {
            false => states.contains(&summary.state),
            true => match summary.state {
                CaseState::NotOpened => false,
                CaseState::Closed => summary.due.is_some(),
                CaseState::Open | CaseState::PausedOnOwner | CaseState::Resolved => true,
            },
        };
        in_state
            && summary.severity >= self.question.min_severity
            && (summary.overdue > 0 || !self.question.overdue)
    }
}
