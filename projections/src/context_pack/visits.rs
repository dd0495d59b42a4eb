//! Visits: the last one, and how it ended.

use std::collections::BTreeMap;

use ownerline_proto::v1::last_visit::Outcome;
use ownerline_proto::v1::missing_section::Reason;
use ownerline_proto::v1::repair_attempted::Outcome as AttemptOutcome;
use ownerline_proto::v1::{PackSection, touchpoint::Payload};

use super::entry::{Entry, Fact};
use super::pack::{Attempt, ContextPack, LastVisit, Listed, VisitDefect};
use crate::contacts::{ended_in_refusal, is_still_in};
use crate::person::takes_place;

/// All visits, by id.
#[derive(Debug, Clone, Default)]
pub(super) struct Visits {
    by_id: BTreeMap<String, Visit>,
}

/// One stay or appointment.
#[derive(Debug, Clone, Default)]
pub(super) struct Visit {
    pub(super) dealer_id: String,
    pub(super) vin: String,
    dropped_off: Option<Fact>,
    picked_up: Option<Fact>,
    /// The first and the last touchpoint that make an appointment a visit.
    began: Option<Fact>,
    last: Option<Fact>,
    appointment: Option<Fact>,
    work: Option<Fact>,
    declined: Option<Fact>,
    pub(super) elsewhere: Option<Fact>,
    /// By defect id; an empty id stands for attempts that name none.
    attempts: BTreeMap<String, Attempts>,
    reports: Vec<Report>,
}

/// One report of a defect.
#[derive(Debug, Clone)]
pub(super) struct Report {
    /// Empty if it named none.
    pub(super) defect_id: String,
    pub(super) fact: Fact,
    pub(super) safety: bool,
}

/// Attempts at one defect in one visit.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Attempts {
    pub(super) count: u32,
    pub(super) last: Option<Attempt>,
}

impl Visits {
    pub(super) fn apply(&mut self, entry: Entry<'_>, payload: &Payload) {
        let id = entry.subjects.visit_id.clone();
        let takes_place = takes_place(entry.row.kind);
        // What a recall asks for may be done outside any visit.
        if id.is_empty() {
            return;
        }
        if !takes_place
            && !matches!(
                payload,
                Payload::AppointmentBooked(_) | Payload::DefectReported(_)
            )
        {
            return;
        }
        let visit = self.by_id.entry(id).or_default();
        let fact = entry.fact;
        for (known, said) in [
            (&mut visit.dealer_id, &entry.row.dealer_id),
            (&mut visit.vin, &entry.row.vin),
        ] {
            if known.is_empty() {
                said.clone_into(known);
            }
        }
        if takes_place {
            visit.began.get_or_insert(fact);
            visit.last = Some(fact);
        }
        visit.apply(entry, payload);
    }

    /// Every visit, by id.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&String, &Visit)> {
        self.by_id.iter()
    }

    pub(super) fn finish(&self, pack: &mut ContextPack) {
        let visits = self.by_id.iter();
        let took_place = visits.filter_map(|(id, visit)| Some((visit.last?, id, visit)));
        let last = took_place.max_by_key(|(last, ..)| *last);
        pack.last_visit = last.and_then(|(_, id, visit)| visit.shown(id));
        match &pack.last_visit {
            None => pack.lacks(PackSection::LastVisit, Reason::NoVisitKnown),
            Some(visit) if visit.outcome == Outcome::NotRecorded => {
                pack.lacks(PackSection::LastVisit, Reason::OutcomeNotRecorded);
            }
            Some(_) => {}
        }
    }
}

impl Visit {
    fn apply(&mut self, entry: Entry<'_>, payload: &Payload) {
        let fact = entry.fact;
        match payload {
            Payload::AppointmentBooked(_) => self.appointment = Some(fact),
            Payload::VehicleDroppedOff(_) => self.dropped_off = Some(fact),
            Payload::VehiclePickedUp(_) => self.picked_up = Some(fact),
            Payload::WorkPerformed(_) => self.work = Some(fact),
            Payload::RecallPerformed(_) => {
                self.work.get_or_insert(fact);
            }
            Payload::AssistanceDeclined(_) => self.declined = Some(fact),
            Payload::ResolvedElsewhere(_) => self.elsewhere = Some(fact),
            Payload::DefectReported(reported) => self.reports.push(Report {
                defect_id: entry.subjects.defect_id.clone(),
                fact,
                safety: reported.safety,
            }),
            Payload::RepairAttempted(attempted) => {
                let defect_id = entry.subjects.defect_id.clone();
                let attempts = self.attempts.entry(defect_id).or_default();
                attempts.count = attempts.count.saturating_add(1);
                attempts.last = Some(Attempt {
                    fact,
                    outcome: attempted.outcome(),
                });
            }
            _ => {}
        }
    }

