//! What changed between two answers, and what an answer depends on: a watcher who only looks when
//! something touches them ends with every answer that was ever given.

use std::collections::BTreeMap;

use ownerline_projections::fold::footprint::{Footprint, touched};
use ownerline_projections::timeline::{
    AnswerBasis, Change, ChangesQuery, TimelineError, TimelineFilter, TimelineOrder, TimelineQuery,
    TimelineRow, changes, page,
};
use ownerline_projections::{HistoryKey, Position, Recorded, Viewer};
use ownerline_proto::time::Instant;
use ownerline_proto::v1::Visibility;
use proptest::prelude::*;

use crate::cases::cases;
use crate::history::{TestTouchpoint, World, folded, lives, log};

/// Behind every `occurred_at` of a random history; some of it is revealed later.
const LAST: i64 = 11;

fn filter(visible_to: Visibility) -> TimelineFilter {
    TimelineFilter {
        visible_to: Some(visible_to),
        ..TimelineFilter::default()
    }
}

fn answer(world: &World, filter: &TimelineFilter, basis: AnswerBasis) -> Vec<TimelineRow> {
    let query = TimelineQuery {
        owner_id: "ann".to_owned(),
        filter: filter.clone(),
        order: TimelineOrder::OldestFirst,
        as_of: basis.as_of,
        known_at: basis.known_at,
        after: None,
        limit: 1_000,
    };
    match page(world.states(), &Viewer::unrestricted(), &query) {
        Ok(page) => page.rows,
        Err(TimelineError::UnknownOwner { .. }) => Vec::new(),
        Err(error) => panic!("{error}"),
    }
}

/// A client that keeps a timeline up to date by applying changes.
#[derive(Default)]
struct Watcher {
    filter: TimelineFilter,
    limit: usize,
    basis: Option<AnswerBasis>,
    rows: BTreeMap<HistoryKey, TimelineRow>,
    footprint: Footprint,
    turns_at: Option<i64>,
}

impl Watcher {
    fn new(filter: TimelineFilter, limit: usize) -> Self {
        Self {
            filter,
            limit,
            ..Self::default()
        }
    }

    fn look(&mut self, world: &World, to: AnswerBasis) {
        let mut query = ChangesQuery {
            owner_id: "ann".to_owned(),
            filter: self.filter.clone(),
            from: self.basis,
            to,
            after: None,
            limit: self.limit,
        };
        self.footprint = Footprint::default();
        self.turns_at = None;
        loop {
            let viewer = Viewer::unrestricted();
            let found = match changes(world.states(), &viewer, &query, &mut self.footprint) {
                Ok(found) => found,
                // Nothing is known of them yet, and nothing says what would make them known.
                Err(TimelineError::UnknownOwner { .. }) => {
                    self.footprint.depend_on_everything();
                    return;
                }
                Err(error) => panic!("{error}"),
            };
            assert!(found.changes.len() <= self.limit);
            let turns_at = found.turns_at.map(Instant::nearest);
            self.turns_at = [self.turns_at, turns_at].into_iter().flatten().min();
            query.after = found.changes.last().map(|change| change.key().clone());
            for change in found.changes {
                self.take(change);
            }
            if !found.more {
                break;
            }
        }
        self.footprint.sort();
        self.basis = Some(to);
    }

    fn take(&mut self, change: Change) {
        match change {
            Change::Added(row) => {
                let before = self.rows.insert(row.key.clone(), row);
                assert!(before.is_none(), "added twice: {before:?}");
            }
            Change::Revised(row) => {
                let before = self.rows.insert(row.key.clone(), row.clone());
                assert!(before.is_some_and(|before| before != row), "nothing new");
            }
            Change::Removed(key) => assert!(self.rows.remove(&key).is_some(), "{key:?} not there"),
        }
    }

    fn has(&self) -> Vec<TimelineRow> {
        self.rows.values().cloned().collect()
    }
}

fn names(recorded: &Recorded) -> Vec<u64> {
    let mut names = Vec::new();
    touched(recorded, |name| names.push(name.bits()));
    names.sort_unstable();
    names
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn who_looks_only_when_touched_has_every_answer(
        said in lives(),
        visible in prop::sample::select(&[Visibility::Internal, Visibility::Dealer, Visibility::Owner]),
        limit in 1_usize..5,
    ) {
        let log = log(&said);
        let mut watcher = Watcher::new(filter(visible), limit);
        watcher.footprint.depend_on_everything();
        for count in 1..=log.len() {
            let world = folded(&log[..count]);
            let to = AnswerBasis { known_at: Position(count as u64), as_of: LAST.into() };
            if watcher.footprint.is_touched_by(&names(&log[count - 1])) {
                watcher.look(&world, to);
            }
            prop_assert_eq!(watcher.has(), answer(&world, &watcher.filter, to), "at {}", count);
        }
    }

    #[test]
    fn a_planned_reveal_is_seen_at_the_announced_instant(
        said in lives(),
        visible in prop::sample::select(&[Visibility::Dealer, Visibility::Owner]),
    ) {
        let log = log(&said);
        let world = folded(&log);
        let mut watcher = Watcher::new(filter(visible), 3);
        let known_at = Position(log.len() as u64);
        watcher.look(&world, AnswerBasis { known_at, as_of: LAST.into() });
        for as_of in LAST..LAST + 4 {
            let to = AnswerBasis { known_at, as_of: as_of.into() };
            if watcher.turns_at.is_some_and(|turns_at| turns_at <= as_of) {
                watcher.look(&world, to);
            }
            prop_assert_eq!(watcher.has(), answer(&world, &watcher.filter, to), "as of {}", as_of);
        }
    }

    #[test]
    fn from_any_stand_to_any_later_one(
        said in lives(),
        first in (0_u64..40).prop_map(Position),
        instants in (0_i64..14, 0_i64..14),
        limit in 1_usize..5,
    ) {
        let log = log(&said);
        let world = folded(&log);
        let last = Position(log.len() as u64);
        let mut watcher = Watcher::new(filter(Visibility::Owner), limit);
        let from = AnswerBasis { known_at: first.min(last), as_of: instants.0.into() };
        watcher.rows = answer(&world, &watcher.filter, from)
            .into_iter()
            .map(|row| (row.key.clone(), row))
            .collect();
        watcher.basis = Some(from);
        let to = AnswerBasis { known_at: last, as_of: (instants.0 + instants.1).into() };
        watcher.look(&world, to);
        prop_assert_eq!(watcher.has(), answer(&world, &watcher.filter, to));
    }
}

