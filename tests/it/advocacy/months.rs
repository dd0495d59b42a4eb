//! Which month's mean of the brand a score is pulled towards: `as_of` and `known_at` decide, never the last touchpoint.

use ownerline_proto::time;
use ownerline_proto::v1::advocacy_service_client::AdvocacyServiceClient;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Actor, GetContextPackRequest, GetOwnerAdvocacyRequest, GetOwnerAdvocacyResponse, KnownAt,
    ListAdvocatesRequest, ReferralMade, Subjects, Touchpoint, actor, known_at,
};

use super::{ask, at, live_through, said};
use crate::support::Server;

const JANUARY_10: i64 = 1_673_308_800;
const JANUARY_31: i64 = 1_675_123_200;
const FEBRUARY: i64 = 1_675_209_600;
const FEBRUARY_20: i64 = 1_676_851_200;
const MARCH: i64 = 1_677_628_800;
const MARCH_15: i64 = 1_678_838_400;

fn referral() -> Touchpoint {
    Touchpoint {
        id: "referral".to_owned(),
        source: "//crm".to_owned(),
        occurred_at: Some(time::timestamp(JANUARY_10 * 1_000_000_000)),
        subjects: Some(Subjects {
            owner_id: "ann".to_owned(),
            ..Subjects::default()
        }),
        payload: Some(Payload::ReferralMade(ReferralMade {
            referee_ref: "friend".to_owned(),
            ..ReferralMade::default()
        })),
        ..Touchpoint::default()
    }
}

fn known(at: known_at::At, as_of: i64) -> GetOwnerAdvocacyRequest {
    GetOwnerAdvocacyRequest {
        known_at: Some(KnownAt { at: Some(at) }),
        ..at_instant(as_of)
    }
}

fn at_instant(as_of: i64) -> GetOwnerAdvocacyRequest {
    at("ann", as_of, "")
}

fn instant(seconds: i64) -> known_at::At {
    known_at::At::Instant(time::timestamp(seconds * 1_000_000_000))
}

/// The start of the month and the mean of the brand about referrals.
fn mean(answer: &GetOwnerAdvocacyResponse) -> (Option<i64>, f64) {
    let month = answer.means_at.as_ref().map(|at| at.seconds);
    (month, answer.components[0].brand_mean)
}

/// A server whose log took one referral in January and nothing since.
async fn quiet_since_january(data: &std::path::Path) -> Server {
    live_through(data, &[referral()], 1).await;
    Server::start_in(data).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_mean_is_that_of_the_month_of_the_earlier_of_as_of_and_known_at() {
    let data = tempfile::tempdir().unwrap();
    let server = quiet_since_january(data.path()).await;
    let head = server.head().await;
    for (request, expected) in [
        (at_instant(MARCH_15), (Some(MARCH), 1.0)),
        (known(instant(MARCH_15), MARCH_15), (Some(MARCH), 1.0)),
        (known(instant(MARCH), MARCH_15), (Some(MARCH), 1.0)),
        (known(instant(MARCH - 1), MARCH_15), (Some(FEBRUARY), 1.0)),
        (known(instant(FEBRUARY_20), MARCH_15), (Some(FEBRUARY), 1.0)),
        (known(instant(MARCH_15), FEBRUARY_20), (Some(FEBRUARY), 1.0)),
        // Nothing was recorded when January began.
        (at_instant(JANUARY_31), (None, 0.0)),
        (known(known_at::At::Position(head), MARCH_15), (None, 0.0)),
    ] {
        let answer = ask(&server, request.clone()).await.unwrap();
        assert_eq!(mean(&answer), expected, "{request:?}");
    }
    // One referral of weight W against k = 3 with a mean of 1: x = (W + 3) ÷ (W + 3), and so the score is 100.
    let answer = ask(&server, at_instant(MARCH_15)).await.unwrap();
    assert_eq!(answer.score, Some(100.0));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_context_pack_that_is_served_after_a_quiet_month_moves_no_mean() {
    let data = tempfile::tempdir().unwrap();
    let server = quiet_since_january(data.path()).await;
    let before = ask(&server, at_instant(MARCH_15)).await.unwrap();
    let listing = ListAdvocatesRequest {
        least_confidence: Some(0.0),
        as_of: Some(time::timestamp(MARCH_15 * 1_000_000_000)),
        ..ListAdvocatesRequest::default()
    };
    let mut client = AdvocacyServiceClient::new(server.channel());
    let listed = client.list_advocates(listing.clone()).await.unwrap();
    let pack = GetContextPackRequest {
        owner_id: "ann".to_owned(),
        actor: Some(Actor {
            id: "agent".to_owned(),
            kind: actor::Kind::Human.into(),
            ..Actor::default()
        }),
        ..GetContextPackRequest::default()
    };
    server.timelines().get_context_pack(pack).await.unwrap();
    let head = server.head().await;
    let mut again = at_instant(MARCH_15);
    again.at_least.clone_from(&head);
    let after = ask(&server, again).await.unwrap();
    assert_ne!(after.position, before.position, "the serving is recorded");
    assert_eq!(said(after), said(before));
    let mut again = listing;
    again.at_least = head;
    let after = client.list_advocates(again).await.unwrap().into_inner();
    let listed = listed.into_inner();
    assert_eq!(after.means_at, listed.means_at);
    assert_eq!(after.advocates, listed.advocates);
    server.stop().await;
}
