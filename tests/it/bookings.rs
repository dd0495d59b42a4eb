//! Appointments of a person through a whole server, and as people and scripts read them.

use std::process::Command;

use ownerline_proto::time;
use ownerline_proto::v1::booking::State;
use ownerline_proto::v1::known_at::At;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AppointmentBooked, BookingFilter, KnownAt, ListBookingsRequest, ListBookingsResponse, Subjects,
    Touchpoint, VehicleDroppedOff,
};
use tonic::{Code, Status};

use crate::support::{NOW, Server, feedback, pairs, reason, violations};

const DAY: i64 = 86_400;

fn at(day: i64) -> pbjson_types::Timestamp {
    time::timestamp((NOW + day * DAY) * 1_000_000_000)
}

fn touchpoint(id: &str, day: i64, visit: &str, payload: Payload) -> Touchpoint {
    Touchpoint {
        id: id.to_owned(),
        source: "//workshop".to_owned(),
        occurred_at: Some(at(day)),
        subjects: Some(Subjects {
            owner_id: "ann".to_owned(),
            visit_id: visit.to_owned(),
            dealer_id: "dealer-1".to_owned(),
            ..Subjects::default()
        }),
        payload: Some(payload),
        ..Touchpoint::default()
    }
}

fn booked(id: &str, day: i64, visit: &str, start: i64) -> Touchpoint {
    let payload = AppointmentBooked {
        starts_at: Some(at(start)),
        reason: "brakes".to_owned(),
    };
    touchpoint(id, day, visit, Payload::AppointmentBooked(payload))
}

/// Two appointments: one that took place, and one that was moved.
fn history() -> Vec<Touchpoint> {
    let came = Payload::VehicleDroppedOff(VehicleDroppedOff::default());
    vec![
        booked("b1", -20, "v1", -10),
        touchpoint("d1", -10, "v1", came),
        booked("b2", -5, "v2", 3),
        booked("m2", -4, "v2", 5),
    ]
}

async fn ask(
    server: &Server,
    request: ListBookingsRequest,
) -> Result<ListBookingsResponse, Status> {
    let request = ListBookingsRequest {
        at_least: server.head().await,
        ..request
    };
    Ok(server
        .timelines()
        .list_bookings(request)
        .await?
        .into_inner())
}

fn of_ann() -> ListBookingsRequest {
    ListBookingsRequest {
        owner_id: "ann".to_owned(),
        as_of: Some(at(0)),
        ..ListBookingsRequest::default()
    }
}

/// (visit, state, start in days, moves)
fn told(answer: &ListBookingsResponse) -> Vec<(&str, State, i64, u32)> {
    let of = |start: Option<pbjson_types::Timestamp>| (start.unwrap().seconds - NOW) / DAY;
    let bookings = answer.bookings.iter();
    bookings
        .map(|it| (it.visit_id.as_str(), it.state(), of(it.starts_at), it.moves))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn appointments_are_listed_as_they_were_and_as_they_were_known() {
    let server = Server::start().await;
    let (before, moved) = (history()[..3].to_vec(), history()[3..].to_vec());
    server.import(before).await;
    let then = server.head().await;
    server.import(moved).await;
    let now = ask(&server, of_ann()).await.unwrap();
    let attended = ("v1", State::Attended, -10, 0);
    assert_eq!(told(&now), [attended, ("v2", State::Booked, 5, 1)]);
    assert_eq!((now.as_of, now.stale), (Some(at(0)), false));
    assert_eq!(now.position, server.head().await);
    let moved = &now.bookings[1];
    assert_eq!(moved.first_starts_at, Some(at(3)));
    assert_eq!(moved.dealer_id, "dealer-1");
    let facts = moved.facts.iter().map(|it| it.touchpoint.as_ref().unwrap());
    let facts: Vec<&str> = facts.map(|it| it.id.as_str()).collect();
    assert_eq!(facts, ["b2", "m2"]);
    let was = ListBookingsRequest {
        as_of: Some(at(-15)),
        ..of_ann()
    };
    let was = ask(&server, was).await.unwrap();
    assert_eq!(told(&was), [("v1", State::Booked, -10, 0)]);
    let known = ListBookingsRequest {
        known_at: Some(KnownAt {
            at: Some(At::Position(then.clone())),
        }),
        as_of: Some(at(4)),
        ..of_ann()
    };
    let known = ask(&server, known).await.unwrap();
    assert_eq!(told(&known), [attended, ("v2", State::Passed, 3, 0)]);
    assert_eq!(known.position, then);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_appointments_reflect_the_first_one() {
    let server = Server::start().await;
    server.import(history()).await;
    let one = ListBookingsRequest {
        page_size: 1,
        ..of_ann()
    };
    let first = ask(&server, one.clone()).await.unwrap();
    assert_eq!(told(&first), [("v1", State::Attended, -10, 0)]);
    server.import(vec![booked("m3", -3, "v2", 9)]).await;
    let next = ListBookingsRequest {
        page_token: first.next_page_token.clone(),
        ..one.clone()
    };
    let last = ask(&server, next.clone()).await.unwrap();
    assert_eq!(told(&last), [("v2", State::Booked, 5, 1)]);
    assert_eq!((last.position, last.stale), (first.position, true));
    assert_eq!(last.next_page_token, "");
    let other = ListBookingsRequest {
        owner_id: "ben".to_owned(),
        ..next
    };
    let refused = ask(&server, other).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_owner_is_not_found_and_everything_wrong_is_told_at_once() {
    let server = Server::start().await;
    server.import(history()).await;
    server.import(vec![feedback("ben", "f", NOW)]).await;
    let of = |owner: &str| ListBookingsRequest {
        owner_id: owner.to_owned(),
        as_of: Some(at(1)),
        ..of_ann()
    };
    assert!(ask(&server, of("ben")).await.unwrap().bookings.is_empty());
    let refused = ask(&server, of("nobody")).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound, "{}", reason(&refused));
    let wrong = ListBookingsRequest {
        owner_id: "no owner".to_owned(),
        filter: Some(BookingFilter {
            dealer_id: "no dealer".to_owned(),
            from: Some(at(1)),
            until: Some(at(1)),
        }),
        ..of_ann()
    };
    let refused = ask(&server, wrong).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument);
    let expected = pairs(&[
        ("filter.dealer_id", "CHARACTERS"),
        ("filter.until", "RANGE"),
        ("owner_id", "CHARACTERS"),
    ]);
    assert_eq!(violations(&refused), expected);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_a_table_and_scripts_read_json() {
    let server = Server::start().await;
    server.import(history()).await;
    let head = server.head().await;
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_ownerline"))
            .args([
                "bookings",
                "ann",
                "--as-of",
                "2023-11-15",
                "--at-least",
                &head,
            ])
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
    let json: serde_json::Value = serde_json::from_str(&run(&["--json", "--limit", "1"])).unwrap();
    assert_eq!(json["bookings"][0]["state"], "STATE_ATTENDED");
    assert_eq!(json["bookings"].as_array().unwrap().len(), 1);
    server.stop().await;
}
