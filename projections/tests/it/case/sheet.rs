//! Agents, steps, root cause, assessment, updates and defects of a case, and its owners.

use ownerline_projections::cases::{CaseFlag, CaseSheet, RootCauseState};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AdvocateAssigned, AdvocateReleased, CaseAssessed, DefectLinked, DefectUnlinked, Level,
    NextStepAgreed, NextStepDeclined, NextStepProposed, ProgressUpdateSent, actor,
};

use super::{DAY, closed, now, opened, said};
use crate::history::TestTouchpoint;

fn sheet<A>(said: &[TestTouchpoint], as_of: i64, of: impl FnOnce(&CaseSheet<'_>) -> A) -> A {
    now(said, as_of, |history, _| of(&CaseSheet::of(history)))
}

fn assigned(id: &str, at: i64, agent: &str) -> TestTouchpoint {
    let agent_id = agent.to_owned();
    said(
        id,
        at,
        Payload::AdvocateAssigned(AdvocateAssigned { agent_id }),
    )
}

fn released(id: &str, at: i64, agent: &str) -> TestTouchpoint {
    let payload = AdvocateReleased {
        agent_id: agent.to_owned(),
        ..AdvocateReleased::default()
    };
    said(id, at, Payload::AdvocateReleased(payload))
}

/// The agents in charge, and those who were, with the days of both.
fn agents(said: &[TestTouchpoint], as_of: i64) -> (Vec<String>, Vec<String>) {
    sheet(said, as_of, |sheet| {
        let advocates = &sheet.advocates;
        let present = advocates.present.iter().map(|it| it.agent_id.to_owned());
        let former = advocates.former.iter().map(|it| {
            let from = it.assigned.map(|it| it.at() / DAY);
            let until = it.ended.map(|it| it.at() / DAY);
            format!("{} {from:?} {until:?}", it.agent_id)
        });
        (present.collect(), former.collect())
    })
}

#[test]
fn agents_are_in_charge_from_assignment_to_release_or_closing() {
    let said = [
        opened("open", 0),
        assigned("1", DAY, "ann"),
        assigned("2", 2 * DAY, "bob"),
        assigned("3", 3 * DAY, "bob"),
        released("4", 4 * DAY, "ann"),
        released("5", 5 * DAY, "eve"),
        // At one midnight the release ends what was before, and the assignment begins anew.
        assigned("6", 6 * DAY, "ann"),
        released("7", 6 * DAY, "ann"),
        closed("close", 9 * DAY, &[]),
    ];
    let flags = |as_of| sheet(&said, as_of, |sheet| sheet.flags.clone());
    assert_eq!(agents(&said, 3 * DAY - 1).0, ["ann", "bob"]);
    assert!(flags(3 * DAY - 1).contains(&CaseFlag::SeveralAdvocates));
    let (present, former) = agents(&said, 5 * DAY - 1);
    assert_eq!(
        (present, former),
        (
            vec!["bob".to_owned()],
            vec!["ann Some(1) Some(4)".to_owned()]
        )
    );
    let again = [CaseFlag::AdvocateAssignedAgain];
    assert_eq!(flags(5 * DAY - 1).into_iter().collect::<Vec<_>>(), again);
    let (present, former) = agents(&said, 8 * DAY);
    assert_eq!(present, ["bob", "ann"]);
    assert_eq!(former[1..], ["eve None Some(5)", "ann None Some(6)"]);
    assert!(flags(8 * DAY).contains(&CaseFlag::ReleasedWithoutAssignment));
    let (present, former) = agents(&said, 10 * DAY);
    assert!(present.is_empty());
    assert_eq!(former[3..], ["bob Some(2) Some(9)", "ann Some(6) Some(9)"]);
}

#[test]
fn the_last_word_counts_for_each_level_and_for_the_root_cause() {
    let assessed = |id: &str, at, severity: Level, urgency: Level| {
        let payload = CaseAssessed {
            severity: severity.into(),
            urgency: urgency.into(),
            ..CaseAssessed::default()
        };
        said(id, at, Payload::CaseAssessed(payload))
    };
    let said = [
        opened("open", 0),
        assessed("1", DAY, Level::High, Level::Low),
        assessed("2", 2 * DAY, Level::Unspecified, Level::Critical),
        said(
            "why",
            3 * DAY,
            Payload::RootCauseRequested(Default::default()),
        ),
        said(
            "no",
            4 * DAY,
            Payload::RootCauseDeclined(Default::default()),
        ),
        said(
            "so",
            5 * DAY,
            Payload::RootCauseProvided(Default::default()),
        ),
        said(
            "why2",
            6 * DAY,
            Payload::RootCauseRequested(Default::default()),
        ),
    ];
    let levels = sheet(&said, 9 * DAY, |it| {
        (it.assessment.severity, it.assessment.urgency)
    });
    assert_eq!(levels, (Level::High, Level::Critical));
    let cause = |as_of| sheet(&said, as_of, |it| it.root_cause.state());
    let states: Vec<_> = (2..=6).map(|day| cause(day * DAY)).collect();
    let expected = [
        RootCauseState::NotAsked,
        RootCauseState::Owed,
        RootCauseState::Declined,
        RootCauseState::Provided,
        RootCauseState::Owed,
    ];
    assert_eq!(states, expected);
}

#[test]
fn steps_updates_defects_and_owners_are_answered_with_what_is_odd_about_them() {
    let step_id = || "s".to_owned();
    let proposed = NextStepProposed {
        step_id: step_id(),
        ..NextStepProposed::default()
    };
    let linked = |id: &str, at, one: &str, other: &str| {
        let payload = DefectLinked {
            defect_id: one.to_owned(),
            same_as: other.to_owned(),
        };
        said(id, at, Payload::DefectLinked(payload))
    };
    let unlinked = DefectUnlinked {
        defect_id: "f1".to_owned(),
        same_as: "f2".to_owned(),
    };
    let update = |id: &str, new_information| {
        let payload = ProgressUpdateSent {
            new_information,
            ..ProgressUpdateSent::default()
        };
        said(id, DAY, Payload::ProgressUpdateSent(payload))
    };
    let said = [
        opened("open", 0),
        said("p", DAY, Payload::NextStepProposed(proposed)),
        said(
            "d",
            2 * DAY,
            Payload::NextStepDeclined(NextStepDeclined { step_id: step_id() }),
        ),
        said(
            "a",
            3 * DAY,
            Payload::NextStepAgreed(NextStepAgreed { step_id: step_id() }),
        ),
        linked("l1", DAY, "f2", "f1"),
        linked("l2", DAY, "f3", "f2"),
        linked("l3", DAY, "f4", "f3").by("sorter", actor::Kind::System),
        said("u", 2 * DAY, Payload::DefectUnlinked(unlinked)),
        update("u1", true),
        update("u2", false).by("mailer", actor::Kind::Bot),
        opened("also", 5 * DAY).about(|it| it.owner_id = "ben".to_owned()),
    ];
    sheet(&said, 9 * DAY, |sheet| {
        let answered = sheet.steps[0].answered.map(|it| it.key.id.as_str());
        assert_eq!(answered, Some("a"));
        let updates = &sheet.updates;
        assert_eq!(
            (updates.all.len(), updates.nothing_new, updates.automatic),
            (2, 1, 1)
        );
        let defects = sheet.defects.iter();
        let defects: Vec<_> = defects
            .map(|it| (it.defect_id, it.same_as.clone()))
            .collect();
        let expected = [
            ("f2", vec!["f3"]),
            ("f1", vec![]),
            ("f3", vec!["f2"]),
            ("f4", vec![]),
        ];
        assert_eq!(defects, expected);
        assert!(sheet.flags.contains(&CaseFlag::SeveralOwners));
    });
    // Two ids of one person are one owner.
    let link = TestTouchpoint::new("", "link", -DAY)
        .linking("ben")
        .about(|it| it.owner_id = "ann".to_owned());
    let linked = [&said[..], &[link]].concat();
    sheet(&linked, 9 * DAY, |sheet| {
        assert!(!sheet.flags.contains(&CaseFlag::SeveralOwners));
    });
}

#[test]
fn a_case_that_names_nobody_belongs_to_who_held_its_car_at_the_opening() {
    let unnamed = opened("open", 5 * DAY).about(|it| {
        it.owner_id.clear();
        it.vin = "V1".to_owned();
    });
    let car = |id: &str, at| {
        TestTouchpoint::new("odometer_read", id, at).about(|it| it.vin = "V1".to_owned())
    };
    let said = [
        car("bought", 0).acquired("ann", true),
        unnamed.clone(),
        car("sold", 6 * DAY).acquired("ben", true),
    ];
    let owners = |said: &[TestTouchpoint]| now(said, 9 * DAY, |it, _| it.owners());
    assert_eq!(owners(&said), ["ann"]);
    assert!(owners(std::slice::from_ref(&unnamed)).is_empty());
    let flagged = sheet(&[unnamed], 9 * DAY, |it| {
        it.flags.contains(&CaseFlag::NoOwner)
    });
    assert!(flagged);
}
