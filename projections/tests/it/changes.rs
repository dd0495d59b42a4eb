//! What changed between two answers, and what an answer depends on: a watcher who only looks when something touches them,
//! and then only at what that can have changed, has every answer that is ever given.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_projections::fold::reach::Reach;
use ownerline_projections::fold::touches::Touches;
use ownerline_projections::fold::turns::Turned;
use ownerline_projections::timeline::{
    AnswerBasis, Change, ChangesQuery, TimelineError, TimelineFilter, TimelineOrder, TimelineQuery,
    TimelineRow, changes, page,
};
use ownerline_projections::{HistoryKey, Position, Recorded, Viewer};
use ownerline_proto::v1::Visibility;
use proptest::prelude::*;

use crate::cases::cases;
use crate::history::{TestTouchpoint, World, folded, lives, log, watched_lives};

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
struct Watcher {
    filter: TimelineFilter,
    limit: usize,
    basis: Option<AnswerBasis>,
    rows: BTreeMap<HistoryKey, TimelineRow>,
    reach: Reach,
    /// Touchpoints since the last look; `None` if they are not known.
    touched: Option<BTreeSet<Position>>,
    /// Compares everything at each look.
    thorough: bool,
    /// Looks at what was touched only.
    quick_looks: usize,
}

impl Watcher {
    fn new(filter: TimelineFilter, limit: usize) -> Self {
        Self {
            filter,
            limit,
            basis: None,
            rows: BTreeMap::new(),
            reach: Reach::default(),
            touched: None,
            thorough: false,
            quick_looks: 0,
        }
    }

    /// A commit of touchpoints reached the views.
    fn hear(&mut self, commit: &[Recorded]) {
        let mut touches = Touches::default();
        for recorded in commit {
            touches.add(recorded);
        }
        touches.finish();
        let Some(basis) = self.basis else { return };
        let touching = touches.touching(&mut self.reach.footprint, basis.known_at);
        for one in touching {
            if one.occurred_at > basis.as_of.nearest() {
                self.reach.turns.add(one.occurred_at, one.position);
            }
            if let Some(touched) = &mut self.touched {
                touched.insert(one.position);
            }
        }
    }

    fn is_touched(&self) -> bool {
        self.touched
            .as_ref()
            .is_none_or(|touched| !touched.is_empty())
    }

    /// What touched the answer, or has turned by an instant.
    fn touched_by(&self, log: &[Recorded], as_of: i64) -> Option<Vec<Recorded>> {
        let mut positions = self.touched.clone()?;
        match self.reach.turns.turned(as_of) {
            Turned::Something => return None,
            Turned::Touchpoints(turned) => positions.extend(turned),
        }
        let touched = log.iter().filter(|it| positions.contains(&it.position));
        Some(touched.cloned().collect()).filter(|_| !self.thorough)
    }

    /// Looks if there is a reason to; otherwise nothing has changed.
    fn follow(&mut self, world: &World, log: &[Recorded], to: AnswerBasis) {
        let as_of = to.as_of.nearest();
        let turns = self.reach.turns.next().is_some_and(|turn| turn <= as_of);
        if self.is_touched() || turns {
            self.look(world, log, to);
        } else {
            self.basis = Some(to);
        }
    }

