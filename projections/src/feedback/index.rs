//! Where an item is found: by dealer and start, among the open ones, in its summary.

use std::collections::BTreeSet;

use super::chunks;
use super::rows::{ASKED, DEALERS, Head, OPEN, PARTICULAR, UNRESOLVED};
use super::stored::StoredItem;
use crate::fold::key::KeyWriter;
use crate::fold::state::{StateError, StateMap};
use crate::obligation::{Course, Fact, FirstReply, Item, Names, What};
use ownerline_proto::time::Instant;

/// Brings the tables in line with an item to which a fact was added.
pub(super) fn update(
    stored: &mut StoredItem,
    before: &Head,
    added: &Fact,
    state: &mut dyn StateMap,
) -> Result<(), StateError> {
    if stored.head().more == 0 {
        find_by_start(stored, added, state);
    }
    if stored.head().is_particular() {
        return set_apart(stored, before, added, state);
    }
    stand(stored, state)
}

/// Says how an item that is not particular stands.
pub(super) fn stand(stored: &mut StoredItem, state: &mut dyn StateMap) -> Result<(), StateError> {
    let before = stored.head().place.clone();
    let item = Item::new(
        std::mem::take(&mut stored.id),
        std::mem::take(&mut stored.names),
        std::mem::take(&mut stored.facts),
        0,
    );
    let course = Course::of(&item, Instant::MAX);
    let summary = FirstReply::of_course(&course);
    let dealer_id = item.text(course.dealers.at(i64::MAX)).to_owned();
    let is_open = course.is_reply_open();
    // A linked case may undo what resolved it, and is not looked at here.
    let is_unresolved = course.is_resolution_open(stored.head().has_cases);
    stored.id.clone_from(&item.feedback_id);
    (stored.names, stored.facts) = item.into_parts();
    list(stored, &dealer_id, is_open, is_unresolved, state);
    let told = summary.as_ref().map(|summary| (summary, &stored.names));
    let place = chunks::place(state, before.as_ref(), &stored.id, told)?;
    stored.head_mut().place = place;
    Ok(())
}

/// Puts the item under every dealer that its facts name, with every start that they tell, and with every
/// instant at which they say that the owner was asked.
fn find_by_start(stored: &StoredItem, added: &Fact, state: &mut dyn StateMap) {
    let names = &stored.names;
    let mut put = |dealer: &str, (table, at): (u8, i64)| {
        let key = KeyWriter::table(table).text(dealer).instant(at);
        state.put(key.text(&stored.id).finish(), Vec::new());
    };
    let earlier = || {
        stored
            .facts
            .iter()
            .filter(|it| it.position != added.position)
    };
    if let Some(place) = found_at(added) {
        let mut all = named(&stored.facts, names);
        if added.dealer == 0 {
            all.insert("");
        }
        for dealer in all {
            put(dealer, place);
        }
    }
    let known = named(earlier(), names);
    for dealer in named([added], names).difference(&known) {
        for place in earlier().filter_map(found_at) {
            put(dealer, place);
        }
    }
}

/// In which table and with which instant an item is found because of a fact.
fn found_at(fact: &Fact) -> Option<(u8, i64)> {
    match fact.what() {
        What::Received => Some((DEALERS, fact.received_at())),
        what if what.is_of_asking() => Some((ASKED, fact.occurred_at)),
        _ => None,
    }
}

/// Every dealer that facts name or assign.
fn named<'n>(facts: impl IntoIterator<Item = &'n Fact>, names: &'n Names) -> BTreeSet<&'n str> {
    let all = facts
        .into_iter()
        .flat_map(|it| [it.dealer, it.from_dealer, it.to_dealer]);
    all.filter(|name| *name != 0)
        .map(|name| names.text(name))
        .collect()
}

/// Takes an item that has become particular out of what is summed up, and lists it as such.
fn set_apart(
    stored: &mut StoredItem,
    before: &Head,
    added: &Fact,
    state: &mut dyn StateMap,
) -> Result<(), StateError> {
    let is_large = stored.head().more > 0;
    let value = vec![u8::from(is_large)];
    let mut put = |dealer: &str| {
        PARTICULAR.put_bytes(state, dealer, &stored.id, value.clone());
    };
    for dealer in named([added], stored.last_names()) {
        put(dealer);
    }
    if !before.is_particular() || (before.more > 0) != is_large {
        put("");
        for dealer in named(&stored.facts, &stored.names) {
            put(dealer);
        }
    }
    list(stored, "", false, false, state);
    let place = before.place.as_ref();
    stored.head_mut().place = chunks::place(state, place, &stored.id, None)?;
    Ok(())
}

/// Lists an item among the open ones of a dealer, or no longer.
fn list(
    stored: &mut StoredItem,
    dealer_id: &str,
    is_open: bool,
    is_unresolved: bool,
    state: &mut dyn StateMap,
) {
    let id = stored.id.clone();
    let head = stored.head_mut();
    let moved = head.dealer_id != dealer_id;
    for (table, was, is) in [
        (OPEN, head.is_open, is_open),
        (UNRESOLVED, head.is_unresolved, is_unresolved),
    ] {
        if was && (moved || !is) {
            table.delete(state, &head.dealer_id, &id);
        }
        if is && (moved || !was) {
            table.put(state, dealer_id, &id);
        }
    }
    dealer_id.clone_into(&mut head.dealer_id);
    (head.is_open, head.is_unresolved) = (is_open, is_unresolved);
}
