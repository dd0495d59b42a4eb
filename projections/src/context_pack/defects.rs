//! Defects that are not known to be repaired, across visits and across ids that people linked.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::v1::missing_section::Reason;
use ownerline_proto::v1::repair_attempted::Outcome;
use ownerline_proto::v1::{PackSection, touchpoint::Payload};

use super::entry::{Entry, Fact};
use super::pack::{Attempt, ContextPack, Listed, OpenDefect};
use super::visits::{Attempts, Visit, Visits};
use crate::repairs::RepairAttempts;
use crate::vehicles::same_defect::{DefectLink, SeenLinks};

/// Defects by id, links between them, and issues reported outside visits.
#[derive(Debug, Clone, Default)]
pub(super) struct Defects {
    named: BTreeMap<String, Defect>,
    links: SeenLinks<u64>,
    /// By vehicle and issue.
    issues: BTreeMap<(String, String), Defect>,
}

/// What is known of one defect.
#[derive(Debug, Clone, Default)]
struct Defect {
    vin: String,
    visit_id: String,
    first_reported: Option<Fact>,
    last_reported: Option<Fact>,
    safety: bool,
    /// By visit.
    attempts: RepairAttempts<String>,
    last_attempt: Option<Attempt>,
    /// Settled elsewhere, or closed by the owner's own report.
    settled: Option<Fact>,
}

impl Defects {
    pub(super) fn apply(&mut self, entry: Entry<'_>, payload: &Payload) {
        let defect_id = &entry.subjects.defect_id;
        match payload {
            Payload::DefectReported(it) if !defect_id.is_empty() => {
                let defect = self.named.entry(defect_id.clone()).or_default();
                defect.at(entry);
                defect.reported(entry.fact, it.safety);
            }
            Payload::RepairAttempted(it) if !defect_id.is_empty() => {
                let defect = self.named.entry(defect_id.clone()).or_default();
                defect.at(entry);
                defect.attempts.tried_in(entry.subjects.visit_id.clone());
                defect.last_attempt = Some(Attempt {
                    fact: entry.fact,
                    outcome: it.outcome(),
                });
            }
            Payload::DefectLinked(_) | Payload::DefectUnlinked(_) => {
                if let Some(link) = DefectLink::of(entry.touchpoint) {
                    self.links.add(&entry.fact.turn, &link);
                }
            }
            Payload::VehicleIssueReported(it) => {
                let issue = self.issue(entry, &it.issue_id);
                issue.at(entry);
                issue.reported(entry.fact, it.safety);
            }
            Payload::VehicleIssueClosed(it) => {
                self.issue(entry, &it.issue_id).settled = Some(entry.fact);
            }
            _ => {}
        }
    }

    fn issue(&mut self, entry: Entry<'_>, issue_id: &str) -> &mut Defect {
        let key = (entry.row.vin.clone(), issue_id.to_owned());
        self.issues.entry(key).or_default()
    }

    pub(super) fn finish(
        mut self,
        visits: &Visits,
        left: &BTreeSet<String>,
        pack: &mut ContextPack,
    ) {
        let mut open = Vec::new();
        let mut known = !self.named.is_empty() || !self.issues.is_empty();
        for (visit_id, visit) in visits.iter() {
            for defect in unnamed(visit_id, visit) {
                known = true;
                open.extend(defect.open(Vec::new(), String::new()));
            }
            if visit.elsewhere.is_some() {
                for defect_id in visit.defect_ids() {
                    if let Some(defect) = self.named.get_mut(defect_id) {
                        defect.settled = defect.settled.max(visit.elsewhere);
                    }
                }
            }
        }
        while let Some((defect_id, mut defect)) = self.named.pop_first() {
            let ids = self.links.same_defect(&defect_id);
            for id in &ids {
                if let Some(other) = self.named.remove(id) {
                    defect.merge(other);
                }
            }
            open.extend(defect.open(ids.into_iter().collect(), String::new()));
        }
        for ((_, issue_id), defect) in self.issues {
            // A closing of what nobody reported closes nothing.
            if defect.last_reported.is_some() {
                open.extend(defect.open(Vec::new(), issue_id));
            }
        }
        if open.is_empty() {
            let reason = if known {
                Reason::NoOpenDefect
            } else {
                Reason::NoDefectKnown
            };
            pack.lacks(PackSection::OpenDefects, reason);
        }
        for defect in &mut open {
            defect.vehicle_left = left.contains(&defect.vin);
        }
        open.sort_by_key(|it| {
            std::cmp::Reverse((!it.vehicle_left, it.safety, it.last_reported, last(it)))
        });
        pack.open_defects = Listed::of(open);
    }
}

