//! Breaches that the clock-keeper of a running server records, as evidence: a missed promise counts once, whoever says that
//! it was missed, and a missed task does not count.

use std::time::Duration;

use ownerline::runtime::{Clock as _, SystemClock};
use ownerline_projections::obligation::terms::CASE_KINDS;
use ownerline_proto::time;
use ownerline_proto::v1::subscribe_response::Item;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    CaseOpened, CommitmentBroken, CommitmentMade, GetOwnerAdvocacyRequest, ObligationBreached,
    RecordedTouchpoint, Subjects, SubscribeRequest, TaskAssigned, Touchpoint,
};

use super::ask;
use crate::support::{Server, feedback};

const SECOND: i64 = 1_000_000_000;
/// Longer than anything here takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

fn of_case(id: &str, at: i64, payload: Payload) -> Touchpoint {
    Touchpoint {
        id: id.to_owned(),
        occurred_at: Some(time::timestamp(at)),
        subjects: Some(Subjects {
            owner_id: "ann".to_owned(),
            case_id: "c".to_owned(),
            ..Subjects::default()
        }),
        payload: Some(payload),
        ..feedback("ann", id, 0)
    }
}

fn promised(id: &str, at: i64, due_at: i64) -> Touchpoint {
    let made = CommitmentMade {
        commitment_id: id.to_owned(),
        due_at: Some(time::timestamp(due_at)),
        ..CommitmentMade::default()
    };
    of_case(id, at, Payload::CommitmentMade(made))
}

fn broken(id: &str, at: i64, commitment: &str) -> Touchpoint {
    let commitment_id = commitment.to_owned();
    let broken = Payload::CommitmentBroken(CommitmentBroken { commitment_id });
    of_case(id, at, broken)
}

/// Follows the log from its beginning until it satisfies a condition.
async fn until(
    server: &Server,
    enough: impl Fn(&[RecordedTouchpoint]) -> bool,
) -> Vec<RecordedTouchpoint> {
    let mut recorded = Vec::new();
    let following = async {
        let request = SubscribeRequest::default();
        let opened = server.touchpoints().subscribe(request).await.unwrap();
        let mut answers = opened.into_inner();
        while !enough(&recorded) {
            let answer = answers.message().await.unwrap().expect("it goes on");
            if let Item::Batch(batch) = answer.item.unwrap() {
                recorded.extend(batch.touchpoints);
            }
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, following).await;
    assert!(in_time.is_ok(), "it does not come: {recorded:?}");
    recorded
}

fn breaches(recorded: &[RecordedTouchpoint]) -> Vec<(String, &ObligationBreached)> {
    let payloads = recorded.iter().filter_map(|it| {
        let touchpoint = it.touchpoint.as_ref()?;
        match touchpoint.payload.as_ref()? {
            Payload::ObligationBreached(breach) => Some((touchpoint.id.clone(), breach)),
            _ => None,
        }
    });
    payloads.collect()
}

/// The evidence in the component of cases: the touchpoint and what it is evidence of, oldest first.
async fn evidence(server: &Server) -> Vec<(String, String)> {
    let request = GetOwnerAdvocacyRequest {
        owner_id: "ann".to_owned(),
        at_least: server.head().await,
        ..GetOwnerAdvocacyRequest::default()
    };
    let answer = ask(server, request).await.unwrap();
    let found = answer
        .components
        .into_iter()
        .flat_map(|it| it.contributions);
    let mut found: Vec<_> = found
        .map(|it| {
            let at = time::nanos_clamped(&it.occurred_at.unwrap());
            (at, it.touchpoint.unwrap().id, it.evidence)
        })
        .collect();
    found.sort();
    found.into_iter().map(|(_, id, what)| (id, what)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_promise_whose_breach_was_recorded_counts_once_and_a_task_never() {
    let server = Server::start_with_settings(&[("keeper.enabled", "true")]).await;
    let is_start = |it: &&RecordedTouchpoint| {
        let touchpoint = it.touchpoint.as_ref().unwrap();
        matches!(
            touchpoint.payload,
            Some(Payload::ObligationKeepingStarted(_))
        )
    };
    until(&server, |recorded| {
        recorded.iter().filter(is_start).count() == 1 + CASE_KINDS.len()
    })
    .await;
    let now = SystemClock.now();
    let opened = Payload::CaseOpened(CaseOpened::default());
    let task = Payload::TaskAssigned(TaskAssigned {
        task_id: "order-part".to_owned(),
        due_at: Some(time::timestamp(now + SECOND)),
        ..TaskAssigned::default()
    });
    for said in [
        of_case("opened", now, opened),
        promised("call-back", now, now + SECOND),
        promised("loan-a-car", now, now + SECOND),
        of_case("assigned", now, task),
    ] {
        server.record(said).await.unwrap();
    }
    let recorded = until(&server, |recorded| breaches(recorded).len() == 3).await;
    let breaches = breaches(&recorded);
    let breach_of = |subject: &str| {
        let mut breaches = breaches.iter();
        let found = breaches.find(|(_, breach)| breach.subject_id == subject);
        found.unwrap().0.clone()
    };
    let by_clock = |subject: &str| (breach_of(subject), "obligation_breached".to_owned());
    let mut both = [by_clock("call-back"), by_clock("loan-a-car")];
    both.sort();
    // Both are of one instant.
    assert_eq!(evidence(&server).await, both);
    // What the dealer declares later is the same miss.
    let declared = broken("declared", SystemClock.now(), "call-back");
    server.record(declared).await.unwrap();
    assert_eq!(evidence(&server).await, both);
    // What the dealer had declared before, and is reported late, is the first word of the miss.
    let reported_late = broken("reported-late", now + SECOND / 2, "loan-a-car");
    server.record(reported_late).await.unwrap();
    let first = ("reported-late".to_owned(), "commitment_broken".to_owned());
    assert_eq!(evidence(&server).await, [first, by_clock("call-back")]);
    server.stop().await;
}
