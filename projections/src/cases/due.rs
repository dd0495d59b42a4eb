//! What is due in a case: what the case itself owes, and its promises and tasks.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::summary::Due;
use crate::obligation::case::Promise;
use crate::obligation::{Obligation, State};

/// Everything open that has a date, the earliest first. Promises and tasks are due by their own dates, whether a policy
/// owes them or not.
pub(super) fn dues<'o>(
    obligations: impl Iterator<Item = &'o Obligation>,
    promises: &[Promise],
) -> Vec<Due> {
    let by_budget = obligations.filter(|it| {
        let is_dated = matches!(it.kind, Kind::Commitment | Kind::Task);
        it.outcome.state == State::Open && !is_dated
    });
    let by_budget = by_budget.filter_map(|it| {
        Some(Due {
            at: it.outcome.due_at?,
            kind: it.kind,
            subject_id: String::new(),
        })
    });
    let dated = promises.iter().filter(|it| it.is_open());
    let dated = dated.filter_map(|it| {
        Some(Due {
            at: it.due_at?,
            kind: it.kind,
            subject_id: it.id.clone(),
        })
    });
    let mut dues: Vec<Due> = by_budget.chain(dated).collect();
    dues.sort_by(|a, b| {
        let order = |due: &Due| (due.at, i32::from(due.kind));
        let by_date = order(a).cmp(&order(b));
        by_date.then_with(|| a.subject_id.cmp(&b.subject_id))
    });
    dues
}

/// How many of these are overdue at an instant: the first of them.
pub(super) fn overdue(dues: &[Due], as_of: Instant) -> usize {
    dues.partition_point(|due| due.at < as_of.nearest())
}
