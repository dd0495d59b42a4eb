//! Every answer of every RPC is one that every client can read, over a history made to be large: long ids and texts in as
//! many bytes as the contract takes, and long lists of everything that is listed.

use std::collections::BTreeSet;

use ownerline_proto::DESCRIPTOR_SET;
use ownerline_proto::v1 as wire;
use ownerline_proto::v1::advocacy_service_client::AdvocacyServiceClient;
use ownerline_proto::v1::case_service_client::CaseServiceClient;
use ownerline_proto::v1::contact_service_client::ContactServiceClient;
use ownerline_proto::v1::feedback_service_client::FeedbackServiceClient;
use ownerline_proto::v1::policy_service_client::PolicyServiceClient;
use ownerline_proto::v1::production_service_client::ProductionServiceClient;
use ownerline_proto::v1::projection_service_client::ProjectionServiceClient;
use ownerline_proto::v1::response_time_service_client::ResponseTimeServiceClient;
use ownerline_proto::v1::timeline_service_client::TimelineServiceClient;
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::vehicle_service_client::VehicleServiceClient;
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::{Response, Status, Streaming};

use super::large_history::{History, Sizes, VIN};
use crate::support::{Dice, Server, seed};

/// The default limit of clients, in bytes.
const CLIENT_TAKES: usize = 4 << 20;
/// The default limit of the trailers of an error, in bytes.
const CLIENT_TAKES_OF_ERRORS: usize = 8 << 10;
/// What this test's clients take, so that a larger answer is seen rather than refused.
const ALL: usize = 256 << 20;
/// Messages of a stream that are looked at.
const MESSAGES: usize = 64;

/// The answers that were looked at.
#[derive(Default)]
struct Looked {
    rpcs: BTreeSet<&'static str>,
    /// Those that answered with an error.
    refused: BTreeSet<&'static str>,
    largest: usize,
}

impl Looked {
    /// Looks at a unary answer. An error must be small, too.
    #[track_caller]
    fn at<T: Message>(&mut self, rpc: &'static str, answer: Result<Response<T>, Status>) {
        self.rpcs.insert(rpc);
        match answer {
            Ok(answer) => self.message(rpc, &answer.into_inner()),
            Err(status) => {
                self.refused.insert(rpc);
                let details = status.details().len() + status.message().len();
                assert!(details <= CLIENT_TAKES_OF_ERRORS, "{rpc}: {details} bytes");
            }
        }
    }

    /// Looks at the messages that a stream has within two seconds of silence.
    async fn stream<T: Message>(
        &mut self,
        rpc: &'static str,
        answer: Result<Response<Streaming<T>>, Status>,
    ) {
        self.rpcs.insert(rpc);
        let mut messages = answer.unwrap().into_inner();
        let silence = std::time::Duration::from_secs(2);
        for _ in 0..MESSAGES {
            match tokio::time::timeout(silence, messages.message()).await {
                Ok(Ok(Some(message))) => self.message(rpc, &message),
                Ok(Ok(None) | Err(_)) | Err(_) => return,
            }
        }
    }

    #[track_caller]
    fn message(&mut self, rpc: &str, message: &impl Message) {
        let bytes = message.encoded_len();
        self.largest = self.largest.max(bytes);
        assert!(bytes <= CLIENT_TAKES, "{rpc} answers {bytes} bytes");
    }
}

/// The name of every RPC of the contract.
fn contract() -> BTreeSet<String> {
    let set = FileDescriptorSet::decode(DESCRIPTOR_SET).unwrap();
    let files = set.file.into_iter();
    let ours = files.filter(|file| file.package() == "ownerline.v1");
    let services = ours.flat_map(|file| file.service);
    let methods = services.flat_map(|service| service.method);
    methods.map(|method| method.name().to_owned()).collect()
}

