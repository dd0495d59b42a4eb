//! A case as the contract shows it.

use std::collections::BTreeSet;

use ownerline_projections::cases::{self, CaseSheet, CaseState as State, RootCauseState, Verdict};
use ownerline_projections::newest::{MAX_ITEMS, newest};
use ownerline_proto::time::{self, Instant};
use ownerline_proto::v1::case::{
    Advocate, Assessment, Defect, Episode, Gap, LeftOut, List, Overdue, Owner, Pause, RootCause,
    Segment, Silence, Step, Unmet, Updates, episode, root_cause, step, updates,
};
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Case, CaseState};

use super::flags::flag;
use super::promises::promise;
use super::shown::Shown;
use crate::grpc::obligation::{Matter, duration, obligation};
use crate::query::{CaseFile, PositionText};

/// The most unmet requests of an episode.
const UNMET: usize = 100;

/// The lists of a case that were cut, with the number of items that each lacks.
#[derive(Default)]
struct Cut(Vec<LeftOut>);

impl Cut {
    /// The newest items of a list.
    fn newest<'i, T>(&mut self, list: List, items: &'i [T]) -> std::slice::Iter<'i, T> {
        let (items, left_out) = newest(items);
        self.add(list, left_out);
        items.iter()
    }

    fn add(&mut self, list: List, left_out: usize) {
        if left_out > 0 {
            self.0.push(LeftOut {
                list: list.into(),
                count: u32::try_from(left_out).unwrap_or(u32::MAX),
            });
        }
    }
}

/// A case.
pub(super) fn case(text: PositionText, file: &CaseFile) -> Case {
    let shown = Shown::of(text, file);
    let answer = &file.answer;
    let history = &answer.history;
    let sheet = CaseSheet::of(history);
    let mut cut = Cut::default();
    let root_cause = root_cause(&shown, &sheet.root_cause);
    let unmet = Unmet {
        root_cause_owed: sheet.root_cause.is_owed(),
        commitments_not_kept: newest(&answer.not_kept())
            .0
            .iter()
            .map(|id| (*id).to_owned())
            .collect(),
    };
    let mut case = Case {
        case_id: history.case_id.clone(),
        state: state(sheet.course.state()).into(),
        vin: history.vin().to_owned(),
        opened: shown.any(sheet.course.opening),
        remedy_sought: shown.remedy(sheet.course.opening),
        assessment: sheet.assessment.last.map(|_| assessment(&shown, &sheet)),
        desired_outcome: shown.any(sheet.desired_outcome),
        root_cause: Some(root_cause),
        updates: Some(updates(&shown, &sheet.updates, &mut cut)),
        silence: Some(silence(&sheet.silence, &mut cut)),
        unmet: Some(unmet),
        flags: answer
            .flags(&sheet)
            .into_iter()
            .map(|it| flag(it).into())
            .collect(),
        ..Case::default()
    };
    people(&shown, &sheet, &mut cut, &mut case);
    matters(&shown, &sheet, &mut cut, &mut case);
    owed(&shown, &mut cut, &mut case);
    cut.add(List::Texts, shown.texts_left_out());
    case.left_out = cut.0;
    case
}

/// Fills in who is concerned.
fn people(shown: &Shown<'_>, sheet: &CaseSheet<'_>, cut: &mut Cut, case: &mut Case) {
    let history = &shown.file.answer.history;
    let by_holding = history.owners_named().is_empty();
    let owners = history.owners();
    let owners = cut.newest(List::Owners, &owners).map(|owner_id| Owner {
        owner_id: owner_id.clone(),
        by_holding,
    });
    case.owners = owners.collect();
    let dealers = cut.newest(List::Dealers, &sheet.dealers);
    let dealers = dealers.map(|segment| Segment {
        dealer_id: segment.dealer_id.clone(),
        from: Some(time::timestamp(segment.from)),
        until: segment.until.map(time::timestamp),
    });
    case.dealers = dealers.collect();
    let advocate = |it: &cases::Advocate<'_>| Advocate {
        agent_id: it.agent_id.to_owned(),
        assigned: shown.any(it.assigned),
        ended: shown.any(it.ended),
    };
    let advocates = &sheet.advocates;
    let present = cut.newest(List::Advocates, &advocates.present);
    case.advocates = present.map(advocate).collect();
    let former = cut.newest(List::FormerAdvocates, &advocates.former);
    case.former_advocates = former.map(advocate).collect();
    let (contacts, left_out) = newest(&sheet.contacts);
    let mut agents = BTreeSet::new();
    for contact in contacts {
        if let Some(Payload::ContactMade(made)) = shown.payload(contact) {
            agents.extend(made.agents.iter().cloned());
        }
    }
    let agents: Vec<String> = agents.into_iter().collect();
    let agents = newest(&agents);
    cut.add(List::Agents, left_out + agents.1);
    case.agents = agents.0.to_vec();
}

