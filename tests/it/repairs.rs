//! Where a car stands by the rules about repeated repairs, through a whole server, and as people and scripts read it.

use std::process::Command;

use ownerline_proto::time;
use ownerline_proto::v1::known_at::At;
use ownerline_proto::v1::repair_attempted::Outcome;
use ownerline_proto::v1::repeat_repair_policy::rule::test::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;
use ownerline_proto::v1::vehicle_service_client::VehicleServiceClient;
use ownerline_proto::v1::{
    Actor, ContextPack, DealerRegistered, DefectReported, GetContextPackRequest,
    GetRepeatRepairStatusRequest, GetRepeatRepairStatusResponse, KnownAt, RepairAttempted,
    RepairOutcome, Subjects, Touchpoint, VehicleAcquired, VehicleDroppedOff, VehiclePickedUp,
    VehicleRegistered, Visibility, actor,
};
use pbjson_types::Timestamp;
use tonic::{Code, Status};

use crate::support::{Server, pairs, reason, violations};

const VIN: &str = "1G4AH59H45G118341";

fn at(text: &str) -> Timestamp {
    let instant: jiff::Timestamp = text.parse().unwrap();
    time::timestamp(i64::try_from(instant.as_nanosecond()).unwrap())
}

fn touchpoint(id: &str, when: &str, visit: &str, payload: Payload) -> Touchpoint {
    let defect = match &payload {
        Payload::DefectReported(_) | Payload::RepairAttempted(_) => "light",
        _ => "",
    };
    Touchpoint {
        id: id.to_owned(),
        source: "//workshop".to_owned(),
        occurred_at: Some(at(when)),
        subjects: Some(Subjects {
            vin: VIN.to_owned(),
            visit_id: visit.to_owned(),
            defect_id: defect.to_owned(),
            dealer_id: "dealer-1".to_owned(),
            ..Subjects::default()
        }),
        payload: Some(payload),
        ..Touchpoint::default()
    }
}

/// A visit with a report at its beginning and an attempt at its end.
fn visit(visit: &str, from: &str, until: &str) -> [Touchpoint; 4] {
    let came = VehicleDroppedOff {
        odometer_metres: Some(9_000_000),
        ..VehicleDroppedOff::default()
    };
    let reported = DefectReported {
        symptom: "the engine light comes on".to_owned(),
        ..DefectReported::default()
    };
    let tried = RepairAttempted {
        outcome: Outcome::NotFixed.into(),
    };
    [
        ("d", from, Payload::VehicleDroppedOff(came)),
        ("r", from, Payload::DefectReported(reported)),
        ("t", until, Payload::RepairAttempted(tried)),
        (
            "p",
            until,
            Payload::VehiclePickedUp(VehiclePickedUp::default()),
        ),
    ]
    .map(|(id, when, payload)| touchpoint(&format!("{visit}{id}"), when, visit, payload))
}

/// A car of California that was in for 15 days.
fn history() -> Vec<Touchpoint> {
    let dealer = DealerRegistered {
        name: "Coast Motors".to_owned(),
        time_zone: "America/Los_Angeles".to_owned(),
        ..DealerRegistered::default()
    };
    let registered = VehicleRegistered {
        brand: "Halcyra".to_owned(),
        jurisdiction: "US-CA".to_owned(),
        first_delivered_on: "2022-01-15".to_owned(),
        ..VehicleRegistered::default()
    };
    let mut said = vec![
        touchpoint(
            "dealer",
            "2020-01-01T00:00:00Z",
            "",
            Payload::DealerRegistered(dealer),
        ),
        touchpoint(
            "car",
            "2022-01-15T20:00:00Z",
            "",
            Payload::VehicleRegistered(registered),
        ),
    ];
    let acquired = VehicleAcquired {
        owner_id: "ann".to_owned(),
        role: Role::Owner.into(),
    };
    let mut acquired = touchpoint(
        "owner",
        "2022-01-15T21:00:00Z",
        "",
        Payload::VehicleAcquired(acquired),
    );
    acquired.subjects.as_mut().unwrap().owner_id = "ann".to_owned();
    said.push(acquired);
    said.extend(visit("v1", "2022-03-01T17:00:00Z", "2022-03-15T17:00:00Z"));
    said
}