#[test]
fn touchpoints_of_others_touch_nothing() {
    let of = |id: &str, at: i64, owner: &str| {
        TestTouchpoint::new("news_sent", id, at)
            .about(|subjects| subjects.owner_id = owner.to_owned())
    };
    let log = log(&[of("1", 1, "ann"), of("2", 2, "ben"), of("3", 3, "ann")]);
    let mut watcher = Watcher::new(TimelineFilter::default(), 10);
    let to = AnswerBasis {
        known_at: Position(1),
        as_of: LAST.into(),
    };
    watcher.look(&folded(&log[..1]), to);
    assert!(!watcher.footprint.is_touched_by(&names(&log[1])));
    assert!(watcher.footprint.is_touched_by(&names(&log[2])));
}

#[test]
fn the_owner_who_sold_the_car_loses_later_touchpoints_once_the_sale_is_known() {
    let vehicle = |id: &str, at: i64| {
        TestTouchpoint::new("odometer_read", id, at)
            .about(|subjects| subjects.vin = "V1".to_owned())
    };
    let log = log(&[
        vehicle("a", 1).acquired("ann", true),
        vehicle("early", 2),
        vehicle("late", 8),
        vehicle("b", 5).acquired("ben", true),
    ]);
    let mut watcher = Watcher::new(TimelineFilter::default(), 10);
    let basis = |known_at| AnswerBasis {
        known_at,
        as_of: LAST.into(),
    };
    watcher.look(&folded(&log[..3]), basis(Position(3)));
    let ids = |watcher: &Watcher| -> Vec<String> {
        watcher.rows.keys().map(|key| key.id.clone()).collect()
    };
    assert_eq!(ids(&watcher), ["a", "early", "late"]);
    assert!(watcher.footprint.is_touched_by(&names(&log[3])));
    watcher.look(&folded(&log), basis(Position(4)));
    assert_eq!(ids(&watcher), ["a", "early"]);
}

#[test]
fn a_reading_reported_late_flags_the_lower_one_after_it() {
    let read = |id: &str, metres, at| {
        let said =
            TestTouchpoint::read(metres, at).about(|subjects| subjects.vin = "V1".to_owned());
        TestTouchpoint {
            id: id.to_owned(),
            ..said
        }
    };
    let acquired =
        TestTouchpoint::new("news_sent", "a", 1).about(|subjects| subjects.vin = "V1".to_owned());
    let log = log(&[
        acquired.acquired("ann", true),
        read("later", 40_000, 8),
        read("earlier", 90_000, 5),
    ]);
    let mut watcher = Watcher::new(TimelineFilter::default(), 10);
    let basis = |known_at| AnswerBasis {
        known_at,
        as_of: LAST.into(),
    };
    let fallen = |watcher: &Watcher| -> Vec<String> {
        let fallen = watcher.rows.iter().filter(|(_, row)| row.odometer_fell);
        fallen.map(|(key, _)| key.id.clone()).collect()
    };
    watcher.look(&folded(&log[..2]), basis(Position(2)));
    assert!(fallen(&watcher).is_empty());
    assert!(watcher.footprint.is_touched_by(&names(&log[2])));
    watcher.look(&folded(&log), basis(Position(3)));
    assert_eq!(fallen(&watcher), ["later"]);
}

#[test]
fn who_was_once_linked_may_be_linked_again() {
    let bens = |id: &str, at: i64| {
        TestTouchpoint::new("news_sent", id, at)
            .about(|subjects| subjects.owner_id = "ben".to_owned())
    };
    let log = log(&[
        TestTouchpoint::new("news_sent", "ann's", 1)
            .about(|subjects| subjects.owner_id = "ann".to_owned()),
        bens("link", 2).linking("ann"),
        bens("unlink", 3).unlinking("ann"),
        bens("mistaken", 4).retracting("crm", "unlink"),
    ]);
    let mut watcher = Watcher::new(TimelineFilter::default(), 10);
    let basis = |known_at| AnswerBasis {
        known_at,
        as_of: LAST.into(),
    };
    watcher.look(&folded(&log[..3]), basis(Position(3)));
    assert_eq!(watcher.has().len(), 1);
    assert!(watcher.footprint.is_touched_by(&names(&log[3])));
    watcher.look(&folded(&log), basis(Position(4)));
    assert_eq!(watcher.has().len(), 4);
}
