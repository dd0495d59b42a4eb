//! Finds an order by its id, by a VIN that it was ever assigned, or by a commission number that it was ever placed under.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use ownerline_proto::v1::Visibility;

use super::history::OrderHistory;
use super::load::OrderReader;
use super::names::{NameSpan, commission_numbers, vins};
use super::tables::{NUMBERS, VINS};
use crate::fold::key::is_plain;
use crate::fold::pairs::PairTable;
use crate::fold::state::StateError;

/// The most orders that are looked at for one VIN or commission number.
const MOST: usize = 100;

/// How an order was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FoundBy {
    /// By its id.
    OrderId,
    /// By a VIN.
    Vin,
    /// By a commission number.
    CommissionNumber,
}

/// An order that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The order, with everything that is known of it.
    pub history: OrderHistory,
    /// How it was found.
    pub by: FoundBy,
    /// The other orders of the VIN or number, the best match first.
    pub also: Vec<String>,
}

/// Finds an order. `counts` says whether whoever asks may find it; `visible_to` what of it they may see: a VIN that they
/// may not see finds nothing.
///
/// # Errors
/// If a state cannot be read.
pub(super) fn find(
    reader: &OrderReader<'_>,
    name: &str,
    visible_to: Option<Visibility>,
    counts: &dyn Fn(&OrderHistory) -> bool,
) -> Result<Option<Found>, StateError> {
    if !is_plain(name) {
        return Ok(None);
    }
    if let Some(history) = reader.history(name)?.filter(counts) {
        return Ok(Some(Found {
            history,
            by: FoundBy::OrderId,
            also: Vec::new(),
        }));
    }
    let search = Search {
        reader,
        name,
        visible_to,
        counts,
    };
    if let Some(found) = search.among(VINS, FoundBy::Vin, &|it| vins(it).0)? {
        return Ok(Some(found));
    }
    search.among(NUMBERS, FoundBy::CommissionNumber, &commission_numbers)
}

struct Search<'a> {
    reader: &'a OrderReader<'a>,
    name: &'a str,
    visible_to: Option<Visibility>,
    counts: &'a dyn Fn(&OrderHistory) -> bool,
}

/// The place of a match: open ones first, then those that ended last, then those that began last, then by order id.
type Place = (bool, Reverse<i64>, Reverse<i64>, String);

impl Search<'_> {
    fn among(
        &self,
        table: PairTable,
        by: FoundBy,
        spans: &dyn Fn(&OrderHistory) -> Vec<NameSpan<'_>>,
    ) -> Result<Option<Found>, StateError> {
        let mut order_ids = BTreeSet::new();
        table.seconds_of(self.reader.orders, self.name, |order_id| {
            order_ids.insert(order_id.to_owned());
        })?;
        let mut matches: Vec<(Place, OrderHistory)> = Vec::new();
        for order_id in order_ids.into_iter().take(MOST) {
            let history = self.reader.history(&order_id)?;
            let Some(history) = history.filter(|it| (self.counts)(it)) else {
                continue;
            };
            let seen = history.seen_by(self.visible_to);
            let spans = spans(&seen);
            let named = spans.iter().filter(|span| span.name == self.name);
            let times = named.map(|span| (span.until.unwrap_or(i64::MAX), span.by.at()));
            if let Some((until, from)) = times.max() {
                let has_ended = until != i64::MAX;
                let place = (has_ended, Reverse(until), Reverse(from), order_id);
                matches.push((place, history));
            }
        }
        matches.sort_by(|(a, _), (b, _)| a.cmp(b));
        let mut matches = matches.into_iter();
        let best = matches.next();
        Ok(best.map(|(_, history)| Found {
            history,
            by,
            also: matches.map(|((.., order_id), _)| order_id).collect(),
        }))
    }
}
