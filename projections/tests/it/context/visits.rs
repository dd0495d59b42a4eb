//! The last visit, and the defects that are open.

use ownerline_proto::v1::actor::Kind as ActorKind;
use ownerline_proto::v1::last_visit::Outcome as VisitOutcome;
use ownerline_proto::v1::missing_section::Reason;
use ownerline_proto::v1::repair_attempted::Outcome;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AppointmentBooked, AssistanceDeclined, DefectLinked, DefectReported, DefectUnlinked,
    RecallPerformed, RepairAttempted, ResolvedElsewhere, VehicleDroppedOff, VehicleIssueClosed,
    VehicleIssueReported, VehiclePickedUp, WorkPerformed,
};

use super::{Ask, DAY, PackWithLog, ask, pack_of, say_in};
use crate::history::TestTouchpoint;
use ownerline_projections::Position;

fn visit(id: &str, day: i64, visit: &str, defect: &str, payload: Payload) -> TestTouchpoint {
    say_in(id, day, payload, |it| {
        visit.clone_into(&mut it.visit_id);
        defect.clone_into(&mut it.defect_id);
        it.vin = "V1".to_owned();
        it.dealer_id = "d1".to_owned();
    })
}

fn came(id: &str, day: i64, at: &str) -> TestTouchpoint {
    visit(
        id,
        day,
        at,
        "",
        Payload::VehicleDroppedOff(VehicleDroppedOff::default()),
    )
}

fn went(id: &str, day: i64, at: &str) -> TestTouchpoint {
    visit(
        id,
        day,
        at,
        "",
        Payload::VehiclePickedUp(VehiclePickedUp::default()),
    )
}

fn reported(id: &str, day: i64, at: &str, defect: &str) -> TestTouchpoint {
    visit(
        id,
        day,
        at,
        defect,
        Payload::DefectReported(DefectReported::default()),
    )
}

fn tried(id: &str, day: i64, at: &str, defect: &str, outcome: Outcome) -> TestTouchpoint {
    let attempted = RepairAttempted {
        outcome: outcome.into(),
    };
    visit(id, day, at, defect, Payload::RepairAttempted(attempted))
}

fn booked(id: &str, day: i64, at: &str) -> TestTouchpoint {
    visit(
        id,
        day,
        at,
        "",
        Payload::AppointmentBooked(AppointmentBooked::default()),
    )
}

fn declined(id: &str, day: i64, at: &str) -> TestTouchpoint {
    visit(
        id,
        day,
        at,
        "",
        Payload::AssistanceDeclined(AssistanceDeclined::default()),
    )
}

fn elsewhere(id: &str, day: i64, at: &str) -> TestTouchpoint {
    visit(
        id,
        day,
        at,
        "",
        Payload::ResolvedElsewhere(ResolvedElsewhere::default()),
    )
}

fn outcome(said: &[TestTouchpoint]) -> (VisitOutcome, String) {
    let pack = pack_of(said);
    let visit = pack.pack.last_visit.as_ref().unwrap();
    (visit.outcome, pack.id(visit.outcome_fact).to_owned())
}

fn open_defects(pack: &PackWithLog) -> Vec<(Vec<String>, u32)> {
    let defects = pack.pack.open_defects.items.iter();
    defects
        .map(|it| (it.defect_ids.clone(), it.attempts))
        .collect()
}

#[test]
fn the_last_visit_is_where_something_happened_last_and_an_appointment_is_none() {
    let pack = pack_of(&[
        came("in", 1, "v1"),
        came("in2", 3, "v2"),
        went("out2", 4, "v2"),
        went("out", 9, "v1"),
        booked("next", 20, "v3"),
        reported("foreseen", 20, "v3", "d"),
    ]);
    let visit = pack.pack.last_visit.as_ref().unwrap();
    assert_eq!(
        (
            &*visit.visit_id,
            &*visit.dealer_id,
            &*visit.vin,
            visit.still_in
        ),
        ("v1", "d1", "V1", false)
    );
    assert_eq!(
        (pack.id(visit.began), pack.id(visit.picked_up)),
        ("in", "out")
    );
}

