//! Thresholds that are near or reached, for whoever needs no more than a word about them.

use std::cmp::Reverse;

use ownerline_proto::v1::repeat_repair_policy::rule::test::Kind;

use super::status::{Count, Lack, Outcome, RepairStatus, RuleStatus, TestStatus};

/// A threshold is near if no more attempts than this are missing.
const NEAR_ATTEMPTS: u32 = 1;
/// The same in days out of service.
const NEAR_DAYS: u32 = 5;

/// A threshold of a rule that is near or reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Near<'s> {
    /// The rule.
    pub rule: &'s RuleStatus,
    /// The test of the rule.
    pub test: &'s TestStatus,
    /// The count.
    pub count: &'s Count,
    /// The outcome of the count, as far as what is not known of the rule allows.
    pub outcome: Outcome,
}

impl RepairStatus {
    /// The thresholds that are near or reached, in the order of the rules: of each rule the one with the best outcome, and
    /// of equals the nearest. Reached is a threshold even where something besides the number is missing, for example a
    /// notice. It is near if at most one attempt or five days are missing, something counts already, and what happens
    /// today would count. Neither, if the fault had to persist and does not.
    #[must_use]
    pub fn near(&self) -> Vec<Near<'_>> {
        self.rules.iter().filter_map(RuleStatus::near).collect()
    }
}

impl RuleStatus {
    fn near(&self) -> Option<Near<'_>> {
        let most = self.outcome.ok()?;
        let of_tests = self.tests.iter().filter_map(|test| {
            let count = test.counts.iter().find(|it| self.is_near(test, it))?;
            Some(Near {
                rule: self,
                test,
                count,
                outcome: count.outcome.min(most),
            })
        });
        // The first of equals: `min_by_key` keeps it.
        of_tests.min_by_key(|it| (Reverse(it.outcome), it.count.distance))
    }

    fn is_near(&self, test: &TestStatus, count: &Count) -> bool {
        let most = match test.kind {
            Kind::DaysOut => NEAR_DAYS,
            _ => NEAR_ATTEMPTS,
        };
        let is_reached = count.distance == 0 || count.outcome > Outcome::NotMet;
        count.count > 0
            && !count.missing.contains(&Lack::FaultPersists)
            && (is_reached || self.window_open && count.distance <= most)
    }
}
