//! Distribution and expectation.

use ownerline_projections::Position;
use ownerline_projections::advocacy::{Background, Bands, Census, Means, census};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Defected, OwnerRegistered, PriorBrandRecorded, ReferralMade, Repurchased,
};

use super::{DAY, Judged, judge, model, of_ann};
use crate::history::TestTouchpoint;

fn of(owner: &str, mut said: TestTouchpoint) -> TestTouchpoint {
    owner.clone_into(&mut said.subjects.owner_id);
    said.id = format!("{owner} {}", said.id);
    said
}

/// Somebody of a dealer, market and step, who did these.
pub(super) fn somebody(
    owner: &str,
    dealer: &str,
    market: &str,
    did: Vec<Payload>,
) -> Vec<TestTouchpoint> {
    let registered = Payload::OwnerRegistered(OwnerRegistered {
        market: market.to_owned(),
        tier: "gold".to_owned(),
        ..OwnerRegistered::default()
    });
    let prior = Payload::PriorBrandRecorded(PriorBrandRecorded {
        brand: "other".to_owned(),
        tier: "silver".to_owned(),
        until: "2020-01-01".to_owned(),
    });
    let all = [registered, prior].into_iter().chain(did);
    all.enumerate()
        .map(|(place, payload)| {
            let said = of(owner, of_ann(&place.to_string(), DAY, payload));
            said.about(|subjects| dealer.clone_into(&mut subjects.dealer_id))
        })
        .collect()
}

pub(super) fn buys() -> Payload {
    Payload::Repurchased(Repurchased::default())
}

pub(super) fn leaves() -> Payload {
    Payload::Defected(Defected::default())
}

fn refers() -> Payload {
    Payload::ReferralMade(ReferralMade::default())
}

fn counted(judged: &Judged) -> Census {
    census(
        judged.states(),
        &model(),
        &Means::none(),
        DAY.into(),
        Position(1_000),
    )
    .unwrap()
}

fn bands(bands: &Bands) -> ([u64; 5], u64) {
    (bands.counts, bands.insufficient)
}

#[test]
fn scores_fall_into_bands_by_dealer_and_market_and_want_of_evidence_into_none() {
    // One purchase of strength 2 scores 50 ± 20, two of them and three 78.6 and 83.3; a referral 62.5.
    let judged = judge(
        &[
            somebody("ann", "d1", "GB", vec![buys()]),
            somebody(
                "ben",
                "d1",
                "GB",
                vec![leaves(), leaves(), leaves(), leaves(), leaves()],
            ),
            somebody("cid", "d2", "GB", vec![buys(), buys(), buys()]),
            somebody("dot", "d2", "FR", vec![leaves()]),
            somebody("eve", "d2", "FR", vec![]),
            somebody("fay", "", "", vec![refers(), leaves()]),
        ]
        .concat(),
    );
    let found = counted(&judged);
    assert_eq!(bands(&found.all), ([1, 1, 1, 1, 1], 1));
    assert_eq!(bands(&found.by_dealer["d1"]), ([1, 0, 0, 1, 0], 0));
    assert_eq!(bands(&found.by_dealer["d2"]), ([0, 1, 0, 0, 1], 1));
    assert_eq!(bands(&found.by_dealer[""]), ([0, 0, 1, 0, 0], 0));
    assert_eq!(bands(&found.by_market["GB"]), ([1, 0, 0, 1, 1], 0));
    assert_eq!(bands(&found.by_market["FR"]), ([0, 1, 0, 0, 0], 1));
    assert!(
        found.all.scores.interval().is_none(),
        "too few for an interval"
    );
}

#[test]
fn the_expectation_is_the_mean_of_at_least_ten_peers() {
    let crowd = |n: usize| {
        let all = (0..n).flat_map(|place| {
            let did = if place % 2 == 0 { buys() } else { leaves() };
            somebody(&format!("p{place:02}"), "d", "GB", vec![did])
        });
        judge(&all.collect::<Vec<_>>())
    };
    let judged = crowd(10);
    let found = counted(&judged);
    let answer = judged.ask("p00", DAY, Position(1_000)).unwrap();
    let expected = found
        .expectation(&answer.background, answer.score.score)
        .unwrap();
    assert_eq!((&*expected.tier, &*expected.prior_tier), ("gold", "silver"));
    assert_eq!(expected.peers.n, 10);
    assert!((expected.peers.mean - 50.0).abs() < 1e-9);
    // Five at 70 and five at 30: a deviation of sqrt(4000/9).
    assert!((expected.z.unwrap() - 20.0 / (4000.0_f64 / 9.0).sqrt()).abs() < 1e-9);
    // One score more, spread evenly: mean 50 and variance ((10,000 ÷ 3 + 29,000) ÷ 11 − 2,500) ÷ 12, as a beta
    // distribution stretched over 0 to 100; its quantiles by scipy.stats.
    let interval = expected.peers.interval().unwrap();
    assert!((interval.low - 38.178_330_421).abs() < 1e-6, "{interval:?}");
    assert!(
        (interval.high - 61.821_669_578).abs() < 1e-6,
        "{interval:?}"
    );
    let few = counted(&crowd(9))
        .expectation(&answer.background, Some(70.0))
        .unwrap();
    assert_eq!((few.peers.n, few.z), (9, None));
    assert_eq!(found.expectation(&answer.background, None), None);
    let unknown = Background::default();
    assert_eq!(found.expectation(&unknown, Some(70.0)), None);
}

#[test]
fn the_brand_kept_longest_is_the_one_before() {
    let prior = |id: &str, tier: &str, until: &str| {
        let recorded = PriorBrandRecorded {
            brand: tier.to_owned(),
            tier: tier.to_owned(),
            until: until.to_owned(),
        };
        of_ann(id, DAY, Payload::PriorBrandRecorded(recorded))
    };
    let judged = judge(&[
        prior("1", "silver", "2021-05-01"),
        prior("2", "bronze", "2019-01-01"),
        prior("3", "tin", ""),
    ]);
    let found = judged.ask("ann", DAY, Position(10)).unwrap().background;
    assert_eq!(
        (&*found.prior_brand, &*found.prior_tier),
        ("silver", "silver")
    );
}