/// Asks every RPC, with the largest pages and the most groups.
#[expect(clippy::too_many_lines, reason = "one block an RPC")]
async fn ask_everything(server: &Server, history: &History<'_>, head: &str) -> Looked {
    let (owner_id, dealer_id) = (history.owner(), history.dealer());
    let (channel, at_least) = (server.channel(), head.to_owned());
    let mut looked = Looked::default();

    let mut timelines = TimelineServiceClient::new(channel.clone()).max_decoding_message_size(ALL);
    let request = wire::GetTimelineRequest {
        owner_id: owner_id.clone(),
        at_least: at_least.clone(),
        page_size: 100_000,
        order: wire::get_timeline_request::Order::OldestFirst.into(),
        ..Default::default()
    };
    looked.at("GetTimeline", timelines.get_timeline(request).await);
    let request = wire::WatchTimelineRequest {
        owner_id: owner_id.clone(),
        ..Default::default()
    };
    let answers = timelines.watch_timeline(request).await;
    looked.stream("WatchTimeline", answers).await;
    let request = wire::GetContextPackRequest {
        owner_id: owner_id.clone(),
        actor: Some(wire::Actor {
            id: "agent".to_owned(),
            kind: wire::actor::Kind::Human.into(),
            ..Default::default()
        }),
        visible_to: wire::Visibility::Owner.into(),
        ..Default::default()
    };
    looked.at("GetContextPack", timelines.get_context_pack(request).await);
    let request = wire::ListBookingsRequest {
        owner_id: owner_id.clone(),
        page_size: 100_000,
        ..Default::default()
    };
    looked.at("ListBookings", timelines.list_bookings(request).await);

    let mut feedback = FeedbackServiceClient::new(channel.clone()).max_decoding_message_size(ALL);
    let request = wire::GetFeedbackRequest {
        feedback_id: history.matter(),
        ..Default::default()
    };
    looked.at("GetFeedback", feedback.get_feedback(request).await);
    let request = wire::ListObligationsRequest {
        dealer_id: dealer_id.clone(),
        page_size: 100_000,
        ..Default::default()
    };
    looked.at("ListObligations", feedback.list_obligations(request).await);
    let request = wire::WatchObligationsRequest {
        dealer_id,
        ..Default::default()
    };
    let answers = feedback.watch_obligations(request).await;
    looked.stream("WatchObligations", answers).await;

    let mut times = ResponseTimeServiceClient::new(channel.clone()).max_decoding_message_size(ALL);
    for group_by in 0..=6 {
        let request = wire::GetResponseTimesRequest {
            group_by,
            ..Default::default()
        };
        let answer = times.get_response_times(request).await;
        looked.at("GetResponseTimes", answer);
    }

    let mut advocacy = AdvocacyServiceClient::new(channel.clone()).max_decoding_message_size(ALL);
    for group_by in 0..=5 {
        let request = wire::GetScoresRequest {
            group_by,
            ..Default::default()
        };
        looked.at("GetScores", advocacy.get_scores(request).await);
    }
    let request = wire::GetOwnerAdvocacyRequest {
        owner_id,
        ..Default::default()
    };
    let answer = advocacy.get_owner_advocacy(request).await;
    looked.at("GetOwnerAdvocacy", answer);
    let request = wire::ListAdvocatesRequest {
        group_by: wire::list_advocates_request::GroupBy::Dealer.into(),
        least_confidence: Some(0.0),
        limit: 1_000,
        ..Default::default()
    };
    looked.at("ListAdvocates", advocacy.list_advocates(request).await);
    let request = wire::GetLoyaltyRequest::default();
    looked.at("GetLoyalty", advocacy.get_loyalty(request).await);

    matters(server, history, &mut looked).await;

    let mut policies = PolicyServiceClient::new(channel.clone()).max_decoding_message_size(ALL);
    let request = wire::ListPoliciesRequest {
        page_size: 100_000,
        ..Default::default()
    };
    looked.at("ListPolicies", policies.list_policies(request).await);
    let version = wire::get_policy_request::Version {
        name: history.sizes.id("lexicon", 0),
        version: 1,
    };
    let request = wire::GetPolicyRequest {
        which: Some(wire::get_policy_request::Which::Version(version)),
        ..Default::default()
    };
    looked.at("GetPolicy", policies.get_policy(request).await);
    let request = wire::PublishPolicyRequest {
        source: history.sizes.label(1),
        id: history.sizes.label(2),
        policy: Some(wire::PolicyPublished {
            name: "x".repeat(60_000),
            ..Default::default()
        }),
        ..Default::default()
    };
    looked.at("PublishPolicy", policies.publish_policy(request).await);

    let mut views = ProjectionServiceClient::new(channel.clone());
    let request = wire::ListProjectionsRequest::default();
    looked.at("ListProjections", views.list_projections(request).await);
    let request = wire::RebuildProjectionRequest::default();
    let answers = views.rebuild_projection(request).await;
    looked.stream("RebuildProjection", answers).await;
    let names = (0..100).map(|number| history.sizes.label(number)).collect();
    let request = wire::CancelRebuildRequest { names };
    looked.at("CancelRebuild", views.cancel_rebuild(request).await);

    let mut touchpoints = TouchpointServiceClient::new(channel).max_decoding_message_size(ALL);
    let request = wire::ListTouchpointsRequest {
        page_size: 100_000,
        ..Default::default()
    };
    looked.at(
        "ListTouchpoints",
        touchpoints.list_touchpoints(request).await,
    );
    let request = wire::ListOwnersRequest {
        page_size: 100_000,
        ..Default::default()
    };
    looked.at("ListOwners", touchpoints.list_owners(request).await);
    let request = wire::ListDealersRequest {
        page_size: 100_000,
        ..Default::default()
    };
    looked.at("ListDealers", touchpoints.list_dealers(request).await);
    let request = wire::GetTouchpointRequest {
        by: Some(wire::get_touchpoint_request::By::Key(wire::TouchpointKey {
            source: history.sizes.label(0),
            id: history.sizes.label(0),
        })),
    };
    looked.at("GetTouchpoint", touchpoints.get_touchpoint(request).await);
    let request = wire::ReadStreamRequest {
        stream: format!("feedback-{}", history.matter()),
        direction: wire::read_stream_request::Direction::Forwards.into(),
        ..Default::default()
    };
    let answers = touchpoints.read_stream(request).await;
    looked.stream("ReadStream", answers).await;
    let request = wire::SubscribeRequest::default();
    let answers = touchpoints.subscribe(request).await;
    looked.stream("Subscribe", answers).await;

    // Every touchpoint again under its id with other content: each refusal names what differs.
    let mut again = history.all.clone();
    again.truncate(50);
    for touchpoint in &mut again {
        touchpoint.correlation_id = history.sizes.label(3);
    }
    let request = wire::RecordRequest {
        touchpoint: again.first().cloned(),
        ..Default::default()
    };
    looked.at("Record", touchpoints.record(request).await);
    let request = wire::RecordBatchRequest {
        touchpoints: again.clone(),
    };
    looked.at("RecordBatch", touchpoints.record_batch(request).await);
    let request = wire::ImportRequest {
        touchpoints: again.clone(),
        validate_only: false,
    };
    let answers = touchpoints.import(tokio_stream::iter([request])).await;
    looked.stream("Import", answers).await;
    let items = again
        .into_iter()
        .take(100)
        .map(|touchpoint| wire::record_stream_request::Item {
            touchpoint: Some(touchpoint),
            expected_revision: None,
        });
    let request = wire::RecordStreamRequest {
        items: items.collect(),
    };
    let answers = touchpoints
        .record_stream(tokio_stream::iter([request]))
        .await;
    looked.stream("RecordStream", answers).await;
    looked
}

