//! The registry of views: each declares every kind that its fold reads.

use std::collections::BTreeSet;

use ownerline_projections::fold::{Kinds, ViewDef};
use ownerline_projections::{Driver, MemoryState, Recorded, VIEWS};
use ownerline_proto::schema::Schema;

use crate::history::entries;
use crate::invented;

/// The state of a view at the end of a log.
fn state(view: ViewDef, log: &[Recorded]) -> MemoryState {
    let mut driver = Driver::default();
    driver.add(view, MemoryState::default()).unwrap();
    driver.apply(&entries(log)).unwrap();
    let lane = &driver.lanes()[0];
    let stopped = lane.stopped();
    assert!(stopped.is_none(), "{}: {stopped:?}", view.name);
    assert_eq!(lane.checkpoint().applied, log.len() as u64);
    lane.state().clone()
}

#[test]
fn a_view_that_is_called_for_its_kinds_only_keeps_the_same_state_and_certificate() {
    for seed in 0..20 {
        let log = invented::history(seed, 3);
        for view in VIEWS {
            let of_all = ViewDef {
                kinds: Kinds::All,
                ..view
            };
            let (filtered, whole) = (state(view, &log), state(of_all, &log));
            assert!(
                filtered == whole,
                "view {} reads a kind that it does not declare",
                view.name
            );
            let keeps_rows = whole.entries().count() > 2;
            assert!(keeps_rows, "{} keeps nothing", view.name);
        }
    }
}

#[test]
fn every_declared_kind_exists_and_names_are_unique() {
    let mut names = BTreeSet::new();
    for view in VIEWS {
        assert!(names.insert(view.name), "{} stands twice", view.name);
        if let Kinds::Named(kinds) = view.kinds {
            let distinct: BTreeSet<_> = kinds.iter().collect();
            assert_eq!(distinct.len(), kinds.len(), "{}", view.name);
            for kind in kinds {
                assert!(Schema::get().kind_by_name(kind).is_some(), "{kind}");
            }
        }
    }
}

/// Invented touchpoints of every kind, as they were when the file was written.
const FROZEN: &str = include_str!("rows/history.jsonl");

/// The hash of the rows of each view over [`FROZEN`]: the rows of a version never change.
const ROWS: [(&str, u32, &str); 16] = [
    ("advocacy", 4, "37148a6a7de88a87"),
    ("bookings", 4, "4791ff54d8f142a2"),
    ("corrections", 3, "d0c655806dfce073"),
    ("feedback", 5, "295e15e6eca840f1"),
    ("identity", 2, "94aa12f8bdea6e8e"),
    ("network", 2, "d819a372213898de"),
    ("ownership", 2, "6c7ba2e4d2c8e0f2"),
    ("policies", 2, "f1e6c0f94729ec7e"),
    ("timeline", 6, "8a3389ce68a1f96e"),
    ("vehicles", 4, "7c3528129084c4eb"),
    ("loyalty", 2, "afb7139813079b56"),
    ("contacts", 1, "21aa085e9839eb66"),
    ("assistance", 2, "4fddb07737812f27"),
    ("cases", 3, "dc89e054e6312c63"),
    ("trace", 3, "43d6bbb9fa039626"),
    ("orders", 2, "f3a84cc3ab9677a3"),
];

#[test]
fn rows_of_a_version_of_a_view_never_change() {
    let touchpoints = FROZEN
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let log = invented::recorded(touchpoints.collect());
    let mut rows = Vec::new();
    for view in VIEWS {
        let mut hasher = blake3::Hasher::new();
        for (key, value) in state(view, &log).entries() {
            for part in [key, value] {
                hasher.update(&(part.len() as u64).to_le_bytes());
                hasher.update(part);
            }
        }
        let hash = hasher.finalize().to_hex();
        rows.push((view.name, view.version, hash.get(..16).unwrap().to_owned()));
    }
    let rows: Vec<_> = rows
        .iter()
        .map(|(name, version, hash)| (*name, *version, &**hash))
        .collect();
    assert_eq!(
        rows, ROWS,
        "a fold that writes other rows needs a new version"
    );
}