/// Fills in what happened.
fn matters(shown: &Shown<'_>, sheet: &CaseSheet<'_>, cut: &mut Cut, case: &mut Case) {
    let episodes = cut.newest(List::Episodes, &sheet.course.episodes);
    case.episodes = episodes.map(|it| episode(shown, it)).collect();
    let steps = cut.newest(List::Steps, &sheet.steps);
    case.steps = steps.map(|it| step(shown, it)).collect();
    let pauses: Vec<_> = sheet.course.pauses().copied().collect();
    let pauses = cut.newest(List::Pauses, &pauses).map(|it| Pause {
        paused: Some(shown.fact(it.by)),
        ended: shown.any(it.ended_by),
    });
    case.pauses = pauses.collect();
    let escalations = cut.newest(List::Escalations, &sheet.escalations);
    case.escalations = shown.facts(escalations.as_slice());
    let notices = cut.newest(List::ManufacturerNotices, &sheet.notices);
    case.manufacturer_notices = shown.facts(notices.as_slice());
    let feedback = cut.newest(List::FeedbackIds, &sheet.feedback_ids);
    case.feedback_ids = feedback.map(|it| (*it).to_owned()).collect();
    let defects = cut.newest(List::Defects, &sheet.defects);
    let defects = defects.map(|it| Defect {
        defect_id: it.defect_id.to_owned(),
        same_as: newest(&it.same_as)
            .0
            .iter()
            .map(|it| (*it).to_owned())
            .collect(),
    });
    case.defects = defects.collect();
}

/// Fills in what is owed.
fn owed(shown: &Shown<'_>, cut: &mut Cut, case: &mut Case) {
    let answer = &shown.file.answer;
    let as_of = answer.history.as_of;
    let commitments = answer.promises_of(Kind::Commitment);
    let commitments = cut.newest(List::Commitments, &commitments);
    case.commitments = commitments.map(|it| promise(shown, it)).collect();
    let tasks = answer.promises_of(Kind::Task);
    let tasks = cut.newest(List::Tasks, &tasks);
    case.tasks = tasks.map(|it| promise(shown, it)).collect();
    let departments = case.tasks.iter().map(|it| it.department.clone());
    let departments: BTreeSet<String> = departments.filter(|it| !it.is_empty()).collect();
    case.departments = departments.into_iter().collect();
    let overdue = answer.overdue();
    cut.add(List::Overdue, overdue.len().saturating_sub(MAX_ITEMS));
    let overdue = overdue.into_iter().take(MAX_ITEMS);
    case.overdue = overdue.map(|due| overdue_since(due, as_of)).collect();
    let details = cut.newest(List::Obligations, &answer.details);
    let case_id = &answer.history.case_id;
    let obligations = details.map(|detail| obligation(Matter::Case(case_id), detail, as_of));
    case.obligations = obligations.collect();
}

fn assessment(shown: &Shown<'_>, sheet: &CaseSheet<'_>) -> Assessment {
    let assessment = &sheet.assessment;
    Assessment {
        severity: assessment.severity.into(),
        complexity: assessment.complexity.into(),
        impact: assessment.impact.into(),
        urgency: assessment.urgency.into(),
        last: shown.any(assessment.last),
    }
}

