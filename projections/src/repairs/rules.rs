//! Which rules are for a car, and where it stands by each.

use jiff::civil::Date;
use ownerline_proto::v1::RepeatRepairPolicy;
use ownerline_proto::v1::repeat_repair_policy::rule::Limitation;
use ownerline_proto::v1::repeat_repair_policy::rule::applies::Buyer;
use ownerline_proto::v1::repeat_repair_policy::rule::extension::Event;
use ownerline_proto::v1::repeat_repair_policy::{Condition, Rule};

use super::dates::{plus_months, stated};
use super::judge::{Court, assumes};
use super::status::{Exclusion, LimitationStatus, Outcome, RuleStatus};
use super::window::Window;
use crate::fold::state::StateError;

/// What of a car decides about rules.
pub(super) struct Traits<'c> {
    pub(super) jurisdictions: &'c [String],
    pub(super) first_delivery: Option<Date>,
    pub(super) used: Option<bool>,
    pub(super) brand: &'c str,
    /// The local dates of reports of defects, and of notices, each ascending.
    pub(super) reports: Vec<Date>,
    pub(super) notices: Vec<Date>,
}

/// Where the car stands by every rule of its jurisdictions.
pub(super) fn rules(
    policy: &RepeatRepairPolicy,
    car: &Traits<'_>,
    court: &mut Court<'_, '_>,
) -> Result<Vec<RuleStatus>, StateError> {
    let mut rules = Vec::new();
    for rule in policy
        .rules
        .iter()
        .filter(|rule| car.is_in(&rule.jurisdiction))
    {
        rules.push(status(rule, car, court)?);
    }
    Ok(rules)
}

fn status(
    rule: &Rule,
    car: &Traits<'_>,
    court: &mut Court<'_, '_>,
) -> Result<RuleStatus, StateError> {
    let window = Window::of(rule, car.first_delivery, &car.reports, &car.notices);
    let mut tests = Vec::new();
    for test in &rule.tests {
        tests.push(court.judge(rule, test, window)?);
    }
    let unknown = car.unknown(rule);
    let (assumed, not_known): (Vec<Condition>, Vec<Condition>) =
        unknown.into_iter().partition(|it| assumes(rule, *it));
    let best = tests.iter().map(|it| it.outcome()).max();
    let best = best.unwrap_or(Outcome::NotMet);
    let outcome = match car.exclusion(rule) {
        Some(exclusion) => Err(exclusion),
        None if not_known.iter().any(|it| concerns_rule(*it)) => Ok(best.min(Outcome::NotDecided)),
        None => Ok(best),
    };
    Ok(RuleStatus {
        rule_id: rule.id.clone(),
        jurisdiction: rule.jurisdiction.clone(),
        citation: rule.citation.clone(),
        outcome,
        window: window.status,
        window_open: window.is_open(court.today, court.visits.last()),
        tests,
        not_known,
        assumed,
        limitation: rule
            .limitation
            .as_ref()
            .map(|it| car.limitation(it, court.today)),
    })
}

/// Whether the whole rule depends on a condition; the others matter to a count.
fn concerns_rule(condition: Condition) -> bool {
    matches!(
        condition,
        Condition::Buyer | Condition::NotLeased | Condition::NotUsed | Condition::FirstDelivery
    )
}

impl Traits<'_> {
    /// Whether the car was ever registered in a jurisdiction, or a part of it.
    fn is_in(&self, jurisdiction: &str) -> bool {
        let is_part = |of: &String| {
            let rest = of.strip_prefix(jurisdiction);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        jurisdiction.is_empty() || self.jurisdictions.iter().any(is_part)
    }

    fn exclusion(&self, rule: &Rule) -> Option<Exclusion> {
        let delivered = self.first_delivery;
        let before = stated(&rule.effective_from).zip(delivered);
        let after = stated(&rule.effective_to).zip(delivered);
        let is_in_force = before.is_none_or(|(from, on)| from <= on)
            && after.is_none_or(|(until, on)| on <= until);
        let excludes_used = rule.applies.as_ref().is_some_and(|it| !it.used_cars);
        if !is_in_force {
            Some(Exclusion::NotInForce)
        } else if excludes_used && self.used == Some(true) {
            Some(Exclusion::Used)
        } else {
            None
        }
    }

    /// The conditions of a rule that nothing tells of this car.
    fn unknown(&self, rule: &Rule) -> Vec<Condition> {
        let applies = rule.applies.as_ref();
        let is_for = |excluded: bool, condition| excluded.then_some(condition);
        let is_dated = !rule.effective_from.is_empty() || !rule.effective_to.is_empty();
        let needs_delivery = is_dated || rule.window_months > 0;
        let of = [
            is_for(
                applies.is_some_and(|it| it.buyer() != Buyer::Unspecified),
                Condition::Buyer,
            ),
            is_for(applies.is_some_and(|it| !it.leases), Condition::NotLeased),
            is_for(
                applies.is_some_and(|it| !it.used_cars) && self.used.is_none(),
                Condition::NotUsed,
            ),
            is_for(
                rule.notice.as_ref().is_some_and(|it| it.if_disclosed),
                Condition::Disclosed,
            ),
            is_for(!rule.pauses.is_empty(), Condition::NotPaused),
            is_for(
                rule.extends.iter().any(|it| it.event() == Event::Other),
                Condition::NotExtended,
            ),
            is_for(
                needs_delivery && self.first_delivery.is_none(),
                Condition::FirstDelivery,
            ),
        ];
        of.into_iter().flatten().collect()
    }

    fn limitation(&self, limitation: &Limitation, today: Date) -> LimitationStatus {
        let months = limitation.years_after_delivery.saturating_mul(12);
        let delivered = self.first_delivery.filter(|_| months > 0);
        LimitationStatus {
            citation: limitation.citation.clone(),
            months_after_warranty: limitation.months_after_warranty,
            until: delivered.map(|day| plus_months(day, months)),
            tolling: limitation.tolling.clone(),
            holds_for_maker: self.holds_for_maker(limitation, today),
        }
    }

    fn holds_for_maker(&self, limitation: &Limitation, today: Date) -> Option<bool> {
        if !limitation.listed_makers_only {
            return Some(true);
        }
        if limitation.makers.is_empty() || self.brand.is_empty() {
            return None;
        }
        let mut makers = limitation.makers.iter();
        let listed = makers.find(|it| it.brand.eq_ignore_ascii_case(self.brand));
        Some(listed.is_some_and(|it| stated(&it.from).is_none_or(|from| from <= today)))
    }
}
