//! Random histories: however they arrive, and whenever they are asked about, the same score.

use std::collections::BTreeSet;

use ownerline_projections::Position;
use ownerline_projections::advocacy::{Component, Means, OwnerAdvocacy, census, means};
use ownerline_projections::timeline::TimelineError;
use ownerline_proto::v1::advocacy_observed::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AdvocacyObserved, CommitmentBroken, DefectLinked, DefectReported, DefectUnlinked,
    FeedbackEdited, FeedbackExcluded, IntegrityReviewDecided, IntegritySignalRaised,
    ObligationBreached, ObligationOutcomeRevised, OrderCancelled, OrderPlaced, OwnerRegistered,
    PriorBrandRecorded, ReferralMade, Repurchased, ResolutionConfirmed, TouchpointRef,
};
use proptest::prelude::*;

use super::plain::{self, Plain};
use super::{DAY, Judged, feedback, judged, made_of, model};
use crate::cases::cases;
use crate::history::{TestTouchpoint, change_of_life, history_of, log};

/// Histories advance in steps of a month.
pub(super) const STEP: i64 = 30 * DAY;
pub(super) const OWNERS: [&str; 4] = ["ann", "ann2", "ben", "eve"];

pub(super) fn histories() -> impl Strategy<Value = Vec<TestTouchpoint>> {
    let said = prop_oneof![4 => evidence(), 1 => change_of_life()];
    history_of(said.boxed()).prop_map(|mut said| {
        for touchpoint in &mut said {
            touchpoint.occurred_at *= STEP;
        }
        said
    })
}

pub(super) fn evidence() -> impl Strategy<Value = TestTouchpoint> {
    let name = |names: &'static [&'static str]| prop::sample::select(names);
    (
        (0_usize..21, 0_i64..12),
        (
            name(&["", "", "ann", "ann2", "ben"]),
            name(&["", "V1", "V2"]),
            name(&["", "d1", "d2"]),
        ),
        name(&["1", "2"]),
        0_i32..11,
        name(&["", "friendly", "rude. And friendly", "a car"]),
        (name(&["x", "y", "z"]), name(&["x", "y", "z"]), 0_usize..20),
    )
        .prop_map(
            |((what, at), names, number, score, words, (one, other, ordinal))| {
                let (owner, vin, dealer) = names;
                let payload = payload(what, score, words, (one, other, ordinal));
                let mut said = TestTouchpoint::with_payload("", at, payload);
                if said.kind.starts_with("integrity") {
                    said.subjects.dealer_id = "d1".to_owned();
                    return said;
                }
                let subjects = &mut said.subjects;
                owner.clone_into(&mut subjects.owner_id);
                vin.clone_into(&mut subjects.vin);
                dealer.clone_into(&mut subjects.dealer_id);
                match what {
                    0..5 => {
                        if owner.is_empty() {
                            subjects.owner_id = "eve".to_owned();
                        }
                        if what == 1 {
                            one.clone_into(&mut subjects.order_id);
                        }
                    }
                    5..10 => number.clone_into(&mut subjects.feedback_id),
                    10..12 => number.clone_into(&mut subjects.case_id),
                    12..14 => {
                        number.clone_into(&mut subjects.visit_id);
                        one.clone_into(&mut subjects.defect_id);
                    }
                    16..18 => one.clone_into(&mut subjects.order_id),
                    18..21 => number.clone_into(&mut subjects.feedback_id),
                    _ => {}
                }
                if matches!(said.kind, "defect_linked" | "defect_unlinked") {
                    one.clone_into(&mut said.subjects.defect_id);
                }
                said
            },
        )
}

