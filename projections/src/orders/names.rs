//! What an order is found by: the VINs that it was assigned, and the commission numbers that it was placed under.

use super::course::OrderFlag;
use super::fact::OrderFact;
use super::history::OrderHistory;
use super::kind::OrderFactKind;

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
    for fact in history.told() {
        let vin = fact.row.vin.as_str();
        let open = spans.last_mut().filter(|span| span.until.is_none());
        match (fact.kind(), open) {
            (OrderFactKind::VinWithdrawn, Some(open)) if open.name == vin => {
                open.until = Some(fact.at());
            }
            (OrderFactKind::VinWithdrawn, _) => flags.push(OrderFlag::VinWithdrawnUnmatched),
            (OrderFactKind::VinAssigned | OrderFactKind::HandoverCompleted, open)
                if !vin.is_empty() =>
            {
                if let Some(open) = open {
                    if open.name == vin {
                        continue;
                    }
                    open.until = Some(fact.at());
                    flags.push(OrderFlag::VinReplaced);
                }
                spans.push(NameSpan {
                    name: vin,
                    by: fact,
                    until: None,
                });
            }
            _ => {}
        }
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
