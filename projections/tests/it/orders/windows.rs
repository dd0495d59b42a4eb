//! Windows of delivery: what each statement is to the one before, how late it is, and whether the owner was told in time.

use ownerline_projections::orders::OrderFlag;
use ownerline_proto::v1::DeliveryWindowPlanned;
use ownerline_proto::v1::touchpoint::Payload;

use super::shown::{silence, statements, sums};
use super::{
    Said, and_told, ask, cancelled, dealer, flags, handed_over, notified, now, placed, promised,
    revised, said, viewed,
};
use crate::history::TestTouchpoint;

#[test]
fn the_day_on_which_the_owner_was_told_is_that_of_the_dealer() {
    let second = revised("2025-05-18", "2025-05-20", "2025-06-10", "");
    let said = [
        dealer("d1", "America/Los_Angeles"),
        placed("2025-01-01"),
        promised("2025-01-02", "2025-04-30", ""),
        // Still 30 April at the dealer.
        and_told(revised(
            "2025-05-01T05:00:00Z",
            "2025-04-30",
            "2025-05-20",
            "",
        )),
        second.clone(),
        notified("2025-05-19", &second, false),
        notified("2025-05-22", &second, true),
    ];
    let asked = |as_of| ask("o1", as_of).of_dealer();
    let (first, moved) = (
        "Promised 2025-04-30",
        "MovedLater 2025-05-20 +20, told by Revision 2025-05-01T05:00:00Z, lead 0, in time",
    );
    let shown = |as_of| asked(as_of).sheet(&said, |it| (statements(it), sums(it), silence(it)));
    let (statements, figures, heard) = shown("2025-05-20");
    assert_eq!(statements, [first, moved, "MovedLater 2025-06-10 +21"]);
    let right = "2025-04-30..2025-04-30 to 2025-06-10..2025-06-10, tightest 2025-04-30; \
                 2 revised, 0 shrunk, 2 moved; slip 41, 41, overdue 0";
    assert_eq!(figures, right);
    let gap = "longest 118d 17:00:00 (118d 17:00:00)";
    assert_eq!(heard, format!("word 2025-05-18, age 2d (2d), {gap}"));

    // At 08:00 in UTC the day of 20 May is over in Los Angeles.
    let (statements, figures, heard) = shown("2025-05-21T08:00:00Z");
    let untold = "MovedLater 2025-06-10 +21, too late";
    assert_eq!(statements, [first, moved, untold]);
    assert_eq!(figures, right);
    let age = "age 2d 20:00:00 (2d 20:00:00)";
    assert_eq!(heard, format!("word 2025-05-18, {age}, {gap}"));
    // A minute before midnight there it is not.
    let (statements, ..) = shown("2025-05-21T06:59:00Z");
    assert_eq!(statements[2], "MovedLater 2025-06-10 +21");

    let (statements, figures, heard) = shown("2025-05-23");
    let told = "MovedLater 2025-06-10 +21, told by Notice 2025-05-22, lead -2, too late";
    assert_eq!(statements, [first, moved, told]);
    assert_eq!(figures, right);
    assert_eq!(heard, format!("word 2025-05-22, age 1d (1d), {gap}"));
}

#[test]
fn a_window_that_moves_earlier_is_a_revision_and_no_slip() {
    let said = [
        placed("2025-01-01"),
        promised("2025-01-02", "2025-05-10", "2025-05-20"),
        and_told(revised(
            "2025-03-01",
            "2025-05-10",
            "2025-05-05",
            "2025-05-09",
        )),
        revised("2025-04-01", "2025-05-05", "2025-05-10", "2025-05-20"),
    ];
    let shown = |as_of| {
        let asked = ask("o1", as_of).of_dealer();
        asked.sheet(&said, |it| (statements(it), sums(it), silence(it)))
    };
    let (statements, figures, heard) = shown("2025-03-02");
    let (first, earlier) = (
        "Promised 2025-05-10..2025-05-20",
        "MovedEarlier 2025-05-05..2025-05-09, told by Revision 2025-03-01, lead 80, in time",
    );
    assert_eq!(statements, [first, earlier]);
    let right = "2025-05-10..2025-05-20 to 2025-05-05..2025-05-09, tightest 2025-05-09; \
                 1 revised, 0 shrunk, 1 moved; slip 0, 0, overdue 0";
    assert_eq!(figures, right);
    assert_eq!(heard, "word 2025-03-01, age 1d (1d), longest 58d (58d)");
    let (statements, figures, heard) = shown("2025-04-02");
    let back = "MovedLater 2025-05-10..2025-05-20 +11";
    assert_eq!(statements, [first, earlier, back]);
    let right = "2025-05-10..2025-05-20 to 2025-05-10..2025-05-20, tightest 2025-05-09; \
                 2 revised, 0 shrunk, 2 moved; slip 0, 11, overdue 0";
    assert_eq!(figures, right);
    assert_eq!(heard, "word 2025-04-01, age 1d (1d), longest 58d (58d)");
}

