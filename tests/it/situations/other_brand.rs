//! The owner is the customer, not the car: the other car, of another brand, is turned away by the dealer that sold it, for
//! lack of staff. The dealer who knows the owner helps. No bulb fits there either, but the service is exceptional, and a
//! friend hears of it.

use ownerline_proto::v1::advocacy_service_client::AdvocacyServiceClient;
use ownerline_proto::v1::assistance_declined::Reason;
use ownerline_proto::v1::contact_service_client::ContactServiceClient;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;
use ownerline_proto::v1::{
    Assistance, AssistanceDeclined, Channel, DealerRegistered, FeedbackReceived,
    GetAssistanceRequest, GetOwnerAdvocacyRequest, ReferralMade, ResolvedElsewhere, Subjects,
    VehicleAcquired, VehicleDroppedOff, VehiclePickedUp, VehicleRegistered, WorkPerformed,
};

use super::{Story, at};

/// The car of the other brand.
const OTHER: &str = "chassis~volant~4711";

fn text(text: &str) -> String {
    text.to_owned()
}

fn of_visit(visit: &str, dealer: &str) -> Subjects {
    Subjects {
        owner_id: text("owner-1"),
        vin: text(OTHER),
        visit_id: text(visit),
        dealer_id: text(dealer),
        ..Subjects::default()
    }
}

async fn dealer(story: &mut Story, id: &str, brand: &str) {
    story
        .about(Subjects {
            dealer_id: text(id),
            ..Subjects::default()
        })
        .by("network", "", "");
    let registered = DealerRegistered {
        name: text(id),
        market: text("GB"),
        time_zone: text("Europe/London"),
        brands: vec![text(brand)],
    };
    let registered = Payload::DealerRegistered(registered);
    story.tell("2020-01-01T12:00:00Z", registered).await;
}

async fn told() -> Story {
    let mut story = Story::begin().await;
    dealer(&mut story, "seller", "Volant").await;
    dealer(&mut story, "northgate", "Halcyra").await;
    let car = VehicleRegistered {
        brand: text("Volant"),
        model: text("estate"),
        ..VehicleRegistered::default()
    };
    story.about(Subjects {
        owner_id: text("owner-1"),
        vin: text(OTHER),
        ..Subjects::default()
    });
    let car = Payload::VehicleRegistered(car);
    story.tell("2024-03-01T10:00:00Z", car).await;
    let acquired = VehicleAcquired {
        owner_id: text("owner-1"),
        role: Role::Owner.into(),
    };
    let acquired = Payload::VehicleAcquired(acquired);
    story.tell("2024-03-01T10:01:00Z", acquired).await;

    let away = AssistanceDeclined {
        asked_for: text("a headlight bulb"),
        reason: Reason::StaffAbsent.into(),
        safety: true,
        owner_told_next_step: false,
    };
    story
        .about(of_visit("away", "seller"))
        .by("desk", "advisor", "seller")
        .via(Channel::InPerson);
    let away = Payload::AssistanceDeclined(away);
    let away = story.tell("2026-03-02T16:00:00Z", away).await;

    let came = VehicleDroppedOff {
        goodwill: true,
        ..VehicleDroppedOff::default()
    };
    story
        .about(of_visit("help", "northgate"))
        .by("may", "advisor", "northgate")
        .because_of(&away);
    let came = Payload::VehicleDroppedOff(came);
    story.tell("2026-03-02T16:40:00Z", came).await;
    let no_bulb = AssistanceDeclined {
        asked_for: text("a headlight bulb"),
        reason: Reason::PartUnavailable.into(),
        safety: true,
        owner_told_next_step: true,
    };
    let no_bulb = Payload::AssistanceDeclined(no_bulb);
    story.tell("2026-03-02T17:10:00Z", no_bulb).await;
    let work = WorkPerformed {
        summary: text("the other lamp aligned, no charge"),
        ..WorkPerformed::default()
    };
    let work = Payload::WorkPerformed(work);
    story.tell("2026-03-02T17:20:00Z", work).await;
    let gone = Payload::VehiclePickedUp(VehiclePickedUp::default());
    story.tell("2026-03-02T17:30:00Z", gone).await;
    let elsewhere = ResolvedElsewhere {
        r#where: text("a lamp specialist nearby"),
    };
    let elsewhere = Payload::ResolvedElsewhere(elsewhere);
    story.tell("2026-03-03T10:00:00Z", elsewhere).await;

    let words = FeedbackReceived {
        score: Some(10),
        verbatim: text("No bulb, and still exceptional. I told my friends."),
        ..FeedbackReceived::default()
    };
    story
        .about(Subjects {
            feedback_id: text("praise"),
            ..of_visit("help", "northgate")
        })
        .by("owner-1", "owner", "");
    let words = Payload::FeedbackReceived(words);
    story.tell("2026-03-03T20:00:00Z", words).await;
    let referred = ReferralMade {
        referee_ref: text("a-friend"),
        ..ReferralMade::default()
    };
    story.about(Subjects {
        owner_id: text("owner-1"),
        ..Subjects::default()
    });
    let referred = Payload::ReferralMade(referred);
    story.tell("2026-03-08T18:00:00Z", referred).await;
    story
}

