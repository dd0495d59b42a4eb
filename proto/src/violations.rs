//! Everything that is wrong with a request: which violations to list, and how many there are.

use std::collections::{BTreeMap, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use crate::violation::{Reason, Violation};

/// Violations listed at most; more help nobody.
const MOST: usize = 100;
/// Violations listed of the items of one list or map at most, so that no list pushes out the others.
const MOST_OF_ONE_LIST: usize = 20;

/// The violations of a request, one for each field, of which the first are listed and all are counted.
///
/// Missing fields come first, then other fields and the first item of each list, then the second items, and so on:
/// however many are cut off at the end, something of each list stays. The first violation of a field is the one that
/// counts; what further rules say about a malformed field is not reported.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Violations {
    /// Ascending by place.
    listed: Vec<(Place, Violation)>,
    /// Digests of the fields with a violation.
    fields: HashSet<u64>,
    /// How many violations each list has.
    of_lists: BTreeMap<String, usize>,
}

/// Where a violation is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// How many violations of the same list come before; 0 for what is in no list.
    before_in_list: usize,
    is_no_requirement: bool,
    /// How many violations were found before.
    before: usize,
}

impl Violations {
    /// Adds a violation, unless its field has one already.
    pub fn push(&mut self, violation: Violation) {
        let mut digest = DefaultHasher::new();
        violation.field.hash(&mut digest);
        if !self.fields.insert(digest.finish()) {
            return;
        }
        let before_in_list = match list_of(&violation) {
            Some(list) => self.count(list),
            None => 0,
        };
        if before_in_list >= MOST_OF_ONE_LIST {
            return;
        }
        let place = Place {
            before_in_list,
            is_no_requirement: violation.reason != Reason::Required,
            before: self.fields.len(),
        };
        let index = self.listed.partition_point(|(other, _)| *other < place);
        self.listed.insert(index, (place, violation));
        self.listed.truncate(MOST);
    }

    /// Counts one more violation of a list, and returns how many it had.
    fn count(&mut self, list: &str) -> usize {
        if let Some(count) = self.of_lists.get_mut(list) {
            *count += 1;
            return *count - 1;
        }
        self.of_lists.insert(list.to_owned(), 1);
        0
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// The number of fields with a violation, listed or not.
    #[must_use]
    pub fn total(&self) -> usize {
        self.fields.len()
    }

    /// The listed violations, the most important first: at most 100, and at most 20 of one list.
    pub fn iter(&self) -> impl Iterator<Item = &Violation> {
        self.listed.iter().map(|(_, violation)| violation)
    }

    /// The listed violations. The number of others is lost.
    pub fn into_listed(self) -> impl Iterator<Item = Violation> {
        self.listed.into_iter().map(|(_, violation)| violation)
    }
}

/// The outermost list or map that holds the field of a violation. Fields that the schema does not have are a list too:
/// there can be any number of them in one message.
fn list_of(violation: &Violation) -> Option<&str> {
    let field = &violation.field;
    if let Some((list, _)) = field.split_once('[') {
        return Some(list);
    }
    let is_unknown = violation.reason == Reason::UnknownField;
    is_unknown.then(|| field.rsplit_once('.').map_or("", |(message, _)| message))
}

impl Extend<Violation> for Violations {
    fn extend<I: IntoIterator<Item = Violation>>(&mut self, more: I) {
        more.into_iter().for_each(|violation| self.push(violation));
    }
}

impl FromIterator<Violation> for Violations {
    fn from_iter<I: IntoIterator<Item = Violation>>(all: I) -> Self {
        let mut violations = Self::default();
        violations.extend(all);
        violations
    }
}

impl From<Violation> for Violations {
    fn from(violation: Violation) -> Self {
        Self::from_iter([violation])
    }
}

impl From<Vec<Violation>> for Violations {
    fn from(all: Vec<Violation>) -> Self {
        all.into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(field: impl Into<String>) -> Violation {
        Violation::new(field, Reason::Range, "too large")
    }

    fn fields(violations: &Violations) -> Vec<&str> {
        violations.iter().map(|it| it.field.as_str()).collect()
    }

    #[test]
    fn missing_fields_come_first_and_each_list_before_the_second_item_of_another() {
        let mut violations: Violations = (0..500).map(|n| range(format!("a[{n}]"))).collect();
        violations.extend((0..3).map(|n| range(format!("b[{n}].c"))));
        violations.push(range("channel"));
        violations.push(Violation::new("id", Reason::Required, "must be set"));
        violations.push(Violation::new("a", Reason::TooMany, "at most 50"));
        assert_eq!(violations.total(), 506);
        let first = ["id", "a[0]", "b[0].c", "channel", "a", "a[1]", "b[1].c"];
        assert_eq!(fields(&violations)[..7], first);
        assert_eq!(violations.iter().count(), MOST_OF_ONE_LIST + 6);
    }

    #[test]
    fn of_many_lists_a_hundred_violations_are_listed_and_all_are_counted() {
        let all = (0..20).flat_map(|list| (0..20).map(move |n| range(format!("{list}[{n}]"))));
        let mut violations: Violations = all.collect();
        violations.push(range("z"));
        assert_eq!((violations.total(), violations.iter().count()), (401, MOST));
        assert!(fields(&violations).contains(&"z"));
    }

    #[test]
    fn a_field_has_one_violation_and_the_first_counts() {
        let mut violations = Violations::from(range("occurred_at"));
        violations.push(Violation::new("occurred_at", Reason::Future, "is ahead"));
        assert_eq!(violations.total(), 1);
        assert_eq!(violations.iter().next(), Some(&range("occurred_at")));
    }

    #[test]
    fn fields_that_the_schema_does_not_have_push_out_nothing() {
        let unknown = |n| Violation::new(format!("t.{n}"), Reason::UnknownField, "unknown");
        let mut violations: Violations = (0..200).map(unknown).collect();
        violations.push(range("z"));
        assert_eq!(violations.iter().count(), MOST_OF_ONE_LIST + 1);
    }
}
