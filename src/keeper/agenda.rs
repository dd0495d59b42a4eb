//! The instants at which to examine items, in order of time.

use std::collections::{BTreeMap, BTreeSet};

use super::matter::Matter;

/// At most one instant per item, in nanoseconds since the Unix epoch.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    by_time: BTreeSet<(i64, Matter)>,
    by_item: BTreeMap<Matter, i64>,
}

impl Agenda {
    /// Sets the instant at which to examine an item; `None` removes it.
    pub(super) fn put(&mut self, item: &Matter, at: Option<i64>) {
        if let Some((item, before)) = self.by_item.remove_entry(item) {
            self.by_time.remove(&(before, item));
        }
        if let Some(at) = at {
            let item = item.clone();
            self.by_item.insert(item.clone(), at);
            self.by_time.insert((at, item));
        }
    }

    /// Sets the instant at which to examine an item, unless an earlier one is set.
    pub(super) fn put_no_later(&mut self, item: &Matter, at: i64) {
        let planned = self.by_item.get(item);
        if planned.is_none_or(|planned| at < *planned) {
            self.put(item, Some(at));
        }
    }

    /// The earliest instant.
    pub(super) fn next(&self) -> Option<i64> {
        self.by_time.first().map(|(at, _)| *at)
    }

    /// The first `most` items that are due by now, and the instant of the next one (`i64::MAX` if there is
    /// none). Notices after that instant must wait, so that they are recorded in order.
    pub(super) fn due(&self, now: i64, most: usize) -> (Vec<Matter>, i64) {
        let mut due = self.by_time.iter().take_while(|(at, _)| *at <= now);
        let items = due.by_ref().take(most).map(|(_, item)| item.clone());
        let items = items.collect();
        let turn = due.next().map_or(i64::MAX, |(at, _)| *at);
        (items, turn)
    }

    pub(super) fn clear(&mut self) {
        self.by_time.clear();
        self.by_item.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str]) -> Vec<Matter> {
        names.iter().map(|name| Matter::feedback(name)).collect()
    }

    #[test]
    fn items_are_due_in_the_order_of_their_instants_and_only_once() {
        let mut agenda = Agenda::default();
        let [a, b, c] = ["a", "b", "c"].map(Matter::feedback);
        agenda.put(&c, Some(30));
        agenda.put(&a, Some(20));
        agenda.put(&b, Some(10));
        agenda.put(&b, Some(25));
        assert_eq!(agenda.next(), Some(20));
        assert_eq!(agenda.due(30, 2), (named(&["a", "b"]), 30));
        assert_eq!(agenda.due(29, 9), (named(&["a", "b"]), i64::MAX));
        agenda.put(&a, None);
        agenda.put_no_later(&c, 40);
        agenda.put_no_later(&b, 1);
        assert_eq!(agenda.due(30, 9).0, named(&["b", "c"]));
        // A case is no feedback of the same id.
        agenda.put(&Matter::case("b"), Some(2));
        assert_eq!(agenda.due(2, 9).0, [b, Matter::case("b")]);
    }
}
