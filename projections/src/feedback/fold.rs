//! The fold: adds a touchpoint to the rows of its feedback or case.

use ownerline_proto::kind::Category;
use ownerline_proto::v1::touchpoint::Payload;

use super::index;
use super::rows::{AHEAD, CASES, ITEMS, LINKS};
use super::stored::{StoredItem, feedback_named_by};
use crate::Recorded;
use crate::fold::key::{KeyWriter, is_plain};
use crate::fold::state::StateMap;
use crate::fold::{FoldError, Kinds, ViewDef};

/// The view. See the [module documentation](super).
pub const VIEW: ViewDef = ViewDef {
    name: "feedback",
    version: 5,
    kinds: Kinds::InStreams(&[Category::Feedback, Category::Case]),
    apply: &apply,
};

fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let Some((category, id)) = recorded.stream.split_once('-') else {
        return Ok(());
    };
    check_plain(id)?;
    match Category::from_name(category) {
        Some(Category::Feedback) => fold_feedback(recorded, id, state),
        Some(Category::Case) => fold_case(recorded, id, state),
        _ => Ok(()),
    }
}

fn fold_feedback(
    recorded: &Recorded,
    feedback_id: &str,
    state: &mut dyn StateMap,
) -> Result<(), FoldError> {
    let mut stored = StoredItem::read(state, ITEMS, feedback_id)?;
    let before = stored.head().clone();
    let added = stored.push(recorded);
    for name in [added.dealer, added.from_dealer, added.to_dealer] {
        check_plain(stored.last_names().text(name))?;
    }
    if added.occurred_at > recorded.recorded_at {
        let key = KeyWriter::table(AHEAD).instant(added.occurred_at);
        state.put(key.text(feedback_id).finish(), Vec::new());
    }
    index::update(&mut stored, &before, &added, state)?;
    stored.write(state);
    Ok(())
}

/// Stores the events of a case that concern a feedback.
fn fold_case(
    recorded: &Recorded,
    case_id: &str,
    state: &mut dyn StateMap,
) -> Result<(), FoldError> {
    let feedback_id = feedback_named_by(recorded);
    let concerns_feedback = !feedback_id.is_empty()
        || amends(recorded)
        || matches!(
            &recorded.touchpoint.payload,
            Some(
                Payload::CaseOpened(_)
                    | Payload::CasePausedOnOwner(_)
                    | Payload::CaseResumed(_)
                    | Payload::OwnerMessageReceived(_)
                    | Payload::CaseResolved(_)
                    | Payload::CaseClosed(_)
                    | Payload::CaseReopened(_)
                    | Payload::ResolutionConfirmed(_)
                    | Payload::ResolutionRejected(_)
            )
        );
    if !concerns_feedback {
        return Ok(());
    }
    check_plain(feedback_id)?;
    let mut stored = StoredItem::read(state, CASES, case_id)?;
    stored.push(recorded);
    stored.write(state);
    if !feedback_id.is_empty() && !LINKS.contains(state, feedback_id, case_id)? {
        LINKS.put(state, feedback_id, case_id);
        let mut stored = StoredItem::read(state, ITEMS, feedback_id)?;
        stored.head_mut().has_cases = true;
        if !stored.head().is_particular() {
            index::update_summary(&mut stored, state)?;
        }
        stored.write(state);
    }
    Ok(())
}

/// Whether a touchpoint corrects or retracts another.
fn amends(recorded: &Recorded) -> bool {
    let touchpoint = &recorded.touchpoint;
    touchpoint.corrects.is_some()
        || matches!(touchpoint.payload, Some(Payload::TouchpointRetracted(_)))
}

fn check_plain(text: &str) -> Result<(), FoldError> {
    if is_plain(text) {
        return Ok(());
    }
    Err(FoldError::Unsupported {
        reason: "an identifier holds a NUL character".to_owned(),
    })
}
