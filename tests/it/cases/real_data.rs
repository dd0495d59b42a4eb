//! Cases of a real help desk, against a plain reading of its file; runs when `OWNERLINE_DATA` names the folder.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_projections::Rank;
use ownerline_proto::kind::of_encoded;
use ownerline_proto::time;
use ownerline_proto::v1::case_service_client::CaseServiceClient;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    CaseFilter, CaseState, ListCasesRequest, ListCasesResponse, Touchpoint, TraceCaseRequest,
};
use prost::Message as _;

use crate::real_data::helpdesk;
use crate::support::{Dice, Server};

/// An instant after the end of the log.
const LATER: i64 = 1_400_000_000_000_000_000;

/// The place of a touchpoint in a history.
fn place(touchpoint: &Touchpoint) -> (i64, Rank, &str, &str) {
    let occurred_at = time::nanos(touchpoint.occurred_at.as_ref().unwrap()).unwrap();
    let kind = of_encoded(&touchpoint.encode_to_vec()).unwrap();
    let rank = Rank::of(touchpoint, kind.number);
    (occurred_at, rank, &touchpoint.source, &touchpoint.id)
}

/// The state of a case by one plain walk over its touchpoints. No customer of this desk writes after a pause, so a pause
/// ends with the outcome or the closing.
fn plain_state(history: &[&Touchpoint]) -> CaseState {
    let has = |wanted: fn(&Payload) -> bool| {
        let payloads = history.iter().filter_map(|it| it.payload.as_ref());
        payloads.into_iter().any(wanted)
    };
    if has(|it| matches!(it, Payload::CaseClosed(_))) {
        CaseState::Closed
    } else if has(|it| matches!(it, Payload::CaseResolved(_))) {
        CaseState::Resolved
    } else if has(|it| matches!(it, Payload::CasePausedOnOwner(_))) {
        CaseState::PausedOnOwner
    } else {
        CaseState::Open
    }
}

async fn cases(server: &Server, states: &[i32]) -> ListCasesResponse {
    let request = ListCasesRequest {
        filter: Some(CaseFilter {
            states: states.to_vec(),
            ..CaseFilter::default()
        }),
        as_of: Some(time::timestamp(LATER)),
        at_least: server.head().await,
        ..ListCasesRequest::default()
    };
    let mut client = CaseServiceClient::new(server.channel());
    client.list_cases(request).await.unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn cases_of_a_real_help_desk_are_listed_and_traced_as_its_file_has_them() {
    let Some(touchpoints) = helpdesk() else {
        return;
    };
    let server = Server::start().await;
    server.import(touchpoints.clone()).await;
    let mut histories: BTreeMap<&str, Vec<&Touchpoint>> = BTreeMap::new();
    for touchpoint in &touchpoints {
        let subjects = touchpoint.subjects.as_ref().unwrap();
        histories
            .entry(&subjects.case_id)
            .or_default()
            .push(touchpoint);
    }
    let mut expected: BTreeMap<i32, BTreeSet<&str>> = BTreeMap::new();
    for (case_id, history) in &mut histories {
        history.sort_by_key(|it| place(it));
        let state = plain_state(history);
        expected.entry(state.into()).or_default().insert(case_id);
    }
    assert_eq!(expected.values().map(BTreeSet::len).sum::<usize>(), 4_580);
    for (state, ids) in &expected {
        let page = cases(&server, &[*state]).await;
        assert_eq!(page.total, ids.len() as u64, "{state:?}");
        let listed: BTreeSet<&str> = page.cases.iter().map(|it| &*it.case_id).collect();
        assert!(listed.is_subset(ids), "{state:?}");
        assert_eq!(listed.len(), ids.len().min(100), "{state:?}");
    }
    let unfinished: BTreeSet<&str> = expected
        .iter()
        .filter(|(state, _)| **state != i32::from(CaseState::Closed))
        .flat_map(|(_, ids)| ids.iter().copied())
        .collect();
    let page = cases(&server, &[]).await;
    let listed: BTreeSet<&str> = page.cases.iter().map(|it| &*it.case_id).collect();
    assert_eq!(listed, unfinished);

    let ids: Vec<&str> = histories.keys().copied().collect();
    let mut dice = Dice(4_580);
    for _ in 0..10 {
        let case_id = ids[dice.below(ids.len())];
        let request = TraceCaseRequest {
            case_id: case_id.to_owned(),
            as_of: Some(time::timestamp(LATER)),
            at_least: server.head().await,
            ..TraceCaseRequest::default()
        };
        let mut client = CaseServiceClient::new(server.channel());
        let mut stream = client.trace_case(request).await.unwrap().into_inner();
        let mut traced: Vec<String> = Vec::new();
        while let Some(message) = stream.message().await.unwrap() {
            let entries = message.entries.into_iter();
            traced.extend(entries.map(|it| it.recorded.unwrap().touchpoint.unwrap().id));
        }
        let history = histories[case_id].iter();
        let history: Vec<&str> = history.map(|it| &*it.id).collect();
        assert_eq!(traced, history, "{case_id}");
    }
}
