//! The fold: files each touchpoint of a case, and each that names one elsewhere.

use ownerline_proto::kind::Category;
use ownerline_proto::v1::touchpoint::Payload;
use prost::Message;

use super::head::{bears, head, head_key};
use super::kind::CaseFactKind;
use super::row::CaseRow;
use super::tables::{
    ADVOCATES, CORRECTIONS, DEALERS, FACTS, FEEDBACK, INBOUND, NAME, OWNERS, UNFINISHED, VEHICLES,
};
use crate::Recorded;
use crate::fold::key::KeyWriter;
use crate::fold::pairs::PairTable;
use crate::fold::state::StateMap;
use crate::fold::{FoldError, Kinds, ViewDef, history_tail};

/// The view. See the [module documentation](super).
pub const VIEW: ViewDef = ViewDef {
    name: NAME,
    version: 3,
    // Touchpoints of any kind may name a case.
    kinds: Kinds::All,
    apply: &apply,
};

fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    match Category::of_stream(&recorded.stream) {
        Some(Category::Case) => of_case(recorded, state),
        Some(_) => elsewhere(recorded, state),
        None => Ok(()),
    }
}

/// Files a touchpoint of the stream of a case.
fn of_case(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let Some((_, case_id)) = recorded.stream.split_once('-') else {
        return Ok(());
    };
    let row = CaseRow::of(recorded, false);
    let lists: [(PairTable, &str); 8] = [
        (OWNERS, &row.owner_id),
        (VEHICLES, &row.vin),
        (DEALERS, &row.dealer_id),
        (DEALERS, &row.from_dealer),
        (DEALERS, &row.to_dealer),
        (FEEDBACK, &row.feedback_id),
        (FEEDBACK, &row.origin_feedback_id),
        (ADVOCATES, agent(&row)),
    ];
    let named = lists.map(|(_, name)| name);
    let tail = history_tail(
        recorded,
        &[&named[..], &[case_id, &row.subject_id]].concat(),
    )?;
    // The clock-keeper only repeats what others named.
    for (list, name) in lists {
        if !name.is_empty() && row.issued.is_none() {
            list.put(state, name, case_id);
        }
    }
    if bears(recorded, &row) {
        let mut head = head(state, case_id)?.unwrap_or_default();
        head.add(recorded, &row);
        let listed = head.is_unfinished();
        match (head.listed, listed) {
            (false, true) => UNFINISHED.put(state, case_id, ""),
            (true, false) => UNFINISHED.delete(state, case_id, ""),
            _ => {}
        }
        head.listed = listed;
        state.put(head_key(case_id), head.encode_to_vec());
    }
    FACTS.put(state, [case_id], &tail, &row);
    Ok(())
}

fn agent(row: &CaseRow) -> &str {
    match row.kind() {
        CaseFactKind::AdvocateAssigned | CaseFactKind::AdvocateReleased => &row.subject_id,
        _ => "",
    }
}

/// Files a touchpoint elsewhere, if it names a case or ends a pause of one.
fn elsewhere(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let touchpoint = &recorded.touchpoint;
    let subjects = touchpoint.subjects.as_ref();
    let case_id = subjects.map_or("", |it| it.case_id.as_str());
    if let Some(Payload::ContactMade(contact)) = &touchpoint.payload
        && !contact.proactive
        && let Some(owner_id) = recorded.stream.strip_prefix("owner-")
    {
        let tail = history_tail(recorded, &[owner_id])?;
        INBOUND.put_bytes(state, [owner_id], &tail, Vec::new());
    }
    if !case_id.is_empty() {
        let tail = history_tail(recorded, &[case_id])?;
        FACTS.put(state, [case_id], &tail, &CaseRow::of(recorded, true));
    } else if touchpoint.corrects.is_some() {
        history_tail(recorded, &[])?;
        let key = correction_key(&touchpoint.source, &touchpoint.id);
        state.put(key, CaseRow::of(recorded, true).encode_to_vec());
    }
    Ok(())
}

/// The key of a correction elsewhere that names no case.
pub(super) fn correction_key(source: &str, id: &str) -> Vec<u8> {
    KeyWriter::table(CORRECTIONS).text(source).text(id).finish()
}
