//! How long the owner heard nothing of the brand.

use ownerline_projections::cases::Silence;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{ContactMade, DealerReplied, OwnerNotified, Visibility, actor};

use super::{DAY, HOUR, by_owner, closed, now, opened, said};
use crate::history::TestTouchpoint;

fn silence(said: &[TestTouchpoint], as_of: i64) -> Silence {
    now(said, as_of, Silence::of)
}

/// The longest gap and the present one, in hours.
fn hours(said: &[TestTouchpoint], as_of: i64) -> (i64, Option<i64>) {
    let silence = silence(said, as_of);
    let longest = silence.longest.unwrap().nanos() / HOUR;
    (longest, silence.present.map(|it| it.nanos() / HOUR))
}

fn update(id: &str, at: i64) -> TestTouchpoint {
    let mut said = said(id, at, Payload::ProgressUpdateSent(Default::default()));
    said.visibility = 0;
    said
}

#[test]
fn updates_of_persons_and_programs_break_it_and_the_owners_words_do_not() {
    let said = [
        opened("open", 0),
        update("1", 4 * DAY),
        update("2", 11 * DAY),
        update("3", 14 * DAY).by("mailer", actor::Kind::System),
        by_owner(said(
            "hello",
            16 * DAY,
            Payload::OwnerMessageReceived(Default::default()),
        )),
        update("4", 19 * DAY),
    ];
    assert_eq!(hours(&said, 20 * DAY - 10 * HOUR), (7 * 24, Some(14)));
    // A gap of exactly 7 days is not above them.
    assert_eq!(silence(&said, 20 * DAY).long, []);
    assert_eq!(silence(&said, 27 * DAY).long.len(), 1);
}

#[test]
fn only_what_the_owner_can_see_or_was_told_breaks_it() {
    let seen = |said: TestTouchpoint, visibility: Visibility| TestTouchpoint {
        visibility: visibility.into(),
        ..said
    };
    let note = |id: &str, at| said(id, at, Payload::CaseNoteAdded(Default::default()));
    let elsewhere =
        |id: &str, at, payload| said(id, at, payload).about(|it| it.owner_id = "ann".to_owned());
    let notice = |id: &str, at, delivered| {
        let payload = OwnerNotified {
            delivered,
            ..OwnerNotified::default()
        };
        elsewhere(id, at, Payload::OwnerNotified(payload))
    };
    let mut said = vec![
        opened("open", 0),
        seen(note("dealer", DAY), Visibility::Dealer),
        notice("lost", 2 * DAY, false),
        by_owner(elsewhere(
            "view",
            3 * DAY,
            Payload::UpdateViewed(Default::default()),
        )),
        by_owner(said(
            "maker",
            4 * DAY,
            Payload::ManufacturerNotified(Default::default()),
        )),
        elsewhere(
            "pack",
            5 * DAY,
            Payload::ContextPackServed(Default::default()),
        ),
        said(
            "warned",
            6 * DAY,
            Payload::ObligationWarned(Default::default()),
        ),
    ];
    assert_eq!(hours(&said, 10 * DAY), (240, Some(240)));
    for word in [
        note("visible", 7 * DAY),
        notice("arrived", 7 * DAY, true),
        seen(
            elsewhere(
                "call",
                7 * DAY,
                Payload::ContactMade(ContactMade::default()),
            ),
            Visibility::Internal,
        ),
    ] {
        said.push(word);
        assert_eq!(hours(&said, 10 * DAY), (168, Some(72)), "{}", said[7].id);
        said.pop();
    }
    let reply = |visible_to_owner, bounced| {
        let payload = Payload::DealerReplied(DealerReplied {
            visible_to_owner,
            bounced,
            ..DealerReplied::default()
        });
        said_of_feedback(payload)
    };
    for (reply, breaks) in [
        (reply(true, false), true),
        (reply(false, false), false),
        (reply(true, true), false),
    ] {
        said.push(reply);
        let present = if breaks { 72 } else { 240 };
        assert_eq!(hours(&said, 10 * DAY).1, Some(present));
        said.pop();
    }
}

fn said_of_feedback(payload: Payload) -> TestTouchpoint {
    said("reply", 7 * DAY, payload).about(|it| it.feedback_id = "f".to_owned())
}

#[test]
fn a_planned_reveal_is_heard_when_it_is_revealed() {
    let mut revealed = said("photo", DAY, Payload::CaseNoteAdded(Default::default()));
    revealed.visible_from = Some(5 * DAY);
    let said = [opened("open", 0), revealed];
    assert_eq!(hours(&said, 4 * DAY), (96, Some(96)));
    assert_eq!(hours(&said, 6 * DAY), (120, Some(24)));
}

#[test]
fn it_is_counted_within_episodes_only() {
    let said = [
        opened("open", 0),
        closed("close", 2 * DAY, &[]),
        said("again", 40 * DAY, Payload::CaseReopened(Default::default())),
    ];
    assert_eq!(hours(&said, 20 * DAY), (48, None));
    assert_eq!(hours(&said, 41 * DAY), (48, Some(24)));
    // Before the opening, which is missing, there is nothing to be silent about.
    let first = [closed("close", 0, &[]), opened("open", 9 * HOUR)];
    assert_eq!(hours(&first, 9 * DAY), (0, None));
}
