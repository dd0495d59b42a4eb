//! The touchpoints and requests of the tests about feedback.

use std::time::{SystemTime, UNIX_EPOCH};

use ownerline_proto::time;
use ownerline_proto::v1::feedback_service_client::FeedbackServiceClient;
use ownerline_proto::v1::policy_published::{Body, Kind as PolicyKind};
use ownerline_proto::v1::policy_service_client::PolicyServiceClient;
use ownerline_proto::v1::sla_policy::Obligation as Rule;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Actor, DealerReplied, Feedback, FeedbackReassigned, GetFeedbackRequest, GetFeedbackResponse,
    ListObligationsRequest, ListObligationsResponse, PolicyPublished, PublishPolicyRequest,
    ReplyWithdrawn, SlaPolicy, Subjects, Touchpoint, TouchpointRef, Visibility, actor,
    dealer_replied,
};
use tonic::Status;
use tonic::transport::Channel;

use crate::remote::Remote;
use crate::support::feedback;

pub(crate) const SECOND: i64 = 1_000_000_000;

pub(crate) fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_nanos()).unwrap()
}

/// Seconds since the Unix epoch.
pub(crate) fn now_seconds() -> i64 {
    now() / SECOND
}

pub(crate) fn at(seconds: i64) -> pbjson_types::Timestamp {
    time::timestamp(seconds * SECOND)
}

/// Feedback `f-{id}` of `owner-1`, for which `dealer-1` is responsible.
pub(crate) fn said(id: &str, seconds: i64) -> Touchpoint {
    feedback("owner-1", id, seconds)
}

/// Something that happens in the stream of feedback `f-{of}`.
pub(crate) fn told(of: &str, id: &str, seconds: i64, payload: Payload) -> Touchpoint {
    Touchpoint {
        id: id.to_owned(),
        source: "//test".to_owned(),
        occurred_at: Some(at(seconds)),
        subjects: Some(Subjects {
            feedback_id: format!("f-{of}"),
            ..Subjects::default()
        }),
        visibility: Visibility::Owner.into(),
        payload: Some(payload),
        ..Touchpoint::default()
    }
}

/// A person of a dealer replies to feedback `f-{of}`.
pub(crate) fn reply(of: &str, id: &str, seconds: i64, dealer: &str) -> Touchpoint {
    let replied = DealerReplied {
        kind: dealer_replied::Kind::Human.into(),
        text: "We are sorry.".to_owned(),
        visible_to_owner: true,
        ..DealerReplied::default()
    };
    Touchpoint {
        actor: Some(Actor {
            id: "agent-7".to_owned(),
            kind: actor::Kind::Human.into(),
            dealer_id: dealer.to_owned(),
            ..Actor::default()
        }),
        ..told(of, id, seconds, Payload::DealerReplied(replied))
    }
}

pub(crate) fn withdrawn(of: &str, id: &str, seconds: i64, reply: &str) -> Touchpoint {
    let withdrawn = ReplyWithdrawn {
        reply: Some(TouchpointRef {
            source: String::new(),
            id: reply.to_owned(),
        }),
    };
    told(of, id, seconds, Payload::ReplyWithdrawn(withdrawn))
}

pub(crate) fn reassigned(of: &str, id: &str, seconds: i64, to: &str) -> Touchpoint {
    let reassigned = FeedbackReassigned {
        from_dealer_id: String::new(),
        to_dealer_id: to.to_owned(),
    };
    told(of, id, seconds, Payload::FeedbackReassigned(reassigned))
}

pub(crate) fn client(remote: &Remote) -> FeedbackServiceClient<Channel> {
    FeedbackServiceClient::new(remote.channel()).max_decoding_message_size(64 << 20)
}

/// The inbox of a dealer, standing at least on a position.
pub(crate) fn inbox(dealer: &str, at_least: &str) -> ListObligationsRequest {
    ListObligationsRequest {
        dealer_id: dealer.to_owned(),
        at_least: at_least.to_owned(),
        ..ListObligationsRequest::default()
    }
}

pub(crate) async fn list(
    remote: &Remote,
    request: ListObligationsRequest,
) -> ListObligationsResponse {
    let listed = client(remote).list_obligations(request).await;
    listed.unwrap().into_inner()
}

/// Every page, put together.
pub(crate) async fn list_all(
    remote: &Remote,
    mut request: ListObligationsRequest,
) -> ListObligationsResponse {
    let mut whole = list(remote, request.clone()).await;
    while !whole.next_page_token.is_empty() {
        request.page_token = std::mem::take(&mut whole.next_page_token);
        let page = list(remote, request.clone()).await;
        let stand = |it: &ListObligationsResponse| (it.position.clone(), it.as_of, it.total);
        assert_eq!(stand(&page), stand(&whole), "pages stand on the same");
        whole.items.extend(page.items);
        whole.next_page_token = page.next_page_token;
    }
    whole
}

/// The feedback of each obligation.
pub(crate) fn feedbacks(answer: &ListObligationsResponse) -> Vec<&str> {
    let owed = answer
        .items
        .iter()
        .map(|it| it.obligation.as_ref().unwrap());
    owed.map(|it| it.feedback_id.as_str()).collect()
}

pub(crate) fn ask(feedback: &str, at_least: &str) -> GetFeedbackRequest {
    GetFeedbackRequest {
        feedback_id: feedback.to_owned(),
        at_least: at_least.to_owned(),
        ..GetFeedbackRequest::default()
    }
}

pub(crate) async fn get(
    remote: &Remote,
    request: GetFeedbackRequest,
) -> Result<GetFeedbackResponse, Status> {
    Ok(client(remote).get_feedback(request).await?.into_inner())
}

pub(crate) async fn item(remote: &Remote, request: GetFeedbackRequest) -> Feedback {
    get(remote, request).await.unwrap().feedback.unwrap()
}

/// An SLA: a first reply within so many seconds, with one warning at half of them.
pub(crate) fn within(seconds: i64) -> SlaPolicy {
    SlaPolicy {
        obligations: vec![Rule {
            kind: Kind::FirstReply.into(),
            budget_seconds: seconds,
            warning_shares: vec![0.5],
            ..Rule::default()
        }],
    }
}

/// Publishes an SLA for the network, and returns its position.
pub(crate) async fn publish(remote: &Remote, sla: SlaPolicy) -> String {
    let request = PublishPolicyRequest {
        source: "//rules".to_owned(),
        id: "1".to_owned(),
        policy: Some(PolicyPublished {
            name: "sla".to_owned(),
            kind: PolicyKind::Sla.into(),
            effective_from: Some(at(0)),
            body: Some(Body::Sla(sla)),
            ..PolicyPublished::default()
        }),
        ..PublishPolicyRequest::default()
    };
    let mut policies = PolicyServiceClient::new(remote.channel());
    let published = policies.publish_policy(request).await.unwrap();
    published.into_inner().position
}