/// Asks about a case, contacts, assistance, an order and a car.
async fn matters(server: &Server, history: &History<'_>, looked: &mut Looked) {
    let mut cases = CaseServiceClient::new(server.channel()).max_decoding_message_size(ALL);
    let case_id = history.case_id();
    let request = wire::GetCaseRequest {
        case_id: case_id.clone(),
        ..Default::default()
    };
    looked.at("GetCase", cases.get_case(request).await);
    let request = wire::ListCasesRequest {
        page_size: 100_000,
        ..Default::default()
    };
    looked.at("ListCases", cases.list_cases(request).await);
    let request = wire::WatchCaseRequest {
        case_id: case_id.clone(),
        ..Default::default()
    };
    let answers = cases.watch_case(request).await;
    looked.stream("WatchCase", answers).await;
    let request = wire::TraceCaseRequest {
        case_id,
        ..Default::default()
    };
    let answers = cases.trace_case(request).await;
    looked.stream("TraceCase", answers).await;

    let mut contacts = ContactServiceClient::new(server.channel()).max_decoding_message_size(ALL);
    let request = wire::ListContactsRequest {
        page_size: 100_000,
        ..Default::default()
    };
    looked.at("ListContacts", contacts.list_contacts(request).await);
    let request = wire::GetAssistanceRequest {
        group_by: wire::get_assistance_request::GroupBy::Dealer.into(),
        ..Default::default()
    };
    looked.at("GetAssistance", contacts.get_assistance(request).await);

    let mut orders = ProductionServiceClient::new(server.channel()).max_decoding_message_size(ALL);
    let request = wire::GetOrderRequest {
        name: history.order_id(),
        ..Default::default()
    };
    looked.at("GetOrder", orders.get_order(request).await);

    let mut vehicles = VehicleServiceClient::new(server.channel()).max_decoding_message_size(ALL);
    let request = wire::GetRepeatRepairStatusRequest {
        vin: VIN.to_owned(),
        ..Default::default()
    };
    let answer = vehicles.get_repeat_repair_status(request).await;
    looked.at("GetRepeatRepairStatus", answer);
}