    fn look(&mut self, world: &World, log: &[Recorded], to: AnswerBasis) {
        let mut query = ChangesQuery {
            owner_id: "ann".to_owned(),
            filter: self.filter.clone(),
            from: self.basis,
            to,
            after: None,
            limit: self.limit,
        };
        let mut touched = self.touched_by(log, to.as_of.nearest());
        self.quick_looks += usize::from(touched.is_some());
        let mut reach = std::mem::take(&mut self.reach);
        self.touched = Some(BTreeSet::new());
        loop {
            let viewer = Viewer::unrestricted();
            let since = touched.as_deref();
            let found = match changes(world.states(), &viewer, &query, since, &mut reach) {
                Ok(found) => found,
                // Nothing is known of them yet, and nothing says what would make them known.
                Err(TimelineError::UnknownOwner { .. }) => {
                    self.touched = None;
                    return;
                }
                Err(error) => panic!("{error}"),
            };
            assert!(found.changes.len() <= self.limit || touched.is_some());
            query.after = found.changes.last().map(|change| change.key().clone());
            touched = None;
            for change in found.changes {
                self.take(change);
            }
            if !found.more {
                break;
            }
        }
        self.reach = reach;
        self.reach.footprint.settle();
        self.reach.turns.forget(to.as_of.nearest());
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

    /// Whether a touchpoint recorded next touches the answer.
    fn is_touched_by(&self, recorded: &Recorded) -> bool {
        let mut touches = Touches::default();
        touches.add(recorded);
        touches.finish();
        let touching = touches.touching(&mut self.reach.footprint.clone(), Position::START);
        !touching.is_empty()
    }
}

fn some_visibility() -> impl Strategy<Value = Visibility> {
    prop::sample::select(&[Visibility::Internal, Visibility::Dealer, Visibility::Owner][..])
}

/// Sizes of commits, and by how much the clock goes on before each.
fn steps() -> impl Strategy<Value = Vec<(usize, i64)>> {
    let clock = prop_oneof![3 => Just(0_i64), 1 => 1_i64..4];
    let size = prop_oneof![2 => Just(1_usize), 1 => 0_usize..5];
    prop::collection::vec((size, clock), 60)
}

/// A correction elsewhere is recorded before what it corrects, and inherits from that who may see it.
#[test]
fn an_effect_that_becomes_visible_with_what_it_corrects_is_noticed() {
    let news = TestTouchpoint::new("news_sent", "news", 0);
    let mut news = news.about(|it| it.owner_id = "ann".to_owned());
    news.visibility = Visibility::Dealer.into();
    let of_order =
        |id| TestTouchpoint::new("order_changed", id, 0).about(|it| it.order_id = "1".to_owned());
    let mut correction = of_order("correction");
    correction.cause = Some(("crm".to_owned(), "news".to_owned()));
    correction.corrects = Some(("crm".to_owned(), "corrected".to_owned()));
    let mut corrected = of_order("corrected");
    corrected.visibility = Visibility::Dealer.into();
    let log = log(&[news, correction, corrected]);
    let mut watcher = Watcher::new(filter(Visibility::Dealer), 10);
    for count in 1..=log.len() {
        watcher.hear(&log[count - 1..count]);
        let world = folded(&log[..count]);
        let to = AnswerBasis {
            known_at: Position(count as u64),
            as_of: 1.into(),
        };
        watcher.follow(&world, &log[..count], to);
        let right = answer(&world, &watcher.filter, to);
        assert_eq!(watcher.has(), right);
        assert_eq!(right[0].effects.len(), count / 3);
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn who_looks_only_at_what_is_touched_has_every_answer(
        said in watched_lives(),
        visible in some_visibility(),
        steps in steps(),
        limit in 1_usize..5,
        begins_at in 0_i64..12,
    ) {
        let log = log(&said);
        let mut watcher = Watcher::new(filter(visible), limit);
        let (mut count, mut as_of) = (0, begins_at);
        for (size, clock) in steps {
            let end = (count + size).min(log.len());
            watcher.hear(&log[count..end]);
            (count, as_of) = (end, as_of + clock);
            let world = folded(&log[..count]);
            let to = AnswerBasis { known_at: Position(count as u64), as_of: as_of.into() };
            watcher.follow(&world, &log[..count], to);
            prop_assert_eq!(watcher.has(), answer(&world, &watcher.filter, to), "at {}", count);
        }
    }

    #[test]
    fn what_is_touched_is_all_that_differs(
        said in watched_lives(),
        visible in some_visibility(),
        first in 1_usize..30,
        instants in (0_i64..14, 0_i64..6),
    ) {
        let log = log(&said);
        let first = first.min(log.len());
        let (world, last) = (folded(&log), Position(log.len() as u64));
        let from = AnswerBasis { known_at: Position(first as u64), as_of: instants.0.into() };
        let to = AnswerBasis { known_at: last, as_of: (instants.0 + instants.1).into() };
        let begins = |thorough| {
            let mut watcher = Watcher { thorough, ..Watcher::new(filter(visible), 1_000) };
            watcher.look(&folded(&log[..first]), &log[..first], from);
            watcher.hear(&log[first..]);
            watcher.follow(&world, &log, to);
            watcher
        };
        let (quick, thorough) = (begins(false), begins(true));
        prop_assert_eq!(quick.has(), thorough.has());
        prop_assert_eq!(quick.has(), answer(&world, &quick.filter, to));
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
        watcher.look(&world, &log, to);
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
    watcher.look(&folded(&log[..1]), &log[..1], to);
    assert!(!watcher.is_touched_by(&log[1]));
    assert!(watcher.is_touched_by(&log[2]));
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
    watcher.look(&folded(&log[..3]), &log[..3], basis(Position(3)));
    let ids = |watcher: &Watcher| -> Vec<String> {
        watcher.rows.keys().map(|key| key.id.clone()).collect()
    };
    assert_eq!(ids(&watcher), ["a", "early", "late"]);
    assert!(watcher.is_touched_by(&log[3]));
    watcher.hear(&log[3..]);
    watcher.look(&folded(&log), &log, basis(Position(4)));
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
    watcher.look(&folded(&log[..2]), &log[..2], basis(Position(2)));
    assert!(fallen(&watcher).is_empty());
    assert!(watcher.is_touched_by(&log[2]));
    watcher.hear(&log[2..]);
    watcher.look(&folded(&log), &log, basis(Position(3)));
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
    watcher.look(&folded(&log[..3]), &log[..3], basis(Position(3)));
    assert_eq!(watcher.has().len(), 1);
    assert!(watcher.is_touched_by(&log[3]));
    watcher.hear(&log[3..]);
    watcher.look(&folded(&log), &log, basis(Position(4)));
    assert_eq!(watcher.has().len(), 4);
}