fn episode(shown: &Shown<'_>, it: &cases::Episode<'_>) -> Episode {
    let verdict = match it.verdict() {
        Verdict::Unconfirmed => episode::Verdict::Unconfirmed,
        Verdict::Confirmed => episode::Verdict::Confirmed,
        Verdict::Rejected => episode::Verdict::Rejected,
    };
    let rejected = it.outcomes.iter().filter(|it| it.rejected_by.is_some());
    let requests = newest(&it.closings)
        .0
        .iter()
        .flat_map(|closing| match shown.payload(closing) {
            Some(Payload::CaseClosed(closed)) => closed.unmet_requests.as_slice(),
            _ => &[],
        });
    Episode {
        number: it.number,
        opened: Some(shown.fact(it.opened_by)),
        from: Some(time::timestamp(it.from)),
        started_at: Some(time::timestamp(it.started_at)),
        resolved: shown.any(it.resolved_by()),
        outcomes_rejected: u32::try_from(rejected.count()).unwrap_or(u32::MAX),
        verdict: verdict.into(),
        verdict_by: shown.any(it.verdict_by),
        closed: shown.any(it.closed_by()),
        until: it.until().map(time::timestamp),
        unmet_requests: requests
            .take(UNMET)
            .map(|it| shown.shortened(it.clone()))
            .collect(),
    }
}

fn step(shown: &Shown<'_>, it: &cases::Step<'_>) -> Step {
    let answer = match it.answered.map(cases::CaseFact::kind) {
        Some(cases::CaseFactKind::NextStepAgreed) => step::Answer::Agreed,
        Some(_) => step::Answer::Declined,
        None => step::Answer::Proposed,
    };
    Step {
        step_id: it.step_id.to_owned(),
        proposed: shown.any(it.proposed),
        answer: answer.into(),
        answered: shown.any(it.answered),
    }
}

fn root_cause(shown: &Shown<'_>, it: &cases::RootCause<'_>) -> RootCause {
    let state = match it.state() {
        RootCauseState::NotAsked => root_cause::State::NotAsked,
        RootCauseState::Owed => root_cause::State::Owed,
        RootCauseState::Provided => root_cause::State::Provided,
        RootCauseState::Declined => root_cause::State::Declined,
    };
    RootCause {
        state: state.into(),
        requested: shown.any(it.requested),
        provided: shown.any(it.provided),
        declined: shown.any(it.declined),
    }
}

fn updates(shown: &Shown<'_>, it: &cases::Updates<'_>, cut: &mut Cut) -> Updates {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let latest = cut
        .newest(List::Updates, &it.all)
        .map(|fact| updates::Update {
            fact: Some(shown.fact(fact)),
            new_information: fact.row.new_information,
            automatic: fact.is_automatic(),
        });
    Updates {
        latest: latest.collect(),
        count: count(it.all.len()),
        nothing_new: count(it.nothing_new),
        automatic: count(it.automatic),
    }
}

/// Something that is overdue, and for how long.
pub(in crate::grpc) fn overdue_since(due: cases::Due, as_of: Instant) -> Overdue {
    Overdue {
        kind: due.kind.into(),
        subject_id: due.subject_id,
        due_at: Some(time::timestamp(due.at)),
        overdue_for: Some(duration(as_of.since(due.at))),
    }
}

fn silence(it: &cases::Silence, cut: &mut Cut) -> Silence {
    let gap = |gap: &cases::Gap| Gap {
        from: Some(time::timestamp(gap.from)),
        until: (!gap.is_present).then(|| time::timestamp(gap.until)),
        length: Some(duration(gap.nanos())),
    };
    Silence {
        longest: it.longest.as_ref().map(gap),
        present: it.present.as_ref().map(gap),
        long: cut.newest(List::Silence, &it.long).map(gap).collect(),
    }
}

/// A state as the contract names it.
pub(super) fn state(state: State) -> CaseState {
    match state {
        State::NotOpened => CaseState::NotOpened,
        State::Open => CaseState::Open,
        State::PausedOnOwner => CaseState::PausedOnOwner,
        State::Resolved => CaseState::Resolved,
        State::Closed => CaseState::Closed,
    }
}
