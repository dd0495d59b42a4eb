//! CALENDAR: when business is open. The rules are those of the clock that runs by it.

use ownerline_proto::Reason;
use ownerline_proto::v1::CalendarPolicy;

use super::violations::Violations;
use crate::calendar::{Calendar, CalendarProblem};

pub(super) fn check(calendar: &CalendarPolicy, found: &mut Violations) {
    for problem in Calendar::problems(calendar) {
        let (field, reason) = match &problem {
            CalendarProblem::UnknownZone { .. } => ("zone", Reason::Format),
            CalendarProblem::OutOfRange { field, .. } => (field.as_str(), Reason::Range),
            CalendarProblem::Empty { field, .. }
            | CalendarProblem::Overlap { field, .. }
            | CalendarProblem::RepeatedDate { field, .. } => (field.as_str(), Reason::Disagrees),
            CalendarProblem::NoDate { field, .. } => (field.as_str(), Reason::Format),
        };
        let told = problem.to_string();
        let why = told.strip_prefix(&format!("{field}: ")).unwrap_or(&told);
        found.add(format!("calendar.{field}"), reason, why);
    }
    if calendar.weekly.is_empty() {
        found.add("calendar.weekly", Reason::Required, "must have an interval");
    }
}
