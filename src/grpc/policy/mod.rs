//! PolicyService: versions of policies are published, listed, and found for somebody and an instant.

mod wire;

use ownerline_projections::Viewer;
use ownerline_projections::policy::decide::PolicyNames;
use ownerline_projections::policy::{PolicyFilter, PolicyQuestion};
use ownerline_proto::schema::{Limits, Schema};
use ownerline_proto::time::{self, Instant};
use ownerline_proto::v1::get_policy_request::{InForce, Version, Which};
use ownerline_proto::v1::policy_published::Kind;
use ownerline_proto::v1::policy_service_server::PolicyService;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    GetPolicyRequest, GetPolicyResponse, ListPoliciesRequest, ListPoliciesResponse,
    PolicyPublished, PublishPolicyRequest, PublishPolicyResponse,
};
use ownerline_proto::{Reason, Violation};
use prost::{Message as _, Name as _};

use super::asking::{answers, based, bounds, non_empty, page};
use super::convert;
use super::problem::Problem;
use crate::command::{Earlier, Publication, Published, PublishedBefore, Publisher};
use crate::query::{PolicyReads, PositionText, QueryError, decode};
use crate::store::{EventKey, Position};

/// The service.
pub struct PolicyApi {
    /// The reads.
    pub reads: PolicyReads,
    /// The way in.
    pub publisher: Publisher,
    /// How positions are written.
    pub text: PositionText,
    /// Characters of a text field.
    pub text_characters: usize,
}

#[tonic::async_trait]
impl PolicyService for PolicyApi {
    answers! {
        publish_policy: PublishPolicyRequest => PublishPolicyResponse,
            |api, request, viewer| api.publish(request, viewer);
        list_policies: ListPoliciesRequest => ListPoliciesResponse,
            |api, request, viewer| api.list(request, viewer);
        get_policy: GetPolicyRequest => GetPolicyResponse,
            |api, request, viewer| api.get(request, viewer);
    }
}

impl PolicyApi {
    async fn publish(
        &self,
        request: PublishPolicyRequest,
        viewer: &Viewer,
    ) -> Result<PublishPolicyResponse, Problem> {
        let text = Limits {
            text_characters: self.text_characters,
        };
        let name = PublishPolicyRequest::full_name();
        let checked = Schema::get().check(&name, &request.encode_to_vec(), "", text);
        let Some(policy) = request.policy else {
            return Err(Problem::malformed(checked.violations));
        };
        let publication = Publication {
            key: EventKey {
                source: request.source.into(),
                id: request.id.into(),
            },
            policy,
            occurred_at: request.occurred_at.as_ref().map(time::nanos_clamped),
            actor: request.actor,
            expected: convert::expected(request.expected_revision)?,
            validate_only: request.validate_only,
        };
        let before = Before {
            reads: &self.reads,
            viewer,
        };
        let published = self
            .publisher
            .publish(publication, checked.violations, &before);
        let Published { policy, outcome } = published.await?;
        let recorded = convert::response(self.text, outcome);
        Ok(PublishPolicyResponse {
            name: policy.name,
            version: policy.version,
            position: recorded.position,
            stream: recorded.stream,
            revision: recorded.revision,
            recorded_at: recorded.recorded_at,
            replayed: recorded.replayed,
        })
    }

    async fn list(
        &self,
        request: ListPoliciesRequest,
        viewer: &Viewer,
    ) -> Result<ListPoliciesResponse, Problem> {
        convert::check(&request)?;
        let page = page(self.text, &request)?;
        let filter = PolicyFilter {
            kind: specified(request.kind()),
            name: non_empty(request.name),
            scope: request.scope,
        };
        let answer = self.reads.list(filter, &page, viewer).await?;
        Ok(based(self.text, answer, |page| {
            let policies = page.entries.iter();
            ListPoliciesResponse {
                policies: policies.map(|it| wire::policy(self.text, it)).collect(),
                next_page_token: page.next.unwrap_or_default(),
                ..ListPoliciesResponse::default()
            }
        }))
    }

    async fn get(
        &self,
        request: GetPolicyRequest,
        viewer: &Viewer,
    ) -> Result<GetPolicyResponse, Problem> {
        convert::check(&request)?;
        let bounds = bounds(self.text, &request)?;
        let question = question(request.which)?;
        let answer = self.reads.get(question, &bounds, viewer).await?;
        Ok(based(self.text, answer, |found| GetPolicyResponse {
            policy: Some(wire::policy(self.text, &found.version)),
            market: found.market,
            ..GetPolicyResponse::default()
        }))
    }
}

fn question(which: Option<Which>) -> Result<PolicyQuestion, Problem> {
    let violation = match which {
        Some(Which::Version(Version { name, version })) => {
            return Ok(PolicyQuestion::Version { name, version });
        }
        None => Violation::new("which", Reason::Required, "must be set"),
        Some(Which::InForce(in_force)) => {
            let kind = specified(in_force.kind());
            let InForce {
                name, scope, start, ..
            } = in_force;
            let scope = scope.unwrap_or_default();
            if kind.is_none() && name.is_empty() {
                let why = "must be set where no name is";
                Violation::new("in_force.kind", Reason::Required, why)
            } else if !scope.market.is_empty() && !scope.dealer_id.is_empty() {
                let why =
                    "must be unset where a dealer is named: its market follows from the dealer";
                Violation::new("in_force.scope.market", Reason::Disagrees, why)
            } else {
                return Ok(PolicyQuestion::InForce {
                    kind,
                    name: (!name.is_empty()).then_some(name),
                    scope,
                    start: start.as_ref().map(Instant::from),
                });
            }
        }
    };
    Err(Problem::malformed(vec![violation]))
}

/// A kind, if one is said.
fn specified(kind: Kind) -> Option<Kind> {
    (kind != Kind::Unspecified).then_some(kind)
}

/// What was published before, as the views and the log tell it.
struct Before<'b> {
    reads: &'b PolicyReads,
    viewer: &'b Viewer,
}

impl PublishedBefore for Before<'_> {
    type Error = QueryError;

    async fn names(&self, name: &str, at_least: Position) -> Result<PolicyNames, QueryError> {
        Ok(self.reads.now(at_least, self.viewer).await?.names(name))
    }

    async fn earlier(&self, key: EventKey) -> Result<Option<Earlier>, QueryError> {
        let Some(event) = self.reads.reads.store.find(key).await? else {
            return Ok(None);
        };
        let touchpoint = decode(&event)?;
        let occurred_at = touchpoint.occurred_at.as_ref().map(time::nanos_clamped);
        Ok(match touchpoint.payload {
            Some(Payload::PolicyPublished(policy)) => Some(Earlier {
                policy,
                occurred_at: occurred_at.unwrap_or_default(),
            }),
            // The source and id belong to something else: recording says so.
            _ => Some(Earlier {
                policy: PolicyPublished::default(),
                occurred_at: occurred_at.unwrap_or_default(),
            }),
        })
    }
}
