//! The dealers responsible for a case over time.

use super::course::CaseCourse;
use super::fact::CaseFact;
use super::history::{CaseHistory, distinct};
use super::kind::CaseFactKind;
use crate::obligation::Segment;

/// The responsible dealers of a case one after the other, from its opening on; one without a name where nobody is named.
/// Empty for a case that is not opened.
///
/// The first is the dealer that the opening names, else the first that the stream names, where a reassignment names the
/// former dealer. A reassignment holds from its instant on.
#[must_use]
pub fn dealers(history: &CaseHistory, course: &CaseCourse<'_>) -> Vec<Segment> {
    let Some(opening) = course.opening else {
        return Vec::new();
    };
    let had = |fact: &'_ CaseFact| match fact.row.from_dealer.as_str() {
        "" => fact.row.dealer_id.clone(),
        from => from.to_owned(),
    };
    let mut named = std::iter::once(opening).chain(history.told()).map(had);
    let mut dealer_id = named.find(|it| !it.is_empty()).unwrap_or_default();
    let start = opening.at();
    let mut from = start;
    let mut segments = Vec::new();
    for fact in history.of_kind(CaseFactKind::CaseReassigned) {
        let next = &fact.row.to_dealer;
        if *next == dealer_id {
            continue;
        }
        if fact.at() > from {
            segments.push(Segment {
                dealer_id,
                from,
                until: Some(fact.at()),
            });
        }
        dealer_id = next.clone();
        from = from.max(fact.at());
    }
    segments.push(Segment {
        dealer_id,
        from,
        until: None,
    });
    segments
}

/// Every dealer that the stream of a case names, each once, the first first.
#[must_use]
pub fn dealers_named(history: &CaseHistory) -> Vec<&str> {
    distinct(history.told().flat_map(|fact| {
        let row = &fact.row;
        [&row.from_dealer, &row.dealer_id, &row.to_dealer].map(String::as_str)
    }))
}
