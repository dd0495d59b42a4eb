//! The driver: checkpoints, certificates, and views that stop without hurting others.

use ownerline_projections::fold::driver::{OutOfOrder, ResumeError};
use ownerline_projections::fold::state::{StateMap, StateRead as _};
use ownerline_projections::fold::{FoldError, Kinds, ViewDef};
use ownerline_projections::timeline;
use ownerline_projections::{Checkpoint, Driver, MemoryState, Position, Recorded};

use crate::history::{TestTouchpoint, entries, log};

/// A view that counts touchpoints under `key`, and stops at the one with this id after having written.
fn counting_as(version: u32, stops_at: &'static str, key: &'static [u8]) -> ViewDef {
    let apply = move |recorded: &Recorded, state: &mut dyn StateMap| {
        let before = state.get(key)?.map_or(0, |count| count[0]);
        state.put(key.to_vec(), vec![before + 1]);
        if recorded.touchpoint.id == stops_at {
            return Err(FoldError::Unsupported {
                reason: "as the test wants".to_owned(),
            });
        }
        Ok(())
    };
    ViewDef {
        name: "counting",
        version,
        kinds: Kinds::All,
        apply: Box::leak(Box::new(apply)),
    }
}

fn counting(stops_at: &'static str) -> ViewDef {
    counting_as(1, stops_at, b"n")
}

fn news(ids: &[&str]) -> Vec<Recorded> {
    let said: Vec<TestTouchpoint> = ids
        .iter()
        .map(|id| TestTouchpoint::new("news_sent", id, 1).about(|s| s.owner_id = "ann".to_owned()))
        .collect();
    log(&said)
}

fn driver_with(view: ViewDef, state: MemoryState) -> Driver<MemoryState> {
    let mut driver = Driver::default();
    driver.add(view, state).unwrap();
    driver
}

#[test]
fn the_checkpoint_is_in_the_state_and_a_new_driver_goes_on_from_it() {
    let log = entries(&news(&["a", "b", "c"]));
    let mut whole = driver_with(counting(""), MemoryState::default());
    whole.apply(&log).unwrap();

    let mut first = driver_with(counting(""), MemoryState::default());
    first.apply(&log[..2]).unwrap();
    let state = first.lanes()[0].state().clone();
    assert_eq!(
        Checkpoint::read(&state).unwrap().unwrap().position,
        Position(2)
    );
    let mut second = driver_with(counting(""), state);
    assert_eq!(second.position(), Some(Position(2)));
    second.apply(&log[2..]).unwrap();
    assert_eq!(second.lanes()[0].state(), whole.lanes()[0].state());
    assert_eq!(second.lanes()[0].checkpoint().applied, 3);
}

#[test]
fn the_certificate_tells_contents_and_order_apart() {
    let certificate = |ids: &[&str]| {
        let mut driver = driver_with(counting(""), MemoryState::default());
        driver.apply(&entries(&news(ids))).unwrap();
        driver.lanes()[0].checkpoint().hash
    };
    assert_eq!(certificate(&["a", "b"]), certificate(&["a", "b"]));
    assert_ne!(certificate(&["a", "b"]), certificate(&["b", "a"]));
    assert_ne!(certificate(&["a", "b"]), certificate(&["a", "c"]));
    assert_ne!(certificate(&["ab", ""]), certificate(&["a", "b"]));
}

#[test]
fn a_view_that_fails_keeps_the_state_before_and_others_go_on() {
    let mut driver = driver_with(counting("b"), MemoryState::default());
    driver.add(timeline::VIEW, MemoryState::default()).unwrap();
    driver.apply(&entries(&news(&["a", "b", "c"]))).unwrap();
    let [failed, live] = driver.lanes() else {
        panic!("two views");
    };
    let stopped = failed.stopped().unwrap();
    assert_eq!(stopped.position, Position(2));
    assert!(stopped.error.to_string().contains("as the test wants"));
    assert_eq!(failed.checkpoint().position, Position(1));
    assert_eq!(failed.state().get(b"n").unwrap(), Some(vec![1]));
    assert!(live.stopped().is_none());
    assert_eq!(live.checkpoint().position, Position(3));
    assert_eq!(driver.position(), Some(Position(3)));
}

#[test]
fn a_position_at_or_before_the_checkpoint_is_refused_and_changes_nothing() {
    let log = entries(&news(&["a", "b"]));
    let mut driver = driver_with(counting(""), MemoryState::default());
    driver.apply(&log).unwrap();
    let before = driver.lanes()[0].state().clone();
    let refused = driver.apply(&log[1..]).unwrap_err();
    assert_eq!(
        refused,
        OutOfOrder {
            position: Position(2),
            applied: Position(2)
        }
    );
    assert_eq!(*driver.lanes()[0].state(), before);
    let mut fresh = driver_with(counting(""), MemoryState::default());
    assert!(fresh.apply(&[log[1].clone(), log[0].clone()]).is_err());
    assert_eq!(fresh.position(), Some(Position(0)));
}

#[test]
fn a_view_that_is_ahead_skips_what_it_already_applied() {
    let log = entries(&news(&["a", "b", "c"]));
    let mut ahead = driver_with(counting(""), MemoryState::default());
    ahead.apply(&log[..2]).unwrap();
    let mut both = driver_with(counting(""), ahead.lanes()[0].state().clone());
    both.add(counting(""), MemoryState::default()).unwrap();
    both.apply(&log).unwrap();
    assert_eq!(both.lanes()[0].state(), both.lanes()[1].state());
}

#[test]
fn the_state_of_another_version_is_refused() {
    let mut driver = driver_with(counting(""), MemoryState::default());
    driver.apply(&entries(&news(&["a"]))).unwrap();
    let state = driver.lanes()[0].state().clone();
    let newer = counting_as(2, "", b"n");
    match Driver::default().add(newer, state) {
        Err(ResumeError::OtherVersion {
            found, expected, ..
        }) => {
            assert_eq!((found, expected), (1, 2));
        }
        other => panic!("{other:?}"),
    }
    let mut damaged = MemoryState::default();
    damaged.put(b"\0checkpoint".to_vec(), vec![1, 2, 3]);
    let refused = Driver::default().add(counting(""), damaged);
    assert!(matches!(refused, Err(ResumeError::State { .. })));
}

#[test]
fn a_fold_cannot_write_to_the_reserved_keys() {
    let greedy = counting_as(1, "", b"\0n");
    let mut driver = driver_with(greedy, MemoryState::default());
    driver.apply(&entries(&news(&["a"]))).unwrap();
    assert!(driver.lanes()[0].stopped().is_some());
    assert_eq!(driver.lanes()[0].state().entries().count(), 0);
}

#[test]
fn a_touchpoint_that_cannot_be_read_stops_every_view_that_has_not_passed_it() {
    let log = entries(&news(&["a", "b"]));
    let mut driver = driver_with(counting(""), MemoryState::default());
    driver.apply(&log[..1]).unwrap();
    let error = FoldError::Unsupported {
        reason: "unreadable".to_owned(),
    };
    driver.stop(Position(1), &error);
    assert_eq!(driver.position(), Some(Position(1)));
    driver.stop(Position(2), &error);
    assert_eq!(driver.position(), None);
    assert_eq!(driver.lanes()[0].stopped().unwrap().position, Position(2));
    driver.apply(&log[1..]).unwrap();
    assert_eq!(driver.lanes()[0].checkpoint().position, Position(1));
}
