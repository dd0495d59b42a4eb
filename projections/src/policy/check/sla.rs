//! Checks of an SLA: obligations and their budgets.

use ownerline_proto::Reason;
use ownerline_proto::v1::SlaPolicy;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::violations::Violations;

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
        if !(1..=MAX_BUDGET_SECONDS).contains(&owed.budget_seconds) {
            let why = format!("must be between 1 and {MAX_BUDGET_SECONDS}");
            violations.add(field("budget_seconds"), Reason::Range, why);
        }
        if owed.pauses_on_owner && owed.kind() == Kind::FirstReply {
            let why =
                "must be false for the first reply: waiting for the owner never stops its clock";
            violations.add(field("pauses_on_owner"), Reason::Disagrees, why);
        }
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