/// What a statement of another window is to the promise of 10 to 20 May.
fn against(date: &str, until_date: &str) -> String {
    let promise = promised("2025-01-02", "2025-05-10", "2025-05-20");
    let by = [
        revised("2025-02-01", "2025-01-01", date, until_date),
        promised("2025-02-01", date, until_date),
    ];
    let [revised, promised] = by.map(|second| {
        let said = [placed("2025-01-01"), promise.clone(), second];
        now(&said, "2025-02-02", |it| statements(it)[1].clone())
    });
    // Whether it is called a promise or a revision does not matter, and what a revision says was before does not either.
    assert_eq!(revised, promised);
    revised
}

#[test]
fn windows_are_measured_at_their_ends() {
    for (date, until_date, right) in [
        (
            "2025-05-10",
            "2025-05-20",
            "Restated 2025-05-10..2025-05-20",
        ),
        ("2025-05-12", "2025-05-18", "Shrunk 2025-05-12..2025-05-18"),
        ("2025-05-20", "", "Shrunk 2025-05-20"),
        ("2025-05-10", "2025-05-19", "Shrunk 2025-05-10..2025-05-19"),
        (
            "2025-05-09",
            "2025-05-21",
            "Widened 2025-05-09..2025-05-21 +1",
        ),
        (
            "2025-05-10",
            "2025-05-30",
            "Widened 2025-05-10..2025-05-30 +10",
        ),
        ("2025-05-01", "2025-05-20", "Widened 2025-05-01..2025-05-20"),
        (
            "2025-05-15",
            "2025-05-25",
            "MovedLater 2025-05-15..2025-05-25 +5",
        ),
        ("2025-05-21", "", "MovedLater 2025-05-21 +1"),
        (
            "2025-05-05",
            "2025-05-15",
            "MovedEarlier 2025-05-05..2025-05-15",
        ),
    ] {
        assert_eq!(against(date, until_date), right);
    }
}

#[test]
fn the_same_window_again_is_no_revision_and_owes_no_notice() {
    let said = [
        placed("2025-01-01"),
        promised("2025-01-02", "2025-05-10", ""),
        and_told(revised(
            "2025-02-01",
            "2025-05-10",
            "2025-05-10",
            "2025-05-10",
        )),
        revised("2025-03-01", "2025-05-10", "2025-05-08", "2025-05-12"),
    ];
    let shown = now(&said, "2025-06-01", |it| (statements(it), sums(it)));
    let right = [
        "Promised 2025-05-10",
        "Restated 2025-05-10",
        "Widened 2025-05-08..2025-05-12 +2, too late",
    ];
    assert_eq!(shown.0, right);
    let right = "2025-05-10..2025-05-10 to 2025-05-08..2025-05-12, tightest 2025-05-10; \
                 1 revised, 0 shrunk, 0 moved; slip 2, 2, overdue 20";
    assert_eq!(shown.1, right);
}

