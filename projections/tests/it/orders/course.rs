//! State and stages: what cancels, revives and ends an order, and what each stage is to those before.

use ownerline_projections::orders::{OrderFlag, OrderState};
use ownerline_proto::v1::ProductionStage as Stage;
use ownerline_proto::v1::order_placed::SaleType;
use ownerline_proto::v1::touchpoint::Payload;

use super::shown::{silence, stage as present, statements, steps, sums};
use super::{
    Said, ask, cancelled, dealer, flags, handed_over, now, photographed, placed, placed_as,
    promised, revised, said, stage,
};
use crate::history::TestTouchpoint;

fn state(said: &[TestTouchpoint], as_of: &str) -> OrderState {
    now(said, as_of, |sheet| sheet.course.state)
}

#[test]
fn a_plant_does_not_revive_a_cancelled_order_and_a_new_date_does() {
    let said = [
        placed("2025-01-01"),
        stage("2025-01-05", Stage::Allocated),
        cancelled("2025-01-10"),
        stage("2025-01-20", Stage::Scheduled),
        promised("2025-02-01", "2025-06-01", ""),
    ];
    let asked = ask("o1", "2025-01-25").of_dealer();
    asked.sheet(&said, |sheet| {
        assert_eq!(sheet.course.state, OrderState::Cancelled);
        assert_eq!(present(sheet), "Scheduled since 2025-01-20");
        let shown = ["On Allocated", "On Scheduled after cancelling"];
        assert_eq!(steps(sheet), shown);
        let heard = "word 2025-01-20, age ended (ended), longest 5d (5d)";
        assert_eq!(silence(sheet), heard);
        assert_eq!(statements(sheet).len(), 0);
        assert_eq!(sheet.flags, [OrderFlag::StageAfterCancellation].into());
    });
    let asked = ask("o1", "2025-02-20").of_dealer();
    asked.sheet(&said, |sheet| {
        assert_eq!(sheet.course.state, OrderState::Open);
        assert_eq!(present(sheet), "Scheduled since 2025-01-20");
        // Word is owed again from where the order goes on, not for the time in between.
        let heard = "word 2025-02-01, age 19d (19d), longest 19d (19d), alarm";
        assert_eq!(silence(sheet), heard);
        assert_eq!(statements(sheet), ["Promised 2025-06-01"]);
        let flags = [
            OrderFlag::StageAfterCancellation,
            OrderFlag::ContinuedAfterCancellation,
        ];
        assert_eq!(sheet.flags, flags.into());
    });
}

#[test]
fn rework_is_a_detour_and_hidden_stages_are_never_skipped() {
    let said = [
        placed("2025-01-01"),
        stage("2025-02-01", Stage::Body),
        stage("2025-02-08", Stage::Paint),
        stage("2025-02-15", Stage::Assembly),
        stage("2025-02-18", Stage::Marriage),
        stage("2025-02-20", Stage::Quality),
        stage("2025-02-22", Stage::Rework).for_dealers(),
        stage("2025-02-26", Stage::Paint).for_dealers(),
        stage("2025-03-03", Stage::Quality),
        stage("2025-03-05", Stage::Completed),
    ];
    let until_quality = [
        "On Body -Allocated -Scheduled -Frozen",
        "On Paint",
        "On Assembly",
        "On Marriage",
        "On Quality",
    ];
    let rework = ["Rework Rework", "Back Paint"];
    let of_dealer = |as_of| ask("o1", as_of).of_dealer();
    let of_owner = |as_of| ask("o1", as_of).of_owner("ann");
    let shown = |as_of| of_dealer(as_of).sheet(&said, |it| (present(it), steps(it), silence(it)));
    let (stage, history, heard) = shown("2025-03-10");
    assert_eq!(stage, "Completed since 2025-03-05");
    let again = ["Again Quality", "On Completed"];
    assert_eq!(
        history,
        [&until_quality[..], &rework[..], &again[..]].concat()
    );
    assert_eq!(heard, "word 2025-03-05, age 5d (5d), longest 31d (31d)");
    let (stage, history, heard) = shown("2025-02-27");
    assert_eq!(stage, "Paint since 2025-02-26");
    assert_eq!(history, [&until_quality[..], &rework[..]].concat());
    assert_eq!(heard, "word 2025-02-20, age 7d (7d), longest 31d (31d)");

    let shown = |as_of| of_owner(as_of).sheet(&said, |it| (present(it), steps(it), silence(it)));
    let (stage, history, heard) = shown("2025-03-10");
    assert_eq!(stage, "Completed since 2025-03-05");
    let again = ["ToldAgain Quality", "On Completed"];
    assert_eq!(history, [&until_quality[..], &again[..]].concat());
    assert_eq!(heard, "word 2025-03-05, age 5d (5d), longest 31d (31d)");
    let (stage, history, heard) = shown("2025-02-27");
    assert_eq!(stage, "Quality since 2025-02-20");
    assert_eq!(history, until_quality);
    assert_eq!(heard, "word 2025-02-20, age 7d (7d), longest 31d (31d)");
}