#[test]
fn the_outcome_of_a_visit_is_the_worst_of_its_defects_or_what_came_after() {
    let fixed = |id: &str, defect: &str| tried(id, 2, "v", defect, Outcome::Fixed);
    for (said, expected, by) in [
        (
            vec![fixed("a", "x"), went("out", 3, "v")],
            VisitOutcome::Repaired,
            "a",
        ),
        (
            vec![fixed("a", "x"), tried("b", 1, "v", "y", Outcome::NotFixed)],
            VisitOutcome::NotFixed,
            "b",
        ),
        (
            vec![tried("a", 1, "v", "x", Outcome::NotFixed), fixed("b", "x")],
            VisitOutcome::Repaired,
            "b",
        ),
        (
            vec![
                fixed("a", "x"),
                tried("b", 1, "v", "", Outcome::PartPending),
            ],
            VisitOutcome::PartPending,
            "b",
        ),
        (
            vec![
                fixed("a", "x"),
                tried("b", 1, "v", "y", Outcome::NoFaultFound),
            ],
            VisitOutcome::NoFaultFound,
            "b",
        ),
        (
            vec![fixed("a", "x"), declined("no", 3, "v")],
            VisitOutcome::AssistanceDeclined,
            "no",
        ),
        (
            vec![
                declined("no", 3, "v"),
                elsewhere("there", 5, "v"),
                went("out", 4, "v"),
            ],
            VisitOutcome::ResolvedElsewhere,
            "there",
        ),
        (vec![came("in", 1, "v")], VisitOutcome::StillIn, "in"),
        (
            vec![came("in", 1, "v"), reported("r", 1, "v", "x")],
            VisitOutcome::StillIn,
            "in",
        ),
        (
            vec![visit(
                "w",
                2,
                "v",
                "",
                Payload::WorkPerformed(WorkPerformed::default()),
            )],
            VisitOutcome::WorkDone,
            "w",
        ),
        (
            vec![came("in", 1, "v"), went("out", 2, "v")],
            VisitOutcome::NotRecorded,
            "",
        ),
        (
            vec![
                fixed("a", "x"),
                reported("r", 1, "v", "y"),
                went("out", 3, "v"),
            ],
            VisitOutcome::NotRecorded,
            "",
        ),
    ] {
        assert_eq!(outcome(&said), (expected, by.to_owned()), "{said:?}");
        let lacks = pack_of(&said).lacks(Reason::OutcomeNotRecorded);
        assert_eq!(lacks, expected == VisitOutcome::NotRecorded);
    }
}

#[test]
fn a_defect_linked_across_visits_is_one_and_open_until_it_is_fixed() {
    let linked = DefectLinked {
        defect_id: "d2".to_owned(),
        same_as: "d1".to_owned(),
    };
    let mut said = vec![
        reported("first", 1, "v1", "d1"),
        tried("a", 2, "v1", "d1", Outcome::Fixed),
        reported("second", 10, "v2", "d2"),
        tried("b", 11, "v2", "d2", Outcome::NoFaultFound),
    ];
    assert_eq!(open_defects(&pack_of(&said)), [(vec!["d2".to_owned()], 1)]);
    said.push(say_in("link", 12, Payload::DefectLinked(linked), |it| {
        it.case_id = "c".to_owned();
        it.defect_id = "d2".to_owned();
    }));
    let both = vec!["d1".to_owned(), "d2".to_owned()];
    let open = pack_of(&said);
    assert_eq!(open_defects(&open), [(both, 2)]);
    let defect = &open.pack.open_defects.items[0];
    let last = defect.last_attempt.map(|it| it.fact);
    assert_eq!(
        (
            open.id(defect.first_reported),
            open.id(defect.last_reported),
            open.id(last)
        ),
        ("first", "second", "b")
    );
    assert_eq!(&*defect.visit_id, "v2");
    // A repair told late counts from its own position on.
    said.push(tried("c", 13, "v3", "d1", Outcome::Fixed));
    let settled = pack_of(&said);
    assert!(settled.pack.open_defects.items.is_empty());
    assert!(settled.lacks(Reason::NoOpenDefect));
    let before = Ask {
        known_at: Position(5),
        ..Ask::default()
    };
    assert_eq!(open_defects(&ask(&said, &before)).len(), 1);
    let earlier = Ask {
        as_of: 12 * DAY,
        ..Ask::default()
    };
    assert_eq!(open_defects(&ask(&said, &earlier)).len(), 1);
    said.push(reported("again", 14, "v4", "d2"));
    assert_eq!(open_defects(&pack_of(&said)).len(), 1, "it came back");
}