fn payload(what: usize, score: i32, words: &str, names: (&str, &str, usize)) -> Payload {
    let (one, other, ordinal) = names;
    match what {
        0 => Payload::ReferralMade(ReferralMade {
            referee_ref: one.to_owned(),
            ..ReferralMade::default()
        }),
        1 => Payload::Repurchased(Repurchased {
            order_id: one.to_owned(),
            ..Repurchased::default()
        }),
        2 => Payload::AdvocacyObserved(AdvocacyObserved {
            kind: if score < 5 {
                Kind::Negative
            } else {
                Kind::Positive
            }
            .into(),
            ..AdvocacyObserved::default()
        }),
        3 => Payload::OwnerRegistered(OwnerRegistered {
            tier: one.to_owned(),
            market: other.to_owned(),
            ..OwnerRegistered::default()
        }),
        4 => Payload::PriorBrandRecorded(PriorBrandRecorded {
            brand: "other".to_owned(),
            tier: other.to_owned(),
            until: String::new(),
        }),
        5..7 => feedback((score < 9).then_some(score + 2), words),
        7 => Payload::FeedbackEdited(FeedbackEdited {
            verbatim: words.to_owned(),
            new_question: false,
        }),
        8 if score < 3 => Payload::FeedbackExcluded(FeedbackExcluded::default()),
        8 | 9 => Payload::ResolutionConfirmed(ResolutionConfirmed {}),
        10 => Payload::CommitmentBroken(CommitmentBroken {
            commitment_id: one.to_owned(),
        }),
        11 if score < 3 => Payload::DefectUnlinked(DefectUnlinked {
            defect_id: one.to_owned(),
            same_as: other.to_owned(),
        }),
        11 => Payload::DefectLinked(DefectLinked {
            defect_id: one.to_owned(),
            same_as: other.to_owned(),
        }),
        12..14 => Payload::DefectReported(DefectReported::default()),
        14 => Payload::IntegritySignalRaised(IntegritySignalRaised {
            evidence: vec![TouchpointRef {
                source: "crm".to_owned(),
                id: ordinal.to_string(),
            }],
            ..IntegritySignalRaised::default()
        }),
        15 => Payload::IntegrityReviewDecided(IntegrityReviewDecided {
            signal_id: ordinal.to_string(),
            ..IntegrityReviewDecided::default()
        }),
        16 => Payload::OrderPlaced(OrderPlaced::default()),
        17 => Payload::OrderCancelled(OrderCancelled::default()),
        18 | 19 => Payload::ObligationBreached(ObligationBreached {
            obligation_id: format!("owed-{one}"),
            policy: "sla".to_owned(),
            ..ObligationBreached::default()
        }),
        _ => Payload::ObligationOutcomeRevised(ObligationOutcomeRevised {
            obligation_id: format!("owed-{one}"),
            policy: "sla".to_owned(),
            now: if score < 7 {
                "ANSWERED_IN_TIME"
            } else {
                "ANSWERED_LATE"
            }
            .to_owned(),
            ..ObligationOutcomeRevised::default()
        }),
    }
}

/// An answer without positions, which depend on the order of arrival.
fn without_keys(answer: Result<OwnerAdvocacy, TimelineError>) -> String {
    match answer {
        Ok(mut answer) => {
            for it in answer
                .score
                .components
                .iter_mut()
                .flat_map(|it| &mut it.contributions)
            {
                it.key.position = Position::START;
            }
            format!("{answer:?}")
        }
        Err(TimelineError::UnknownOwner { .. }) => "unknown".to_owned(),
        Err(error) => panic!("{error}"),
    }
}

fn ask(judged: &Judged, means: &Means, owner: &str, as_of: i64, known_at: Position) -> String {
    without_keys(judged.ask_with(&model(), means, owner, as_of, known_at))
}

fn as_plain(answer: &OwnerAdvocacy) -> Vec<Plain> {
    let mut found: Vec<Plain> = (made_of(answer).into_iter())
        .map(|it| Plain {
            position: it.key.position,
            id: it.key.id,
            evidence: it.evidence,
            value: it.value,
            suspicion: it.suspicion,
            occurred_at: it.key.occurred_at,
        })
        .collect();
    found.sort_by_key(|it| (it.position, it.evidence));
    found
}

fn values(means: &Means) -> [f64; 5] {
    Component::ALL.map(|component| means.of(component))
}