#[test]
fn of_two_stages_at_one_instant_the_later_of_the_path_is_reached_last() {
    let midnight = "2025-03-01T00:00:00Z";
    let said = [
        placed("2025-01-01"),
        stage(midnight, Stage::Released).named("a"),
        stage(midnight, Stage::Completed).named("b"),
    ];
    let asked = ask("o1", "2025-03-02").of_dealer();
    asked.sheet(&said, |sheet| {
        assert_eq!(present(sheet), "Released since 2025-03-01T00:00:00Z");
        let shown = [
            "On Completed -Allocated -Scheduled -Frozen -Body -Paint -Assembly -Marriage -Quality",
            "On Released",
        ];
        assert_eq!(steps(sheet), shown);
        let heard = "word 2025-03-01T00:00:00Z, age 1d 12:00:00 (1d 12:00:00), \
                     longest 58d 12:00:00 (58d 12:00:00)";
        assert_eq!(silence(sheet), heard);
    });
}

#[test]
fn an_order_is_open_from_its_placing_and_a_stage_alone_places_none() {
    let said = [
        stage("2025-01-01", Stage::Body),
        placed("2025-01-05"),
        placed("2025-01-06"),
    ];
    assert_eq!(state(&said, "2025-01-04"), OrderState::NotPlaced);
    assert_eq!(state(&said, "2025-01-05"), OrderState::Open);
    let first = now(&said, "2025-01-07", |it| it.course.placed.unwrap().at());
    assert_eq!(first, super::at("2025-01-05"));
    assert_eq!(flags(&said, "2025-01-07"), [].into());
}

#[test]
fn event_and_stage_cancel_and_placing_dates_and_a_handover_revive() {
    let revivals = [
        placed("2025-01-03"),
        promised("2025-01-03", "2025-06-01", ""),
        revised("2025-01-03", "", "2025-06-01", ""),
        handed_over("2025-01-03", ""),
        stage("2025-01-03", Stage::Handover),
    ];
    for end in [
        cancelled("2025-01-02"),
        stage("2025-01-02", Stage::Cancelled),
    ] {
        for revival in &revivals {
            let said = [placed("2025-01-01"), end.clone(), revival.clone()];
            assert_eq!(state(&said, "2025-01-02"), OrderState::Cancelled);
            let goes_on = match revival.id.to_lowercase().starts_with("handover") {
                true => OrderState::HandedOver,
                false => OrderState::Open,
            };
            assert_eq!(state(&said, "2025-01-03"), goes_on, "{}", revival.id);
            let flags = flags(&said, "2025-01-03");
            assert!(flags.contains(&OrderFlag::ContinuedAfterCancellation));
        }
        // Nothing else does.
        for other in [
            stage("2025-01-03", Stage::AtDealer),
            photographed("2025-01-03", ""),
            said("2025-01-03", Payload::OrderChanged(Default::default())),
            said(
                "2025-01-03",
                Payload::DeliveryWindowPlanned(Default::default()),
            ),
        ] {
            let said = [placed("2025-01-01"), end.clone(), other];
            assert_eq!(state(&said, "2025-01-03"), OrderState::Cancelled);
        }
    }
    // What is lost or returned goes on.
    for detour in [Stage::Lost, Stage::Returned] {
        let said = [placed("2025-01-01"), stage("2025-01-02", detour)];
        assert_eq!(state(&said, "2025-01-03"), OrderState::Open);
        let kind = now(&said, "2025-01-03", |it| steps(it).concat());
        assert_eq!(kind, format!("{detour:?} {detour:?}"));
    }
}

#[test]
fn the_handover_is_the_event_if_there_is_one_whatever_the_stage_says() {
    let handover = |said: &[TestTouchpoint]| {
        now(said, "2025-06-30", |sheet| {
            let handover = sheet.course.handover.unwrap().at();
            let ended = sheet.course.ended().unwrap().at();
            assert_eq!(
                (ended, sheet.course.state),
                (handover, OrderState::HandedOver)
            );
            let stretch = sheet.course.stretches[0].until.unwrap().at();
            assert_eq!(stretch, handover, "the silence runs to the handover");
            super::shown::instant(handover)
        })
    };
    let stage_only = [placed("2025-01-01"), stage("2025-06-01", Stage::Handover)];
    assert_eq!(handover(&stage_only), "2025-06-01");
    for (of_stage, of_event) in [("2025-06-01", "2025-06-02"), ("2025-06-02", "2025-06-01")] {
        let said = [
            placed("2025-01-01"),
            stage(of_stage, Stage::Handover),
            handed_over(of_event, ""),
        ];
        assert_eq!(handover(&said), of_event);
    }
}