#[test]
fn a_first_statement_that_is_a_revision_says_what_was_promised() {
    let revision = |previous| {
        [
            placed("2025-01-01"),
            revised("2025-02-01", previous, "2025-05-20", "2025-05-25"),
        ]
    };
    let shown = |said: &[TestTouchpoint]| now(said, "2025-02-02", |it| (statements(it), sums(it)));
    let (statements, figures) = shown(&revision("2025-05-10"));
    assert_eq!(statements, ["MovedLater 2025-05-20..2025-05-25 +15"]);
    let right = "2025-05-10..2025-05-10 to 2025-05-20..2025-05-25, tightest 2025-05-10; \
                 1 revised, 0 shrunk, 1 moved; slip 15, 15, overdue 0";
    assert_eq!(figures, right);
    let flag = [OrderFlag::FirstWindowFromRevision].into();
    assert_eq!(flags(&revision("2025-05-10"), "2025-02-02"), flag);
    // A revision that does not say what was before is the first promise itself.
    let (statements, figures) = shown(&revision(""));
    assert_eq!(statements, ["Promised 2025-05-20..2025-05-25"]);
    assert!(figures.contains("0 revised"), "{figures}");
    assert_eq!(flags(&revision(""), "2025-02-02"), flag);
    // A promise that was reported late heals it.
    let [placing, revision] = revision("2025-05-10");
    let promise = promised("2025-01-05", "2025-05-12", "");
    let healed = [placing, revision, promise];
    assert_eq!(flags(&healed, "2025-02-02"), [].into());
    assert_eq!(shown(&healed).0[1], "MovedLater 2025-05-20..2025-05-25 +13");
}

#[test]
fn a_plan_is_no_promise() {
    let plan = DeliveryWindowPlanned {
        date: "2025-05-01".to_owned(),
        ..DeliveryWindowPlanned::default()
    };
    let said = [
        placed("2025-01-01"),
        said("2025-01-02", Payload::DeliveryWindowPlanned(plan)),
    ];
    let seen = now(&said, "2025-06-01", |it| (sums(it), it.planned.len()));
    assert_eq!(seen, ("none".to_owned(), 1));
}

#[test]
fn a_delivery_is_overdue_from_the_last_day_of_its_window_to_its_end() {
    let said = [
        dealer("d1", "Asia/Tokyo"),
        placed("2025-01-01"),
        promised("2025-01-02", "2025-05-01", "2025-05-10"),
    ];
    let seen = |said: &[TestTouchpoint], as_of| {
        now(said, as_of, |it| {
            let windows = it.windows.as_ref().unwrap();
            (windows.overdue_days, windows.is_slipped())
        })
    };
    // In Tokyo the day ends at 15:00 in UTC.
    assert_eq!(seen(&said, "2025-05-10T14:59:59Z"), (0, false));
    assert_eq!(seen(&said, "2025-05-10T15:00:00Z"), (1, true));
    assert_eq!(seen(&said, "2025-05-20"), (10, true));
    for end in [handed_over("2025-05-12", ""), cancelled("2025-05-12")] {
        let said = [&said[..], &[end]].concat();
        assert_eq!(seen(&said, "2025-05-20"), (2, true));
    }
    // A window that was once earlier is a slip long before it has passed.
    let moved = revised("2025-02-01", "", "2025-05-11", "");
    assert_eq!(
        seen(&[&said[..], &[moved]].concat(), "2025-02-02"),
        (0, true)
    );
}

#[test]
fn the_earliest_telling_counts_and_being_visible_is_none() {
    let promise = [
        placed("2025-01-01"),
        promised("2025-01-02", "2025-05-10", ""),
    ];
    let revision = revised("2025-05-01", "2025-05-10", "2025-06-10", "");
    let second = |more: &[TestTouchpoint], as_of: &str| {
        let said = [&promise[..], more].concat();
        now(&said, as_of, |it| statements(it)[1].clone())
    };
    let untold = "MovedLater 2025-06-10 +31";
    let only = [revision.clone()];
    assert_eq!(second(&only, "2025-05-10T23:59:59Z"), untold);
    assert_eq!(
        second(&only, "2025-05-11T00:00:00Z"),
        format!("{untold}, too late")
    );
    let told = |text: &str| format!("{untold}, told by {text}");
    let looks = [revision.clone(), viewed("2025-05-03", &revision)];
    let right = told("View 2025-05-03, lead 7, in time");
    assert_eq!(second(&looks, "2025-05-20"), right);
    // A notice before, and one that did not arrive.
    let notices = [
        notified("2025-05-02", &revision, false).named("lost"),
        notified("2025-05-02T18:00:00Z", &revision, true),
    ];
    let all = [&looks[..], &notices[..]].concat();
    let right = told("Notice 2025-05-02T18:00:00Z, lead 8, in time");
    assert_eq!(second(&all, "2025-05-20"), right);
    assert_eq!(second(&all, "2025-05-02"), untold, "not told yet");
    // A look at something else tells nothing.
    let other = [revision.clone(), viewed("2025-05-03", &promise[1])];
    assert_eq!(second(&other, "2025-05-05"), untold);
    // A revision that tells the owner itself does so when it is revealed.
    let planned = [and_told(revision.clone()).revealed("2025-05-04")];
    assert_eq!(second(&planned, "2025-05-03"), untold);
    let right = told("Revision 2025-05-04, lead 6, in time");
    assert_eq!(second(&planned, "2025-05-04"), right);
    let unmoved = [and_told(revision).revealed("2025-04-01")];
    let right = told("Revision 2025-05-01, lead 9, in time");
    assert_eq!(second(&unmoved, "2025-05-05"), right);
}

