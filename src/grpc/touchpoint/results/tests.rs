//! Results of every size, cut to one answer.

use ownerline_proto::v1::{FieldViolation, RecordBatchResponse, RecordResponse};
use proptest::prelude::*;

use super::*;

/// What clients take by default, in bytes.
const CLIENT_TAKES: usize = 4 << 20;

fn refused(violations: usize, letters: usize) -> RecordResult {
    let violation = FieldViolation {
        field: "f".repeat(letters),
        reason: "RANGE".to_owned(),
        description: "d".repeat(letters),
    };
    let refusal = Refusal {
        code: 3,
        reason: "MALFORMED_REQUEST".to_owned(),
        message: "m".repeat(letters),
        violations: vec![violation; violations],
        metadata: [("stream".to_owned(), "s".repeat(letters))].into(),
        ..Refusal::default()
    };
    RecordResult {
        result: Some(ItemResult::Refused(refusal)),
    }
}

fn recorded(number: usize) -> RecordResult {
    let recorded = RecordResponse {
        position: format!("00000000-{number:016x}"),
        stream: "s".repeat(140),
        ..RecordResponse::default()
    };
    RecordResult {
        result: Some(ItemResult::Recorded(recorded)),
    }
}

fn counted(refusal: &Refusal) -> usize {
    let left_out = refusal.metadata.get("violations_left_out");
    let left_out = left_out.map_or(0, |text| text.parse().unwrap());
    refusal.violations.len() + left_out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn however_much_is_wrong_the_answer_is_readable_and_no_outcome_is_lost(
        kinds in prop::collection::vec((0_usize..40, 1_usize..256), 1..8),
        count in 1_usize..2_000,
    ) {
        let result = |number: usize| match kinds[number % kinds.len()] {
            (0, _) => recorded(number),
            (violations, letters) => refused(violations, letters),
        };
        let before: Vec<_> = (0..count).map(result).collect();
        let mut results = before.clone();
        fit_into_answer(&mut results);
        for (result, before) in results.iter().zip(&before) {
            match (result.result.as_ref().unwrap(), before.result.as_ref().unwrap()) {
                (ItemResult::Refused(result), ItemResult::Refused(before)) => {
                    prop_assert_eq!((result.code, &result.reason), (before.code, &before.reason));
                    prop_assert_eq!(counted(result), before.violations.len());
                    let shown = &before.violations[..result.violations.len()];
                    prop_assert_eq!(&result.violations, shown);
                }
                (result, before) => prop_assert_eq!(result, before),
            }
        }
        let answer = RecordBatchResponse { results };
        prop_assert!(answer.encoded_len() < CLIENT_TAKES);
    }
}

#[test]
fn the_last_results_of_the_largest_batch_say_less_and_every_outcome_is_there() {
    let mut results: Vec<_> = (0..10_000).map(|_| refused(3, 256)).collect();
    fit_into_answer(&mut results);
    for result in &results {
        let Some(ItemResult::Refused(refusal)) = &result.result else {
            panic!("{result:?}");
        };
        assert_eq!(refusal.reason, "MALFORMED_REQUEST");
    }
    let answer = RecordBatchResponse { results };
    assert!(answer.encoded_len() < CLIENT_TAKES);
}
