//! How long the owner heard nothing of the order: the same for everybody who asks.

use ownerline_projections::orders::OrderState;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    ContactMade, DealerReplied, NewsSent, OrderChanged, ProductionStage as Stage,
};

use super::shown::{instant, silence, stage as present, steps};
use super::{
    DAY, SECOND, Said, ask, at, cancelled, dealer, handed_over, held, notified, now, photographed,
    placed, said, stage, viewed,
};
use crate::history::TestTouchpoint;

fn called(when: &str) -> TestTouchpoint {
    said(when, Payload::ContactMade(ContactMade::default()))
        .about(|it| it.owner_id = "ann".to_owned())
}

#[test]
fn what_the_owner_does_or_cannot_see_is_no_word() {
    let body = stage("2025-02-01", Stage::Body);
    let late = |mut said: TestTouchpoint, recorded: &str| {
        said.recorded_at = Some(at(recorded));
        said
    };
    let news = said("2025-02-09", Payload::NewsSent(NewsSent::default())).of_order("");
    let said = [
        placed("2025-01-25"),
        body.clone(),
        stage("2025-02-05", Stage::Rework).for_dealers(),
        notified("2025-02-06", &body, false),
        viewed("2025-02-07", &body),
        said("2025-02-08", Payload::OrderChanged(OrderChanged::default())).by_owner(),
        news.about(|it| it.owner_id = "ann".to_owned()),
        late(called("2025-02-20"), "2025-02-25"),
        late(called("2025-03-06"), "2025-03-08"),
    ];
    for (as_of, right) in [
        (
            "2025-02-15",
            "word 2025-02-01, age 14d (14d), longest 14d (14d)",
        ),
        (
            "2025-02-15T12:00:01Z",
            "word 2025-02-01, age 14d 00:00:01 (14d 00:00:01), \
             longest 14d 00:00:01 (14d 00:00:01), alarm",
        ),
        (
            "2025-02-16",
            "word 2025-02-01, age 15d (15d), longest 15d (15d), alarm",
        ),
        // Nobody at the centre knew of the call yet.
        (
            "2025-02-21",
            "word 2025-02-20, age 1d (20d), longest 19d (20d)",
        ),
        (
            "2025-03-07",
            "word 2025-03-06, age 1d (10d), longest 19d (24d)",
        ),
    ] {
        let asked = ask("o1", as_of).of_dealer();
        asked.sheet(&said, |sheet| {
            assert_eq!(silence(sheet), right, "{as_of}");
            assert_eq!(sheet.course.state, OrderState::Open);
            assert_eq!(present(sheet), "Rework since 2025-02-05");
            let shown = ["On Body -Allocated -Scheduled -Frozen", "Rework Rework"];
            assert_eq!(steps(sheet), shown);
            assert_eq!((sheet.changes.len(), sheet.viewed.len()), (1, 1));
        });
    }
}

#[test]
fn a_photograph_is_a_word_when_it_is_revealed_and_its_caption_can_be_mended() {
    let photograph = photographed("2025-03-01", "teh body")
        .named("p")
        .revealed("2025-03-11");
    let said = [
        placed("2025-02-20"),
        photograph.clone(),
        // A correction that leaves its sight unset inherits it.
        TestTouchpoint {
            visibility: 0,
            ..photographed("2025-03-01", "the body").named("p2")
        }
        .correcting("p"),
        viewed("2025-03-12", &photograph),
    ];
    let shown = |asked: super::Ask| {
        asked.sheet(&said, |sheet| {
            let photographs = sheet.photographs.iter();
            let photographs = photographs.map(|(fact, viewed)| {
                let viewed = viewed.map_or("unseen".to_owned(), instant);
                let reveal = instant(fact.visible_at());
                format!("{} {reveal} {viewed}", fact.key.id)
            });
            (photographs.collect::<Vec<_>>().concat(), silence(sheet))
        })
    };
    let owner = |as_of| shown(ask("o1", as_of).of_owner("ann"));
    let (seen, heard) = owner("2025-03-11T11:59:59Z");
    assert_eq!(seen, "");
    let age = "18d 23:59:59 (18d 23:59:59)";
    assert_eq!(
        heard,
        format!("word 2025-02-20, age {age}, longest {age}, alarm")
    );
    let (seen, heard) = owner("2025-03-11");
    assert_eq!(seen, "p2 2025-03-11 unseen");
    assert_eq!(heard, "word 2025-03-11, age 0d (0d), longest 19d (19d)");
    let before = "word 2025-02-20, age 18d (18d), longest 18d (18d), alarm".to_owned();
    let dealer = shown(ask("o1", "2025-03-10").of_dealer());
    assert_eq!(dealer, (String::new(), before.clone()));
    let manufacturer = shown(ask("o1", "2025-03-10"));
    assert_eq!(manufacturer, ("p2 2025-03-11 unseen".to_owned(), before));
    let (seen, heard) = owner("2025-03-13");
    assert_eq!(seen, "p2 2025-03-11 2025-03-12");
    assert_eq!(heard, "word 2025-03-11, age 2d (2d), longest 19d (19d)");
    // Whoever asks before the reveal about a time after it sees nothing of it.
    let early = ask("o1", "2025-03-13")
        .of_owner("ann")
        .asked_at("2025-03-10");
    assert_eq!(shown(early).0, "");
    let early = ask("o1", "2025-03-13").asked_at("2025-03-10");
    assert!(shown(early).1.starts_with("word 2025-02-20,"));
}