#[test]
fn a_link_that_a_bot_made_or_that_was_taken_back_leaves_two_defects() {
    let linked = || {
        Payload::DefectLinked(DefectLinked {
            defect_id: "d2".to_owned(),
            same_as: "d1".to_owned(),
        })
    };
    let unlinked = Payload::DefectUnlinked(DefectUnlinked {
        defect_id: "d1".to_owned(),
        same_as: "d2".to_owned(),
    });
    let in_case = |id: &str, day, payload, defect: &str, by| {
        let said = say_in(id, day, payload, |it| {
            it.case_id = "c".to_owned();
            it.defect_id = defect.to_owned();
        });
        said.by("somebody", by)
    };
    let mut said = vec![
        reported("first", 1, "v1", "d1"),
        reported("second", 10, "v2", "d2"),
        in_case("bot", 12, linked(), "d2", ActorKind::Bot),
    ];
    let apart = || [(vec!["d2".to_owned()], 0), (vec!["d1".to_owned()], 0)];
    assert_eq!(open_defects(&pack_of(&said)), apart());
    said.push(in_case("link", 13, linked(), "d2", ActorKind::Human));
    assert_eq!(open_defects(&pack_of(&said)).len(), 1);
    said.push(in_case("unlink", 14, unlinked, "d1", ActorKind::Human));
    assert_eq!(open_defects(&pack_of(&said)), apart());
}

#[test]
fn reports_without_an_id_stand_each_for_themselves_with_the_attempts_of_their_visit() {
    let unnamed = vec![
        reported("one", 1, "v1", ""),
        reported("two", 1, "v1", ""),
        tried("a", 2, "v1", "", Outcome::NotFixed),
        tried("unreported", 3, "v2", "", Outcome::PartPending),
        reported("gone", 4, "v3", ""),
        elsewhere("there", 5, "v3"),
        reported("settled", 4, "v3", "named"),
    ];
    let pack = pack_of(&unnamed);
    let defects = &pack.pack.open_defects.items;
    let seen: Vec<_> = defects
        .iter()
        .map(|it| (pack.id(it.last_reported), &*it.visit_id, it.attempts))
        .collect();
    assert_eq!(seen, [("two", "v1", 1), ("one", "v1", 1), ("", "v2", 1)]);
}

#[test]
fn however_often_a_repair_is_tried_in_one_visit_it_is_one_attempt() {
    let said = [
        reported("report", 1, "v1", "d"),
        tried("first", 2, "v1", "d", Outcome::PartPending),
        tried("second", 3, "v1", "d", Outcome::NotFixed),
        tried("again", 9, "v2", "d", Outcome::NotFixed),
    ];
    let pack = pack_of(&said);
    assert_eq!(open_defects(&pack), [(vec!["d".to_owned()], 2)]);
    let last = pack.pack.last_visit.as_ref().unwrap();
    assert_eq!(last.visit_id, "v2");
    let first = pack_of(&said[..3]);
    assert_eq!(open_defects(&first), [(vec!["d".to_owned()], 1)]);
    let visit = first.pack.last_visit.as_ref().unwrap();
    assert_eq!(visit.defects.items[0].attempts, 2, "tried twice in it");
}

#[test]
fn a_report_and_a_repair_of_one_instant_are_a_repair() {
    let said = [
        tried("a", 1, "v1", "d", Outcome::Fixed),
        reported("b", 1, "v1", "d"),
    ];
    assert!(pack_of(&said).lacks(Reason::NoOpenDefect));
}

