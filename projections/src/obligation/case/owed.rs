//! Everything that a case owes, or owed.

use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::budgeted::budgeted;
use super::dated::{dated, promises};
use super::ruled::Ruled;
use crate::cases::{CaseCourse, CaseHistory};
use crate::obligation::Obligation;
use crate::obligation::terms::InForce;

/// The obligations of a case, in the order in which they began: as of the instant of its history, by the terms in force.
#[must_use]
pub fn obligations(history: &CaseHistory, in_force: &dyn InForce) -> Vec<Obligation> {
    let course = CaseCourse::of(history);
    let ruled = Ruled::new(history, &course, in_force);
    let mut owed = budgeted(&ruled);
    owed.extend(dated(&ruled, &promises(history)));
    owed.sort_by(|a, b| order(a).cmp(&order(b)));
    owed
}

/// The place of an obligation: of those that began at one instant, the acknowledgement is owed first.
fn order(owed: &Obligation) -> (i64, bool, Kind, &str, &str) {
    let is_later = owed.kind != Kind::Acknowledgement;
    let (subject_id, id) = (owed.subject_id.as_str(), owed.obligation_id.as_str());
    (owed.start, is_later, owed.kind, subject_id, id)
}
