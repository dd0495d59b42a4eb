//! What an order is found by: the VINs that it was assigned, and the commission numbers that it was placed under.

use super::course::OrderFlag;
use super::fact::OrderFact;
use super::history::OrderHistory;
use super::kind::OrderFactKind;
use crate::assigned_car::AssignedCar;

/// A VIN or commission number of an order, and its time. Instants are in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq)]
pub struct NameSpan<'h> {
    /// The VIN or number.
    pub name: &'h str,
    /// What gave it.
    pub by: &'h OrderFact,
    /// When it was taken away or another took its place.
    pub until: Option<i64>,
}

/// The VINs of an order, in the order in which they were assigned, and what is odd about them.
#[must_use]
pub fn vins(history: &OrderHistory) -> (Vec<NameSpan<'_>>, Vec<OrderFlag>) {
    let (mut spans, mut flags) = (Vec::<NameSpan<'_>>::new(), Vec::new());
    let (mut car, mut unmatched) = (AssignedCar::default(), 0_usize);
    for fact in history.told() {
        let (vin, at) = (fact.row.vin.as_str(), fact.at());
        let open = spans.last_mut().filter(|span| span.until.is_none());
        match fact.kind() {
            OrderFactKind::VinWithdrawn => {
                car.withdraw(at, vin);
                match open.filter(|open| open.name == vin) {
                    Some(open) => open.until = Some(at),
                    None => unmatched += 1,
                }
            }
            OrderFactKind::VinAssigned | OrderFactKind::HandoverCompleted if !vin.is_empty() => {
                car.assign(at, vin);
                if let Some(open) = open {
                    if open.name == vin {
                        continue;
                    }
                    open.until = Some(at);
                    flags.push(OrderFlag::VinReplaced);
                }
                // A withdrawal of this instant, which history order has before, may be that of this VIN.
                let is_withdrawn = car.now().is_empty();
                unmatched = unmatched.saturating_sub(usize::from(is_withdrawn));
                spans.push(NameSpan {
                    name: vin,
                    by: fact,
                    until: is_withdrawn.then_some(at),
                });
            }
            _ => {}
        }
    }
    if unmatched > 0 {
        flags.push(OrderFlag::VinWithdrawnUnmatched);
    }
    (spans, flags)
}

/// The commission numbers of an order: a placing under another number replaces the one before.
#[must_use]
pub fn commission_numbers(history: &OrderHistory) -> Vec<NameSpan<'_>> {
    let mut spans: Vec<NameSpan<'_>> = Vec::new();
    for fact in history.of_kind(OrderFactKind::OrderPlaced) {
        let number = fact.row.name.as_str();
        if number.is_empty() || spans.last().is_some_and(|span| span.name == number) {
            continue;
        }
        if let Some(before) = spans.last_mut() {
            before.until = Some(fact.at());
        }
        spans.push(NameSpan {
            name: number,
            by: fact,
            until: None,
        });
    }
    spans
}
