//! Every method of the contract, and what those that read views answer about one owner, one feedback and one dealer.

use std::collections::BTreeSet;

use ownerline_proto::DESCRIPTOR_SET;
use ownerline_proto::time;
use ownerline_proto::v1::actor::Kind as ActorKind;
use ownerline_proto::v1::advocacy_service_client::AdvocacyServiceClient;
use ownerline_proto::v1::case_service_client::CaseServiceClient;
use ownerline_proto::v1::contact_service_client::ContactServiceClient;
use ownerline_proto::v1::feedback_service_client::FeedbackServiceClient;
use ownerline_proto::v1::get_policy_request::{Version, Which};
use ownerline_proto::v1::policy_published::{Body, Kind as PolicyKind};
use ownerline_proto::v1::policy_service_client::PolicyServiceClient;
use ownerline_proto::v1::production_service_client::ProductionServiceClient;
use ownerline_proto::v1::response_time_service_client::ResponseTimeServiceClient;
use ownerline_proto::v1::sla_policy::Obligation;
use ownerline_proto::v1::sla_policy::obligation::Kind as Owed;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_service_client::VehicleServiceClient;
use ownerline_proto::v1::*;
use prost::Message as _;
use prost_types::FileDescriptorSet;
use tonic::Status;

use crate::remote::Remote;
use crate::support::{NOW, feedback};

/// Later than anything in the history.
pub(super) const UNTIL: i64 = 1_767_225_600;
/// The methods whose answers do not come from views.
const WITHOUT_VIEWS: [&str; 12] = [
    "PolicyService/PublishPolicy",
    "ProjectionService/CancelRebuild",
    "ProjectionService/ListProjections",
    "ProjectionService/RebuildProjection",
    "TouchpointService/GetTouchpoint",
    "TouchpointService/Import",
    "TouchpointService/ListTouchpoints",
    "TouchpointService/ReadStream",
    "TouchpointService/Record",
    "TouchpointService/RecordBatch",
    "TouchpointService/RecordStream",
    "TouchpointService/Subscribe",
];
/// The methods whose answers do.
pub(super) const FROM_VIEWS: [&str; 24] = [
    "AdvocacyService/GetLoyalty",
    "AdvocacyService/GetOwnerAdvocacy",
    "AdvocacyService/GetScores",
    "AdvocacyService/ListAdvocates",
    "CaseService/GetCase",
    "CaseService/ListCases",
    "CaseService/TraceCase",
    "CaseService/WatchCase",
    "ContactService/GetAssistance",
    "ContactService/ListContacts",
    "FeedbackService/GetFeedback",
    "FeedbackService/ListObligations",
    "FeedbackService/WatchObligations",
    "PolicyService/GetPolicy",
    "PolicyService/ListPolicies",
    "ProductionService/GetOrder",
    "ResponseTimeService/GetResponseTimes",
    "TimelineService/GetTimeline",
    "TimelineService/ListBookings",
    "TimelineService/WatchTimeline",
    "TouchpointService/ListDealers",
    "TouchpointService/ListOwners",
    "VehicleService/GetRepeatRepairStatus",
    // Last, because it records what was served.
    "TimelineService/GetContextPack",
];

/// Whom and what is asked about.
pub(super) struct Names {
    pub(super) owner_id: String,
    feedback_id: String,
    case_id: String,
    order_id: String,
    dealer_id: String,
    vin: String,
}

impl Names {
    pub(super) fn of(history: &[Touchpoint]) -> Self {
        let with = |wanted: fn(&Payload) -> bool| {
            let mut touchpoints = history.iter();
            let found = touchpoints.find(|it| it.payload.as_ref().is_some_and(wanted));
            found.unwrap().subjects.clone().unwrap()
        };
        let visit = with(|it| matches!(it, Payload::AppointmentBooked(_)));
        let said = with(|it| matches!(it, Payload::FeedbackReceived(_)));
        let opened = with(|it| matches!(it, Payload::CaseOpened(_)));
        let placed = with(|it| matches!(it, Payload::OrderPlaced(_)));
        Self {
            owner_id: visit.owner_id,
            case_id: opened.case_id,
            order_id: placed.order_id,
            feedback_id: said.feedback_id,
            dealer_id: "dealer-1".to_owned(),
            vin: with(|it| matches!(it, Payload::VehicleAcquired(_))).vin,
        }
    }
}

