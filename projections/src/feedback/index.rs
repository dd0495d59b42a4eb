//! The indexes of items: by dealer and start, open ones by dealer, and summaries.

use std::collections::BTreeSet;

use super::chunks;
use super::rows::{DEALERS, Head, INVITED, OPEN, PARTICULAR, UNRESOLVED};
use super::stored::StoredItem;
use crate::fold::key::KeyWriter;
use crate::fold::state::{StateError, StateMap};
use crate::obligation::{Course, Fact, FactKind, FirstReply, Item, Names};
use ownerline_proto::time::Instant;

/// Brings the tables in line with an item to which a fact was added.
pub(super) fn update(
    stored: &mut StoredItem,
    before: &Head,
    added: &Fact,
    state: &mut dyn StateMap,
) -> Result<(), StateError> {
    if stored.head().more == 0 {
        index_by_start(stored, added, state);
    }
    if stored.head().is_particular() {
        return list_as_particular(stored, before, added, state);
    }
    update_summary(stored, state)
}

/// Updates the summary of an item that is not particular, and whether it is listed as open.
pub(super) fn update_summary(
    stored: &mut StoredItem,
    state: &mut dyn StateMap,
) -> Result<(), StateError> {
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
    // A linked case, which is not read here, may undo the resolution.
    let is_unresolved = course.is_resolution_open(stored.head().has_cases);
    stored.id.clone_from(&item.feedback_id);
    (stored.names, stored.facts) = item.into_parts();
    list(stored, &dealer_id, is_open, is_unresolved, state);
    let summary = summary.as_ref().map(|summary| (summary, &stored.names));
    let place = chunks::place(state, before.as_ref(), &stored.id, summary)?;
    stored.head_mut().place = place;
    Ok(())
}

/// Indexes the item under every dealer that its facts name, by every start and by every instant of an invitation.
fn index_by_start(stored: &StoredItem, added: &Fact, state: &mut dyn StateMap) {
    let names = &stored.names;
    let mut put = |dealer: &str, (table, at): (u8, i64)| {
        let key = KeyWriter::table(table).text(dealer).instant(at);
        state.put(key.text(&stored.id).finish(), Vec::new());
    };
    let earlier = || {
        stored
            .facts
            .iter()
            .filter(|fact| fact.position() != added.position())
    };
    if let Some(entry) = index_entry(added) {
        let mut all = dealers_of(&stored.facts, names);
        if added.dealer == 0 {
            all.insert("");
        }
        for dealer in all {
            put(dealer, entry);
        }
    }
    let known = dealers_of(earlier(), names);
    for dealer in dealers_of([added], names).difference(&known) {
        for entry in earlier().filter_map(index_entry) {
            put(dealer, entry);
        }
    }
}

/// Returns the table and the instant under which a fact indexes its item.
fn index_entry(fact: &Fact) -> Option<(u8, i64)> {
    match fact.kind() {
        FactKind::Received => Some((DEALERS, fact.received_at())),
        kind if kind.is_about_invitation() => Some((INVITED, fact.occurred_at)),
        _ => None,
    }
}

/// Returns every dealer that facts name or assign.
fn dealers_of<'n>(
    facts: impl IntoIterator<Item = &'n Fact>,
    names: &'n Names,
) -> BTreeSet<&'n str> {
    let all = facts
        .into_iter()
        .flat_map(|fact| [fact.dealer, fact.from_dealer, fact.to_dealer]);
    all.filter(|name| *name != 0)
        .map(|name| names.text(name))
        .collect()
}

/// Removes the summary of a particular item and lists it as particular.
fn list_as_particular(
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
    for dealer in dealers_of([added], stored.last_names()) {
        put(dealer);
    }
    if !before.is_particular() || (before.more > 0) != is_large {
        put("");
        for dealer in dealers_of(&stored.facts, &stored.names) {
            put(dealer);
        }
    }
    list(stored, "", false, false, state);
    let place = before.place.as_ref();
    stored.head_mut().place = chunks::place(state, place, &stored.id, None)?;
    Ok(())
}

/// Updates whether an item is listed as open, and under which dealer.
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
