//! Any bytes as the message of any call, through a whole server: it answers, or refuses with a reason.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::PathAndQuery;
use ownerline_projections::policy::{Version, shipped};
use ownerline_proto::time;
use ownerline_proto::v1::get_policy_request::{InForce, Which};
use ownerline_proto::v1::{
    AdvocacyModel, CancelRebuildRequest, GetContextPackRequest, GetFeedbackRequest,
    GetLoyaltyRequest, GetOwnerAdvocacyRequest, GetPolicyRequest, GetResponseTimesRequest,
    GetScoresRequest, GetTimelineRequest, GetTouchpointRequest, ImportRequest,
    ListObligationsRequest, ListPoliciesRequest, ListProjectionsRequest, ObligationFilter,
    PublishPolicyRequest, ReadStreamRequest, RebuildProjectionRequest, RecordBatchRequest,
    RecordRequest, ScoreFilter, SlaPolicy, SubscribeRequest, TouchpointFilter, TouchpointKey,
    WatchObligationsRequest, WatchTimelineRequest, get_touchpoint_request::By,
    subscribe_request::Start,
};
use prost::Message as _;
use tonic::transport::Channel;
use tonic::{Code, Request, Status};

use super::{Mutator, hex, runs, samples};
use crate::feedback::told::{inbox, within};
use crate::support::{NOW, Server, feedback, reason};
use crate::touchpoint::raw_bytes::Raw;

/// Calls at once.
const AT_ONCE: usize = 16;
/// Calls on one connection. HTTP/2 ends one after 1,024 streams that were answered before their client had ended
/// them, as refused ones are.
const ON_ONE: usize = 500;
/// Longer than any answer takes; a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Every call of the contract, with messages that it takes.
fn calls(position: &str) -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let touchpoints = samples();
    let some = |from: usize| touchpoints[from..from + 3].to_vec();
    let position = position.to_owned();
    let owner_id = "owner-1".to_owned();
    let timeline = GetTimelineRequest {
        owner_id: owner_id.clone(),
        known_at: None,
        at_least: position.clone(),
        page_size: 2,
        ..GetTimelineRequest::default()
    };
    let watch = WatchTimelineRequest {
        owner_id: owner_id.clone(),
        at_least: position.clone(),
        ..WatchTimelineRequest::default()
    };
    let pack = GetContextPackRequest {
        owner_id,
        ..GetContextPackRequest::default()
    };
    let record = touchpoints.iter().map(|touchpoint| RecordRequest {
        touchpoint: Some(touchpoint.clone()),
        ..RecordRequest::default()
    });
    let names = vec!["timeline".to_owned()];
    let key = By::Key(TouchpointKey {
        source: "//test".to_owned(),
        id: "1".to_owned(),
    });
    let owed = Some(ObligationFilter {
        states: vec![1, 2],
        kinds: vec![1],
        min_share: 0.5,
        ..ObligationFilter::default()
    });
    let get = |by| GetTouchpointRequest { by: Some(by) }.encode_to_vec();
    let subscribe = |start| {
        SubscribeRequest {
            start,
            filter: Some(TouchpointFilter {
                types: vec!["com.ownerline.feedback_received.v1".to_owned()],
                categories: vec!["feedback".to_owned()],
                owner_ids: vec!["owner-1".to_owned()],
                until: Some(time::timestamp(NOW * 1_000_000_000)),
                ..TouchpointFilter::default()
            }),
        }
        .encode_to_vec()
    };
    vec![
        (
            "TouchpointService/Record",
            record.map(|r| r.encode_to_vec()).collect(),
        ),
        (
            "TouchpointService/RecordBatch",
            vec![
                RecordBatchRequest {
                    touchpoints: some(0),
                }
                .encode_to_vec(),
            ],
        ),
        (
            "TouchpointService/Import",
            vec![
                ImportRequest {
                    touchpoints: some(5),
                    validate_only: true,
                }
                .encode_to_vec(),
            ],
        ),
        (
            "TouchpointService/GetTouchpoint",
            vec![get(key), get(By::Position(position.clone()))],
        ),
        (
            "TouchpointService/ReadStream",
            vec![
                ReadStreamRequest {
                    stream: "feedback-f-1".to_owned(),
                    from_revision: Some(0),
                    direction: 2,
                    max_count: 3,
                }
                .encode_to_vec(),
            ],
        ),
        (
            "TouchpointService/Subscribe",
            vec![
                subscribe(None),
                subscribe(Some(Start::AfterPosition(position))),
            ],
        ),
        (
            "TimelineService/GetTimeline",
            vec![timeline.encode_to_vec()],
        ),
        ("TimelineService/WatchTimeline", vec![watch.encode_to_vec()]),
        ("TimelineService/GetContextPack", vec![pack.encode_to_vec()]),
        (
            "AdvocacyService/GetLoyalty",
            vec![GetLoyaltyRequest::default().encode_to_vec()],
        ),
        (
            "AdvocacyService/GetOwnerAdvocacy",
            vec![
                GetOwnerAdvocacyRequest {
                    owner_id: "owner-1".to_owned(),
                    model: Some(AdvocacyModel::default()),
                    ..GetOwnerAdvocacyRequest::default()
                }
                .encode_to_vec(),
            ],
        ),
        (
            "AdvocacyService/GetScores",
            vec![
                GetScoresRequest {
                    group_by: 3,
                    filter: Some(ScoreFilter {
                        model: "Vela".to_owned(),
                        ..ScoreFilter::default()
                    }),
                    ..GetScoresRequest::default()
                }
                .encode_to_vec(),
            ],
        ),
        (
            "FeedbackService/GetFeedback",
            vec![
                GetFeedbackRequest {
                    feedback_id: "f-1".to_owned(),
                    what_if: Some(within(60)),
                    ..GetFeedbackRequest::default()
                }
                .encode_to_vec(),
            ],
        ),
        (
            "FeedbackService/ListObligations",
            vec![
                ListObligationsRequest {
                    filter: owed.clone(),
                    order: 3,
                    page_size: 2,
                    ..inbox("dealer-1", "")
                }
                .encode_to_vec(),
            ],
        ),
        (
            "FeedbackService/WatchObligations",
            vec![
                WatchObligationsRequest {
                    dealer_id: "dealer-1".to_owned(),
                    filter: owed,
                    ..WatchObligationsRequest::default()
                }
                .encode_to_vec(),
            ],
        ),
        ("PolicyService/PublishPolicy", publications()),
        (
            "PolicyService/ListPolicies",
            vec![
                ListPoliciesRequest {
                    kind: 1,
                    name: "sla".to_owned(),
                    page_size: 2,
                    ..ListPoliciesRequest::default()
                }
                .encode_to_vec(),
            ],
        ),
        (
            "PolicyService/GetPolicy",
            vec![
                GetPolicyRequest {
                    which: Some(Which::InForce(InForce {
                        kind: 1,
                        name: "sla".to_owned(),
                        ..InForce::default()
                    })),
                    ..GetPolicyRequest::default()
                }
                .encode_to_vec(),
            ],
        ),
        (
            "ResponseTimeService/GetResponseTimes",
            vec![
                GetResponseTimesRequest {
                    group_by: 1,
                    with_bookings: true,
                    what_if: Some(SlaPolicy::default()),
                    ..GetResponseTimesRequest::default()
                }
                .encode_to_vec(),
            ],
        ),
        (
            "ProjectionService/ListProjections",
            vec![ListProjectionsRequest {}.encode_to_vec()],
        ),
        (
            "ProjectionService/RebuildProjection",
            vec![
                RebuildProjectionRequest {
                    names: names.clone(),
                }
                .encode_to_vec(),
            ],
        ),
        (
            "ProjectionService/CancelRebuild",
            vec![CancelRebuildRequest { names }.encode_to_vec()],
        ),
    ]
}