#[test]
fn an_issue_outside_visits_is_open_until_it_is_closed_and_danger_comes_first() {
    let issue = |id: &str, day, issue: &str, safety| {
        let reported = VehicleIssueReported {
            issue_id: issue.to_owned(),
            safety,
            ..VehicleIssueReported::default()
        };
        say_in(id, day, Payload::VehicleIssueReported(reported), |it| {
            it.vin = "V1".to_owned()
        })
    };
    let closed = |id: &str, day, issue: &str| {
        let closed = VehicleIssueClosed {
            issue_id: issue.to_owned(),
            ..VehicleIssueClosed::default()
        };
        say_in(id, day, Payload::VehicleIssueClosed(closed), |it| {
            it.vin = "V1".to_owned()
        })
    };
    let pack = pack_of(&[
        issue("a", 1, "i1", true),
        issue("b", 2, "i2", false),
        issue("c", 3, "i3", false),
        closed("d", 4, "i3"),
        closed("e", 5, "i3"),
        closed("f", 6, "never reported"),
    ]);
    let issues: Vec<_> = pack
        .pack
        .open_defects
        .items
        .iter()
        .map(|it| &*it.issue_id)
        .collect();
    assert_eq!(issues, ["i1", "i2"]);
}

#[test]
fn defects_of_a_vehicle_that_was_sold_are_marked_and_come_last() {
    let holds = |id: &str, day: i64, who: &str| {
        let said = TestTouchpoint::new("vehicle_acquired", id, day * DAY);
        said.about(|it| it.vin = "V1".to_owned())
            .acquired(who, true)
    };
    let nowhere = |id: &str, day| {
        let reported = Payload::DefectReported(DefectReported::default());
        say_in(id, day, reported, |it| it.visit_id = "v9".to_owned())
    };
    let mut dangerous = reported("brakes", 2, "v1", "d");
    dangerous.payload = Some(Payload::DefectReported(DefectReported {
        safety: true,
        ..DefectReported::default()
    }));
    let mut said = vec![holds("bought", 1, "ann"), dangerous, nowhere("other", 1)];
    let seen = |said: &[TestTouchpoint]| {
        let pack = pack_of(said);
        let defects = pack.pack.open_defects.items.iter();
        let seen = defects.map(|it| (pack.id(it.last_reported).to_owned(), it.vehicle_left));
        seen.collect::<Vec<_>>()
    };
    let pair = |id: &str, left| (id.to_owned(), left);
    assert_eq!(seen(&said), [pair("brakes", false), pair("other", false)]);
    said.push(holds("sold", 3, "ben"));
    assert_eq!(seen(&said), [pair("other", false), pair("brakes", true)]);
    said.push(holds("bought back", 4, "ann"));
    assert_eq!(seen(&said)[0], pair("brakes", false));
}

#[test]
fn a_vehicle_that_came_again_is_still_in_and_one_that_came_and_went_at_once_is_not() {
    let still_in = |said: &[TestTouchpoint]| pack_of(said).pack.last_visit.unwrap().still_in;
    let once = [went("a", 1, "v"), came("b", 1, "v")];
    assert!(!still_in(&once));
    let again = [came("a", 1, "v"), went("b", 2, "v"), came("c", 3, "v")];
    assert!(still_in(&again));
    let pack = pack_of(&again).pack;
    assert_eq!(pack.last_visit.unwrap().picked_up, None);
}

#[test]
fn what_a_recall_asks_for_is_the_work_of_its_visit_and_outside_a_visit_none() {
    let performed = || {
        Payload::RecallPerformed(RecallPerformed {
            campaign: "R-17".to_owned(),
        })
    };
    let of_visit = visit("done", 2, "v1", "", performed());
    let said = [came("in", 1, "v1"), of_visit, went("out", 3, "v1")];
    assert_eq!(outcome(&said), (VisitOutcome::WorkDone, "done".to_owned()));
    let elsewhere = say_in("recall", 9, performed(), |it| it.vin = "V1".to_owned());
    let mut said = said.to_vec();
    said.push(elsewhere);
    let pack = pack_of(&said);
    let last = pack.pack.last_visit.as_ref().unwrap();
    assert_eq!(last.visit_id, "v1");
}