fn near(one: f64, other: f64) -> bool {
    (one - other).abs() < 1e-9
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn the_order_of_arrival_changes_nothing(
        (said, shuffled) in histories().prop_flat_map(|said| {
            (Just(said.clone()), Just(said).prop_shuffle())
        }),
        as_of in 0_i64..13,
    ) {
        let (one, other) = (judged(&log(&said)), judged(&log(&shuffled)));
        let all = Position(said.len() as u64);
        let as_of = as_of * STEP;
        let mean = means(one.states(), &model(), as_of, all).unwrap();
        prop_assert_eq!(mean, means(other.states(), &model(), as_of, all).unwrap());
        for owner in OWNERS {
            prop_assert_eq!(
                ask(&one, &mean, owner, as_of, all),
                ask(&other, &mean, owner, as_of, all)
            );
        }
        let counted = |judged: &Judged| census(judged.states(), &model(), &mean, as_of.into(), all);
        prop_assert_eq!(counted(&one).unwrap(), counted(&other).unwrap());
    }

    #[test]
    fn as_known_then_equals_the_answer_of_a_server_that_stopped_there(
        said in histories(), known_at in 0_usize..42, as_of in 0_i64..13,
    ) {
        let log = log(&said);
        let known_at = known_at.min(log.len());
        let (whole, stopped) = (judged(&log), judged(&log[..known_at]));
        let (known_at, as_of) = (Position(known_at as u64), as_of * STEP);
        let mean = means(whole.states(), &model(), as_of, known_at).unwrap();
        prop_assert_eq!(mean, means(stopped.states(), &model(), as_of, known_at).unwrap());
        for owner in OWNERS {
            prop_assert_eq!(
                ask(&whole, &mean, owner, as_of, known_at),
                ask(&stopped, &mean, owner, as_of, Position::MAX)
            );
        }
        prop_assert_eq!(
            census(whole.states(), &model(), &mean, as_of.into(), known_at).unwrap(),
            census(stopped.states(), &model(), &mean, as_of.into(), known_at).unwrap()
        );
    }

    #[test]
    fn a_score_equals_that_of_plain_code_and_its_shares_add_up(
        said in histories(), known_at in 1_usize..42, as_of in 0_i64..13,
    ) {
        let log = log(&said);
        let known = &log[..known_at.min(log.len())];
        let (known_at, as_of) = (Position(known.len() as u64), as_of * STEP);
        let judged = judged(&log);
        let world = plain::World::new(known, as_of);
        let mean = means(judged.states(), &model(), as_of, known_at).unwrap();
        for owner in OWNERS {
            let mut expected = world.evidence(&world.person(owner));
            let Ok(answer) = judged.ask_with(&model(), &mean, owner, as_of, known_at) else {
                prop_assert!(expected.is_empty());
                continue;
            };
            let score = plain::score(&expected, values(&mean), as_of);
            expected.sort_by_key(|it| (it.position, it.evidence));
            prop_assert_eq!(as_plain(&answer), expected);
            prop_assert_eq!(answer.score.score.is_some(), score.is_some());
            if let (Some(found), Some((score, confidence))) = (answer.score.score, score) {
                prop_assert!(near(found, score), "{} is not {}", found, score);
                prop_assert!(near(answer.score.confidence, confidence));
                let shares: f64 = made_of(&answer).iter().map(|it| it.share).sum();
                let priors: f64 = answer.score.components.iter().map(|it| it.prior_share).sum();
                prop_assert!(near(found, 50.0 + shares + priors));
                prop_assert!((0.0..=100.0).contains(&found));
            }
        }
    }

    #[test]
    fn means_and_census_are_those_of_every_person(
        said in histories(), known_at in 1_usize..42, as_of in 0_i64..13,
    ) {
        let log = log(&said);
        let known = &log[..known_at.min(log.len())];
        let (known_at, as_of) = (Position(known.len() as u64), as_of * STEP);
        let judged = judged(&log);
        let world = plain::World::new(known, as_of);
        let persons: BTreeSet<BTreeSet<String>> =
            OWNERS.iter().map(|owner| world.person(owner)).collect();
        let mut all: Vec<Plain> = Vec::new();
        for person in &persons {
            for it in world.evidence(person) {
                let again = all.iter().any(|known| {
                    (known.position, known.evidence, known.value) == (it.position, it.evidence, it.value)
                });
                if !again {
                    all.push(it);
                }
            }
        }
        let mean = means(judged.states(), &model(), as_of, known_at).unwrap();
        for (component, (weight, value)) in
            Component::ALL.into_iter().zip(plain::sums(&all, as_of))
        {
            let expected = if weight > 0.0 { value / weight } else { 0.0 };
            prop_assert!(near(mean.weight(component), weight), "{:?}", component);
            prop_assert!(near(mean.of(component), expected), "{:?}", component);
        }
        let found = census(judged.states(), &model(), &mean, as_of.into(), known_at).unwrap();
        let mut scores = Vec::new();
        for person in &persons {
            let id = person.first().unwrap();
            if let Ok(answer) = judged.ask_with(&model(), &mean, id, as_of, known_at) {
                scores.extend(answer.score.score.map(|score| (score, answer.background)));
            }
        }
        prop_assert_eq!(found.all.scores.n, scores.len() as u64);
        let sum: f64 = scores.iter().map(|(score, _)| score).sum();
        prop_assert!(scores.is_empty() || near(found.all.scores.mean, sum / scores.len() as f64));
        for (dealer, bands) in &found.by_dealer {
            let there = scores.iter().filter(|(_, it)| it.dealer_id == *dealer);
            prop_assert_eq!(bands.scores.n, there.count() as u64, "{}", dealer);
            prop_assert_eq!(bands.counts.iter().sum::<u64>(), bands.scores.n);
        }
        for (market, bands) in &found.by_market {
            let there = scores.iter().filter(|(_, it)| it.market == *market);
            prop_assert_eq!(bands.scores.n, there.count() as u64, "{}", market);
        }
        for ((tier, prior), peers) in &found.by_step {
            let there = scores.iter().filter(|(_, it)| (&it.tier, &it.prior_tier) == (tier, prior));
            prop_assert_eq!(peers.n, there.count() as u64, "{} {}", tier, prior);
        }
    }
}
