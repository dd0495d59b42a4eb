//! Contacts through a whole server: with and without a pack, as known then, and as people and scripts read them.

use std::process::Command;

use ownerline_proto::time;
use ownerline_proto::v1::assistance_declined::Reason;
use ownerline_proto::v1::contact::Irrelevance;
use ownerline_proto::v1::contact_service_client::ContactServiceClient;
use ownerline_proto::v1::get_assistance_request::GroupBy;
use ownerline_proto::v1::list_contacts_request::Listed;
use ownerline_proto::v1::repair_attempted::Outcome;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::turn_away_next::{Kind, Link};
use ownerline_proto::v1::{
    Actor, AssistanceDeclined, AssistanceFilter, Channel, ContactFilter, ContactMade,
    ContextPackServed, GetAssistanceRequest, ListContactsRequest, ListContactsResponse,
    RepairAttempted, Subjects, Touchpoint, TouchpointRef, actor,
};
use tonic::{Code, Status};

use crate::support::{NOW, Server, feedback, pairs, violations};

const HOUR: i64 = 3_600;

fn at(hour: i64) -> pbjson_types::Timestamp {
    time::timestamp((NOW + hour * HOUR) * 1_000_000_000)
}

fn touchpoint(id: &str, hour: i64, payload: Payload) -> Touchpoint {
    Touchpoint {
        id: id.to_owned(),
        source: "//desk".to_owned(),
        occurred_at: Some(at(hour)),
        subjects: Some(Subjects {
            owner_id: "ann".to_owned(),
            dealer_id: "dealer-1".to_owned(),
            ..Subjects::default()
        }),
        actor: Some(Actor {
            id: "agent-7".to_owned(),
            kind: actor::Kind::Human.into(),
            ..Actor::default()
        }),
        channel: Channel::Phone.into(),
        operated_by: "Contact Desk Ltd".to_owned(),
        on_behalf_of: "dealer-1".to_owned(),
        payload: Some(payload),
        ..Touchpoint::default()
    }
}

fn contact(id: &str, hour: i64, visit: &str) -> Touchpoint {
    let made = ContactMade {
        agents: vec!["agent-7".to_owned(), "agent-9".to_owned()],
        duration_seconds: 1_200,
        proactive: !visit.is_empty(),
        subject: "the light".to_owned(),
    };
    let mut contact = touchpoint(id, hour, Payload::ContactMade(made));
    if let Some(subjects) = &mut contact.subjects {
        visit.clone_into(&mut subjects.visit_id);
    }
    contact
}

/// A contact without a pack, one with, and a follow-up about a visit that never happened.
fn history() -> Vec<Touchpoint> {
    let served = Payload::ContextPackServed(ContextPackServed::default());
    vec![
        contact("first", -60, ""),
        touchpoint("pack", -30, served),
        contact("second", -29, ""),
        contact("third", -4, "v1"),
    ]
}

async fn ask(
    server: &Server,
    request: ListContactsRequest,
) -> Result<ListContactsResponse, Status> {
    let request = ListContactsRequest {
        at_least: server.head().await,
        as_of: Some(at(0)),
        ..request
    };
    let mut client = ContactServiceClient::new(server.channel());
    Ok(client.list_contacts(request).await?.into_inner())
}

