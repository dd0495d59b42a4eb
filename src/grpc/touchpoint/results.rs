//! Results of touchpoints, cut so that every client can read the answer: the outcome of each touchpoint always stays.

use ownerline_proto::malformed;
use ownerline_proto::v1::record_result::Result as ItemResult;
use ownerline_proto::v1::{RecordResult, Refusal};
use prost::Message as _;

use crate::grpc::status::count_left_out;
use crate::query::AnswerBudget;

/// Shortens results until they fit into one answer. Violations are left out from the end and counted, alike for all
/// results; in the largest batches, whatever else explains a refusal is left out of the last results too. Code, reason
/// and the place of what is recorded stay.
pub(super) fn fit_into_answer(results: &mut [RecordResult]) {
    if excess(results, RecordResult::encoded_len) == 0 {
        return;
    }
    let kept = violations_kept(results);
    for result in results.iter_mut() {
        if let Some(ItemResult::Refused(refusal)) = &mut result.result {
            leave_out(refusal, kept);
        }
    }
    let mut excess = excess(results, RecordResult::encoded_len);
    for result in results.iter_mut().rev() {
        if excess == 0 {
            return;
        }
        let before = result.encoded_len();
        leave_the_outcome(result);
        excess = excess.saturating_sub(before - result.encoded_len());
    }
}

/// The greatest number of violations for each result with which all results fit.
fn violations_kept(results: &[RecordResult]) -> usize {
    let most = results.iter().map(|result| violations(result).len());
    let (mut fitting, mut too_many) = (0, most.max().unwrap_or_default());
    while too_many - fitting > 1 {
        let middle = fitting.midpoint(too_many);
        if excess(results, |result| shortened_len(result, middle)) == 0 {
            fitting = middle;
        } else {
            too_many = middle;
        }
    }
    fitting
}

/// More bytes than the counts of violations in the metadata take.
const COUNTS_BYTES: usize = 80;

/// The most bytes that a result has with this many violations.
fn shortened_len(result: &RecordResult, kept: usize) -> usize {
    let left_out = violations(result).iter().skip(kept);
    let saved: usize = left_out.map(|violation| violation.encoded_len()).sum();
    result.encoded_len() + COUNTS_BYTES - saved
}

fn leave_out(refusal: &mut Refusal, kept: usize) {
    let left_out = refusal.violations.len().saturating_sub(kept);
    if left_out > 0 {
        refusal.violations.truncate(kept);
        count_left_out(refusal, left_out);
    }
}

fn violations(result: &RecordResult) -> &[ownerline_proto::v1::FieldViolation] {
    match &result.result {
        Some(ItemResult::Refused(refusal)) => &refusal.violations,
        _ => &[],
    }
}

fn excess(results: &[RecordResult], bytes: impl Fn(&RecordResult) -> usize) -> usize {
    AnswerBudget::of_answer().excess(results.iter().map(bytes))
}

/// Leaves what decides what the client does next.
fn leave_the_outcome(result: &mut RecordResult) {
    match &mut result.result {
        Some(ItemResult::Recorded(recorded)) => recorded.warnings.clear(),
        Some(ItemResult::Refused(refusal)) => {
            leave_out(refusal, 0);
            refusal.message.clear();
            refusal.metadata.retain(|key, _| malformed::is_count(key));
        }
        None => {}
    }
}

#[cfg(test)]
mod tests;
