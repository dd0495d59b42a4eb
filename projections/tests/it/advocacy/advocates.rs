//! The list of advocates: scores equal those of single owners, are ordered, and small groups are protected.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ownerline_projections::Position;
use ownerline_projections::advocacy::{
    Advocates, AdvocatesBy, AdvocatesQuery, Means, Measure, Measures, Model, advocates, means,
};
use proptest::prelude::*;

use super::census::{buys, leaves, somebody};
use super::properties::{OWNERS, STEP, histories};
use super::{DAY, Judged, judge, judged, lexicon, made_of, model, scoring};
use crate::cases::cases;
use crate::history::log;

fn network(model: Model, means: Means) -> Measures {
    Measures {
        network: Measure {
            model: Arc::new(model),
            means,
        },
        by_market: BTreeMap::new(),
    }
}

fn everybody(as_of: i64, known_at: Position) -> AdvocatesQuery {
    AdvocatesQuery {
        group_by: None,
        dealer_id: String::new(),
        market: String::new(),
        least_confidence: 0.0,
        limit: 1_000,
        as_of: as_of.into(),
        known_at,
    }
}

fn ask(judged: &Judged, query: &AdvocatesQuery, measures: &Measures) -> Advocates {
    advocates(judged.states(), query, measures).unwrap()
}

fn simply(judged: &Judged, query: &AdvocatesQuery) -> Advocates {
    ask(judged, query, &network(model(), Means::none()))
}

fn ids(found: &Advocates) -> Vec<&str> {
    found.listed.iter().map(|it| it.owner_id.as_str()).collect()
}

/// A few who buy again once, and more who do so twice; alternating dealers and markets.
fn crowd(n: usize) -> Judged {
    let all = (0..n).flat_map(|place| {
        let did = if place % 3 == 0 {
            vec![buys()]
        } else {
            vec![buys(), buys()]
        };
        let dealer = if place % 2 == 0 { "d1" } else { "d2" };
        somebody(&format!("p{place:02}"), dealer, "GB", did)
    });
    judge(&all.collect::<Vec<_>>())
}

#[test]
fn the_highest_scores_come_first_then_confidence_then_ids_and_no_more_than_asked_for() {
    let judged = crowd(7);
    let all = simply(&judged, &everybody(DAY, Position(1_000)));
    assert_eq!(ids(&all), ["p01", "p02", "p04", "p05", "p00", "p03", "p06"]);
    assert_eq!(all.eligible, 7);
    let (component, points) = all.listed[0].lifted_by.unwrap();
    assert_eq!(component.name(), "repurchase");
    assert!((points - (all.listed[0].score.unwrap() - 50.0)).abs() < 1e-9);
    let first = AdvocatesQuery {
        limit: 3,
        ..everybody(DAY, Position(1_000))
    };
    let first = simply(&judged, &first);
    assert_eq!(ids(&first), ["p01", "p02", "p04"]);
    assert_eq!(first.eligible, 7);
    let sure = AdvocatesQuery {
        least_confidence: 0.1,
        ..everybody(DAY, Position(1_000))
    };
    let sure = simply(&judged, &sure);
    assert_eq!(sure.eligible, 4, "one purchase alone says too little");
    assert_eq!(sure.total, all.total, "the distribution has everybody");
    let of_dealer = AdvocatesQuery {
        dealer_id: "d2".to_owned(),
        group_by: Some(AdvocatesBy::Market),
        ..everybody(DAY, Position(1_000))
    };
    let of_dealer = simply(&judged, &of_dealer);
    assert_eq!(ids(&of_dealer), ["p01", "p05", "p03"]);
    assert_eq!(of_dealer.total.scores.n, 3);
    assert_eq!(of_dealer.groups.keys().collect::<Vec<_>>(), ["GB"]);
}

#[test]
fn who_is_against_the_brand_is_lifted_by_nothing() {
    let judged = judge(&somebody("ann", "d", "GB", vec![leaves()]));
    let found = simply(&judged, &everybody(DAY, Position(100)));
    assert_eq!(
        (ids(&found), found.listed[0].lifted_by),
        (vec!["ann"], None)
    );
}

#[test]
fn few_cases_show_their_number_more_an_interval_and_enough_a_point() {
    for (n, interval, point) in [
        (9, false, false),
        (10, true, false),
        (29, true, false),
        (30, true, true),
    ] {
        let total = simply(&crowd(n), &everybody(DAY, Position(1_000))).total;
        for shown in total.shares().into_iter().chain([total.mean()]) {
            assert_eq!(shown.n(), n as u64);
            assert_eq!(
                (shown.interval().is_some(), shown.point().is_some()),
                (interval, point),
                "{n}"
            );
        }
    }
    let shares = simply(&crowd(30), &everybody(DAY, Position(1_000)))
        .total
        .shares();
    let points: Vec<f64> = shares.iter().map(|it| it.point().unwrap()).collect();
    assert!(
        (points.iter().sum::<f64>() - 1.0).abs() < 1e-12,
        "{points:?}"
    );
    assert!(shares[3].interval().unwrap().low < points[3]);
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn everybody_is_scored_as_one_by_one_each_by_the_model_of_their_market(
        said in histories(), known_at in 1_usize..42, as_of in 0_i64..13,
    ) {
        let log = log(&said);
        let known_at = Position(known_at.min(log.len()) as u64);
        let as_of = as_of * STEP;
        let judged = judged(&log);
        let mut other = scoring();
        other.k = 0.5;
        let other = Model::new(&other, &lexicon()).unwrap();
        let mean = |model: &Model| means(judged.states(), model, as_of, known_at).unwrap();
        let mut measures = network(model(), mean(&model()));
        let measure = Measure { means: mean(&other), model: Arc::new(other) };
        measures.by_market.insert("y".to_owned(), measure);
        let query = AdvocatesQuery {
            group_by: Some(AdvocatesBy::Dealer),
            ..everybody(as_of, known_at)
        };
        let found = ask(&judged, &query, &measures);
        let mut scored = BTreeSet::new();
        for owner in OWNERS {
            let ask = |measure: &Measure| {
                judged.ask_with(&measure.model, &measure.means, owner, as_of, known_at)
            };
            let Ok(first) = ask(&measures.network) else { continue };
            let measure = measures.of(&first.background.market);
            let answer = ask(measure).unwrap();
            let least = answer.owner_ids.first().unwrap();
            let listed = found.listed.iter().find(|it| it.owner_id == *least);
            prop_assert_eq!(listed.is_some(), answer.score.score.is_some(), "{}", owner);
            let Some(listed) = listed else { continue };
            scored.insert(least.clone());
            prop_assert_eq!(listed.score, answer.score.score);
            prop_assert_eq!(listed.confidence, answer.score.confidence);
            prop_assert_eq!(listed.evidence, made_of(&answer).len() as u64);
            prop_assert_eq!(&listed.background, &answer.background);
        }
        prop_assert_eq!(found.listed.len(), scored.len());
        prop_assert_eq!(found.total.scores.n, scored.len() as u64);
        let of_groups: u64 = found.groups.values().map(|it| it.scores.n + it.insufficient).sum();
        prop_assert_eq!(of_groups, found.total.scores.n + found.total.insufficient);
    }
}