/// A policy of every kind, as those that ship with the server.
fn publications() -> Vec<Vec<u8>> {
    let publication = |version: &Arc<Version>| {
        let mut policy = version.published.clone();
        policy.effective_from = Some(time::timestamp(NOW));
        let request = PublishPolicyRequest {
            source: "//test".to_owned(),
            id: policy.name.clone(),
            policy: Some(policy),
            ..PublishPolicyRequest::default()
        };
        request.encode_to_vec()
    };
    shipped().iter().map(publication).collect()
}

/// The first message of the answer, or the refusal.
async fn send(channel: Channel, call: &str, bytes: Vec<u8>) -> Result<(), Status> {
    let mut grpc = tonic::client::Grpc::new(channel);
    grpc.ready().await.unwrap();
    let path: PathAndQuery = format!("/ownerline.v1.{call}").parse().unwrap();
    let request = Request::new(tokio_stream::once(Bytes::from(bytes)));
    let mut answers = grpc.streaming(request, path, Raw).await?.into_inner();
    answers.message().await.map(|_| ())
}

/// A refusal that a client can act on; nothing of these requests is a fault of the server.
fn is_typed(call: &str, input: &[u8], status: &Status) {
    let fine = [
        Code::InvalidArgument,
        Code::NotFound,
        Code::AlreadyExists,
        Code::Aborted,
        Code::FailedPrecondition,
        Code::ResourceExhausted,
    ];
    let told = (status.code(), reason(status));
    let known = fine.contains(&told.0) && !told.1.is_empty();
    let waited = told == (Code::Unavailable, "NOT_YET_VISIBLE".to_owned());
    assert!(known || waited, "{call} with {}: {status:?}", hex(input));
}

#[tokio::test(flavor = "multi_thread")]
async fn any_bytes_in_any_call_are_answered_or_refused_with_a_reason() {
    let settings = [("limits.at_least_wait", "100ms")];
    let server = Server::start_with_settings(&settings).await;
    let recorded = server.record(feedback("owner-1", "1", NOW)).await.unwrap();
    let mut calls: Vec<(&str, Mutator)> = calls(&recorded.position)
        .into_iter()
        .map(|(call, corpus)| (call, Mutator::of(corpus)))
        .collect();
    let runs = runs(600);
    let (mut answered, mut refused) = (0, 0);
    let mut sending = tokio::task::JoinSet::new();
    let mut channel = server.channel();
    for run in 0..runs + AT_ONCE {
        if run % ON_ONE == 0 {
            channel = server.another_channel().await;
        }
        if run < runs {
            let place = run % calls.len();
            let (call, mutator) = &mut calls[place];
            let (call, input, channel) = (*call, mutator.next(), channel.clone());
            sending.spawn(async move {
                let sent = tokio::time::timeout(PATIENCE, send(channel, call, input.clone())).await;
                let sent = sent.unwrap_or_else(|_| panic!("{call} hangs with {}", hex(&input)));
                if let Err(status) = &sent {
                    is_typed(call, &input, status);
                }
                sent.is_ok()
            });
        }
        if run >= AT_ONCE
            && let Some(sent) = sending.join_next().await
        {
            match sent.unwrap() {
                true => answered += 1,
                false => refused += 1,
            }
        }
    }
    println!("requests: {runs} inputs, {answered} answered");
    assert!(answered > 0 && refused > 0);
    server
        .record(feedback("owner-1", "after", NOW))
        .await
        .unwrap();
    server.stop().await;
}
