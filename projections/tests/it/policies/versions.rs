//! Versions never change: contradicting, unusable and retracted publications.

use ownerline_projections::Position;
use ownerline_projections::policy::{Flaw, Place};
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{TouchpointRef, TouchpointRetracted};

use super::{EVER, World, budget, calendar, for_whom, owed, published, sla, with_calendar};
use crate::history::TestTouchpoint;

#[test]
fn a_version_never_changes_and_contradicting_publications_are_listed() {
    let world = World::of(&[
        published("1", 100, sla("sla", 1, 0, 1)),
        published("2", 200, sla("sla", 1, 0, 2)),
        published("3", 300, calendar("sla", 2, 0, 600)),
    ]);
    let policies = world.now();
    assert_eq!(budget(&policies, "", 400), 1);
    let flaws: Vec<_> = policies
        .versions()
        .iter()
        .filter(|it| it.published.name == "sla")
        .map(|it| (it.published.version, it.flaw.clone()))
        .collect();
    let expected = [
        (0, None),
        (1, None),
        (1, Some(Flaw::VersionTaken)),
        (2, Some(Flaw::OtherKind(Kind::Sla))),
    ];
    assert_eq!(flaws, expected);
    assert_eq!(policies.version("sla", 1).unwrap().flaw, None);
    let names = policies.names("sla");
    assert_eq!((names.kind, names.next()), (Some(Kind::Sla), 3));
}

#[test]
fn an_earlier_publication_reported_late_is_the_version_as_known_from_then_on() {
    let world = World::of(&[
        published("1", 100, sla("sla", 1, 0, 1)),
        published("2", 50, sla("sla", 1, 0, 2)),
    ]);
    assert_eq!(budget(&world.known(EVER, Position(1)), "", 400), 1);
    assert_eq!(budget(&world.known(EVER, Position(2)), "", 400), 2);
}

#[test]
fn a_body_that_cannot_be_used_is_listed_and_never_in_force() {
    let mut overlapping = calendar("hours", 1, 0, 600);
    if let Some(Body::Calendar(calendar)) = &mut overlapping.body {
        let again = calendar.weekly[0];
        calendar.weekly.push(again);
    }
    let policies = World::of(&[
        published("1", 1, overlapping),
        published("2", 1, sla("sla", 1, 0, -1)),
        published("3", 1, with_calendar(sla("sla", 2, 0, 60), "hours")),
        published("4", 1, sla("unnumbered", 0, 0, 60)),
    ])
    .now();
    let unusable: Vec<_> = policies
        .versions()
        .iter()
        .filter_map(|it| match &it.flaw {
            Some(Flaw::Unusable(problems)) => Some((&*it.published.name, &*problems[0].field)),
            _ => None,
        })
        .collect();
    let expected = [
        ("hours", "calendar.weekly[1]"),
        ("sla", "sla.obligations[0].budget_seconds"),
        ("unnumbered", "version"),
    ];
    assert_eq!(unusable, expected);
    // Its calendar is never in force, so the second version never is.
    let terms = policies.terms();
    assert_eq!(
        owed(&terms, "", 10),
        ("sla".to_owned(), 0, 86_400, "elapsed".to_owned())
    );
    assert!(
        policies
            .calendar("hours", Place::NETWORK, 10.into())
            .is_none()
    );
}

#[test]
fn a_retracted_policy_never_was_as_known_from_then_on_and_its_number_stays_used() {
    let mut corrected = published("4", 100, sla("gb", 1, 0, 7));
    corrected.corrects = Some((String::new(), "2".to_owned()));
    let retracted = TestTouchpoint::with_payload(
        "3",
        200,
        Payload::TouchpointRetracted(TouchpointRetracted {
            r#ref: Some(TouchpointRef {
                id: "1".to_owned(),
                ..TouchpointRef::default()
            }),
            policy: "sla".to_owned(),
            ..TouchpointRetracted::default()
        }),
    );
    let world = World::of(&[
        published("1", 100, sla("sla", 1, 0, 1)),
        published("2", 100, for_whom(sla("gb", 1, 0, 2), "", "GB")),
        corrected,
        retracted,
    ]);
    assert_eq!(budget(&world.known(EVER, Position(2)), "", 300), 1);
    assert_eq!(budget(&world.now(), "", 300), 7);
    assert_eq!(world.now().names("sla").next(), 2);
    // As corrected it is for the network.
    assert!(
        world
            .now()
            .version("gb", 1)
            .unwrap()
            .published
            .scope
            .is_none()
    );
}
