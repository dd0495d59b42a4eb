//! Where an item is found: by dealer and start, among the open ones, in its summary.

use std::collections::BTreeSet;

use super::chunks;
use super::fold::Kept;
use super::rows::{ASKED, DEALERS, Head, OPEN, PARTICULAR, UNRESOLVED, pair_key};
use crate::fold::key::KeyWriter;
use crate::fold::state::{StateError, StateMap};
use crate::obligation::{Course, Fact, FirstReply, Item, Names, What};
use ownerline_proto::time::Instant;

/// Brings the tables in line with an item to which a fact was added.
pub(super) fn update(
    kept: &mut Kept,
    before: &Head,
    added: &Fact,
    state: &mut dyn StateMap,
) -> Result<(), StateError> {
    if kept.head().more == 0 {
        find_by_start(kept, added, state);
    }
    if kept.head().is_particular() {
        return set_apart(kept, before, added, state);
    }
    stand(kept, state)
}

/// Says how an item that is not particular stands.
pub(super) fn stand(kept: &mut Kept, state: &mut dyn StateMap) -> Result<(), StateError> {
    let before = kept.head().place.clone();
    let item = Item::new(
        std::mem::take(&mut kept.id),
        std::mem::take(&mut kept.names),
        std::mem::take(&mut kept.facts),
        0,
    );
    let course = Course::of(&item, Instant::MAX);
    let summary = FirstReply::of_course(&course);
    let dealer_id = item.text(course.dealers.at(i64::MAX)).to_owned();
    let is_open = course.is_reply_open();
    // A linked case may undo what resolved it, and is not looked at here.
    let is_unresolved = course.is_resolution_open(kept.head().has_cases);
    kept.id.clone_from(&item.feedback_id);
    (kept.names, kept.facts) = item.into_parts();
    list(kept, &dealer_id, is_open, is_unresolved, state);
    let told = summary.as_ref().map(|summary| (summary, &kept.names));
    let place = chunks::place(state, before.as_ref(), &kept.id, told)?;
    kept.head_mut().place = place;
    Ok(())
}

/// Puts the item under every dealer that its facts name, with every start that they tell, and with every
/// instant at which they say that the owner was asked.
fn find_by_start(kept: &Kept, added: &Fact, state: &mut dyn StateMap) {
    let names = &kept.names;
    let mut put = |dealer: &str, (table, at): (u8, i64)| {
        let key = KeyWriter::table(table).text(dealer).instant(at);
        state.put(key.text(&kept.id).finish(), Vec::new());
    };
    let earlier = || kept.facts.iter().filter(|it| it.position != added.position);
    if let Some(place) = found_at(added) {
        let mut all = named(&kept.facts, names);
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
    kept: &mut Kept,
    before: &Head,
    added: &Fact,
    state: &mut dyn StateMap,
) -> Result<(), StateError> {
    let is_large = kept.head().more > 0;
    let value = vec![u8::from(is_large)];
    let mut put = |dealer: &str| {
        state.put(pair_key(PARTICULAR, dealer, &kept.id), value.clone());
    };
    for dealer in named([added], kept.last_names()) {
        put(dealer);
    }
    if !before.is_particular() || (before.more > 0) != is_large {
        put("");
        for dealer in named(&kept.facts, &kept.names) {
            put(dealer);
        }
    }
    list(kept, "", false, false, state);
    let place = before.place.as_ref();
    kept.head_mut().place = chunks::place(state, place, &kept.id, None)?;
    Ok(())
}

/// Lists an item among the open ones of a dealer, or no longer.
fn list(
    kept: &mut Kept,
    dealer_id: &str,
    is_open: bool,
    is_unresolved: bool,
    state: &mut dyn StateMap,
) {
    let id = kept.id.clone();
    let head = kept.head_mut();
    let moved = head.dealer_id != dealer_id;
    for (table, was, is) in [
        (OPEN, head.is_open, is_open),
        (UNRESOLVED, head.is_unresolved, is_unresolved),
    ] {
        if was && (moved || !is) {
            state.delete(&pair_key(table, &head.dealer_id, &id));
        }
        if is && (moved || !was) {
            state.put(pair_key(table, dealer_id, &id), Vec::new());
        }
    }
    dealer_id.clone_into(&mut head.dealer_id);
    (head.is_open, head.is_unresolved) = (is_open, is_unresolved);
}
