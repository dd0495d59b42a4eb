//! The context pack through gRPC: its content, and that serving it is recorded before the answer.

use ownerline_proto::time;
use ownerline_proto::v1::missing_section::Reason;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Actor, CaseOpened, CommitmentMade, ContactMade, ContextPack, DealerReplied,
    GetContextPackRequest, GetContextPackResponse, GetTimelineRequest, KnownAt,
    OwnerIdentityLinked, OwnerMessageReceived, Subjects, Touchpoint, TouchpointKey, Visibility,
    actor, dealer_replied, known_at::At,
};
use tonic::{Code, Status};

use crate::support::{NOW, Server, all_of, feedback, pairs, reason, violations};

/// A touchpoint of the owner's own stream.
fn of_owner(owner: &str, id: &str, seconds: i64, payload: Payload) -> Touchpoint {
    Touchpoint {
        subjects: Some(Subjects {
            owner_id: owner.to_owned(),
            ..Subjects::default()
        }),
        payload: Some(payload),
        ..feedback(owner, id, seconds)
    }
}

fn by(id: &str) -> Option<Actor> {
    Some(Actor {
        id: id.to_owned(),
        kind: actor::Kind::Human.into(),
        ..Actor::default()
    })
}

fn pack_of(owner: &str, at_least: &str) -> GetContextPackRequest {
    GetContextPackRequest {
        owner_id: owner.to_owned(),
        actor: by("agent-7"),
        at_least: at_least.to_owned(),
        ..GetContextPackRequest::default()
    }
}

fn keyed(request: GetContextPackRequest, id: &str) -> GetContextPackRequest {
    GetContextPackRequest {
        served_as: Some(TouchpointKey {
            source: "//crm".to_owned(),
            id: id.to_owned(),
        }),
        ..request
    }
}

fn at(position: &str) -> Option<KnownAt> {
    Some(KnownAt {
        at: Some(At::Position(position.to_owned())),
    })
}

async fn get(
    server: &Server,
    request: GetContextPackRequest,
) -> Result<GetContextPackResponse, Status> {
    let answer = server.timelines().get_context_pack(request).await?;
    Ok(answer.into_inner())
}

async fn pack(server: &Server, request: GetContextPackRequest) -> ContextPack {
    get(server, request).await.unwrap().pack.unwrap()
}