#[test]
fn a_notice_about_any_wording_of_a_revision_is_about_it_also_if_it_names_no_order() {
    let first = revised("2025-05-01", "2025-05-10", "2025-06-11", "").named("typo");
    let mended = revised("2025-05-01", "2025-05-10", "2025-06-10", "").named("mended");
    let notice = notified("2025-05-02", &first, true);
    let said = |notice: TestTouchpoint| {
        [
            placed("2025-01-01"),
            promised("2025-01-02", "2025-05-10", ""),
            first.clone(),
            mended.clone().correcting("typo"),
            notice,
        ]
    };
    let right = "MovedLater 2025-06-10 +31, told by Notice 2025-05-02, lead 8, in time";
    let unnamed = notice.clone().of_order("");
    for notice in [notice, unnamed] {
        let shown = now(&said(notice), "2025-05-20", |it| {
            (statements(it), silence(it))
        });
        assert_eq!(shown.0[1], right);
    }
    // What names no order is no word on it.
    let unnamed = said(notified("2025-05-02", &first, true).of_order(""));
    let heard = now(&unnamed, "2025-05-03", silence);
    assert!(heard.starts_with("word 2025-05-01,"), "{heard}");
    let lost = said(notified("2025-05-02", &first, false).of_order(""));
    let shown = now(&lost, "2025-05-03", |it| statements(it)[1].clone());
    assert_eq!(shown, "MovedLater 2025-06-10 +31");
}

#[test]
fn a_correction_of_a_date_rewrites_the_windows_from_its_position_on() {
    let said = [
        placed("2025-01-01"),
        promised("2025-01-02", "2025-05-10", ""),
        revised("2025-02-01", "2025-05-10", "2025-07-10", "").named("wrong"),
        revised("2025-02-01", "2025-05-10", "2025-05-17", "").correcting("wrong"),
    ];
    let slip = |known_at| {
        let asked = ask("o1", "2025-03-01").known_at(known_at);
        asked.sheet(&said, |it| {
            let windows = it.windows.as_ref().unwrap();
            (windows.slip_days(), windows.revisions())
        })
    };
    assert_eq!([2, 3, 4].map(slip), [(0, 0), (61, 1), (7, 1)]);
    // A retraction takes the correction out, and the first word is in force again.
    let id = said[3].id.clone();
    let retraction = super::stage("2025-02-05", Default::default()).retracting("crm", &id);
    let said = [&said[..], &[retraction]].concat();
    let slip = now(&said, "2025-03-01", |it| {
        it.windows.as_ref().unwrap().slip_days()
    });
    assert_eq!(slip, 61);
}

#[test]
fn everybody_sees_the_windows_that_they_may_see() {
    let said = [
        placed("2025-01-01"),
        promised("2025-01-02", "2025-05-10", "").for_dealers(),
        revised("2025-02-01", "2025-05-10", "2025-05-17", ""),
        revised("2025-03-01", "2025-05-17", "2025-06-17", "").internal(),
    ];
    let owner = ask("o1", "2025-04-01").of_owner("ann");
    let seen = owner.sheet(&said, |it| (statements(it), it.flags.clone()));
    assert_eq!(seen.0, ["MovedLater 2025-05-17 +7"]);
    assert_eq!(seen.1, [OrderFlag::FirstWindowFromRevision].into());
    let dealer = ask("o1", "2025-04-01").of_dealer();
    let seen = dealer.sheet(&said, statements);
    assert_eq!(seen, ["Promised 2025-05-10", "MovedLater 2025-05-17 +7"]);
    assert_eq!(now(&said, "2025-04-01", statements).len(), 3);
}
