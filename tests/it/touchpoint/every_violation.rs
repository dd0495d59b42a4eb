//! What is listed where a touchpoint has many faults: missing fields first, something of each list, and the right count.

use ownerline_proto::v1::response_time_service_client::ResponseTimeServiceClient;
use ownerline_proto::v1::sla_policy::{Obligation, obligation};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    ContactMade, FeedbackReceived, GetResponseTimesRequest, ImportRequest, RecordBatchRequest,
    Refusal, SlaPolicy, Touchpoint, record_result::Result as ItemResult,
};
use pbjson_types::Timestamp;
use tonic::Status;
use tonic_types::StatusExt as _;

use crate::support::{NOW, Server, feedback, pairs, violations};

/// 500 bad agents, an unknown channel, no id and no time.
fn bad_in_many_ways() -> Touchpoint {
    let mut touchpoint = feedback("owner-1", "", NOW);
    touchpoint.occurred_at = None;
    touchpoint.channel = 99;
    touchpoint.payload = Some(Payload::ContactMade(ContactMade {
        agents: vec!["\u{1}".to_owned(); 500],
        ..ContactMade::default()
    }));
    touchpoint
}

const FAULTS: usize = 504;

async fn refused_in_batch(server: &Server, touchpoint: Touchpoint) -> Refusal {
    let touchpoints = vec![touchpoint];
    let request = RecordBatchRequest { touchpoints };
    let answer = server.touchpoints().record_batch(request).await.unwrap();
    let result = answer.into_inner().results.remove(0).result;
    match result.unwrap() {
        ItemResult::Refused(refusal) => refusal,
        ItemResult::Recorded(recorded) => panic!("{recorded:?}"),
    }
}

/// The fields of the violations in the order in which they are listed.
fn listed(status: &Status) -> Vec<String> {
    let details = status.get_error_details();
    let violations = &details.bad_request().unwrap().field_violations;
    violations.iter().map(|it| it.field.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_fields_come_first_and_one_list_pushes_out_nothing() {
    let server = Server::start().await;
    let status = server.record(bad_in_many_ways()).await.unwrap_err();
    let first = [
        "touchpoint.id",
        "touchpoint.occurred_at",
        "touchpoint.channel",
        "touchpoint.contact_made.agents[0]",
        "touchpoint.contact_made.agents",
        "touchpoint.contact_made.agents[1]",
    ];
    let fields = listed(&status);
    assert_eq!(fields[..first.len()], first);
    let more = format!("(and {} more)", FAULTS - 1);
    assert!(status.message().ends_with(&more), "{}", status.message());
    let details = status.get_error_details();
    let unary = details.error_info().unwrap().metadata.clone();
    assert_eq!(unary["violations"], FAULTS.to_string());
    let left_out = FAULTS - fields.len();
    assert_eq!(unary["violations_left_out"], left_out.to_string());

    // A batch lists more of them, since they do not travel in a header.
    let refusal = refused_in_batch(&server, bad_in_many_ways()).await;
    assert_eq!(refusal.message, status.message());
    let fields: Vec<_> = refusal.violations.iter().map(|it| &*it.field).collect();
    assert_eq!(fields[..first.len()], first);
    // The cap of one list is 20.
    assert_eq!(fields.len(), 24);
    assert_eq!(refusal.metadata["violations"], FAULTS.to_string());
    let left_out = FAULTS - 24;
    assert_eq!(
        refusal.metadata["violations_left_out"],
        left_out.to_string()
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_violation_in_a_map_names_its_key() {
    let server = Server::start().await;
    let mut touchpoint = feedback("owner-1", "1", NOW);
    touchpoint.payload = Some(Payload::FeedbackReceived(FeedbackReceived {
        answers: [("x".to_owned(), "\u{1}".to_owned())].into(),
        ..FeedbackReceived::default()
    }));
    let status = server.record(touchpoint).await.unwrap_err();
    let field = r#"touchpoint.feedback_received.answers["x"]"#;
    assert_eq!(violations(&status), pairs(&[(field, "CHARACTERS")]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_timestamp_is_one_violation() {
    let server = Server::start().await;
    for (seconds, nanos) in [(i64::MAX, 0), (i64::MIN, 0), (NOW, -1), (i64::MAX, -1)] {
        let bad = Some(Timestamp { seconds, nanos });
        let mut touchpoint = feedback("owner-1", "1", NOW);
        touchpoint.occurred_at = bad;
        let status = server.record(touchpoint).await.unwrap_err();
        let expected = pairs(&[("touchpoint.occurred_at", "RANGE")]);
        assert_eq!(violations(&status), expected);
        let mut touchpoint = feedback("owner-1", "1", NOW);
        touchpoint.received_at = bad;
        let request = ImportRequest {
            touchpoints: vec![touchpoint],
            validate_only: false,
        };
        let mut client = server.touchpoints();
        let answers = client.import(tokio_stream::iter([request])).await.unwrap();
        let answer = answers.into_inner().message().await.unwrap().unwrap();
        let Some(ItemResult::Refused(refusal)) = &answer.results[0].result else {
            panic!("{answer:?}");
        };
        let fields: Vec<_> = refusal.violations.iter().map(|it| &*it.field).collect();
        assert_eq!(fields, ["touchpoint.received_at"], "{refusal:?}");
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_field_that_breaks_the_rules_of_a_field_and_of_a_policy_is_reported_once() {
    let server = Server::start().await;
    let request = GetResponseTimesRequest {
        what_if: Some(SlaPolicy {
            obligations: vec![Obligation {
                kind: obligation::Kind::FirstReply.into(),
                budget_seconds: -1,
                warning_shares: vec![2.0],
                ..Obligation::default()
            }],
        }),
        ..GetResponseTimesRequest::default()
    };
    let mut client = ResponseTimeServiceClient::new(server.channel());
    let status = client.get_response_times(request).await.unwrap_err();
    let mut fields = listed(&status);
    let all = fields.len();
    fields.sort_unstable();
    fields.dedup();
    assert_eq!(fields.len(), all, "{status:?}");
    assert!(fields.contains(&"what_if.obligations[0].budget_seconds".to_owned()));
    server.stop().await;
}
