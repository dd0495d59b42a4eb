//! What the keeper records about cases.

use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    CaseAcknowledged, CaseNoteAdded, CaseOpened, CasePausedOnOwner, CommitmentKept, CommitmentMade,
    ObligationKeepingStarted, OwnerMessageReceived, Touchpoint,
};

use super::world::*;
use crate::command::Door;
use crate::keeper::SOURCE;
use crate::store::EventStore as _;

const DAY: i64 = 24 * 60;

fn of_case(id: &str, minutes: i64, payload: Payload) -> Touchpoint {
    let mut said = touchpoint("", id, minutes, payload);
    said.subjects.get_or_insert_default().case_id = "c".to_owned();
    said
}

fn opened(minutes: i64) -> Touchpoint {
    of_case(
        "opened",
        minutes,
        Payload::CaseOpened(CaseOpened::default()),
    )
}

fn acknowledged(minutes: i64) -> Touchpoint {
    of_case(
        "ack",
        minutes,
        Payload::CaseAcknowledged(CaseAcknowledged {}),
    )
}

fn promised(minutes: i64, due: i64) -> Touchpoint {
    let made = CommitmentMade {
        commitment_id: "call".to_owned(),
        due_at: Some(time::timestamp(BEGIN + due * MINUTE)),
        ..CommitmentMade::default()
    };
    of_case("promised", minutes, Payload::CommitmentMade(made))
}

fn kept(minutes: i64) -> Touchpoint {
    let commitment_id = "call".to_owned();
    let kept = Payload::CommitmentKept(CommitmentKept { commitment_id });
    of_case("kept", minutes, kept)
}

impl World {
    async fn told(&self, minutes: i64, said: Touchpoint) {
        self.at(minutes);
        self.record(said, Door::Live).await;
    }
}

