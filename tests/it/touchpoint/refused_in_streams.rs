//! Refusals in streams and batches: as data, with the facts that Record puts into its error.

use std::collections::BTreeMap;

use ownerline_proto::v1::{
    ExpectedRevision, RecordBatchRequest, RecordRequest, RecordStreamRequest, Refusal, Touchpoint,
    expected_revision::Expectation, record_result::Result as ItemResult, record_stream_request,
};
use tonic_types::StatusExt as _;

use crate::support::{NOW, Server, feedback};

type Expected = Option<ExpectedRevision>;

/// What Record says about a touchpoint: the reason, the metadata, and whether a retry helps.
async fn alone(server: &Server, touchpoint: Touchpoint, expected: Expected) -> Refusal {
    let request = RecordRequest {
        touchpoint: Some(touchpoint),
        expected_revision: expected,
        validate_only: false,
    };
    let status = server.touchpoints().record(request).await.unwrap_err();
    let details = status.get_error_details();
    let info = details.error_info().unwrap();
    let retry = details.retry_info().and_then(|retry| retry.retry_delay);
    Refusal {
        code: i32::from(status.code()),
        reason: info.reason.clone(),
        message: status.message().to_owned(),
        metadata: info.metadata.clone().into_iter().collect(),
        retry_delay: retry.map(Into::into),
        violations: Vec::new(),
    }
}

/// What RecordStream says about it, without its violations.
async fn in_stream(server: &Server, touchpoint: Touchpoint, expected: Expected) -> Refusal {
    let items = vec![record_stream_request::Item {
        touchpoint: Some(touchpoint),
        expected_revision: expected,
    }];
    let requests = tokio_stream::iter([RecordStreamRequest { items }]);
    let answers = server.touchpoints().record_stream(requests).await.unwrap();
    let answer = answers.into_inner().message().await.unwrap().unwrap();
    let [result] = answer.results.try_into().unwrap();
    let Some(ItemResult::Refused(refusal)) = result.result else {
        panic!("{result:?}");
    };
    Refusal {
        violations: Vec::new(),
        ..refusal
    }
}

fn metadata(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pairs = pairs.iter();
    let pairs = pairs.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    pairs.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_in_a_stream_has_the_data_of_the_error_that_record_returns() {
    let server = Server::start().await;
    server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let mut second = feedback("owner-1", "2", NOW);
    second.subjects.get_or_insert_default().feedback_id = "f-1".to_owned();
    let no_stream = Some(ExpectedRevision {
        expectation: Some(Expectation::NoStream(true)),
    });
    let mut malformed = feedback("owner-1", "3", NOW);
    malformed.source.clear();
    let stale = [
        ("stream", "feedback-f-1"),
        ("expected", "no_stream"),
        ("current", "0"),
    ];
    let reused = [
        ("source", "//test"),
        ("id", "1"),
        ("fields", "touchpoint.occurred_at"),
    ];
    for (touchpoint, expected, data) in [
        (second, no_stream, metadata(&stale)),
        (feedback("owner-1", "1", NOW + 1), None, metadata(&reused)),
        (malformed, None, metadata(&[])),
    ] {
        let said = alone(&server, touchpoint.clone(), expected).await;
        assert_eq!(said.metadata, data);
        let refusal = in_stream(&server, touchpoint.clone(), expected).await;
        assert_eq!(refusal, said);
    }
    // A batch expects nothing of streams, and names fields all the same.
    let touchpoints = vec![feedback("owner-2", "1", NOW)];
    let request = RecordBatchRequest { touchpoints };
    let answer = server.touchpoints().record_batch(request).await.unwrap();
    let results = answer.into_inner().results;
    let Some(ItemResult::Refused(refusal)) = &results[0].result else {
        panic!("{results:?}");
    };
    assert_eq!(refusal.metadata["fields"], "touchpoint.subjects.owner_id");
    server.stop().await;
}