async fn every_answer_is_readable(sizes: &Sizes) -> usize {
    let settings = [("limits.page_entries", "100000")];
    let server = Server::start_with_settings(&settings).await;
    let history = History::of(sizes);
    let mut refused = 0;
    for some in history.all.chunks(50) {
        let results = server.import(some.to_vec()).await;
        let is_refused = |it: &&wire::RecordResult| {
            matches!(it.result, Some(wire::record_result::Result::Refused(_)))
        };
        let first = results.iter().find(is_refused);
        refused += results.iter().filter(is_refused).count();
        assert!(first.is_none(), "{first:?}");
    }
    assert_eq!(refused, 0);
    let head = server.head().await;
    let looked = ask_everything(&server, &history, &head).await;
    let asked: BTreeSet<String> = looked.rpcs.iter().map(|&rpc| rpc.to_owned()).collect();
    assert_eq!(asked, contract(), "an RPC that this test does not ask");
    let may_refuse = BTreeSet::from([
        "CancelRebuild",
        "GetOwnerAdvocacy",
        "PublishPolicy",
        "Record",
    ]);
    let unexpected: Vec<_> = looked.refused.difference(&may_refuse).collect();
    assert!(
        unexpected.is_empty(),
        "{unexpected:?} answered with an error"
    );
    server.stop().await;
    looked.largest
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_every_rpc_over_the_largest_history_is_one_that_every_client_can_read() {
    let largest = every_answer_is_readable(&Sizes::LARGEST).await;
    assert!(
        largest > CLIENT_TAKES / 2,
        "large answers are cut, not small: {largest}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_of_every_rpc_over_a_drawn_history_is_one_that_every_client_can_read() {
    let mut dice = Dice(seed());
    every_answer_is_readable(&Sizes::drawn(&mut dice)).await;
}