impl Defect {
    fn at(&mut self, entry: Entry<'_>) {
        if !entry.row.vin.is_empty() {
            entry.row.vin.clone_into(&mut self.vin);
        }
        entry.subjects.visit_id.clone_into(&mut self.visit_id);
    }

    fn reported(&mut self, fact: Fact, safety: bool) {
        self.first_reported.get_or_insert(fact);
        self.last_reported = Some(fact);
        self.safety |= safety;
    }

    fn merge(&mut self, other: Self) {
        if other.last_touched() > self.last_touched() {
            self.visit_id = other.visit_id;
            if !other.vin.is_empty() {
                self.vin = other.vin;
            }
        }
        self.first_reported = [self.first_reported, other.first_reported]
            .into_iter()
            .flatten()
            .min();
        self.last_reported = self.last_reported.max(other.last_reported);
        self.safety |= other.safety;
        self.attempts.merge(other.attempts);
        self.last_attempt = [self.last_attempt, other.last_attempt]
            .into_iter()
            .flatten()
            .max_by_key(|attempt| attempt.fact);
        self.settled = self.settled.max(other.settled);
    }

    fn last_touched(&self) -> Option<Fact> {
        let tried = self.last_attempt.map(|attempt| attempt.fact);
        self.last_reported.max(tried)
    }

    /// Itself if it is open: neither repaired nor settled since its last report. Reports and repairs of
    /// one instant are no sequence: such a repair counts.
    fn open(self, defect_ids: Vec<String>, issue_id: String) -> Option<OpenDefect> {
        let at = |fact: Option<Fact>| fact.map(|fact| fact.occurred_at);
        let reported = at(self.last_reported);
        let tried = self.last_attempt.map(|attempt| attempt.fact.occurred_at);
        let fixed = self
            .last_attempt
            .is_some_and(|attempt| attempt.outcome == Outcome::Fixed && tried >= reported);
        let settled = self.settled.is_some() && at(self.settled) >= reported.max(tried);
        (!fixed && !settled).then_some(OpenDefect {
            defect_ids,
            issue_id,
            vin: self.vin,
            vehicle_left: false,
            visit_id: self.visit_id,
            first_reported: self.first_reported,
            last_reported: self.last_reported,
            safety: self.safety,
            attempts: self.attempts.count(),
            last_attempt: self.last_attempt,
        })
    }
}

fn last(defect: &OpenDefect) -> Option<Fact> {
    defect.last_attempt.map(|attempt| attempt.fact)
}

/// The defects of a visit that have no id: one per report, or one of attempts at what nobody reported.
fn unnamed(visit_id: &str, visit: &Visit) -> Vec<Defect> {
    let Attempts { count, last } = visit.attempts("");
    let mut attempts = RepairAttempts::default();
    if count > 0 {
        attempts.tried_in(visit_id.to_owned());
    }
    let nameless = || Defect {
        vin: visit.vin.clone(),
        visit_id: visit_id.to_owned(),
        attempts: attempts.clone(),
        last_attempt: last,
        settled: visit.elsewhere,
        ..Defect::default()
    };
    let reports = visit.unnamed().map(|report| {
        let mut defect = nameless();
        defect.reported(report.fact, report.safety);
        defect
    });
    let mut defects: Vec<Defect> = reports.collect();
    if defects.is_empty() && count > 0 {
        defects.push(nameless());
    }
    defects
}