/// What a method answers, without the instants that two calls differ in.
pub(super) async fn ask(remote: &Remote, method: &str, names: &Names) -> Result<String, Status> {
    let as_of = Some(time::timestamp(UNTIL * 1_000_000_000));
    // The policy is published today.
    let later = Some(time::timestamp(2 * UNTIL * 1_000_000_000));
    let owner_id = names.owner_id.clone();
    let dealer_id = names.dealer_id.clone();
    let channel = remote.channel();
    let (mut timelines, mut touchpoints) = (remote.timelines(), remote.touchpoints());
    let mut advocacy = AdvocacyServiceClient::new(channel.clone());
    let mut cases = CaseServiceClient::new(channel.clone());
    let mut contacts = ContactServiceClient::new(channel.clone());
    let mut inbox = FeedbackServiceClient::new(channel.clone());
    let mut policies = PolicyServiceClient::new(channel.clone());
    let mut response_times = ResponseTimeServiceClient::new(channel);
    macro_rules! unary {
        ($client:ident.$call:ident($request:ident { $($field:ident: $value:expr),* $(,)? })) => {{
            let request = $request { $($field: $value,)* ..$request::default() };
            format!("{:?}", $client.$call(request).await?.into_inner())
        }};
    }
    Ok(match method {
        "AdvocacyService/GetLoyalty" => {
            unary!(advocacy.get_loyalty(GetLoyaltyRequest { as_of: as_of }))
        }
        "AdvocacyService/GetOwnerAdvocacy" => {
            unary!(advocacy.get_owner_advocacy(GetOwnerAdvocacyRequest {
                owner_id: owner_id,
                as_of: as_of
            }))
        }
        "AdvocacyService/GetScores" => {
            unary!(advocacy.get_scores(GetScoresRequest { as_of: as_of }))
        }
        "AdvocacyService/ListAdvocates" => {
            unary!(advocacy.list_advocates(ListAdvocatesRequest { as_of: as_of }))
        }
        "CaseService/GetCase" => unary!(cases.get_case(GetCaseRequest {
            case_id: names.case_id.clone(),
            as_of: as_of,
        })),
        "CaseService/ListCases" => unary!(cases.list_cases(ListCasesRequest { as_of: as_of })),
        "CaseService/WatchCase" => {
            let request = WatchCaseRequest {
                case_id: names.case_id.clone(),
                ..WatchCaseRequest::default()
            };
            let mut watch = cases.watch_case(request).await?.into_inner();
            let first = watch.message().await?.unwrap();
            first.case.unwrap().case_id
        }
        "CaseService/TraceCase" => {
            let request = TraceCaseRequest {
                case_id: names.case_id.clone(),
                ..TraceCaseRequest::default()
            };
            let mut parts = cases.trace_case(request).await?.into_inner();
            let first = parts.message().await?.unwrap();
            first.total.to_string()
        }
        "ContactService/GetAssistance" => {
            unary!(contacts.get_assistance(GetAssistanceRequest { as_of: as_of }))
        }
        "ContactService/ListContacts" => {
            unary!(contacts.list_contacts(ListContactsRequest { as_of: as_of }))
        }
        "FeedbackService/GetFeedback" => unary!(inbox.get_feedback(GetFeedbackRequest {
            feedback_id: names.feedback_id.clone(),
            as_of: as_of,
        })),
        "FeedbackService/ListObligations" => {
            unary!(inbox.list_obligations(ListObligationsRequest {
                dealer_id: dealer_id,
                as_of: as_of,
            }))
        }
        "FeedbackService/WatchObligations" => {
            let request = WatchObligationsRequest {
                dealer_id,
                ..WatchObligationsRequest::default()
            };
            let mut watch = inbox.watch_obligations(request).await?.into_inner();
            let first = watch.message().await?.unwrap();
            let items = first.changes.into_iter();
            let ids: BTreeSet<_> = items.map(|change| format!("{:?}", change.change)).collect();
            format!("{}", ids.len())
        }
        "PolicyService/GetPolicy" => unary!(policies.get_policy(GetPolicyRequest {
            which: Some(Which::Version(Version {
                name: "catching-up".to_owned(),
                version: 1,
            })),
            as_of: later,
        })),
        "PolicyService/ListPolicies" => {
            unary!(policies.list_policies(ListPoliciesRequest { as_of: later }))
        }
        "ResponseTimeService/GetResponseTimes" => {
            unary!(response_times.get_response_times(GetResponseTimesRequest {
                as_of: as_of,
                with_bookings: true,
            }))
        }
        "TimelineService/GetTimeline" => unary!(timelines.get_timeline(GetTimelineRequest {
            owner_id: owner_id,
            as_of: as_of,
        })),
        "TimelineService/ListBookings" => unary!(timelines.list_bookings(ListBookingsRequest {
            owner_id: owner_id,
            as_of: as_of,
        })),
        "TimelineService/WatchTimeline" => {
            let request = WatchTimelineRequest {
                owner_id,
                ..WatchTimelineRequest::default()
            };
            let mut watch = timelines.watch_timeline(request).await?.into_inner();
            let first = watch.message().await?.unwrap();
            let changes = first.changes.iter().map(|change| format!("{change:?}"));
            // Each pack that was asked for is there.
            let changes = changes.filter(|change| !change.contains("ContextPackServed"));
            changes.collect()
        }
        "TimelineService/GetContextPack" => {
            let request = GetContextPackRequest {
                owner_id,
                actor: Some(Actor {
                    kind: ActorKind::Human.into(),
                    id: "agent-7".to_owned(),
                    ..Actor::default()
                }),
                as_of,
                ..GetContextPackRequest::default()
            };
            let answer = timelines.get_context_pack(request).await?.into_inner();
            format!("{:?}", answer.pack)
        }
        "ProductionService/GetOrder" => {
            let mut orders = ProductionServiceClient::new(remote.channel());
            unary!(orders.get_order(GetOrderRequest {
                name: names.order_id.clone(),
                as_of: as_of,
            }))
        }
        "VehicleService/GetRepeatRepairStatus" => {
            let mut vehicles = VehicleServiceClient::new(remote.channel());
            unary!(
                vehicles.get_repeat_repair_status(GetRepeatRepairStatusRequest {
                    vin: names.vin.clone(),
                    as_of: as_of,
                })
            )
        }
        "TouchpointService/ListDealers" => {
            unary!(touchpoints.list_dealers(ListDealersRequest { as_of: as_of }))
        }
        "TouchpointService/ListOwners" => {
            unary!(touchpoints.list_owners(ListOwnersRequest { as_of: as_of }))
        }
        other => panic!("{other} is not asked"),
    })
}