fn ids(answer: &ListContactsResponse) -> Vec<&str> {
    let named = answer
        .contacts
        .iter()
        .map(|it| it.touchpoint.as_ref().unwrap());
    named.map(|it| it.id.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_say_who_spoke_for_whom_with_which_pack_and_to_what_end() {
    let server = Server::start().await;
    server.import(history()).await;
    let of_dealer = ListContactsRequest {
        filter: Some(ContactFilter {
            dealer_id: "dealer-1".to_owned(),
            ..ContactFilter::default()
        }),
        ..ListContactsRequest::default()
    };
    let answer = ask(&server, of_dealer.clone()).await.unwrap();
    assert_eq!(ids(&answer), ["third", "second", "first"]);
    assert_eq!((answer.as_of, answer.stale), (Some(at(0)), false));
    assert_eq!(answer.position, server.head().await);
    let [third, second, first] = &answer.contacts[..] else {
        panic!("three contacts")
    };
    assert_eq!(
        (
            &*second.operated_by,
            &*second.on_behalf_of,
            &*second.dealer_id
        ),
        ("Contact Desk Ltd", "dealer-1", "dealer-1")
    );
    assert_eq!(
        (second.channel(), &*second.subject),
        (Channel::Phone, "the light")
    );
    assert_eq!(second.duration.as_ref().unwrap().seconds, 1_200);
    assert_eq!(second.actor.as_ref().unwrap().id, "agent-7");
    assert_eq!(second.agents, ["agent-7", "agent-9"]);
    let pack = second.pack.as_ref().unwrap();
    assert_eq!(pack.age.as_ref().unwrap().seconds, HOUR);
    assert_eq!((pack.served_at, pack.same_actor), (Some(at(-30)), true));
    assert_eq!((&first.pack, &third.pack), (&None, &None));
    let why: Vec<Irrelevance> = third.irrelevant().collect();
    assert_eq!(why, [Irrelevance::NeverHappened]);

    let totals = answer.totals.clone().unwrap();
    let with_pack = totals.with_pack.unwrap();
    assert_eq!((totals.contacts, totals.persons), (3, 1));
    assert_eq!(
        (with_pack.count, with_pack.of, with_pack.share),
        (1, 3, None)
    );
    let irrelevant = totals.irrelevant.unwrap();
    assert_eq!((irrelevant.count, irrelevant.of), (1, 1));

    let one = ListContactsRequest {
        page_size: 1,
        listed: Listed::WithoutPack.into(),
        ..of_dealer
    };
    let page = ask(&server, one.clone()).await.unwrap();
    assert_eq!((ids(&page), &page.totals), (vec!["third"], &answer.totals));
    server.import(vec![contact("later", -3, "")]).await;
    let next = ListContactsRequest {
        page_token: page.next_page_token.clone(),
        ..one
    };
    let next = ask(&server, next).await.unwrap();
    assert_eq!((ids(&next), &next.totals), (vec!["first"], &answer.totals));
    assert_eq!((next.position, &*next.next_page_token), (page.position, ""));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_names_are_not_found_and_everything_wrong_is_told_at_once() {
    let server = Server::start().await;
    server.import(history()).await;
    let with = |filter: ContactFilter| ListContactsRequest {
        filter: Some(filter),
        ..ListContactsRequest::default()
    };
    for filter in [
        ContactFilter {
            owner_id: "nobody".to_owned(),
            ..ContactFilter::default()
        },
        ContactFilter {
            dealer_id: "dealer-9".to_owned(),
            ..ContactFilter::default()
        },
        ContactFilter {
            operated_by: "Nobody Ltd".to_owned(),
            ..ContactFilter::default()
        },
        ContactFilter {
            agent_id: "agent-1".to_owned(),
            ..ContactFilter::default()
        },
    ] {
        let refused = ask(&server, with(filter.clone())).await.unwrap_err();
        assert_eq!(refused.code(), Code::NotFound, "{filter:?}");
    }
    let wrong = with(ContactFilter {
        owner_id: "no owner".to_owned(),
        from: Some(at(1)),
        until: Some(at(1)),
        from_date: "2025-01-01".to_owned(),
        ..ContactFilter::default()
    });
    let refused = ask(&server, wrong).await.unwrap_err();
    let expected = pairs(&[
        ("filter.from_date", "DISAGREES"),
        ("filter.owner_id", "CHARACTERS"),
        ("filter.until", "RANGE"),
    ]);
    assert_eq!(violations(&refused), expected);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_the_totals_and_a_row_for_each_contact() {
    let server = Server::start().await;
    server.import(history()).await;
    let head = server.head().await;
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_ownerline"))
            .args(["contacts", "--owner", "ann", "--at-least", &head])
            .args(arguments)
            .args(["--server", &format!("http://{}", server.addr())])
            .output()
            .unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), error.as_str()), (Some(0), ""));
        String::from_utf8(output.stdout).unwrap()
    };
    let told = run(&["-o", "table"]);
    for part in [
        "3, with 1 persons",
        "1 of 3",
        "never happened",
        "1:00 h old",
        "of Contact Desk Ltd for dealer-1",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let json: serde_json::Value = serde_json::from_str(&run(&["--json", "--limit", "1"])).unwrap();
    assert_eq!(
        json["contacts"][0]["irrelevant"][0],
        "IRRELEVANCE_NEVER_HAPPENED"
    );
    assert_eq!(json["totals"]["withPack"]["of"], "3");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn assistance_tells_outcome_and_experience_apart() {
    let server = Server::start().await;
    let of_visit = |id: &str, hour: i64, visit: &str, dealer: &str, payload: Payload| {
        let mut said = touchpoint(id, hour, payload);
        if let Some(subjects) = &mut said.subjects {
            visit.clone_into(&mut subjects.visit_id);
            dealer.clone_into(&mut subjects.dealer_id);
        }
        said
    };
    let declined = Payload::AssistanceDeclined(AssistanceDeclined {
        asked_for: "a bulb".to_owned(),
        reason: Reason::StaffAbsent.into(),
        ..AssistanceDeclined::default()
    });
    let tried = Payload::RepairAttempted(RepairAttempted {
        outcome: Outcome::PartPending.into(),
    });
    let mut helped = of_visit("helped", -48, "v2", "dealer-2", tried);
    helped.causation = Some(TouchpointRef {
        source: String::new(),
        id: "away".to_owned(),
    });
    let mut said = feedback("ann", "said", NOW - 40 * HOUR);
    if let Some(subjects) = &mut said.subjects {
        "v2".clone_into(&mut subjects.visit_id);
    }
    let away = of_visit("away", -72, "v1", "dealer-1", declined);
    server.import(vec![away, helped, said]).await;
    let request = GetAssistanceRequest {
        group_by: GroupBy::Dealer.into(),
        as_of: Some(at(0)),
        at_least: server.head().await,
        ..GetAssistanceRequest::default()
    };
    let mut client = ContactServiceClient::new(server.channel());
    let answer = client.get_assistance(request.clone()).await;
    let answer = answer.unwrap().into_inner();
    let total = answer.total.unwrap();
    let outcome = total.outcome.unwrap();
    let (solved, taken_up) = (outcome.solved.unwrap(), outcome.taken_up.unwrap());
    assert_eq!((solved.count, taken_up.count, solved.of), (0, 1, 1));
    assert_eq!(total.experience.unwrap().feedback, 1);
    let keys: Vec<&str> = answer.groups.iter().map(|it| it.key.as_str()).collect();
    assert_eq!(keys, ["dealer-1", "dealer-2"]);
    let [away] = &answer.turn_aways[..] else {
        panic!("one turn-away")
    };
    let next = away.taken_up.as_ref().unwrap();
    assert_eq!(
        (next.link(), next.kind()),
        (Link::Causation, Kind::NotFixed)
    );
    assert_eq!(next.after.as_ref().unwrap().seconds, 24 * HOUR);
    assert_eq!(
        (away.reason(), &away.solution),
        (Reason::StaffAbsent, &None)
    );
    assert_eq!(away.feedback_ids, ["f-said"]);
    let wrong = GetAssistanceRequest {
        filter: Some(AssistanceFilter {
            dealer_id: "nobody".to_owned(),
            ..AssistanceFilter::default()
        }),
        ..request
    };
    let refused = client.get_assistance(wrong).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    server.stop().await;
}
