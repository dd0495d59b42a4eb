//! Checks of a CALENDAR, which has the open hours. The rules are those of the clock that runs by it.

use ownerline_proto::Reason;
use ownerline_proto::v1::CalendarPolicy;

use super::violations::Violations;
use crate::calendar::{Calendar, CalendarProblem};

pub(super) fn check(calendar: &CalendarPolicy, violations: &mut Violations) {
    for problem in Calendar::problems(calendar) {
        let (field, reason) = match &problem {
            CalendarProblem::UnknownZone { .. } => ("zone", Reason::Format),
            CalendarProblem::OutOfRange { field, .. } => (field.as_str(), Reason::Range),
            CalendarProblem::Empty { field, .. }
            | CalendarProblem::Overlap { field, .. }
            | CalendarProblem::RepeatedDate { field, .. } => (field.as_str(), Reason::Disagrees),
            CalendarProblem::NoDate { field, .. } => (field.as_str(), Reason::Format),
        };
        let text = problem.to_string();
        let why = text.strip_prefix(&format!("{field}: ")).unwrap_or(&text);
        violations.add(format!("calendar.{field}"), reason, why);
    }
    if calendar.weekly.is_empty() {
        violations.add("calendar.weekly", Reason::Required, "must have an interval");
    }
}
