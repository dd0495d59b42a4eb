//! Counts by key, for a bounded number of keys.

use std::collections::BTreeMap;

/// The most groups that are kept: those whose keys come first.
pub const GROUPS: usize = 10_000;

/// Counts by key. The result does not depend on the order of adding, nor on merging parts.
#[derive(Debug, Default)]
pub(crate) struct Groups<T> {
    pub(crate) by_key: BTreeMap<String, T>,
    /// Whether keys were dropped.
    pub(crate) is_cut: bool,
}

impl<T: Default> Groups<T> {
    /// Returns the group of a key, unless the key is one that is dropped.
    pub(crate) fn group(&mut self, key: &str) -> Option<&mut T> {
        if !self.by_key.contains_key(key) {
            if self.by_key.len() >= GROUPS {
                self.is_cut = true;
                // A dropped key never comes back, because the greatest kept key only ever gets smaller.
                let last = self.by_key.last_entry()?;
                if last.key().as_str() < key {
                    return None;
                }
                last.remove();
            }
            self.by_key.insert(key.to_owned(), T::default());
        }
        self.by_key.get_mut(key)
    }

    /// Adds the counts of another part.
    pub(crate) fn merge(&mut self, other: Self, merge: impl Fn(&mut T, T)) {
        self.is_cut |= other.is_cut;
        for (key, counts) in other.by_key {
            if let Some(group) = self.group(&key) {
                merge(group, counts);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_too_many_keys_the_first_are_kept_in_any_order_and_from_any_parts() {
        let keys: Vec<String> = (0..GROUPS + 50).map(|key| format!("{key:06}")).collect();
        let counted = |keys: &mut dyn Iterator<Item = &String>| {
            let mut groups = Groups::<u64>::default();
            for key in keys {
                if let Some(group) = groups.group(key) {
                    *group += 1;
                }
            }
            groups
        };
        let ascending = counted(&mut keys.iter());
        let descending = counted(&mut keys.iter().rev());
        let mut merged = counted(&mut keys.iter().skip(1).step_by(2));
        merged.merge(counted(&mut keys.iter().step_by(2)), |own, other| {
            *own += other;
        });
        for groups in [&descending, &merged] {
            assert_eq!(groups.by_key, ascending.by_key);
            assert!(groups.is_cut);
        }
        assert_eq!(ascending.by_key.len(), GROUPS);
        assert_eq!(ascending.by_key.get("000000"), Some(&1));
    }
}
