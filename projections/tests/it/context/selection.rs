//! A selection of a history makes the same pack as all of it.

use std::collections::BTreeSet;

use ownerline_projections::Position;
use ownerline_proto::v1::Visibility;

use super::{Ask, pack_in_pages, without_turns};
use crate::history::folded;
use crate::invented;

#[test]
fn a_selection_of_an_invented_history_makes_the_same_pack() {
    let mut compared = 0;
    for seed in 0..60 {
        let log = invented::history(seed, 3);
        let world = folded(&log);
        let named = log.iter().filter_map(|it| it.touchpoint.subjects.as_ref());
        let owners: BTreeSet<&str> = named.map(|it| &*it.owner_id).collect();
        for owner_id in owners.into_iter().filter(|id| !id.is_empty()) {
            for (as_of, known_at, visible_to) in [
                (i64::MAX, Position::MAX, None),
                (6_000_000_000, Position::MAX, Some(Visibility::Dealer)),
                (i64::MAX, Position(log.len() as u64 / 2), None),
            ] {
                let ask = Ask {
                    as_of,
                    known_at,
                    visible_to,
                    rows: 5,
                };
                let whole = pack_in_pages(&log, &world, owner_id, &ask, usize::MAX);
                let whole = whole.as_ref().map(without_turns);
                for short in [1, 4] {
                    let selected = pack_in_pages(&log, &world, owner_id, &ask, short);
                    let selected = selected.as_ref().map(without_turns);
                    assert_eq!(selected, whole, "seed {seed}, {owner_id}, {short}");
                    compared += usize::from(selected.is_some());
                }
            }
        }
    }
    assert!(compared > 500, "{compared}");
}
