//! Lists of cases.

use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::{
    CaseFilter, CaseState, CaseSummary, Level, ListCasesRequest, ListCasesResponse, Touchpoint,
};
use tonic::Status;

use super::{at, client, story, text};
use crate::support::{Server, violations};

/// The story in another case, of another owner at another dealer, without its last touchpoints.
fn another(case_id: &str, owner_id: &str, until: usize) -> Vec<Touchpoint> {
    let mut story = story();
    story.truncate(until);
    for touchpoint in &mut story {
        touchpoint.id = format!("{case_id}-{}", touchpoint.id);
        let subjects = touchpoint.subjects.get_or_insert_default();
        subjects.case_id = text(case_id);
        if !subjects.owner_id.is_empty() {
            subjects.owner_id = text(owner_id);
        }
        if !subjects.dealer_id.is_empty() {
            subjects.dealer_id = text("dealer-2");
        }
    }
    story
}

async fn ask(server: &Server, request: ListCasesRequest) -> Result<ListCasesResponse, Status> {
    let request = ListCasesRequest {
        as_of: Some(at(101)),
        at_least: server.head().await,
        ..request
    };
    let mut client = client(server).await;
    Ok(client.list_cases(request).await?.into_inner())
}

async fn listed(server: &Server, filter: CaseFilter) -> Vec<String> {
    let request = ListCasesRequest {
        filter: Some(filter),
        ..ListCasesRequest::default()
    };
    let cases = ask(server, request).await.unwrap().cases.into_iter();
    cases.map(|it| it.case_id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_are_listed_by_what_is_due_and_by_everything_that_is_asked_for() {
    let server = Server::start().await;
    server.import(story()).await;
    server.import(another("fresh", "ben", 5)).await;
    server.import(another("noise", "ben", 1)).await;
    let all = ask(&server, ListCasesRequest::default()).await.unwrap();
    let due = |it: &CaseSummary| (it.due_at.unwrap(), it.due_kind(), it.overdue);
    // Nobody acknowledged the third one within a day; the first one owes a promise since an hour.
    let ids: Vec<&str> = all.cases.iter().map(|it| it.case_id.as_str()).collect();
    assert_eq!((ids, all.total), (vec!["noise", "light", "fresh"], 3));
    assert_eq!(due(&all.cases[0]), (at(24), Kind::Acknowledgement, 1));
    assert_eq!(due(&all.cases[1]), (at(100), Kind::Commitment, 1));
    assert_eq!(due(&all.cases[2]), (at(7 * 24), Kind::ProgressUpdate, 0));
    let light = &all.cases[1];
    assert_eq!(
        (light.due_subject_id.as_str(), light.severity()),
        ("friday", Level::High)
    );
    assert_eq!(
        (light.advocates.as_slice(), light.root_cause_owed),
        (&[text("eve")][..], true)
    );
    let of = |filter: CaseFilter| listed(&server, filter);
    let filters = [
        CaseFilter {
            dealer_id: text("dealer-2"),
            ..CaseFilter::default()
        },
        CaseFilter {
            owner_id: text("ben"),
            ..CaseFilter::default()
        },
        CaseFilter {
            advocate_id: text("eve"),
            ..CaseFilter::default()
        },
        CaseFilter {
            overdue: true,
            ..CaseFilter::default()
        },
        CaseFilter {
            min_severity: Level::High.into(),
            ..CaseFilter::default()
        },
        CaseFilter {
            states: vec![CaseState::Closed.into()],
            ..CaseFilter::default()
        },
    ];
    let expected: [&[&str]; 6] = [
        &["noise", "fresh"],
        &["noise", "fresh"],
        &["light", "fresh"],
        &["noise", "light"],
        &["light", "fresh"],
        &[],
    ];
    for (filter, expected) in filters.into_iter().zip(expected) {
        let shown = format!("{filter:?}");
        assert_eq!(of(filter).await, expected, "{shown}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_cases_reflect_the_first_one() {
    let server = Server::start().await;
    server.import(story()).await;
    server.import(another("fresh", "ben", 5)).await;
    let one = ListCasesRequest {
        page_size: 1,
        ..ListCasesRequest::default()
    };
    let first = ask(&server, one.clone()).await.unwrap();
    assert_eq!(first.cases[0].case_id, "light");
    server.import(another("noise", "ben", 1)).await;
    let next = ListCasesRequest {
        page_token: first.next_page_token,
        ..one
    };
    let next = ask(&server, next).await.unwrap();
    assert_eq!((next.cases[0].case_id.as_str(), next.total), ("fresh", 2));
    assert_eq!(next.next_page_token, "");
    let odd = ListCasesRequest {
        filter: Some(CaseFilter {
            states: vec![0],
            ..CaseFilter::default()
        }),
        ..ListCasesRequest::default()
    };
    let refused = ask(&server, odd).await.unwrap_err();
    assert_eq!(violations(&refused)[0].0, "filter.states[0]");
    server.stop().await;
}
