//! Lists of cases: requests and answers.

use std::collections::BTreeSet;

use ownerline_projections::cases::{CaseState as State, CaseSummary as Summary, CasesQuestion};
use ownerline_proto::v1::{CaseFilter, CaseState, CaseSummary};
use ownerline_proto::{Reason, Violation, Violations, time};

use super::wire::state;
use crate::grpc::asking::non_empty;

/// The question of a filter. What is wrong with it is added to `violations`.
pub(super) fn question(filter: CaseFilter, violations: &mut Violations) -> CasesQuestion {
    let mut states = BTreeSet::new();
    // A number that the contract does not know is told by the schema.
    for (item, state) in filter.states.iter().enumerate() {
        match CaseState::try_from(*state).map(state_of) {
            Ok(Some(state)) => {
                states.insert(state);
            }
            Ok(None) => {
                let field = format!("filter.states[{item}]");
                violations.push(Violation::new(field, Reason::Required, "must be set"));
            }
            Err(_) => {}
        }
    }
    CasesQuestion {
        min_severity: filter.min_severity(),
        dealer_id: non_empty(filter.dealer_id),
        owner_id: non_empty(filter.owner_id),
        advocate_id: non_empty(filter.advocate_id),
        vin: non_empty(filter.vin),
        states,
        overdue: filter.overdue,
        ..CasesQuestion::default()
    }
}

/// The state that the contract names; `None`: none.
fn state_of(state: CaseState) -> Option<State> {
    Some(match state {
        CaseState::Unspecified => return None,
        CaseState::NotOpened => State::NotOpened,
        CaseState::Open => State::Open,
        CaseState::PausedOnOwner => State::PausedOnOwner,
        CaseState::Resolved => State::Resolved,
        CaseState::Closed => State::Closed,
    })
}

/// A case in a list.
pub(super) fn summary(it: Summary) -> CaseSummary {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let mut summary = CaseSummary {
        case_id: it.case_id,
        state: state(it.state).into(),
        overdue: count(it.overdue),
        owner_id: it.owner_id,
        dealer_id: it.dealer_id,
        vin: it.vin,
        severity: it.severity.into(),
        urgency: it.urgency.into(),
        advocates: it.advocates,
        opened_at: it.opened_at.map(time::timestamp),
        episodes: count(it.episodes),
        silent_since: it.silent_since.map(time::timestamp),
        root_cause_owed: it.root_cause_owed,
        ..CaseSummary::default()
    };
    if let Some(due) = it.due {
        summary.due_at = Some(time::timestamp(due.at));
        summary.due_kind = due.kind.into();
        summary.due_subject_id = due.subject_id;
    }
    summary
}
