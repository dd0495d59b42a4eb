//! When the keeper records notices, and when it does not.

use std::sync::atomic::Ordering;

use ownerline_proto::time;
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::sla_policy::Obligation;
use ownerline_proto::v1::sla_policy::obligation::Kind as Owed;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Origin, PolicyPublished, SlaPolicy, Touchpoint, TouchpointRef, TouchpointRetracted, Visibility,
    actor,
};

use super::world::*;
use crate::command::Door;
use crate::keeper::SOURCE;

/// The levels of an obligation of one day, in percent, with their minutes.
const LEVELS: [(i64, i64); 4] = [(50, 720), (75, 1_080), (90, 1_296), (100, 1_440)];

fn of(id: &str, start: i64) -> Vec<Said> {
    let levels = LEVELS.into_iter();
    let said = levels.map(|(percent, minute)| (id.to_owned(), percent, start + minute));
    said.collect()
}

fn about(said: &[Said], id: &str) -> Vec<Said> {
    let found = said.iter().filter(|it| it.0 == id);
    found.cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_level_is_recorded_when_its_instant_has_come() {
    let world = World::new().await;
    let working = world.begin_to_keep().await;
    world.receive("f", 0).await;
    for (so_far, (percent, minute)) in LEVELS.into_iter().enumerate() {
        world.at(minute + 1);
        let said = world.until_said("f", percent).await;
        assert_eq!(said, of("f", 0)[..=so_far]);
    }
    let events = world.events().await;
    let breach = decoded(events.last().unwrap());
    assert_eq!(breach.source, SOURCE);
    assert_eq!(breach.origin(), Origin::Live);
    assert_eq!(breach.visibility(), Visibility::Dealer);
    assert_eq!(breach.actor.unwrap().kind(), actor::Kind::System);
    let because = TouchpointRef {
        source: "//crm".to_owned(),
        id: "f-received".to_owned(),
    };
    assert_eq!(breach.causation, Some(because));
    let subjects = breach.subjects.unwrap();
    assert_eq!((&*subjects.owner_id, &*subjects.dealer_id), ("ann", "d1"));
    let Some(Payload::ObligationBreached(breached)) = breach.payload else {
        panic!("it is a breach");
    };
    let due_at = time::nanos_clamped(&breached.due_at.unwrap());
    assert_eq!(due_at, BEGIN + 24 * HOUR);
    assert_eq!((&*breached.policy, breached.policy_version), ("sla", 0));
    working.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_in_between_stops_it() {
    let world = World::new().await;
    let working = world.begin_to_keep().await;
    world.receive("f", 0).await;
    world.receive("g", 1).await;
    world.at(800);
    world.until_said("g", 50).await;
    world.record(reply("f", 800), Door::Live).await;
    world.at(1_500);
    let said = world.until_said("g", 100).await;
    assert_eq!(about(&said, "f"), of("f", 0)[..1]);
    assert_eq!(about(&said, "g"), of("g", 1));
    working.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_downtime_every_notice_is_recorded_once_in_order_of_time() {
    let world = World::new().await;
    let working = world.begin_to_keep().await;
    let ids: Vec<String> = (0..10).map(|number| format!("f{number}")).collect();
    for (number, id) in (0_i64..).zip(&ids) {
        world.receive(id, number * 100).await;
    }
    world.at(1_000);
    world.until_said("f2", 50).await;
    working.stop().await;
    world.at(5_000);
    let working = world.keep();
    let said = world.until_said("f9", 100).await;
    working.stop().await;
    let mut expected: Vec<Said> = (0..)
        .zip(&ids)
        .flat_map(|(n, id)| of(id, n * 100))
        .collect();
    expected.sort_by_key(|(_, _, minute)| *minute);
    let instants = |said: &[Said]| said.iter().map(|it| it.2).collect::<Vec<_>>();
    assert_eq!(instants(&said), instants(&expected));
    let sorted = |mut said: Vec<Said>| {
        said.sort();
        said
    };
    assert_eq!(sorted(said), sorted(expected));
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ran_out_before_the_first_start_is_history_and_so_is_what_was_imported() {
    let world = World::new().await;
    world.receive("early", 0).await;
    world.at(1_100);
    let working = world.begin_to_keep().await;
    world
        .record(feedback("imported", 1_100), Door::Import)
        .await;
    world.receive("last", 1_101).await;
    world.at(3_000);
    let said = world.until_said("last", 100).await;
    assert_eq!(about(&said, "early"), of("early", 0)[2..]);
    assert_eq!(about(&said, "imported"), []);
    // A later start has no effect: the first one counts.
    working.stop().await;
    world.receive("more", 3_000).await;
    let working = world.keep();
    world.at(6_000);
    world.until_said("more", 100).await;
    let events = world.events().await;
    assert_eq!(starts(&events), STARTS);
    working.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_makes_it_repeat_and_skip_nothing() {
    let world = World::new().await;
    let working = world.begin_to_keep().await;
    world.receive("f", 0).await;
    world.at(1_100);
    world.until_said("f", 75).await;
    // Back to before the beginning, which `recorded_at` does not follow, then forward in one leap.
    world.at(-600);
    world.record(feedback("g", -600), Door::Live).await;
    world.at(4_000);
    // This notice is the last in order of time.
    let said = world.until_said("f", 100).await;
    assert_eq!(about(&said, "f"), of("f", 0));
    assert_eq!(about(&said, "g"), of("g", -600));
    working.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_is_recorded_in_between_wins() {
    let world = World::new().await;
    let working = world.begin_to_keep().await;
    world.receive("f", 0).await;
    world.at(1_300);
    world.until_said("f", 90).await;
    world.receive("g", 1_301).await;
    // The reply was in time, but arrives when the breach is about to be recorded.
    world.interrupt(reply("f", 1_301));
    world.at(3_000);
    let said = world.until_said("g", 100).await;
    assert_eq!(about(&said, "f"), of("f", 0)[..3]);
    working.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_published_later_is_followed_from_then_on() {
    let world = World::new().await;
    let working = world.begin_to_keep().await;
    world.receive("f", 0).await;
    world.at(10);
    world.record(two_hours(10), Door::Live).await;
    world.receive("g", 11).await;
    world.at(132);
    let said = world.until_said("g", 100).await;
    let hours = |id: &str, start: i64| -> Vec<Said> {
        let levels = [(50, 60), (100, 120)].into_iter();
        levels
            .map(|(percent, at)| (id.to_owned(), percent, start + at))
            .collect()
    };
    assert_eq!(about(&said, "f"), hours("f", 0));
    assert_eq!(about(&said, "g"), hours("g", 11));
    working.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retracted_notice_is_not_recorded_again() {
    let world = World::new().await;
    let working = world.begin_to_keep().await;
    world.receive("f", 0).await;
    world.at(800);
    world.until_said("f", 50).await;
    let warned = decoded(world.events().await.last().unwrap());
    let mut retraction = feedback("f", 800);
    retraction.id = "t".to_owned();
    retraction.payload = Some(Payload::TouchpointRetracted(TouchpointRetracted {
        r#ref: Some(TouchpointRef {
            source: warned.source,
            id: warned.id,
        }),
        ..TouchpointRetracted::default()
    }));
    world.record(retraction, Door::Live).await;
    world.receive("g", 801).await;
    world.at(3_000);
    let said = world.until_said("g", 100).await;
    assert_eq!(about(&said, "f"), of("f", 0));
    working.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_without_room_is_waited_for() {
    let world = World::new().await;
    let working = world.begin_to_keep().await;
    world.receive("f", 0).await;
    world.log.is_full.store(true, Ordering::SeqCst);
    world.at(1_500);
    // The keeper tries again until there is room.
    tokio::task::yield_now().await;
    world.log.is_full.store(false, Ordering::SeqCst);
    let said = world.until_said("f", 100).await;
    assert_eq!(said, of("f", 0));
    working.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_keepers_of_one_log_record_every_notice_once() {
    let world = World::new().await;
    let (one, other) = (world.keep(), world.keep());
    world.until(|events| starts(events) == STARTS).await;
    for number in 0..5 {
        world.receive(&format!("f{number}"), number).await;
    }
    world.at(1_500);
    let said = world.until_said("f4", 100).await;
    for number in 0..5 {
        let id = format!("f{number}");
        assert_eq!(about(&said, &id), of(&id, number));
    }
    let events = world.events().await;
    assert_eq!(starts(&events), STARTS);
    one.stop().await;
    other.stop().await;
    world.close().await;
}

/// A policy that requires a first reply within two hours, with a warning after one.
fn two_hours(minutes: i64) -> Touchpoint {
    let owed = Obligation {
        kind: Owed::FirstReply.into(),
        budget_seconds: 7_200,
        warning_shares: vec![0.5],
        ..Obligation::default()
    };
    Touchpoint {
        id: "sla-1".to_owned(),
        source: "//headquarters".to_owned(),
        occurred_at: Some(time::timestamp(BEGIN + minutes * MINUTE)),
        payload: Some(Payload::PolicyPublished(PolicyPublished {
            name: "sla".to_owned(),
            kind: Kind::Sla.into(),
            version: 1,
            effective_from: Some(time::timestamp(0)),
            body: Some(Body::Sla(SlaPolicy {
                obligations: vec![owed],
            })),
            ..PolicyPublished::default()
        })),
        ..Touchpoint::default()
    }
}