/// The servings on a timeline.
async fn servings(server: &Server, owner: &str, at_least: &str) -> Vec<Touchpoint> {
    let request = GetTimelineRequest {
        at_least: at_least.to_owned(),
        ..all_of(owner)
    };
    let entries = server.timeline(request).await.unwrap().entries.into_iter();
    let touchpoints = entries.filter_map(|entry| entry.recorded?.touchpoint);
    touchpoints
        .filter(|it| matches!(it.payload, Some(Payload::ContextPackServed(_))))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_covers_the_whole_person_as_known_at_every_position() {
    let server = Server::start().await;
    let first = server.record(feedback("ann", "said", NOW)).await.unwrap();
    let link = OwnerIdentityLinked {
        other_owner_id: "crm~ann".to_owned(),
    };
    let linked = of_owner("ann", "link", NOW, Payload::OwnerIdentityLinked(link));
    server.record(linked).await.unwrap();
    let mut reply = feedback("crm~ann", "said", NOW + 60);
    reply.id = "reply".to_owned();
    reply.actor = by("ben");
    reply.payload = Some(Payload::DealerReplied(DealerReplied {
        kind: dealer_replied::Kind::Human.into(),
        text: "We are sorry.".to_owned(),
        visible_to_owner: true,
        ..DealerReplied::default()
    }));
    let last = server.record(reply).await.unwrap();

    let answer = get(&server, pack_of("crm~ann", &last.position))
        .await
        .unwrap();
    assert_eq!(
        (answer.position, answer.stale),
        (last.position.clone(), false)
    );
    let feedback = answer.pack.unwrap().last_feedback.unwrap();
    let received = feedback.received.unwrap();
    assert_eq!(received.text, "They called before I had to ask.");
    assert_eq!(received.position, first.position);
    assert_eq!(received.touchpoint.unwrap().id, "said");
    let answered = feedback.answered.unwrap();
    assert_eq!(
        (answered.text.as_str(), answered.actor),
        ("We are sorry.", by("ben"))
    );
    assert_eq!(feedback.waiting_since, None);

    let then = GetContextPackRequest {
        known_at: at(&first.position),
        ..pack_of("ann", "")
    };
    let answer = get(&server, then).await.unwrap();
    assert_eq!((&answer.position, answer.stale), (&first.position, false));
    let told = answer.pack.unwrap();
    let waiting = told.last_feedback.unwrap().waiting_since.unwrap();
    assert_eq!(waiting.touchpoint.unwrap().id, "said");
    let missing: Vec<Reason> = told.missing.iter().map(|it| it.reason()).collect();
    assert!(missing.contains(&Reason::NoVisitKnown), "{missing:?}");

    let before = GetContextPackRequest {
        as_of: Some(time::timestamp((NOW - 1) * 1_000_000_000)),
        ..pack_of("ann", &last.position)
    };
    assert_eq!(pack(&server, before).await.last_feedback, None);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn serving_a_pack_is_in_the_log_before_the_answer_and_makes_the_contact_one_with_a_pack() {
    let server = Server::start().await;
    let said = server.record(feedback("ann", "said", NOW)).await.unwrap();
    let answer = get(&server, pack_of("ann", &said.position)).await.unwrap();
    let served = answer.served.clone().unwrap();
    assert!(!served.replayed);
    assert_eq!(
        server.head().await,
        served.position,
        "durable before the answer"
    );
    let on_timeline = servings(&server, "ann", &served.position).await;
    let [serving] = &on_timeline[..] else {
        panic!("{on_timeline:?}");
    };
    let named = served.touchpoint.unwrap();
    assert_eq!((&serving.source, &serving.id), (&named.source, &named.id));
    assert_eq!(serving.source, "//ownerline/context-pack");
    assert_eq!(serving.actor, by("agent-7"));
    assert_eq!(serving.visibility(), Visibility::Internal);
    let Some(Payload::ContextPackServed(stood)) = &serving.payload else {
        panic!("{serving:?}");
    };
    assert_eq!(
        (&stood.pack_position, stood.as_of),
        (&answer.position, answer.as_of)
    );

    let mut call = of_owner(
        "ann",
        "call",
        NOW,
        Payload::ContactMade(ContactMade::default()),
    );
    call.occurred_at = serving.occurred_at;
    if let Some(occurred_at) = &mut call.occurred_at {
        occurred_at.seconds += 30;
    }
    call.actor = by("agent-7");
    let called = server.record(call).await.unwrap();
    let later = GetContextPackRequest {
        as_of: serving.occurred_at.map(|it| pbjson_types::Timestamp {
            seconds: it.seconds + 60,
            ..it
        }),
        ..pack_of("ann", &called.position)
    };
    let contacts = pack(&server, later).await.contacts.unwrap();
    assert_eq!((contacts.contacts, contacts.without_pack), (1, Some(0)));
    assert_eq!(contacts.pack.unwrap().position, served.position);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_again_answers_the_same_pack_and_records_nothing_also_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let server = Server::start_in(directory.path()).await;
    let said = server.record(feedback("ann", "said", NOW)).await.unwrap();
    let request = keyed(pack_of("ann", &said.position), "1");
    let first = get(&server, request.clone()).await.unwrap();
    let more = feedback("ann", "more", NOW + 60);
    let head = server.record(more).await.unwrap().position;

    let retried = GetContextPackRequest {
        at_least: head.clone(),
        ..request.clone()
    };
    let again = get(&server, retried).await.unwrap();
    let told = |answer: &GetContextPackResponse| {
        let served = answer.served.clone().unwrap();
        (
            answer.pack.clone(),
            answer.as_of,
            answer.position.clone(),
            (served.touchpoint, served.position, served.recorded_at),
        )
    };
    assert_eq!(told(&again), told(&first));
    assert!(again.served.unwrap().replayed && again.stale);
    assert_eq!(server.head().await, head);
    let fresh = pack(&server, pack_of("ann", &head)).await;
    assert_ne!(Some(fresh), first.pack);
    server.stop().await;

    let server = Server::start_in(directory.path()).await;
    let again = get(&server, request.clone()).await.unwrap();
    assert_eq!(told(&again), told(&first));
    for other in [
        GetContextPackRequest {
            actor: by("agent-8"),
            ..request.clone()
        },
        GetContextPackRequest {
            visible_to: Visibility::Dealer.into(),
            ..request.clone()
        },
        GetContextPackRequest {
            known_at: at(&head),
            ..request.clone()
        },
        GetContextPackRequest {
            as_of: Some(time::timestamp(NOW * 1_000_000_000)),
            ..request.clone()
        },
        GetContextPackRequest {
            served_as: Some(TouchpointKey {
                source: "//test".to_owned(),
                id: "said".to_owned(),
            }),
            ..request
        },
    ] {
        let head = server.head().await;
        let status = get(&server, other).await.unwrap_err();
        assert_eq!(
            (status.code(), reason(&status).as_str()),
            (Code::AlreadyExists, "ID_REUSED")
        );
        assert_eq!(server.head().await, head);
    }
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn retries_at_the_same_time_are_one_serving() {
    let server = Server::start().await;
    let said = server.record(feedback("ann", "said", NOW)).await.unwrap();
    let request = keyed(pack_of("ann", &said.position), "1");
    let attempts = (0..16).map(|_| get(&server, request.clone()));
    let answers = futures::future::join_all(attempts).await;
    let answers: Vec<_> = answers.into_iter().map(Result::unwrap).collect();
    let first = &answers[0];
    let mut served = 0;
    for answer in &answers {
        assert_eq!((&answer.pack, answer.as_of), (&first.pack, first.as_of));
        served += i32::from(!answer.served.clone().unwrap().replayed);
    }
    assert_eq!(served, 1);
    let head = server.head().await;
    assert_eq!(servings(&server, "ann", &head).await.len(), 1);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_for_a_dealer_has_what_a_dealer_may_know_and_may_see_its_serving() {
    let server = Server::start().await;
    server.record(feedback("ann", "said", NOW)).await.unwrap();
    let mut internal = feedback("ann", "internal", NOW + 60);
    internal.visibility = Visibility::Internal.into();
    let at_least = server.record(internal).await.unwrap().position;
    let request = GetContextPackRequest {
        visible_to: Visibility::Dealer.into(),
        ..pack_of("ann", &at_least)
    };
    let answer = get(&server, request).await.unwrap();
    let feedback = answer.pack.unwrap().last_feedback.unwrap();
    assert_eq!(feedback.feedback_id, "f-said");
    let at_least = answer.served.unwrap().position;
    let serving = servings(&server, "ann", &at_least).await;
    assert_eq!(serving[0].visibility(), Visibility::Dealer);
    let whole = pack(&server, pack_of("ann", &at_least)).await;
    assert_eq!(whole.last_feedback.unwrap().feedback_id, "f-internal");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_of_an_unknown_owner_or_of_nowhere_is_not_served_and_nothing_is_recorded() {
    let server = Server::start().await;
    let said = server.record(feedback("ann", "said", NOW)).await.unwrap();
    let head = server.head().await;
    let unknown = get(&server, pack_of("ben", &said.position))
        .await
        .unwrap_err();
    assert_eq!(
        (unknown.code(), reason(&unknown).as_str()),
        (Code::NotFound, "NOT_FOUND")
    );
    let beyond = format!("{}ffff", &said.position[..said.position.len() - 4]);
    let ahead = get(&server, pack_of("ann", &beyond)).await.unwrap_err();
    assert_eq!(reason(&ahead), "BEHIND_END_OF_LOG");
    assert_eq!(server.head().await, head);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_violation_of_a_request_is_reported_at_once_and_nothing_is_recorded() {
    let server = Server::start().await;
    let said = server.record(feedback("ann", "said", NOW)).await.unwrap();
    let wrong = GetContextPackRequest {
        owner_id: "an owner".to_owned(),
        actor: Some(Actor {
            dealer_id: "no id".to_owned(),
            ..Actor::default()
        }),
        visible_to: 77,
        known_at: at("nonsense"),
        at_least: "nowhere".to_owned(),
        served_as: Some(TouchpointKey {
            source: String::new(),
            id: "1".to_owned(),
        }),
        ..GetContextPackRequest::default()
    };
    let status = get(&server, wrong).await.unwrap_err();
    assert_eq!(
        violations(&status),
        pairs(&[
            ("owner_id", "CHARACTERS"),
            ("actor.id", "REQUIRED"),
            ("actor.kind", "REQUIRED"),
            ("actor.dealer_id", "CHARACTERS"),
            ("visible_to", "UNKNOWN_VALUE"),
            ("known_at.position", "FORMAT"),
            ("at_least", "FORMAT"),
            ("served_as.source", "REQUIRED"),
        ])
    );
    let nothing = get(&server, GetContextPackRequest::default()).await;
    assert_eq!(
        violations(&nothing.unwrap_err()),
        pairs(&[("owner_id", "REQUIRED"), ("actor", "REQUIRED")])
    );
    assert_eq!(server.head().await, said.position);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_that_is_read_to_audit_is_the_same_and_records_nothing() {
    let server = Server::start().await;
    let said = server.record(feedback("ann", "said", NOW)).await.unwrap();
    let audited = GetContextPackRequest {
        audit_only: true,
        ..pack_of("ann", &said.position)
    };
    let read = get(&server, audited.clone()).await.unwrap();
    assert_eq!((read.audit_only, &read.served), (true, &None));
    assert_eq!(server.head().await, said.position);
    let serving = GetContextPackRequest {
        as_of: read.as_of,
        operated_by: "Contact Desk Ltd".to_owned(),
        on_behalf_of: "dealer-7".to_owned(),
        ..pack_of("ann", &said.position)
    };
    let served = get(&server, serving).await.unwrap();
    assert_eq!((served.audit_only, &served.pack), (false, &read.pack));
    let recorded = served.served.unwrap().position;
    let on_timeline = servings(&server, "ann", &recorded).await;
    let organisations = (&*on_timeline[0].operated_by, &*on_timeline[0].on_behalf_of);
    assert_eq!(organisations, ("Contact Desk Ltd", "dealer-7"));
    let both = get(&server, keyed(audited, "1")).await.unwrap_err();
    assert_eq!(violations(&both), pairs(&[("served_as", "DISAGREES")]));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_case_in_a_pack_says_what_it_owes_and_how_long_the_owner_heard_nothing() {
    let server = Server::start().await;
    let day = |day: i64| NOW + day * 86_400;
    let of_case = |id: &str, on: i64, payload: Payload| {
        let mut said = of_owner("ann", id, day(on), payload);
        if let Some(subjects) = &mut said.subjects {
            "c".clone_into(&mut subjects.case_id);
        }
        said.visibility = Visibility::Owner.into();
        said
    };
    let promised = CommitmentMade {
        commitment_id: "friday".to_owned(),
        due_at: Some(time::timestamp(day(-35) * 1_000_000_000)),
        ..CommitmentMade::default()
    };
    let asks = OwnerMessageReceived::default();
    let said = vec![
        of_case("open", -50, Payload::CaseOpened(CaseOpened::default())),
        of_case("promise", -40, Payload::CommitmentMade(promised)),
        of_case("asks", -30, Payload::OwnerMessageReceived(asks)),
    ];
    server.import(said).await;
    let request = GetContextPackRequest {
        as_of: Some(time::timestamp(NOW * 1_000_000_000)),
        audit_only: true,
        ..pack_of("ann", &server.head().await)
    };
    let whole = pack(&server, request.clone()).await;
    let case = &whole.open_cases[0];
    assert_eq!(
        (case.days_without_word, case.days_silent),
        (Some(40), Some(30))
    );
    assert_eq!(case.commitments_not_kept, ["friday"]);
    let owed: Vec<&str> = case
        .overdue
        .iter()
        .map(|it| it.subject_id.as_str())
        .collect();
    assert!(owed.contains(&"friday"), "{owed:?}");
    let of_dealer = GetContextPackRequest {
        visible_to: Visibility::Dealer.into(),
        ..request
    };
    let restricted = pack(&server, of_dealer).await;
    let case = &restricted.open_cases[0];
    assert_eq!((case.days_without_word, case.overdue.len()), (None, 0));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pack_whose_serving_is_refused_is_not_served() {
    let directory = tempfile::tempdir().unwrap();
    let settings = [("limits.touchpoint_bytes", "1024")];
    let server = Server::start_with(directory.path(), &settings).await;
    let said = server.record(feedback("ann", "said", NOW)).await.unwrap();
    let long = "x".repeat(256);
    let request = GetContextPackRequest {
        actor: Some(Actor {
            role: long.clone(),
            dealer_id: "d".repeat(128),
            ..by("agent-7").unwrap()
        }),
        served_as: Some(TouchpointKey {
            source: long.clone(),
            id: long.clone(),
        }),
        ..pack_of(&"x".repeat(128), "")
    };
    let named = feedback(&"x".repeat(128), "2", NOW);
    let head = server.record(named).await.unwrap().position;
    let request = GetContextPackRequest {
        at_least: head.clone(),
        ..request
    };
    let status = get(&server, request).await.unwrap_err();
    assert_eq!(
        (status.code(), reason(&status).as_str()),
        (Code::InvalidArgument, "LIMIT_EXCEEDED")
    );
    assert_eq!(server.head().await, head);
    assert!(get(&server, pack_of("ann", &said.position)).await.is_ok());
    server.stop().await;
}
