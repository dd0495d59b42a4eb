//! One case, as it was and as it was known.

use ownerline_proto::v1::case::{Fate, Flag, Promise, episode, root_cause};
use ownerline_proto::v1::known_at::At;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::{CaseState, GetCaseRequest, KnownAt, Level};
use tonic::Code;

use super::{at, case, get, id, story, text};
use crate::support::{Server, reason};

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_answered_as_it_was_and_as_it_was_known() {
    let server = Server::start().await;
    let (before, after) = (story()[..9].to_vec(), story()[9..].to_vec());
    server.import(before).await;
    let then = server.head().await;
    server.import(after).await;
    let open = case(&server, 30).await;
    assert_eq!(open.state(), CaseState::Open);
    assert_eq!(open.owners[0].owner_id, "ann");
    assert_eq!(open.dealers[0].dealer_id, "dealer-1");
    let opened = open.opened.as_ref().unwrap();
    assert_eq!(opened.text, "the engine light is back");
    assert_eq!(open.remedy_sought, "the cause");
    assert_eq!(open.assessment.unwrap().severity(), Level::High);
    assert_eq!(open.advocates[0].agent_id, "eve");
    assert_eq!(open.agents, ["bob", "eve"]);
    assert_eq!(open.desired_outcome.unwrap().text, "that it stays off");
    let root_cause = open.root_cause.unwrap();
    assert_eq!(root_cause.state(), root_cause::State::Owed);
    assert_eq!(open.defects[0].same_as, ["d1"]);
    let closed = case(&server, 50 * 24).await;
    assert_eq!(closed.state(), CaseState::Closed);
    assert_eq!(closed.advocates, []);
    assert_eq!(id(&closed.former_advocates[0].ended), "closed");
    let episode = &closed.episodes[0];
    assert_eq!(episode.verdict(), episode::Verdict::Confirmed);
    assert_eq!(episode.unmet_requests, ["to be told why"]);
    assert_eq!(episode.resolved.as_ref().unwrap().text, "fixed");
    let updates = closed.updates.unwrap();
    assert_eq!((updates.count, updates.nothing_new), (1, 1));
    let silence = closed.silence.unwrap();
    let longest = silence.longest.unwrap();
    assert_eq!(longest.from, Some(at(9 * 24)));
    assert_eq!(longest.length.unwrap().seconds, 14 * 86_400);
    assert_eq!((silence.present, silence.long.len()), (None, 1));
    let unmet = closed.unmet.unwrap();
    assert!(unmet.root_cause_owed);
    assert_eq!(unmet.commitments_not_kept, ["friday"]);
    assert!(closed.obligations.iter().all(|it| it.case_id == "light"));
    assert_eq!(closed.obligations.len(), 7);
    assert!(closed.flags.is_empty());
    let fates = |promises: &[Promise]| promises.iter().map(Promise::fate).collect::<Vec<_>>();
    assert_eq!(fates(&closed.commitments), [Fate::Kept, Fate::Broken]);
    assert_eq!(fates(&closed.tasks), [Fate::KeptLate]);
    assert_eq!(closed.overdue, []);
    assert_eq!(closed.departments, ["parts"]);
    assert_eq!(closed.tasks[0].why, "a sensor is missing");
    let late = case(&server, 101).await;
    assert_eq!(fates(&late.commitments), [Fate::Kept, Fate::Overdue]);
    assert_eq!(late.overdue.len(), 1);
    let overdue = &late.overdue[0];
    assert_eq!(
        (overdue.kind(), overdue.subject_id.as_str()),
        (Kind::Commitment, "friday")
    );
    assert_eq!(overdue.overdue_for.unwrap().seconds, 3_600);
    assert_eq!(
        late.commitments[1].made.as_ref().unwrap().text,
        "a call on Friday"
    );
    assert_eq!(fates(&case(&server, 8 * 24).await.tasks), [Fate::Open]);
    assert_eq!(
        fates(&case(&server, 8 * 24 + 1).await.tasks),
        [Fate::Overdue]
    );
    let known = GetCaseRequest {
        case_id: text("light"),
        as_of: Some(at(50 * 24)),
        known_at: Some(KnownAt {
            at: Some(At::Position(then.clone())),
        }),
        ..GetCaseRequest::default()
    };
    let known = get(&server, known).await.unwrap();
    assert_eq!(known.position, then);
    assert_eq!(known.case.unwrap().state(), CaseState::Open);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_nothing_names_is_not_found_and_one_without_owner_is_flagged() {
    let server = Server::start().await;
    server.import(story()[2..4].to_vec()).await;
    let flags = case(&server, 30).await;
    let flags: Vec<Flag> = flags.flags().collect();
    assert_eq!(flags, [Flag::NoOwner, Flag::OpeningMissing]);
    let other = GetCaseRequest {
        case_id: text("other"),
        ..GetCaseRequest::default()
    };
    let refused = get(&server, other).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    assert!(!reason(&refused).is_empty());
    server.stop().await;
}