async fn assistance(story: &Story, as_of: &str) -> Assistance {
    let request = GetAssistanceRequest {
        as_of: Some(at(as_of)),
        at_least: story.server.head().await,
        ..GetAssistanceRequest::default()
    };
    let mut client = ContactServiceClient::new(story.server.channel());
    let answer = client.get_assistance(request).await.unwrap();
    answer.into_inner().total.unwrap()
}

#[tokio::test]
async fn two_refusals_have_one_solution_and_the_experience_is_an_answer_of_its_own() {
    let story = told().await;
    let that_evening = assistance(&story, "2026-03-02T18:00:00Z").await;
    let outcome = that_evening.outcome.unwrap();
    assert_eq!(outcome.solved.unwrap().count, 0);

    let later = assistance(&story, "2026-04-01T00:00:00Z").await;
    let turn_aways = later.turn_aways.unwrap();
    assert_eq!((turn_aways.turn_aways, turn_aways.by_reason.len()), (2, 2));
    let told_next_step = turn_aways.told_next_step.unwrap();
    assert_eq!((told_next_step.count, told_next_step.of), (1, 2));
    // To its seller it is a car of the own brand, to the dealer who helped it is not.
    assert_eq!((turn_aways.own_brand, turn_aways.other_brand), (1, 1));
    let outcome = later.outcome.unwrap();
    let solved = outcome.solved.unwrap();
    assert_eq!((solved.count, solved.of, outcome.solutions), (2, 2, 1));
    assert_eq!(outcome.settled_elsewhere, 2);
    let help = later.help.unwrap();
    assert_eq!((help.visits, help.other_brand), (1, 1));
    let experience = later.experience.unwrap();
    assert_eq!(experience.feedback, 1);
    assert_eq!(experience.nps.unwrap().point, None);
}

#[tokio::test]
async fn the_praise_and_the_friend_are_evidence_of_advocacy() {
    let story = told().await;
    let request = GetOwnerAdvocacyRequest {
        owner_id: text("owner-1"),
        as_of: Some(at("2026-04-01T00:00:00Z")),
        at_least: story.server.head().await,
        ..GetOwnerAdvocacyRequest::default()
    };
    let mut client = AdvocacyServiceClient::new(story.server.channel());
    let answer = client.get_owner_advocacy(request).await.unwrap();
    let answer = answer.into_inner();
    assert!(answer.score.unwrap() > 50.0);
    let components = answer.components.iter();
    let pieces = components.flat_map(|it| &it.contributions);
    let ids: std::collections::BTreeSet<&str> = pieces
        .filter_map(|it| Some(&*it.touchpoint.as_ref()?.id))
        .collect();
    let last_two: Vec<String> = (1..=story.count)
        .rev()
        .take(2)
        .map(|n| format!("t{n:02}"))
        .collect();
    for id in &last_two {
        assert!(ids.contains(&**id), "{id}: {ids:?}");
    }
}
