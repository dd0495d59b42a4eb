//! A timeline as it looks on a terminal.

use ownerline_proto::v1::{Actor, Channel, RecordedTouchpoint, TouchpointRef, Warning};

use super::*;
use crate::cli::time::instant;

fn entry(time: &str, channel: Channel, headline: &str) -> TimelineEntry {
    TimelineEntry {
        recorded: Some(RecordedTouchpoint {
            touchpoint: Some(Touchpoint {
                occurred_at: instant(time).ok(),
                channel: channel.into(),
                visibility: Visibility::Owner.into(),
                ..Touchpoint::default()
            }),
            ..RecordedTouchpoint::default()
        }),
        headline: headline.to_owned(),
        ..TimelineEntry::default()
    }
}

fn touchpoint(entry: &mut TimelineEntry) -> &mut Touchpoint {
    let recorded = entry.recorded.as_mut().unwrap();
    recorded.touchpoint.as_mut().unwrap()
}

fn page() -> GetTimelineResponse {
    GetTimelineResponse {
        as_of: instant("2024-06-01").ok(),
        position: "00000001-0000000000000009".to_owned(),
        ..GetTimelineResponse::default()
    }
}

fn story(width: usize) -> Story {
    let request = GetTimelineRequest {
        owner_id: "owner-1".to_owned(),
        ..GetTimelineRequest::default()
    };
    Story::new(&request, width)
}

#[test]
fn a_story_goes_by_month() {
    let mut reply = entry(
        "2024-05-02T09:30:00Z",
        Channel::Phone,
        "Dealer replied: we are sorry",
    );
    reply.dealer_id = "dealer-1".to_owned();
    reply.vin = "11111111111111111".to_owned();
    touchpoint(&mut reply).actor = Some(Actor {
        id: "agent-2".to_owned(),
        kind: actor::Kind::Human.into(),
        role: "agent".to_owned(),
        dealer_id: "dealer-1".to_owned(),
    });
    let mut alert = entry(
        "2024-04-30T23:59:00Z",
        Channel::InPerson,
        "Engine light is on\nagain, and this headline is so long that it has to be wrapped at words",
    );
    alert.warnings.push(Warning {
        reason: "VIN_CHECK_DIGIT".to_owned(),
        field: "subjects.vin".to_owned(),
        message: "the check digit does not match".to_owned(),
    });
    let internal = touchpoint(&mut alert);
    internal.visibility = Visibility::Internal.into();
    internal.corrects = Some(TouchpointRef {
        id: "a-1".to_owned(),
        ..TouchpointRef::default()
    });
    internal.actor = Some(Actor {
        id: "helper".to_owned(),
        kind: actor::Kind::Bot.into(),
        ..Actor::default()
    });
    let mut story = story(70);
    let mut text = story.entry(&reply);
    text += &story.entry(&alert);
    let mut page = page();
    page.next_page_token = "more".to_owned();
    text += &story.end(&page);
    insta::assert_snapshot!(text);
}

#[test]
fn an_empty_timeline_says_so() {
    insta::assert_snapshot!(story(80).end(&page()), @r"
    No matching touchpoints for owner-1.
    As of 2024-06-01T00:00:00Z, known at position 00000001-0000000000000009.
    See also --type, --from, --to, --as-of, --known-at, --visible-to, --json.
    ");
}
