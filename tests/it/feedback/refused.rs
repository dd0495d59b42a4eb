//! Questions that cannot be answered say everything that is wrong with them at once.

use ownerline_proto::v1::{
    GetFeedbackRequest, ListObligationsRequest, ObligationFilter, WatchObligationsRequest,
};
use tonic::Code;

use super::told::*;
use crate::support::{Server, pairs, reason, violations};

#[tokio::test(flavor = "multi_thread")]
async fn every_violation_of_a_question_is_reported_at_once() {
    let server = Server::start().await;
    let filter = || {
        Some(ObligationFilter {
            states: vec![1, 0, 77],
            kinds: vec![0],
            min_share: -1.0,
            survey: "not a name".to_owned(),
            ..ObligationFilter::default()
        })
    };
    let filtered = [
        ("dealer_id", "REQUIRED"),
        ("filter.kinds[0]", "REQUIRED"),
        ("filter.min_share", "RANGE"),
        ("filter.states[1]", "REQUIRED"),
        ("filter.states[2]", "UNKNOWN_VALUE"),
        ("filter.survey", "CHARACTERS"),
    ];
    let list = ListObligationsRequest {
        filter: filter(),
        ..inbox("", "nonsense")
    };
    let refused = client(&server).list_obligations(list).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let mut expected = filtered.to_vec();
    expected.push(("at_least", "FORMAT"));
    assert_eq!(violations(&refused), pairs(&expected));

    let watch = WatchObligationsRequest {
        filter: filter(),
        after_as_of: Some(at(0)),
        ..WatchObligationsRequest::default()
    };
    let refused = client(&server).watch_obligations(watch).await.unwrap_err();
    let mut expected = filtered.to_vec();
    expected.push(("after", "REQUIRED"));
    assert_eq!(violations(&refused), pairs(&expected));

    let refused = get(&server, ask("", "")).await.unwrap_err();
    assert_eq!(violations(&refused), pairs(&[("feedback_id", "REQUIRED")]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn violations_of_a_supposed_policy_name_their_field() {
    let server = Server::start().await;
    let head = server
        .record(said("1", now_seconds() - 5))
        .await
        .unwrap()
        .position;
    let mut sla = within(60);
    sla.obligations[0].calendar = "nobody".to_owned();
    sla.obligations.push(sla.obligations[0].clone());
    let asked = GetFeedbackRequest {
        what_if: Some(sla),
        ..ask("f-1", &head)
    };
    let refused = get(&server, asked).await.unwrap_err();
    let told = violations(&refused);
    assert!(
        told.iter()
            .all(|(field, _)| field.starts_with("what_if.obligations[")),
        "{told:?}"
    );
    assert!(told.len() > 1, "{told:?}");
    let behind = format!("{}-{:016x}", &head[..8], 999);
    let refused = get(&server, ask("f-1", &behind)).await.unwrap_err();
    assert_eq!(reason(&refused), "BEHIND_END_OF_LOG");
    server.stop().await;
}
