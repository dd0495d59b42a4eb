//! From one touchpoint to its rows. Writes only: nothing is read, so the order of arrival cannot matter.

use ownerline_proto::kind::Category;
use ownerline_proto::v1::{Subjects, Touchpoint};
use prost::Message;

use super::rows::{
    CAUSES, EFFECTS, MATTERS, NAMES, OWNED, OWNERLESS, Row, VEHICLE_MATTERS, VEHICLES,
};
use crate::Recorded;
use crate::fold::key::KeyWriter;
use crate::fold::state::StateMap;
use crate::fold::{FoldError, Kinds, ViewDef, history_tail};
use crate::person::Names;
use crate::sight::Sight;

static NO_SUBJECTS: Subjects = Subjects {
    owner_id: String::new(),
    vin: String::new(),
    order_id: String::new(),
    visit_id: String::new(),
    feedback_id: String::new(),
    case_id: String::new(),
    defect_id: String::new(),
    dealer_id: String::new(),
};

/// The view. See the [module documentation](super).
pub const VIEW: ViewDef = ViewDef {
    name: "timeline",
    version: 3,
    kinds: Kinds::All,
    apply: &apply,
};

fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let touchpoint = &recorded.touchpoint;
    let subjects = touchpoint.subjects.as_ref().unwrap_or(&NO_SUBJECTS);
    let stream: &str = &recorded.stream;
    let cause = cause(touchpoint);
    let named = [
        subjects.owner_id.as_str(),
        &subjects.vin,
        stream,
        cause.map_or("", |(source, _)| source),
        cause.map_or("", |(_, id)| id),
    ];
    let tail = history_tail(recorded, &named)?;
    let under = |table: u8, text: &str| KeyWriter::table(table).text(text).raw(&tail).finish();
    let category = Category::of_stream(stream);
    let matter = category.filter(|category| category.is_one_matter());
    // What a correction leaves unset it inherits: it may be somebody's without naming them.
    let corrects = touchpoint.corrects.is_some();
    let (owner, vin) = (subjects.owner_id.as_str(), subjects.vin.as_str());

    if !owner.is_empty() {
        let row = Row::of(recorded, subjects, matter);
        state.put(under(OWNED, owner), row.encode_to_vec());
        if category != Some(Category::Owner) {
            let key = KeyWriter::table(MATTERS).text(owner).text(stream).finish();
            state.put(key, Vec::new());
        }
    }
    if matter.is_some() {
        let names = Names::of(subjects, recorded.kind.number);
        if corrects || !names.is_empty() {
            state.put(under(NAMES, stream), names.encode_to_vec());
        }
        if !vin.is_empty() {
            let key = KeyWriter::table(VEHICLE_MATTERS).text(vin).text(stream);
            state.put(key.finish(), Vec::new());
        }
    }
    if owner.is_empty() && (matter.is_some() || corrects) {
        let mut row = Row::of(recorded, subjects, matter);
        row.stream.clear();
        state.put(under(OWNERLESS, stream), row.encode_to_vec());
    }
    if owner.is_empty() && matter.is_none() && !vin.is_empty() {
        let mut row = Row::of(recorded, subjects, matter);
        row.vin.clear();
        state.put(under(VEHICLES, vin), row.encode_to_vec());
    }
    if let Some((source, id)) = cause {
        let mark = KeyWriter::table(CAUSES).text(source).text(id).finish();
        let effect = KeyWriter::table(EFFECTS).text(source).text(id).raw(&tail);
        state.put(mark, Vec::new());
        state.put(effect.finish(), Sight::of(touchpoint).encode_to_vec());
    }
    Ok(())
}

/// The (source, id) of the touchpoint that caused this one; a reference without source names its own.
fn cause(touchpoint: &Touchpoint) -> Option<(&str, &str)> {
    let cause = touchpoint.causation.as_ref()?;
    let source = if cause.source.is_empty() {
        &touchpoint.source
    } else {
        &cause.source
    };
    Some((source, &cause.id))
}
