//! The events that the clock-keeper owes about a case.

use ownerline_projections::obligation::{
    Cause, Keeping, NoticeKind, NoticesDue, Publications, notices_due_of_case,
};
use ownerline_projections::policy::Policies;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::{acknowledged, assigned, kept, made, now, on, resolved, update};
use crate::case::{DAY, HOUR, opened};
use crate::history::TestTouchpoint;

/// No policy was published.
struct Nothing;

impl Publications for Nothing {
    fn publication(&self, _: &str, _: i32) -> Option<Cause> {
        None
    }
}

fn due(said: &[TestTouchpoint], at: i64, since: impl Fn(Kind) -> Option<i64>) -> NoticesDue {
    let terms = Policies::shipped_only().terms();
    let keeping = Keeping {
        in_force: &terms,
        publications: &Nothing,
        since: 0,
        now: at,
    };
    now(said, at, |history| {
        notices_due_of_case(history, &keeping, since)
    })
}

/// Kind, share in per cent, instant, and whether it tells of a breach.
fn brief(due: &NoticesDue) -> Vec<(Kind, i64, i64, bool)> {
    let notices = due.notices.iter();
    notices
        .map(|it| {
            let breach = it.event == NoticeKind::Breached;
            (
                it.kind,
                (it.share * 100.0).round() as i64,
                it.occurred_at,
                breach,
            )
        })
        .collect()
}

#[test]
fn levels_of_every_kind_are_due_at_their_own_instants() {
    let said = [
        opened("open", 0),
        made("m", HOUR, "p", Some(5 * HOUR)),
        acknowledged("ack", 20 * HOUR),
    ];
    let found = due(&said, 19 * HOUR, |_| Some(0));
    let quarter = HOUR / 60 * 36;
    assert_eq!(
        brief(&found),
        [
            (Kind::Commitment, 50, 3 * HOUR, false),
            (Kind::Commitment, 75, 4 * HOUR, false),
            (Kind::Commitment, 90, 4 * HOUR + quarter, false),
            (Kind::Commitment, 100, 5 * HOUR, true),
            (Kind::Acknowledgement, 50, 12 * HOUR, false),
            (Kind::Acknowledgement, 75, 18 * HOUR, false),
        ]
    );
    let promise = &found.notices[0];
    assert_eq!(
        (promise.subject_id.as_str(), promise.opened_by.id.as_str()),
        ("p", "m")
    );
    assert_eq!(
        (promise.owner_id.as_str(), promise.dealer_id.as_str()),
        ("ann", "d1")
    );
    // The acknowledgement of hour 20 comes before 90 %.
    assert_eq!(found.next, Some(20 * HOUR));
    let later = due(&said, 21 * HOUR, |_| Some(0));
    assert_eq!(later.notices.len(), 6);
    assert_eq!(later.next, Some(3 * DAY + 12 * HOUR));
}

#[test]
fn a_kind_is_kept_from_its_own_start_only() {
    let said = [opened("open", 0), made("m", 0, "p", Some(4 * HOUR))];
    let since = |kind| match kind {
        Kind::Commitment => Some(3 * HOUR),
        Kind::Acknowledgement => None,
        _ => Some(0),
    };
    let found = due(&said, 4 * DAY, since);
    assert_eq!(
        brief(&found),
        [
            (Kind::Commitment, 75, 3 * HOUR, false),
            (Kind::Commitment, 90, 3 * HOUR + HOUR / 60 * 36, false),
            (Kind::Commitment, 100, 4 * HOUR, true),
            (Kind::ProgressUpdate, 50, 3 * DAY + 12 * HOUR, false),
        ]
    );
}

#[test]
fn what_was_met_in_time_is_due_nothing() {
    let said = [
        opened("open", on(1, 10)),
        acknowledged("ack", on(1, 11)),
        update("news", on(2, 0), false),
        resolved("fixed", on(3, 0)),
        made("m", on(1, 10), "p", Some(on(3, 0))),
        kept("k", on(1, 12), "p"),
    ];
    assert_eq!(brief(&due(&said, on(90, 0), |_| Some(0))), []);
}

#[test]
fn what_an_import_opened_is_never_due_and_what_was_reported_live_since_is() {
    let by_import = [
        opened("open", 0),
        made("m", 0, "p", Some(5 * HOUR)),
        assigned("t", 0, "t", 5 * HOUR),
    ];
    let mut said = by_import.map(TestTouchpoint::imported).to_vec();
    assert_eq!(brief(&due(&said, 90 * DAY, |_| Some(0))), []);
    // A correction of an import reached the centre when the import did, and a date that is moved is no new promise.
    said.push(opened("opened anew", 0).correcting("open"));
    said.push(made("moved", 2 * HOUR, "p", Some(6 * HOUR)));
    assert_eq!(brief(&due(&said, 90 * DAY, |_| Some(0))), []);
    said.push(update("news", DAY, true));
    said.push(made("another", DAY, "q", Some(2 * DAY)));
    let breaches = brief(&due(&said, 90 * DAY, |_| Some(0)));
    let breaches = breaches.into_iter().filter(|(.., breach)| *breach);
    assert_eq!(
        breaches
            .map(|(kind, _, at, _)| (kind, at))
            .collect::<Vec<_>>(),
        [(Kind::Commitment, 2 * DAY), (Kind::ProgressUpdate, 8 * DAY)]
    );
}
