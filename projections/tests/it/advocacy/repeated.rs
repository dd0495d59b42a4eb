//! Random histories reported again by another system, under other ids, or together with what undoes them.

use ownerline_projections::Position;
use ownerline_projections::advocacy::{Component, Means, means};
use ownerline_proto::v1::advocacy_observed::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AdvocacyObserved, FeedbackExcluded, ObligationBreached, ObligationOutcomeRevised,
    OrderCancelled, Repurchased, ResolutionConfirmed,
};
use proptest::prelude::*;

use super::properties::{STEP, evidence};
use super::{Judged, feedback, in_matter, judge, model, of_ann, of_nobody};
use crate::cases::cases;
use crate::history::TestTouchpoint;

/// Evidence that names its owner and no car, with an id of its own and an address for every story.
fn histories() -> impl Strategy<Value = Vec<TestTouchpoint>> {
    prop::collection::vec(evidence(), 1..30).prop_map(|mut said| {
        // A decision names its signal by its id; told again it would be of another.
        said.retain(|it| !it.kind.starts_with("integrity"));
        for (number, it) in said.iter_mut().enumerate() {
            it.id = format!("{number:03}");
            it.occurred_at *= STEP;
            it.subjects.vin.clear();
            if it.subjects.owner_id.is_empty() {
                "ann".clone_into(&mut it.subjects.owner_id);
            }
            if let Some(Payload::AdvocacyObserved(AdvocacyObserved { url, kind, .. })) =
                &mut it.payload
            {
                *url = format!(
                    "https://forum.example/{}",
                    *kind == i32::from(Kind::Negative)
                );
            }
        }
        said
    })
}

fn link(other: &str) -> TestTouchpoint {
    TestTouchpoint::new("owner_identity_linked", "link", 0)
        .about(|it| it.owner_id = "ann".to_owned())
        .linking(other)
}

/// Score, confidence and pieces of ann, and the mean of the brand.
fn answers(judged: &Judged, as_of: i64) -> (Option<f64>, f64, usize, Means) {
    let mean = means(judged.states(), &model(), as_of, Position(1_000)).unwrap();
    let found = judged.ask_with(&model(), &mean, "ann", as_of, Position(1_000));
    let (score, confidence, pieces) = match &found {
        Ok(found) => {
            let pieces = super::made_of(found).len();
            (found.score.score, found.score.confidence, pieces)
        }
        Err(_) => (None, 0.0, 0),
    };
    (score, confidence, pieces, mean)
}

fn near(one: &Judged, other: &Judged, as_of: i64) -> Result<(), TestCaseError> {
    let (one, other) = (answers(one, as_of), answers(other, as_of));
    let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
    prop_assert_eq!(one.0.is_some(), other.0.is_some());
    prop_assert!(
        close(one.0.unwrap_or_default(), other.0.unwrap_or_default()),
        "{:?} {:?}",
        one,
        other
    );
    prop_assert!(close(one.1, other.1));
    prop_assert_eq!(one.2, other.2);
    for component in Component::ALL {
        prop_assert!(
            close(one.3.of(component), other.3.of(component)),
            "{:?}",
            component
        );
        prop_assert!(
            close(one.3.weight(component), other.3.weight(component)),
            "{:?}",
            component
        );
    }
    Ok(())
}

/// Facts of ann, each with what undoes it.
fn undone() -> Vec<[TestTouchpoint; 2]> {
    let bought = Payload::Repurchased(Repurchased {
        order_id: "undone".to_owned(),
        ..Repurchased::default()
    });
    let of_order = |said: TestTouchpoint| said.about(|it| it.order_id = "undone".to_owned());
    let cancelled = TestTouchpoint::with_payload(
        "u2",
        9 * STEP,
        Payload::OrderCancelled(OrderCancelled::default()),
    );
    let breached = ObligationBreached {
        obligation_id: "undone".to_owned(),
        ..ObligationBreached::default()
    };
    let revised = ObligationOutcomeRevised {
        obligation_id: "undone".to_owned(),
        now: "ANSWERED_IN_TIME".to_owned(),
        ..ObligationOutcomeRevised::default()
    };
    let confirmed = Payload::ResolutionConfirmed(ResolutionConfirmed {});
    let excluded = Payload::FeedbackExcluded(FeedbackExcluded::default());
    let of_item = |id: &str, at: i64, payload| in_matter(id, at * STEP, "feedback-undone", payload);
    let of_case = |id: &str, at: i64, payload| in_matter(id, at * STEP, "case-undone", payload);
    vec![
        [
            of_order(of_ann("u1", 4 * STEP, bought)),
            of_order(cancelled),
        ],
        [
            of_case("u3", 5, Payload::ObligationBreached(breached)),
            of_nobody(
                "u4",
                6 * STEP,
                "case-undone",
                Payload::ObligationOutcomeRevised(revised),
            ),
        ],
        [of_item("u5", 3, confirmed), of_item("u6", 7, excluded)],
        [
            of_item("u7", 3, feedback(None, "")),
            of_item("u8", 8, feedback(None, "")).retracting("crm", "u7"),
        ],
    ]
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_fact_reported_by_two_systems_counts_once(said in histories(), as_of in 0_i64..13) {
        let again = said.iter().cloned().map(|mut it| {
            "dms".clone_into(&mut it.source);
            it
        });
        let twice: Vec<TestTouchpoint> = said.iter().cloned().chain(again).collect();
        near(&judge(&twice), &judge(&said), as_of * STEP)?;
    }

    #[test]
    fn facts_under_several_ids_of_a_person_count_as_under_one(
        said in histories(),
        as_of in 0_i64..13,
        other in prop::sample::select(&["ann2", "ben", "eve"][..]),
    ) {
        let one: Vec<TestTouchpoint> = said.iter().cloned().map(|mut it| {
            if it.subjects.owner_id == other {
                "ann".clone_into(&mut it.subjects.owner_id);
            }
            it
        }).collect();
        let several: Vec<TestTouchpoint> = said.iter().cloned().chain([link(other)]).collect();
        near(&judge(&several), &judge(&one), as_of * STEP)?;
    }

    #[test]
    fn a_report_that_is_undone_leaves_no_trace(said in histories()) {
        let with: Vec<TestTouchpoint> = said.iter().cloned().chain(undone().into_iter().flatten()).collect();
        near(&judge(&with), &judge(&said), 12 * STEP)?;
    }
}