/// Publishes the policy that is asked for, and records feedback that waits for an answer of the dealer.
pub(super) async fn prepare(remote: &Remote) {
    let open = feedback("owner-1", "open", NOW);
    remote.record(open).await.unwrap();
    let policy = PolicyPublished {
        name: "catching-up".to_owned(),
        kind: PolicyKind::Sla.into(),
        effective_from: Some(time::timestamp(0)),
        body: Some(Body::Sla(SlaPolicy {
            obligations: vec![Obligation {
                kind: Owed::FirstReply.into(),
                budget_seconds: 3_600,
                ..Obligation::default()
            }],
        })),
        ..PolicyPublished::default()
    };
    let request = PublishPolicyRequest {
        source: "//rules".to_owned(),
        id: "1".to_owned(),
        policy: Some(policy),
        ..PublishPolicyRequest::default()
    };
    let mut client = PolicyServiceClient::new(remote.channel());
    client.publish_policy(request).await.unwrap();
}

#[test]
fn every_method_of_the_contract_is_asked_or_needs_no_view() {
    let listed: BTreeSet<String> = [&WITHOUT_VIEWS[..], &FROM_VIEWS[..]]
        .concat()
        .into_iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(listed, methods());
}

/// Every method of the contract, as `<service>/<method>`.
fn methods() -> BTreeSet<String> {
    let files = FileDescriptorSet::decode(DESCRIPTOR_SET).unwrap();
    let services = files.file.into_iter().flat_map(|file| file.service);
    let methods = services.flat_map(|service| {
        let name = service.name().to_owned();
        let methods = service.method.into_iter();
        methods.map(move |method| format!("{name}/{}", method.name()))
    });
    methods.collect()
}
