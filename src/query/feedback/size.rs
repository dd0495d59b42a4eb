//! How many bytes an answer needs for an obligation.

use ownerline_projections::TouchpointKey;
use ownerline_projections::feedback::inbox::Owed;
use ownerline_projections::obligation::Detail;

/// More bytes than the numbers, instants and tags of an obligation take.
const OBLIGATION_BYTES: usize = 512;
/// More bytes than the numbers and tags of one of its levels, and of a reference, take.
const LEVEL_BYTES: usize = 64;

/// The most bytes of an obligation of an item.
pub(super) fn obligation_bytes(matter_id: &str, detail: &Detail) -> usize {
    let owed = &detail.obligation;
    let key = |key: &TouchpointKey| key.source.len() + key.id.len() + LEVEL_BYTES;
    let answer = owed.answer.as_ref().map_or(0, |answer| {
        key(&answer.key) + answer.actor_id.len() + answer.dealer_id.len()
    });
    let levels = detail.levels.iter();
    let levels = levels.map(|level| LEVEL_BYTES + level.issued_by.as_ref().map_or(0, key));
    let texts = [
        matter_id,
        &owed.obligation_id,
        &owed.subject_id,
        &owed.dealer_at_end,
        &owed.policy.0,
    ];
    texts.into_iter().map(str::len).sum::<usize>()
        + key(&owed.opened_by)
        + answer
        + levels.sum::<usize>()
        + OBLIGATION_BYTES
}

/// The most bytes of an obligation of an inbox.
pub(super) fn owed_bytes(owed: &Owed) -> usize {
    let subject_id = match owed.case_id.as_str() {
        "" => &owed.feedback_id,
        case_id => case_id,
    };
    owed.owner_id.len() + owed.survey.len() + obligation_bytes(subject_id, &owed.detail)
}
