//! What whoever acted had been served before.

use ownerline_projections::trace::Trace;
use ownerline_proto::v1::actor::Kind as ActorKind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{ContextPackServed, OwnerIdentityLinked};

use super::touchpoints::*;
use super::traced;

fn served(id: &str, at: i64, to: &str) -> Said {
    let served = ContextPackServed::default();
    let said = Said::new(id, at, Payload::ContextPackServed(served));
    by(said.of_owner("ann"), to)
}

fn by(mut said: Said, actor_id: &str) -> Said {
    actor_id.clone_into(&mut said.0.actor.get_or_insert_default().id);
    said
}

fn pack<'t>(trace: &'t Trace, id: &str) -> Option<(&'t str, i64, bool)> {
    let entry = trace.entries.iter().find(|it| it.key.id == id).unwrap();
    let pack = entry.pack.as_ref();
    pack.map(|pack| (pack.key.id.as_str(), pack.age, pack.same_actor))
}

#[test]
fn entries_name_the_pack_that_whoever_acted_had_been_served() {
    let desk = |mut said: Said| {
        "Contact Desk".clone_into(&mut said.0.operated_by);
        said
    };
    let owner = |mut said: Said| {
        "owner".clone_into(&mut said.0.actor.get_or_insert_default().role);
        said
    };
    let trace = traced(
        &log([
            opened("open", DAY, "c1", "").of_owner("ann"),
            served("old", DAY + HOUR, "ben"),
            desk(served("pack", 2 * DAY, "ben")),
            by(note("by-ben", 2 * DAY + 3 * HOUR, "c1"), "ben"),
            desk(by(
                contact("by-eve", 2 * DAY + 4 * HOUR).of_case("c1"),
                "eve",
            )),
            by(note("by-ada", 2 * DAY + 5 * HOUR, "c1"), "ada"),
            owner(by(note("by-owner", 2 * DAY + 6 * HOUR, "c1"), "ben")),
            by(note("by-program", 2 * DAY + 6 * HOUR, "c1"), "ben").by(ActorKind::System),
            by(note("in-time", 3 * DAY, "c1"), "ben"),
            by(note("too-late", 3 * DAY + 1, "c1"), "ben"),
        ]),
        "c1",
        9 * DAY,
    );
    assert_eq!(pack(&trace, "open"), None, "a pack served later is none");
    assert_eq!(pack(&trace, "by-ben"), Some(("pack", 3 * HOUR, true)));
    assert_eq!(pack(&trace, "by-eve"), Some(("pack", 4 * HOUR, false)));
    assert_eq!(pack(&trace, "by-ada"), None);
    assert_eq!(pack(&trace, "by-owner"), None, "the owner needs no pack");
    assert_eq!(pack(&trace, "by-program"), None);
    assert_eq!(pack(&trace, "in-time"), Some(("pack", DAY, true)));
    assert_eq!(pack(&trace, "too-late"), None);
    assert!(trace.entries.iter().all(|it| it.key.id != "pack"));
}

#[test]
fn a_pack_counts_for_the_person_under_any_id() {
    let link = OwnerIdentityLinked {
        other_owner_id: "ann-2".to_owned(),
    };
    let linked = Said::new("link", 0, Payload::OwnerIdentityLinked(link)).of_owner("ann");
    let log = log([
        linked,
        served("pack", 2 * DAY, "ben"),
        by(note("other-id", 2 * DAY + HOUR, "c1"), "ben").of_owner("ann-2"),
        by(note("somebody", 2 * DAY + HOUR, "c2"), "ben").of_owner("eve"),
    ]);
    let trace = traced(&log, "c1", 9 * DAY);
    assert_eq!(pack(&trace, "other-id"), Some(("pack", HOUR, true)));
    assert_eq!(pack(&traced(&log, "c2", 9 * DAY), "somebody"), None);
}