/// The percent and minutes of what was recorded about the case.
fn levels(said: &[Said]) -> Vec<(i64, i64)> {
    let of_case = said.iter().filter(|it| it.0 == "c");
    of_case.map(|it| (it.1, it.2)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn levels_of_promises_and_acknowledgements_are_recorded_in_the_stream_of_the_case() {
    let world = World::new().await;
    let working = world.begin_to_keep().await;
    world.told(0, opened(0)).await;
    world.told(0, promised(0, 100)).await;
    world.at(1_500);
    let first = world.until_said("c", 100).await;
    let promise = [(50, 50), (75, 75), (90, 90), (100, 100)];
    assert_eq!(levels(&first)[..4], promise);
    let last = (100, DAY);
    let events = world
        .until(|events| levels(&said(events)).contains(&last))
        .await;
    let all = [(50, 720), (75, 1_080), (90, 1_296), last];
    assert_eq!(levels(&said(&events))[4..], all);
    let stream = events.last().unwrap().stream.as_str().to_owned();
    assert_eq!(stream, "case-c");
    let breach = events.iter().map(decoded).find_map(|it| match it.payload {
        Some(Payload::ObligationBreached(breach)) => Some((breach.subject_id, it.causation)),
        _ => None,
    });
    let (subject_id, causation) = breach.unwrap();
    assert_eq!(
        (subject_id.as_str(), causation.unwrap().id.as_str()),
        ("call", "promised")
    );
    working.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_is_older_than_the_kinds_of_cases_is_not_flooded() {
    let world = World::new().await;
    // Obligations of feedback have been kept since the beginning; the case is older than the keeping of its kinds.
    let started = Touchpoint {
        id: format!("started:{}", world.log.log_id()),
        source: SOURCE.to_owned(),
        occurred_at: Some(time::timestamp(BEGIN)),
        payload: Some(Payload::ObligationKeepingStarted(
            ObligationKeepingStarted {
                name: "clock-keeper".to_owned(),
                ..ObligationKeepingStarted::default()
            },
        )),
        ..Touchpoint::default()
    };
    world.told(0, started).await;
    world.told(0, opened(0)).await;
    world.told(0, promised(0, 100)).await;
    world.at(4 * DAY);
    let working = world.begin_to_keep().await;
    world.at(6 * DAY);
    let said = world.until_said("c", 75).await;
    // Of the update of seven days, which began before the start, the level after the start is recorded.
    assert_eq!(levels(&said), [(75, 7_560)]);
    working.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_waits_goes_on_when_its_owner_writes_about_another_matter() {
    let world = World::new().await;
    let working = world.begin_to_keep().await;
    world.told(0, opened(0)).await;
    world.told(1, acknowledged(1)).await;
    let paused = Payload::CasePausedOnOwner(CasePausedOnOwner {});
    world.told(DAY, of_case("paused", DAY, paused)).await;
    let update = [(50, 5_040), (75, 7_560), (90, 9_072), (100, 10_080)];
    world.at(20 * DAY);
    world.until_said("c", 100).await;
    // Nothing of the resolution so far: it waits.
    let before = world.events().await;
    assert_eq!(levels(&said(&before)), update);
    let words = Payload::OwnerMessageReceived(OwnerMessageReceived::default());
    world
        .told(20 * DAY, touchpoint("another", "words", 20 * DAY, words))
        .await;
    world.at(35 * DAY);
    // Half of 30 days after 19 days of waiting.
    let half = (50, 34 * DAY);
    let events = world
        .until(|events| levels(&said(events)).contains(&half))
        .await;
    assert_eq!(levels(&said(&events))[4..], [half]);
    working.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_that_is_kept_while_its_breach_is_recorded_is_not_breached() {
    let world = World::new().await;
    let working = world.begin_to_keep().await;
    world.told(0, opened(0)).await;
    world.told(0, promised(0, 100)).await;
    world.at(99);
    world.until_said("c", 90).await;
    world.interrupt(kept(99));
    world.at(720);
    // The next level is one of the acknowledgement.
    let events = world
        .until(|events| levels(&said(events)).contains(&(50, 720)))
        .await;
    let expected = [(50, 50), (75, 75), (90, 90), (50, 720)];
    assert_eq!(levels(&said(&events)), expected);
    working.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_level_stands_behind_what_was_recorded_in_between_and_is_recorded_once() {
    let world = World::new().await;
    let working = world.begin_to_keep().await;
    world.told(0, opened(0)).await;
    world.told(0, promised(0, 100)).await;
    world.at(99);
    world.until_said("c", 90).await;
    let note = Payload::CaseNoteAdded(CaseNoteAdded::default());
    world.interrupt(of_case("note", 99, note));
    world.at(720);
    let events = world
        .until(|events| levels(&said(events)).contains(&(50, 720)))
        .await;
    let promise = [(50, 50), (75, 75), (90, 90), (100, 100)];
    assert_eq!(levels(&said(&events))[..4], promise);
    let of_case = events.iter().filter(|it| it.stream.as_str() == "case-c");
    let kinds: Vec<&str> = of_case.map(|it| &*it.kind).collect();
    let breach = kinds.iter().position(|it| *it == "obligation_breached");
    let note = kinds.iter().position(|it| *it == "case_note_added");
    assert_eq!(breach, note.map(|note| note + 1));
    working.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keeper_that_is_started_again_goes_on_behind_the_last_level_of_a_case() {
    let world = World::new().await;
    let mut working = world.begin_to_keep().await;
    world.told(0, opened(0)).await;
    world.told(0, promised(0, 1_000)).await;
    let promise = [(50, 500), (75, 750), (90, 900), (100, 1_000)];
    let acknowledgement = [(50, 720), (75, 1_080), (90, 1_296), (100, 1_440)];
    let mut all = [promise, acknowledgement].concat();
    all.sort_by_key(|(_, minute)| *minute);
    for (so_far, level) in all.iter().enumerate() {
        working.stop().await;
        // Its instant comes while no keeper runs.
        world.at(level.1 + 1);
        working = world.keep();
        let events = world
            .until(|events| levels(&said(events)).contains(level))
            .await;
        assert_eq!(levels(&said(&events)), all[..=so_far]);
    }
    assert_eq!(starts(&world.events().await), STARTS);
    working.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_keepers_record_every_level_of_a_case_once() {
    let world = World::new().await;
    let (one, other) = (world.keep(), world.keep());
    world.until(|events| starts(events) == STARTS).await;
    world.told(0, opened(0)).await;
    world.told(0, promised(0, 100)).await;
    world.at(1_500);
    let last = (100, DAY);
    let events = world
        .until(|events| levels(&said(events)).contains(&last))
        .await;
    let mut found = levels(&said(&events));
    found.sort_by_key(|(_, minute)| *minute);
    let promise = [(50, 50), (75, 75), (90, 90), (100, 100)];
    let acknowledgement = [(50, 720), (75, 1_080), (90, 1_296), last];
    assert_eq!(found, [promise, acknowledgement].concat());
    one.stop().await;
    other.stop().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_recorded_about_what_an_import_brought_and_what_is_promised_live_since_is() {
    let world = World::new().await;
    let working = world.begin_to_keep().await;
    world.at(0);
    for touchpoint in [opened(-30 * DAY), promised(-30 * DAY, 100)] {
        world.record(touchpoint, Door::Import).await;
    }
    let another = CommitmentMade {
        commitment_id: "visit".to_owned(),
        due_at: Some(time::timestamp(BEGIN + 3_000 * MINUTE)),
        ..CommitmentMade::default()
    };
    let another = of_case("another", 1_000, Payload::CommitmentMade(another));
    world.told(1_000, another).await;
    world.at(60 * DAY);
    let last = (100, 3_000);
    let events = world
        .until(|events| levels(&said(events)).contains(&last))
        .await;
    let live = [(50, 2_000), (75, 2_500), (90, 2_800), last];
    assert_eq!(levels(&said(&events)), live);
    working.stop().await;
    world.close().await;
}