    /// The attempts at a defect in this visit; an empty id stands for attempts that name none.
    pub(super) fn attempts(&self, defect_id: &str) -> Attempts {
        self.attempts.get(defect_id).copied().unwrap_or_default()
    }

    /// The reports that name no defect.
    pub(super) fn unnamed(&self) -> impl Iterator<Item = &Report> {
        self.reports.iter().filter(|it| it.defect_id.is_empty())
    }

    /// The ids of the defects reported or worked on in this visit; empty for those that name none.
    pub(super) fn defect_ids(&self) -> impl Iterator<Item = &String> {
        let reported = self.reports.iter().map(|report| &report.defect_id);
        reported.chain(self.attempts.keys())
    }

    fn shown(&self, visit_id: &str) -> Option<LastVisit> {
        let defects = self.defects();
        let at = |fact: Option<Fact>| fact.map(|fact| fact.occurred_at);
        let still_in = is_still_in(at(self.dropped_off), at(self.picked_up));
        let (outcome, outcome_fact) = self.outcome(&defects, still_in);
        Some(LastVisit {
            visit_id: visit_id.to_owned(),
            dealer_id: self.dealer_id.clone(),
            vin: self.vin.clone(),
            began: self.dropped_off.or(self.began)?,
            picked_up: self.picked_up.filter(|_| !still_in),
            still_in,
            appointment: self.appointment,
            defects: Listed::of(defects),
            outcome,
            outcome_fact,
        })
    }

    /// Each named defect once, by its last report; each report without a name; and the attempts at defects that nobody
    /// reported.
    fn defects(&self) -> Vec<VisitDefect> {
        let mut named: BTreeMap<&str, (Option<Fact>, bool)> = BTreeMap::new();
        for defect_id in self.attempts.keys() {
            named.insert(defect_id, (None, false));
        }
        let mut defects = Vec::new();
        let shown = |defect_id: &str, reported, safety| {
            let Attempts { count, last } = self.attempts(defect_id);
            VisitDefect {
                defect_id: defect_id.to_owned(),
                reported,
                safety,
                attempts: count,
                last_attempt: last,
            }
        };
        for report in &self.reports {
            if report.defect_id.is_empty() {
                named.remove("");
                defects.push(shown("", Some(report.fact), report.safety));
            } else {
                let known = named.entry(&report.defect_id).or_default();
                *known = (Some(report.fact), known.1 || report.safety);
            }
        }
        for (defect_id, (reported, safety)) in named {
            defects.push(shown(defect_id, reported, safety));
        }
        defects
    }

    fn outcome(&self, defects: &[VisitDefect], still_in: bool) -> (Outcome, Option<Fact>) {
        let attempts = || defects.iter().filter_map(|defect| defect.last_attempt);
        let tried = attempts().map(|attempt| attempt.fact).max();
        if self.elsewhere.is_some() && self.elsewhere >= self.declined.max(tried) {
            return (Outcome::ResolvedElsewhere, self.elsewhere);
        }
        if ended_in_refusal(self.declined, tried, self.elsewhere) {
            return (Outcome::AssistanceDeclined, self.declined);
        }
        let not_tried = defects.iter().any(|defect| defect.attempts == 0);
        // The worst attempt decides; of equally bad ones, the last.
        let worst = attempts().map(|attempt| (badness(attempt.outcome), attempt.fact));
        match worst.max() {
            Some((3, fact)) => (Outcome::NotFixed, Some(fact)),
            Some((2, fact)) => (Outcome::PartPending, Some(fact)),
            _ if not_tried && still_in => (Outcome::StillIn, self.dropped_off),
            _ if not_tried => (Outcome::NotRecorded, None),
            Some((1, fact)) => (Outcome::NoFaultFound, Some(fact)),
            Some((_, fact)) => (Outcome::Repaired, Some(fact)),
            None if self.work.is_some() => (Outcome::WorkDone, self.work),
            None if still_in => (Outcome::StillIn, self.dropped_off),
            None => (Outcome::NotRecorded, None),
        }
    }
}

fn badness(outcome: AttemptOutcome) -> u8 {
    match outcome {
        // An unspecified outcome is not known to be a repair.
        AttemptOutcome::NotFixed | AttemptOutcome::Unspecified => 3,
        AttemptOutcome::PartPending => 2,
        AttemptOutcome::NoFaultFound => 1,
        AttemptOutcome::Fixed => 0,
    }
}