#[test]
fn fourteen_days_are_within_and_a_nanosecond_more_is_beyond() {
    let said = [placed("2025-01-01")];
    let is_alarm = |as_of: i64| {
        let asked = ask("o1", "2025-01-01").at_nanos(as_of);
        asked.sheet(&said, |it| it.silence.is_alarm())
    };
    let limit = at("2025-01-01") + 14 * DAY;
    assert_eq!(
        [-1, 0, 1].map(|it| is_alarm(limit + it)),
        [false, false, true]
    );
    assert_eq!(DAY, 86_400 * SECOND);
}

/// The age of the silence in days, 20 days after the beginning of which the given touchpoint is the tenth.
fn breaks(word: TestTouchpoint) -> bool {
    let said = [dealer("d1", "UTC"), placed("2025-01-01"), word];
    let age = now(&said, "2025-01-21", |it| it.silence.age.unwrap() / DAY);
    assert!([20, 10].contains(&age), "{age}");
    age == 10
}

#[test]
fn a_word_is_what_others_tell_in_the_stream_or_about_the_order() {
    let when = "2025-01-11";
    let of = |payload| said(when, payload);
    let about_ann = |payload| of(payload).about(|it| it.owner_id = "ann".to_owned());
    let in_feedback = |payload| of(payload).about(|it| it.feedback_id = "f".to_owned());
    let in_case = |payload| of(payload).about(|it| it.case_id = "c".to_owned());
    let any = stage(when, Stage::Body);
    let reply = DealerReplied {
        visible_to_owner: true,
        ..DealerReplied::default()
    };
    let mut by_program = any.clone();
    by_program.actor = held(when, "h", "")
        .by("plant", ownerline_proto::v1::actor::Kind::System)
        .actor;
    for (word, is_word) in [
        (any.clone(), true),
        (by_program, true),
        (held(when, "h", ""), true),
        (cancelled(when).of_order("other"), false),
        (called(when), true),
        (called(when).of_order(""), false),
        (in_feedback(Payload::DealerReplied(reply)), true),
        (notified(when, &any, true), true),
        (notified(when, &any, false), false),
        (viewed(when, &any), false),
        (any.clone().for_dealers(), false),
        (any.clone().internal(), false),
        (any.clone().by_owner(), false),
        (
            any.clone()
                .by("ann", ownerline_proto::v1::actor::Kind::Human),
            false,
        ),
        (
            in_feedback(Payload::OwnerMessageReceived(Default::default())),
            false,
        ),
        (in_case(Payload::CaseNoteAdded(Default::default())), false),
        (
            about_ann(Payload::ContextPackServed(Default::default())),
            false,
        ),
        (of(Payload::ObligationWarned(Default::default())), false),
        (of(Payload::ObligationBreached(Default::default())), false),
        (
            of(Payload::ObligationOutcomeRevised(Default::default())),
            false,
        ),
        (any.clone().retracting("crm", "nothing"), false),
        // An unspecified visibility is the manufacturer's.
        (
            TestTouchpoint {
                visibility: 0,
                ..any
            },
            false,
        ),
    ] {
        assert_eq!(
            breaks(word.clone()),
            is_word,
            "{} {:?}",
            word.kind,
            word.actor
        );
    }
}

