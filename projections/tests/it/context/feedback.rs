//! The last feedback, and whether it was answered.

use ownerline_projections::Position;
use ownerline_projections::obligation::ItemState;
use ownerline_proto::v1::actor::Kind as ActorKind;
use ownerline_proto::v1::dealer_replied::Kind;
use ownerline_proto::v1::missing_section::Reason;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    DealerReplied, FeedbackClosed, FeedbackEdited, FeedbackExcluded, FeedbackReassigned,
    FeedbackReceived, FeedbackReopened, OwnerMessageReceived, ReplyBounced, ReplyWithdrawn,
    ResolutionConfirmed, TouchpointRef, feedback_excluded,
};

use super::{Ask, PackWithLog, ask, pack_of, say_in};
use crate::history::TestTouchpoint;

fn about(id: &str, day: i64, feedback: &str, payload: Payload) -> TestTouchpoint {
    say_in(id, day, payload, |it| {
        feedback.clone_into(&mut it.feedback_id);
        it.dealer_id = "d1".to_owned();
    })
}

fn received(id: &str, day: i64, feedback: &str) -> TestTouchpoint {
    let received = FeedbackReceived {
        score: Some(4),
        verbatim: "An empty tank.".to_owned(),
        ..FeedbackReceived::default()
    };
    about(id, day, feedback, Payload::FeedbackReceived(received))
}

fn reply() -> DealerReplied {
    DealerReplied {
        kind: Kind::Human.into(),
        visible_to_owner: true,
        ..DealerReplied::default()
    }
}

fn replied(id: &str, day: i64, reply: DealerReplied) -> TestTouchpoint {
    about(id, day, "f", Payload::DealerReplied(reply)).by("ben", ActorKind::Human)
}

fn named(id: &str) -> Option<TouchpointRef> {
    Some(TouchpointRef {
        source: String::new(),
        id: id.to_owned(),
    })
}

fn wrote(id: &str, day: i64) -> TestTouchpoint {
    about(
        id,
        day,
        "f",
        Payload::OwnerMessageReceived(OwnerMessageReceived::default()),
    )
}

fn withdrawn(id: &str, day: i64, reply: &str) -> TestTouchpoint {
    let reply = named(reply);
    about(
        id,
        day,
        "f",
        Payload::ReplyWithdrawn(ReplyWithdrawn { reply }),
    )
}

/// The ids of the first answer, the last answer and the oldest words that wait.
fn answers(pack: &PackWithLog) -> (&str, &str, &str) {
    let feedback = pack.pack.last_feedback.as_ref().unwrap();
    (
        pack.id(feedback.answered),
        pack.id(feedback.last_answer),
        pack.id(feedback.waiting_since),
    )
}

#[test]
fn the_last_feedback_is_the_one_received_last_that_is_not_excluded() {
    let excluded = FeedbackExcluded {
        reason: feedback_excluded::Reason::Spam.into(),
    };
    let mut said = vec![
        received("old", 1, "f1"),
        received("new", 5, "f2"),
        received("spam", 9, "f3"),
        about("out", 10, "f3", Payload::FeedbackExcluded(excluded)),
    ];
    let pack = pack_of(&said);
    let feedback = pack.pack.last_feedback.as_ref().unwrap();
    assert_eq!(
        (pack.id(feedback.received), feedback.score),
        ("new", Some(4))
    );
    assert_eq!(feedback.dealer_id, "d1");
    let earlier = ask(
        &said,
        &Ask {
            known_at: Position(1),
            ..Ask::default()
        },
    );
    assert_eq!(
        earlier.id(earlier.pack.last_feedback.as_ref().unwrap().received),
        "old"
    );
    said.drain(..2);
    assert!(pack_of(&said).lacks(Reason::FeedbackExcluded));
    said.truncate(0);
    said.push(replied("reply to nothing", 1, reply()));
    assert!(pack_of(&said).lacks(Reason::NoFeedbackKnown));
}

#[test]
fn a_score_without_words_is_named_as_such_and_an_edit_brings_words() {
    let wordless = about(
        "a",
        1,
        "f",
        Payload::FeedbackReceived(FeedbackReceived::default()),
    );
    assert!(pack_of(std::slice::from_ref(&wordless)).lacks(Reason::VerbatimNotRecorded));
    let edited = FeedbackEdited {
        verbatim: "Now I say it.".to_owned(),
        ..FeedbackEdited::default()
    };
    let edited = about("b", 2, "f", Payload::FeedbackEdited(edited));
    let pack = pack_of(&[wordless, edited]);
    assert!(!pack.lacks(Reason::VerbatimNotRecorded));
    assert_eq!(
        pack.id(pack.pack.last_feedback.as_ref().unwrap().edited),
        "b"
    );
}

#[test]
fn only_a_human_reply_that_the_owner_got_is_an_answer() {
    let automatic = DealerReplied {
        kind: Kind::Automatic.into(),
        ..reply()
    };
    let template = DealerReplied {
        kind: Kind::Template.into(),
        ..reply()
    };
    let hidden = DealerReplied {
        visible_to_owner: false,
        ..reply()
    };
    let bounced = DealerReplied {
        bounced: true,
        ..reply()
    };
    let bounce = ReplyBounced {
        reply: named("came back"),
    };
    let mut said = vec![
        received("said", 1, "f"),
        replied("automatic", 2, automatic),
        replied("template", 2, template),
        replied("hidden", 2, hidden),
        replied("bounced", 2, bounced),
        replied("came back", 2, reply()),
        about("bounce", 3, "f", Payload::ReplyBounced(bounce)),
        replied("robot", 2, reply()).by("robot", ActorKind::Bot),
    ];
    assert_eq!(answers(&pack_of(&said)), ("", "", "said"));
    said.push(replied("human", 4, reply()));
    assert_eq!(answers(&pack_of(&said)), ("human", "human", ""));
}