/// And for 16 more.
fn second() -> Vec<Touchpoint> {
    visit("v2", "2022-05-01T17:00:00Z", "2022-05-16T17:00:00Z").into()
}

fn of_the_car() -> GetRepeatRepairStatusRequest {
    GetRepeatRepairStatusRequest {
        vin: VIN.to_owned(),
        as_of: Some(at("2023-01-01T00:00:00Z")),
        ..GetRepeatRepairStatusRequest::default()
    }
}

async fn ask(
    server: &Server,
    request: GetRepeatRepairStatusRequest,
) -> Result<GetRepeatRepairStatusResponse, Status> {
    let request = GetRepeatRepairStatusRequest {
        at_least: server.head().await,
        ..request
    };
    let mut vehicles = VehicleServiceClient::new(server.channel());
    Ok(vehicles
        .get_repeat_repair_status(request)
        .await?
        .into_inner())
}

/// The days out of service and the outcome of the only rule.
fn told(answer: &GetRepeatRepairStatusResponse) -> (u32, RepairOutcome) {
    let [rule] = &answer.rules[..] else {
        panic!("one jurisdiction, one rule: {answer:?}")
    };
    (answer.days_out, rule.outcome())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_is_answered_as_it_was_and_as_it_was_known() {
    let server = Server::start().await;
    server.import(history()).await;
    let then = server.head().await;
    server.import(second()).await;
    let now = ask(&server, of_the_car()).await.unwrap();
    assert_eq!(told(&now), (31, RepairOutcome::Met));
    assert_eq!(
        now.notice_to_reader,
        "sample, not legal advice, verify the text"
    );
    assert_eq!((&*now.policy, now.policy_version), ("repeat-repair", 0));
    let days = &now.rules[0].tests[2];
    assert_eq!(
        (days.needed, days.counts[0].count, days.counts[0].distance),
        (31, 31, 0)
    );
    assert_eq!(days.counts[0].visit_ids, ["v1", "v2"]);
    assert!(now.defects[0].rising_risk);
    assert_eq!(now.position, server.head().await);
    let was = GetRepeatRepairStatusRequest {
        as_of: Some(at("2022-05-16T06:59:59Z")),
        ..of_the_car()
    };
    let was = ask(&server, was).await.unwrap();
    assert_eq!(told(&was), (30, RepairOutcome::NotMet));
    let known = GetRepeatRepairStatusRequest {
        known_at: Some(KnownAt {
            at: Some(At::Position(then)),
        }),
        ..of_the_car()
    };
    let known = ask(&server, known).await.unwrap();
    assert_eq!(told(&known), (15, RepairOutcome::NotMet));
    assert!(!known.defects[0].rising_risk);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_car_is_not_found_and_bad_input_is_refused() {
    let server = Server::start().await;
    server.import(history()).await;
    let unknown = GetRepeatRepairStatusRequest {
        vin: "1M8GDM9AXKP042788".to_owned(),
        ..of_the_car()
    };
    let refused = ask(&server, unknown).await.unwrap_err();
    assert_eq!(
        (refused.code(), &*reason(&refused)),
        (Code::NotFound, "NOT_FOUND")
    );
    let bad = GetRepeatRepairStatusRequest {
        vin: "not a car".to_owned(),
        ..of_the_car()
    };
    let refused = ask(&server, bad).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    assert_eq!(violations(&refused), pairs(&[("vin", "CHARACTERS")]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_a_sheet_and_scripts_read_json() {
    let server = Server::start().await;
    server.import(history()).await;
    server.import(second()).await;
    let head = server.head().await;
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_ownerline"))
            .args(["repairs", VIN, "--as-of", "2023-01-01", "--at-least", &head])
            .args(arguments)
            .args(["--server", &format!("http://{}", server.addr())])
            .output()
            .unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), error.as_str()), (Some(0), ""));
        String::from_utf8(output.stdout).unwrap()
    };
    let told = run(&["-o", "table"]);
    insta::assert_snapshot!(told.replace(&head, "[position]"));
    let json: serde_json::Value = serde_json::from_str(&run(&["--json"])).unwrap();
    assert_eq!(json["rules"][0]["outcome"], "REPAIR_OUTCOME_MET");
    server.stop().await;
}

async fn pack(server: &Server, as_of: &str, visible_to: Visibility) -> ContextPack {
    let request = GetContextPackRequest {
        owner_id: "ann".to_owned(),
        actor: Some(Actor {
            id: "auditor".to_owned(),
            kind: actor::Kind::Human.into(),
            ..Actor::default()
        }),
        audit_only: true,
        visible_to: visible_to.into(),
        as_of: Some(at(as_of)),
        at_least: server.head().await,
        ..GetContextPackRequest::default()
    };
    let mut timelines = server.timelines();
    let answer = timelines.get_context_pack(request).await.unwrap();
    answer.into_inner().pack.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_says_in_a_line_that_a_car_with_an_open_defect_is_near_a_threshold() {
    let server = Server::start().await;
    server.import(history()).await;
    server.import(second()).await;
    let everything = Visibility::Unspecified;
    let early = pack(&server, "2022-05-01T18:00:00Z", everything).await;
    assert_eq!(early.near_thresholds, [], "16 of 31 days are not near");
    let near = pack(&server, "2022-05-16T06:59:59Z", everything).await;
    let [line] = &near.near_thresholds[..] else {
        panic!("one rule, one line: {near:?}")
    };
    assert_eq!((&*line.vin, &*line.rule_id), (VIN, "us-ca"));
    assert_eq!(
        (line.kind(), line.outcome()),
        (Kind::DaysOut, RepairOutcome::NotMet)
    );
    assert_eq!((line.count, line.needed, line.distance), (30, 31, 1));
    assert_eq!(line.window_until, "2023-07-15");
    assert_eq!((&*line.policy, line.policy_version), ("repeat-repair", 0));
    assert_eq!(near.open_defects[0].attempts, 1);
    let reached = pack(&server, "2023-01-01T00:00:00Z", everything).await;
    assert_eq!(reached.near_thresholds[0].outcome(), RepairOutcome::Met);
    assert!(reached.repairs_not_judged.is_empty());
    assert_eq!(reached.open_defects[0].attempts, 2);
    let owner = pack(&server, "2023-01-01T00:00:00Z", Visibility::Owner).await;
    assert_eq!(
        owner.near_thresholds,
        [],
        "they follow from more than owners see"
    );
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_judges_five_cars_and_names_the_others() {
    let server = Server::start().await;
    let cars = 6;
    for car in 1..=cars {
        let of_car = visit("v", "2022-03-01T17:00:00Z", "2022-03-02T17:00:00Z").map(|mut said| {
            let subjects = said.subjects.get_or_insert_default();
            subjects.vin = format!("1G4AH59H45G11834{car}");
            subjects.visit_id = format!("visit-{car}");
            subjects.owner_id = "ann".to_owned();
            if !subjects.defect_id.is_empty() {
                subjects.defect_id = format!("light-{car}");
            }
            said.id = format!("{}-{car}", said.id);
            said
        });
        server.import(of_car.to_vec()).await;
    }
    let pack = pack(&server, "2022-06-01T00:00:00Z", Visibility::Unspecified).await;
    assert_eq!(pack.open_defects.len(), 6);
    // The defect that was reported first is the last of the list.
    assert_eq!(pack.repairs_not_judged, ["1G4AH59H45G118341"]);
    assert_eq!(pack.near_thresholds, [], "no car is registered anywhere");
    server.stop().await;
}
