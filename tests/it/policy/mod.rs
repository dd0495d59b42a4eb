//! Policies through a whole server: published once, listed, found for somebody and an instant.

mod command_line;
mod publishing;
mod reading;

use ownerline_proto::time;
use ownerline_proto::v1::get_policy_request::{InForce, Which};
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::policy_service_client::PolicyServiceClient;
use ownerline_proto::v1::sla_policy::Obligation;
use ownerline_proto::v1::sla_policy::obligation::Kind as Owed;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    GetPolicyRequest, GetPolicyResponse, ListPoliciesRequest, ListPoliciesResponse,
    PolicyPublished, PublishPolicyRequest, PublishPolicyResponse, Scope, SlaPolicy, Touchpoint,
};
use tonic::Status;
use tonic::transport::Channel;

use crate::remote::Remote;
use crate::support::NOW;

const SECOND: i64 = 1_000_000_000;

fn client(remote: &Remote) -> PolicyServiceClient<Channel> {
    PolicyServiceClient::new(remote.channel())
}

fn at(seconds: i64) -> pbjson_types::Timestamp {
    time::timestamp(seconds * SECOND)
}

/// An SLA whose budget says which it is.
fn sla(name: &str, budget: i64) -> PolicyPublished {
    PolicyPublished {
        name: name.to_owned(),
        kind: Kind::Sla.into(),
        effective_from: Some(at(NOW)),
        body: Some(Body::Sla(SlaPolicy {
            obligations: vec![Obligation {
                kind: Owed::FirstReply.into(),
                budget_seconds: budget,
                ..Obligation::default()
            }],
        })),
        ..PolicyPublished::default()
    }
}

fn request(id: &str, policy: PolicyPublished) -> PublishPolicyRequest {
    PublishPolicyRequest {
        source: "//rules".to_owned(),
        id: id.to_owned(),
        policy: Some(policy),
        ..PublishPolicyRequest::default()
    }
}

async fn publish(
    remote: &Remote,
    request: PublishPolicyRequest,
) -> Result<PublishPolicyResponse, Status> {
    Ok(client(remote).publish_policy(request).await?.into_inner())
}

async fn list(remote: &Remote, request: ListPoliciesRequest) -> ListPoliciesResponse {
    client(remote)
        .list_policies(request)
        .await
        .unwrap()
        .into_inner()
}

async fn in_force(
    remote: &Remote,
    in_force: InForce,
    at_least: &str,
) -> Result<GetPolicyResponse, Status> {
    let request = GetPolicyRequest {
        which: Some(Which::InForce(in_force)),
        at_least: at_least.to_owned(),
        ..GetPolicyRequest::default()
    };
    Ok(client(remote).get_policy(request).await?.into_inner())
}

fn of_sla(dealer: &str, start: i64) -> InForce {
    InForce {
        kind: Kind::Sla.into(),
        scope: Some(Scope {
            dealer_id: dealer.to_owned(),
            ..Scope::default()
        }),
        start: Some(at(start)),
        ..InForce::default()
    }
}

/// name@version of an answer.
fn called(answer: &GetPolicyResponse) -> String {
    let published = answer.policy.as_ref().unwrap().published.as_ref().unwrap();
    format!("{}@{}", published.name, published.version)
}

fn reported(id: &str, policy: PolicyPublished) -> Touchpoint {
    Touchpoint {
        id: id.to_owned(),
        source: "//another".to_owned(),
        occurred_at: Some(at(NOW)),
        payload: Some(Payload::PolicyPublished(policy)),
        ..Touchpoint::default()
    }
}