#[test]
fn words_of_the_owner_under_another_id_are_theirs_too() {
    let link = TestTouchpoint::new("news_sent", "link", at("2025-01-02"))
        .about(|it| it.owner_id = "ann".to_owned())
        .linking("ann2");
    let human = ownerline_proto::v1::actor::Kind::Human;
    let said = [
        placed("2025-01-01"),
        stage("2025-01-11", Stage::Body).by("ann2", human),
        link,
    ];
    let age = |known_at| {
        let asked = ask("o1", "2025-01-21").known_at(known_at);
        asked.sheet(&said, |it| it.silence.age.unwrap() / DAY)
    };
    assert_eq!((age(2), age(3)), (10, 20));
}

#[test]
fn a_handover_always_is_a_word_and_ends_the_silence() {
    let said = [
        placed("2025-01-01"),
        handed_over("2025-01-31", "").internal().by_owner(),
        stage("2025-03-01", Stage::Returned),
    ];
    let heard = now(&said, "2025-02-10", silence);
    assert_eq!(
        heard,
        "word 2025-01-31, age ended (ended), longest 30d (30d)"
    );
    // What is told later changes nothing.
    let later = now(&said, "2025-04-01", silence);
    assert_eq!(
        later,
        "word 2025-03-01, age ended (ended), longest 30d (30d)"
    );
}

#[test]
fn the_silence_begins_with_the_first_touchpoint_whoever_sees_it_and_nothing_pauses_it() {
    let said = [
        stage("2025-01-01", Stage::Allocated).internal(),
        placed("2025-01-11"),
        held("2025-01-12", "h", "").for_dealers(),
        stage("2025-01-13", Stage::Lost).for_dealers(),
        stage("2025-01-14", Stage::Returned).for_dealers(),
    ];
    let right = "word 2025-01-11, age 20d (20d), longest 20d (20d), alarm";
    let owner = ask("o1", "2025-01-31").of_owner("ann");
    assert_eq!(owner.sheet(&said, silence), right);
    assert_eq!(now(&said, "2025-01-31", silence), right);
    let before = now(&said, "2025-01-05", silence);
    assert_eq!(before, "word none, age 4d (4d), longest 4d (4d)");
    // A cancelling that the owner cannot see ends it, too.
    let said = [&said[..], &[cancelled("2025-02-01").internal()]].concat();
    let owner = ask("o1", "2025-03-01").of_owner("ann");
    let right = "word 2025-01-11, age ended (ended), longest 21d (21d)";
    assert_eq!(owner.sheet(&said, silence), right);
}

#[test]
fn a_correction_is_no_new_word_and_a_retracted_one_is_none() {
    let said = [
        placed("2025-01-01"),
        stage("2025-01-11", Stage::Body).named("first"),
        stage("2025-01-11", Stage::Paint)
            .named("mended")
            .correcting("first"),
    ];
    let mut late = said.clone();
    late[2].recorded_at = Some(at("2025-01-20"));
    for said in [&said, &late] {
        let heard = now(said, "2025-01-21", silence);
        // It was known in another wording when it was told.
        assert_eq!(heard, "word 2025-01-11, age 10d (10d), longest 10d (10d)");
    }
    let retract = |id: &str| {
        let retraction = stage("2025-01-12", Stage::Body).named("taken-back");
        [&said[..], &[retraction.retracting("crm", id)]].concat()
    };
    // A retraction removes its own member: the first word is in force again.
    let first = now(&retract("mended"), "2025-01-21", |it| {
        (present(it), silence(it))
    });
    assert_eq!(first.0, "Body since 2025-01-11");
    assert!(first.1.starts_with("word 2025-01-11,"));
    let mended = now(&retract("first"), "2025-01-21", present);
    assert_eq!(mended, "Paint since 2025-01-11");
    let only = [
        placed("2025-01-01"),
        said[1].clone(),
        stage("2025-01-12", Stage::Body)
            .named("back")
            .retracting("crm", "first"),
    ];
    let heard = now(&only, "2025-01-21", silence);
    assert!(heard.starts_with("word 2025-01-01, age 20d"), "{heard}");
}
