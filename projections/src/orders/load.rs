//! Loads an order with its facts in force, as of an instant and as known at a position.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::time::Instant;
use prost::Message;

use super::fact::OrderFact;
use super::fold::correction_key;
use super::history::OrderHistory;
use super::kind::OrderFactKind;
use super::row::OrderRow;
use super::tables::{ABOUT, FACTS};
use crate::fold::corrections::Standing;
use crate::fold::key::is_plain;
use crate::fold::state::{StateError, StateRead};
use crate::person::identity::everyone_linked;
use crate::{HistoryKey, Position, TouchpointKey, Validity};

/// Loads orders, as of an instant and as known at a position.
#[derive(Clone, Copy)]
pub struct OrderReader<'s> {
    /// The state of this view.
    pub orders: &'s dyn StateRead,
    /// The state of [`identity`](crate::person::identity).
    pub identity: &'s dyn StateRead,
    /// What is in force, as known at its position.
    pub validity: &'s Validity<'s>,
    /// The instant: only what occurred at or before it counts.
    pub as_of: Instant,
    /// When the question is asked, which may be before `as_of`: what is planned to be revealed later is not visible yet.
    pub now: Instant,
}

impl OrderReader<'_> {
    /// Loads an order; `None` if no known touchpoint is of its stream.
    ///
    /// # Errors
    /// If a state cannot be read.
    pub fn history(&self, order_id: &str) -> Result<Option<OrderHistory>, StateError> {
        if !is_plain(order_id) {
            return Ok(None);
        }
        let mut loaded = Loaded::default();
        let rows = FACTS.under(&[order_id]).known_at(self.validity.known_at());
        rows.each(self.orders, |entry| {
            loaded.add(self, entry.key()?, entry.row()?)
        })?;
        if !loaded.has_stream {
            return Ok(None);
        }
        loaded.add_corrections_elsewhere(self, order_id)?;
        loaded.add_notices(self)?;
        let mut history = OrderHistory {
            order_id: order_id.to_owned(),
            as_of: self.as_of,
            now: self.now,
            facts: loaded.facts(),
            turns_at: loaded.turns_at,
            owner_ids: BTreeSet::new(),
        };
        let mut owner_ids = BTreeSet::new();
        for owner_id in history.owners() {
            let ids = everyone_linked(self.identity, self.validity, owner_id)?;
            owner_ids.extend(ids);
        }
        history.owner_ids = owner_ids;
        Ok(Some(history))
    }
}

/// The rows of an order, as far as they are known.
#[derive(Default)]
struct Loaded {
    has_stream: bool,
    /// In force and in the past of the question.
    found: Vec<(HistoryKey, OrderRow, Standing)>,
    /// The corrections elsewhere that are in force in place of a row.
    replaced_elsewhere: BTreeSet<HistoryKey>,
    /// The instant from which each touchpoint was known, and whether it was imported.
    known: BTreeMap<TouchpointKey, (i64, bool)>,
    turns_at: Option<i64>,
    /// The positions of those that do not name the order.
    names_none: BTreeSet<Position>,
}

impl Loaded {
    fn add(
        &mut self,
        reader: &OrderReader<'_>,
        key: HistoryKey,
        mut row: OrderRow,
    ) -> Result<(), StateError> {
        self.has_stream |= row.stream.is_empty();
        let validity = reader.validity;
        let standing = validity.standing(&key.source, &key.id)?;
        validity.inherit(&key, &mut row)?;
        let known_from = key.occurred_at.wrapping_add(row.known_after);
        let touchpoint = TouchpointKey::from(&key);
        self.known.insert(touchpoint, (known_from, row.imported));
        let lies_ahead = key.occurred_at > reader.as_of;
        if lies_ahead {
            let turns_at = self.turns_at.unwrap_or(i64::MAX);
            self.turns_at = Some(turns_at.min(key.occurred_at));
        }
        if let Some(by) = &standing.corrected_by
            && !row.stream.is_empty()
        {
            // It may have happened earlier than what it corrects.
            self.replaced_elsewhere.insert(by.key.clone());
        } else if standing.in_force() && !lies_ahead {
            self.found.push((key, row, standing));
        }
        Ok(())
    }

    /// Adds the corrections of touchpoints elsewhere that name no order themselves and inherit this one.
    fn add_corrections_elsewhere(
        &mut self,
        reader: &OrderReader<'_>,
        order_id: &str,
    ) -> Result<(), StateError> {
        for key in std::mem::take(&mut self.replaced_elsewhere) {
            let inherited = reader.validity.standing(&key.source, &key.id)?.inherited;
            let names_order = inherited.is_some_and(|it| it.subjects.order_id == order_id);
            let key_of_row = correction_key(&key.source, &key.id);
            if let Some(bytes) = reader.orders.get(&key_of_row)?
                && names_order
            {
                let row = OrderRow::decode(&*bytes).map_err(|error| StateError::Damaged {
                    reason: format!("row of orders, table x: {error}"),
                })?;
                self.add(reader, key, row)?;
            }
        }
        Ok(())
    }

    /// Adds the notices and looks that name no order, about what the owner must be told of: dates and photographs.
    fn add_notices(&mut self, reader: &OrderReader<'_>) -> Result<(), StateError> {
        let of_order = self.found.iter().filter(|(_, row, _)| {
            row.stream.is_empty()
                && matches!(
                    row.kind(),
                    OrderFactKind::DeliveryDatePromised
                        | OrderFactKind::DeliveryDateRevised
                        | OrderFactKind::StagePhotographed
                )
        });
        let named = of_order.flat_map(|(key, _, standing)| chain_of(key, standing));
        let named: BTreeSet<TouchpointKey> = named.collect();
        for TouchpointKey { source, id } in named {
            let rows = ABOUT.under(&[&source, &id]);
            rows.known_at(reader.validity.known_at())
                .each(reader.orders, |entry| {
                    let key = entry.key()?;
                    // A correction of what names the order may be here, too.
                    if self.known.contains_key(&TouchpointKey::from(&key)) {
                        return Ok(());
                    }
                    self.names_none.insert(key.position);
                    self.add(reader, key, entry.row()?)
                })?;
        }
        Ok(())
    }

    /// The facts in history order, each with what the members of its chain share.
    fn facts(&mut self) -> Vec<OrderFact> {
        let mut found = std::mem::take(&mut self.found);
        found.sort_by(|(a, ..), (b, ..)| a.cmp(b));
        let fact = |(key, row, standing): (HistoryKey, OrderRow, Standing)| {
            let chain = chain_of(&key, &standing);
            let known = chain.iter().filter_map(|it| self.known.get(it));
            let known_from = known.clone().map(|(from, _)| *from).min();
            let imported = known.map(|(_, imported)| *imported).next();
            OrderFact {
                in_stream: row.stream.is_empty(),
                names_none: self.names_none.contains(&key.position),
                known_from: known_from.unwrap_or(key.occurred_at),
                imported: imported.unwrap_or(row.imported),
                chain,
                key,
                row,
            }
        };
        found.into_iter().map(fact).collect()
    }
}

/// Every known member of a chain of corrections; alone, what is in none.
fn chain_of(key: &HistoryKey, standing: &Standing) -> Vec<TouchpointKey> {
    match &*standing.chain {
        [] => vec![TouchpointKey::from(key)],
        chain => chain.iter().map(TouchpointKey::from).collect(),
    }
}
