//! Checks of an SLA: obligations and their budgets.

use ownerline_proto::Reason;
use ownerline_proto::v1::SlaPolicy;
use ownerline_proto::v1::sla_policy::Obligation;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::violations::Violations;
use crate::obligation::terms::{is_dated, never_pauses};

/// A hundred years, so that nanoseconds stay within 64 bits.
const MAX_BUDGET_SECONDS: i64 = 100 * 366 * 86_400;

pub(super) fn check(sla: &SlaPolicy, violations: &mut Violations) {
    let kinds = sla.obligations.iter().enumerate();
    violations.unique(
        kinds.map(|(item, owed)| (format!("sla.obligations[{item}].kind"), owed.kind)),
        "the kind",
    );
    for (item, owed) in sla.obligations.iter().enumerate() {
        let field = |name: &str| format!("sla.obligations[{item}].{name}");
        if owed.kind() == Kind::Unspecified {
            violations.add(field("kind"), Reason::Required, "must be set");
        }
        check_clock(owed, &field, violations);
        let mut before = 0.0;
        for (place, share) in owed.warning_shares.iter().enumerate() {
            let field = field(&format!("warning_shares[{place}]"));
            // Written so that NaN fails, too.
            if !(*share > 0.0 && *share < 1.0) {
                violations.add(
                    field,
                    Reason::Range,
                    "must be greater than 0 and less than 1",
                );
            } else if *share <= before {
                violations.add(
                    field,
                    Reason::Disagrees,
                    "must be greater than the share before it",
                );
            } else {
                before = *share;
            }
        }
    }
}

/// Checks budget, calendar, pauses, and who owes it: what depends on the kind.
fn check_clock(owed: &Obligation, field: &impl Fn(&str) -> String, violations: &mut Violations) {
    let kind = owed.kind();
    if !is_dated(kind) && !(1..=MAX_BUDGET_SECONDS).contains(&owed.budget_seconds) {
        let why = format!("must be between 1 and {MAX_BUDGET_SECONDS}");
        violations.add(field("budget_seconds"), Reason::Range, why);
    }
    let dated = "for commitments and tasks, which are owed by their own due_at";
    if is_dated(kind) && owed.budget_seconds != 0 {
        let why = format!("must be unset {dated}");
        violations.add(field("budget_seconds"), Reason::Disagrees, why);
    }
    if is_dated(kind) && !owed.calendar.is_empty() {
        let why = format!("must be unset {dated}");
        violations.add(field("calendar"), Reason::Disagrees, why);
    }
    if owed.pauses_on_owner && never_pauses(kind) {
        let why = match kind {
            Kind::FirstReply => {
                "must be false for the first reply: waiting for the owner never stops its clock"
            }
            Kind::Acknowledgement => {
                "must be false for the acknowledgement: waiting for the owner never stops its clock"
            }
            Kind::OrderProgress => {
                "must be false for the word on an order: waiting for the owner never stops its clock"
            }
            Kind::AlertContact => {
                "must be false for the contact after an alert: waiting for the owner never stops its clock"
            }
            _ => "must be false for commitments and tasks, which are owed by their own due_at",
        };
        violations.add(field("pauses_on_owner"), Reason::Disagrees, why);
    }
    if owed.cases_only && kind != Kind::Resolution {
        let why = "must be false for every kind but the resolution: feedback and cases owe no other kind both";
        violations.add(field("cases_only"), Reason::Disagrees, why);
    }
}