#[test]
fn a_withdrawn_reply_leaves_the_feedback_unanswered_also_when_it_was_corrected() {
    let mut said = vec![
        received("said", 1, "f"),
        replied("reply", 2, reply()),
        withdrawn("gone", 4, "reply"),
    ];
    assert_eq!(answers(&pack_of(&said)), ("", "", "said"));
    said.push(replied("corrected", 3, reply()).correcting("reply"));
    assert_eq!(answers(&pack_of(&said)), ("", "", "said"));
    said.push(replied("corrected again", 3, reply()).correcting("corrected"));
    assert_eq!(answers(&pack_of(&said)), ("", "", "said"));
    let before = Ask {
        known_at: Position(2),
        ..Ask::default()
    };
    assert_eq!(answers(&ask(&said, &before)), ("reply", "reply", ""));
}

#[test]
fn a_reply_before_the_feedback_answers_it_and_later_messages_wait() {
    let question = FeedbackEdited {
        new_question: true,
        ..FeedbackEdited::default()
    };
    let mut said = vec![replied("early", 1, reply()), received("said", 2, "f")];
    assert_eq!(answers(&pack_of(&said)), ("early", "early", ""));
    said.push(about("asks", 3, "f", Payload::FeedbackEdited(question)));
    said.push(wrote("writes", 4));
    assert_eq!(answers(&pack_of(&said)), ("early", "early", "asks"));
    said.push(replied("second", 5, reply()));
    assert_eq!(answers(&pack_of(&said)), ("early", "second", ""));
    said.push(wrote("thanks", 6));
    assert_eq!(answers(&pack_of(&said)), ("early", "second", "thanks"));
    let confirmed = ResolutionConfirmed {};
    said.push(about(
        "content",
        7,
        "f",
        Payload::ResolutionConfirmed(confirmed),
    ));
    assert_eq!(answers(&pack_of(&said)), ("early", "second", ""));
}

#[test]
fn a_second_closing_counts_and_a_reopening_starts_a_new_wait() {
    let closed = |id: &str, day| {
        about(
            id,
            day,
            "f",
            Payload::FeedbackClosed(FeedbackClosed::default()),
        )
    };
    let moved = FeedbackReassigned {
        to_dealer_id: "d2".to_owned(),
        ..FeedbackReassigned::default()
    };
    let mut said = vec![
        received("said", 1, "f"),
        replied("reply", 2, reply()),
        closed("once", 3),
        closed("twice", 4),
        about("moved", 4, "f", Payload::FeedbackReassigned(moved)),
    ];
    let pack = pack_of(&said);
    let feedback = pack.pack.last_feedback.as_ref().unwrap();
    assert_eq!(
        (pack.id(feedback.closed), &*feedback.dealer_id),
        ("twice", "d2")
    );
    said.push(about(
        "again",
        5,
        "f",
        Payload::FeedbackReopened(FeedbackReopened {}),
    ));
    let pack = pack_of(&said);
    assert_eq!(answers(&pack), ("reply", "reply", "again"));
    assert_eq!(pack.pack.last_feedback.as_ref().unwrap().closed, None);
}

/// The id of the first reply that stops a clock, by the obligations of feedback `f`.
fn first_reply(said: &[TestTouchpoint]) -> String {
    use crate::feedback::touchpoints::{default_rules, folded_log};
    let folded = folded_log(&crate::history::log(said));
    let item = folded.item("f").unwrap();
    let state = ItemState::at(&item, &default_rules(), 100 * super::DAY);
    let reply = state.episodes[0].first_reply.clone();
    reply.map_or_else(String::new, |(key, _)| key.id)
}

#[test]
fn the_pack_and_the_obligations_agree_on_which_reply_stops_a_clock() {
    let kinds = [
        Kind::Human,
        Kind::Automatic,
        Kind::Template,
        Kind::Unspecified,
    ];
    let actors = [
        ActorKind::Human,
        ActorKind::Unspecified,
        ActorKind::System,
        ActorKind::Bot,
        ActorKind::Vehicle,
    ];
    let bounced = about(
        "b",
        3,
        "f",
        Payload::ReplyBounced(ReplyBounced { reply: named("r") }),
    );
    let mut counted = 0;
    for (kind, actor) in kinds
        .into_iter()
        .flat_map(|kind| actors.map(|it| (kind, it)))
    {
        for (visible_to_owner, bounced_at_once) in [(true, false), (true, true), (false, false)] {
            let reply = DealerReplied {
                kind: kind.into(),
                visible_to_owner,
                bounced: bounced_at_once,
                ..DealerReplied::default()
            };
            let replied = about("r", 2, "f", Payload::DealerReplied(reply)).by("ben", actor);
            for later in [None, Some(withdrawn("w", 3, "r")), Some(bounced.clone())] {
                let is_taken_back = later.is_some();
                let mut said = vec![received("fb", 1, "f"), replied.clone()];
                said.extend(later);
                let by_pack = pack_of(&said);
                let stops = first_reply(&said);
                assert_eq!(answers(&by_pack).0, stops, "{said:?}");
                assert!(stops.is_empty() || !is_taken_back);
                counted += usize::from(!stops.is_empty());
            }
        }
    }
    assert_eq!(
        counted, 2,
        "a person's reply that the owner can read and that stays"
    );
}
