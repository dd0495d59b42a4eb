//! Checks of a policy about driving tips and alerts.

use ownerline_proto::Reason;
use ownerline_proto::v1::TipsPolicy;

use super::violations::Violations;

/// The most days of a period; more would be a policy for years.
const MAX_DAYS: i32 = 366;
/// The most tips of a period.
const MAX_CAP: i32 = 1000;

pub(super) fn check(tips: &TipsPolicy, violations: &mut Violations) {
    for (field, value, most) in [
        ("tips.cap", tips.cap, MAX_CAP),
        ("tips.days", tips.days, MAX_DAYS),
        ("tips.quiet_days", tips.quiet_days, MAX_DAYS),
    ] {
        if !(1..=most).contains(&value) {
            let why = format!("must be between 1 and {most}");
            violations.add(field, Reason::Range, why);
        }
    }
}
