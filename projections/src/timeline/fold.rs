//! The fold: turns a touchpoint into rows. It reads only for the [lists of ownerless rows](super::listed), which are
//! complete whatever the order of arrival.

use ownerline_proto::kind::Category;
use ownerline_proto::v1::{Subjects, Touchpoint};

use super::listed::{FoundBy, keep_listed};
use super::rows::{
    CAUSES, EFFECTS, MATTERS, NAMES, OWNED, OWNERLESS, Row, VEHICLE_MATTERS, VEHICLES,
};
use crate::Recorded;
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
    version: 6,
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
    let category = Category::of_stream(stream);
    let matter = category.filter(|category| category.is_one_matter());
    // A correction inherits unset subjects, so it may belong to an owner that it does not name.
    let corrects = touchpoint.corrects.is_some();
    let (owner, vin) = (subjects.owner_id.as_str(), subjects.vin.as_str());

    if !owner.is_empty() {
        let row = Row::of(recorded, subjects, matter);
        OWNED.put(state, [owner], &tail, &row);
        if category != Some(Category::Owner) {
            MATTERS.put(state, owner, stream);
        }
    }
    let ownerless = (owner.is_empty() && (matter.is_some() || corrects)).then(|| {
        let mut row = Row::of(recorded, subjects, matter);
        row.stream.clear();
        row
    });
    if matter.is_some() {
        let listed = ownerless.as_ref().map(|row| row.listed(stream));
        let named = FoundBy {
            owner_id: owner,
            vin,
        };
        keep_listed(state, stream, named, &tail, listed.as_ref())?;
        let names = Names::of(subjects, recorded.kind.number);
        if corrects || !names.is_empty() {
            NAMES.put(state, [stream], &tail, &names);
        }
        if !vin.is_empty() {
            VEHICLE_MATTERS.put(state, vin, stream);
        }
    }
    if let Some(row) = &ownerless {
        OWNERLESS.put(state, [stream], &tail, row);
    }
    if owner.is_empty() && matter.is_none() && !vin.is_empty() {
        let mut row = Row::of(recorded, subjects, matter);
        row.vin.clear();
        VEHICLES.put(state, [vin], &tail, &row);
    }
    if let Some((source, id)) = cause {
        CAUSES.put(state, source, id);
        EFFECTS.put(state, [source, id], &tail, &Sight::of(touchpoint));
    }
    Ok(())
}

/// Returns the keys of the cause. A reference without a source means the touchpoint's own source.
pub(super) fn cause(touchpoint: &Touchpoint) -> Option<(&str, &str)> {
    let cause = touchpoint.causation.as_ref()?;
    let source = if cause.source.is_empty() {
        &touchpoint.source
    } else {
        &cause.source
    };
    Some((source, &cause.id))
}
