//! The registry of views: each declares every kind that its fold reads.

use std::collections::BTreeSet;

use ownerline_projections::fold::{Kinds, ViewDef};
use ownerline_projections::{Driver, MemoryState, Recorded, VIEWS};
use ownerline_proto::schema::Schema;

use crate::history::entries;
use crate::invented;

/// The state of a view behind a log.
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