#[test]
fn at_one_instant_a_cancellation_follows_the_handover_and_a_handover_follows_the_dates() {
    let when = "2025-05-01T00:00:00Z";
    let said = [
        cancelled(when).named("1"),
        handed_over(when, "").named("2"),
        placed("2025-01-01"),
    ];
    assert_eq!(state(&said, "2025-05-02"), OrderState::Cancelled);
    let flags = flags(&said, "2025-05-02");
    assert_eq!(flags, [OrderFlag::CancelledAfterHandover].into());
    // A window is overdue to the handover, and not to what came of it.
    let said = [
        placed("2025-01-01"),
        promised("2025-01-02", "2025-05-01", ""),
        handed_over("2025-05-03", ""),
        cancelled("2025-06-01"),
    ];
    let overdue = now(&said, "2025-07-01", |it| {
        it.windows.as_ref().unwrap().overdue_days
    });
    assert_eq!(overdue, 2);
    // A handover after it went on again is another one.
    let again = [
        &said[..],
        &[
            promised("2025-06-10", "2025-08-01", "").named("anew"),
            handed_over("2025-08-02", "").named("again"),
        ],
    ]
    .concat();
    let seen = now(&again, "2025-07-01", |it| {
        (it.course.state, it.course.handover.is_none(), sums(it))
    });
    assert_eq!((seen.0, seen.1), (OrderState::Open, true));
    let handover = now(&again, "2025-08-03", |it| it.course.handover.unwrap().at());
    assert_eq!(handover, super::at("2025-08-02"));
}

#[test]
fn steps_are_told_again_back_again_or_on() {
    let said = [
        placed("2025-01-01"),
        stage("2025-01-02", Stage::Ordered),
        stage("2025-01-03", Stage::Body),
        stage("2025-01-04", Stage::Body),
        stage("2025-01-05", Stage::Assembly),
        stage("2025-01-06", Stage::Paint),
        stage("2025-01-07", Stage::Assembly),
        stage("2025-01-08", Stage::Rework),
        stage("2025-01-09", Stage::Rework),
        stage("2025-01-10", Stage::Assembly),
        stage("2025-01-11", Stage::Completed),
    ];
    let shown = [
        "On Ordered",
        "On Body -Allocated -Scheduled -Frozen",
        "ToldAgain Body",
        "On Assembly -Paint",
        "Back Paint",
        "Again Assembly",
        "Rework Rework",
        "ToldAgain Rework",
        "Again Assembly",
        "On Completed -Marriage -Quality",
    ];
    assert_eq!(now(&said, "2025-02-01", steps), shown);
    // A stage is present since it was reached, not since it was told again.
    assert_eq!(now(&said, "2025-01-04", present), "Body since 2025-01-03");
    assert_eq!(now(&said, "2025-01-09", present), "Rework since 2025-01-08");
    // A late report heals what was skipped.
    let late = stage("2025-01-04", Stage::Paint).named("late");
    let healed = [&said[..], &[late]].concat();
    let healed = now(&healed, "2025-01-05", |it| steps(it)[4].clone());
    assert_eq!(healed, "On Assembly");
}

#[test]
fn journeys_and_used_cars_skip_nothing_that_is_not_on_their_way() {
    let said = [
        placed("2025-01-01"),
        stage("2025-01-02", Stage::Quality),
        stage("2025-01-03", Stage::Preparation),
        stage("2025-01-04", Stage::Handover),
    ];
    let shown = now(&said, "2025-02-01", steps);
    assert_eq!(
        shown[1..],
        [
            "On Preparation -Completed -Released",
            "On Handover -AtDealer"
        ]
    );
    let used = [
        placed_as("2025-01-01", "C-1", SaleType::ApprovedUsed),
        stage("2025-01-03", Stage::Preparation),
    ];
    assert_eq!(now(&used, "2025-02-01", steps), ["On Preparation"]);
}

#[test]
fn a_stage_that_somebody_may_not_see_is_not_called_skipped() {
    let said = [
        dealer("d1", "UTC"),
        placed("2025-01-01"),
        stage("2025-01-02", Stage::Allocated),
        stage("2025-01-03", Stage::Scheduled).for_dealers(),
        stage("2025-01-04", Stage::Frozen).internal(),
        stage("2025-01-05", Stage::Body),
        stage("2025-01-06", Stage::Paint).revealed("2025-03-01"),
        stage("2025-01-07", Stage::Marriage),
    ];
    let owner = ask("o1", "2025-02-01").of_owner("ann");
    let shown = owner.sheet(&said, steps);
    assert_eq!(shown, ["On Allocated", "On Body", "On Marriage -Assembly"]);
    let dealer = ask("o1", "2025-02-01").of_dealer();
    let shown = dealer.sheet(&said, steps);
    assert_eq!(shown[2..], ["On Body", "On Marriage -Assembly"]);
    // What was reached after a step, though unseen, had been skipped.
    let later = stage("2025-01-20", Stage::Assembly).internal();
    let said = [&said[..], &[later]].concat();
    let shown = owner.sheet(&said, steps);
    assert_eq!(shown[2], "On Marriage -Assembly");
}
