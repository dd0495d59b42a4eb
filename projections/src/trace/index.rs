//! View `trace`: the touchpoints that name a defect, carry a correlation id, or refer to another in their payload, found
//! by what they name. Touchpoints that do none of these leave no trace in it.
//!
//! | table | key | value |
//! |---|---|---|
//! | `n` | hash of the defect or touchpoint, position | empty |
//! | `b`, `e`, `o` | see [correlation](super::correlation) | |
//!
//! The hash keeps rows at 17 bytes, however long a name is. Two names may share one, so whoever looks one up reads the
//! touchpoints and compares. References by causation are not here: the timeline has them.

use std::ops::ControlFlow;

use ownerline_proto::v1::touchpoint::Payload;

use super::correlation;
use super::name_hash::NameHash;
use super::references::payload_references;
use crate::fold::key::{KeyReader, KeyWriter, prefix_end};
use crate::fold::state::{ScanOrder, StateError, StateMap, StateRead, try_scan};
use crate::fold::{FoldError, Kinds, ViewDef};
use crate::{Position, Recorded, TouchpointKey};

const TABLE: u8 = b'n';

/// The view. See the module documentation.
pub const VIEW: ViewDef = ViewDef {
    name: "trace",
    version: 3,
    kinds: Kinds::All,
    apply: &apply,
};

/// What touchpoints are found by.
#[derive(Debug, Clone, Copy)]
pub(super) enum Name<'n> {
    /// A defect: touchpoints about it, and links of it with another.
    Defect(&'n str),
    /// A touchpoint that the payload of another names.
    Touchpoint(&'n str, &'n str),
}

fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let touchpoint = &recorded.touchpoint;
    let mut put = |name: Name<'_>| {
        let key = prefix(name).position(recorded.position);
        state.put(key.finish(), Vec::new());
    };
    let subjects = touchpoint.subjects.as_ref();
    let defect_id = subjects.map_or("", |it| it.defect_id.as_str());
    if !defect_id.is_empty() {
        put(Name::Defect(defect_id));
    }
    match &touchpoint.payload {
        Some(Payload::DefectLinked(link)) => put(Name::Defect(&link.same_as)),
        Some(Payload::DefectUnlinked(link)) => put(Name::Defect(&link.same_as)),
        _ => {}
    }
    for reference in payload_references(touchpoint) {
        let TouchpointKey { source, id } =
            TouchpointKey::of_reference(reference, &touchpoint.source);
        put(Name::Touchpoint(&source, &id));
    }
    if !touchpoint.correlation_id.is_empty() {
        correlation::add(state, recorded.position, &touchpoint.correlation_id)?;
    }
    Ok(())
}

/// Adds the positions of touchpoints that may name this, known at a position, at most `most`. Returns whether these
/// are all.
pub(super) fn positions_of(
    state: &dyn StateRead,
    name: Name<'_>,
    known_at: Position,
    most: usize,
    positions: &mut Vec<Position>,
) -> Result<bool, StateError> {
    let start = prefix(name).finish();
    let mut left = most;
    let mut complete = true;
    try_scan(
        state,
        &*start..&*prefix_end(&start),
        ScanOrder::Ascending,
        |key, _| {
            let mut reader = KeyReader::table(key, TABLE)?;
            reader.number()?;
            let position = Position(reader.number()?);
            if position > known_at {
                return Ok(ControlFlow::Break(()));
            }
            if left == 0 {
                complete = false;
                return Ok(ControlFlow::Break(()));
            }
            left -= 1;
            positions.push(position);
            Ok(ControlFlow::Continue(()))
        },
    )?;
    Ok(complete)
}

fn prefix(name: Name<'_>) -> KeyWriter {
    let hash = match name {
        Name::Defect(id) => NameHash::of(1).text(id),
        Name::Touchpoint(source, id) => NameHash::of(3).text(source).text(id),
    };
    KeyWriter::table(TABLE).number(hash.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn stored_hashes_do_not_change() {
        let hash = |name| {
            let key = prefix(name).finish();
            let mut reader = KeyReader::table(&key, TABLE).unwrap();
            reader.number().unwrap()
        };
        let hashes = [
            hash(Name::Defect("f1")),
            hash(Name::Touchpoint("//crm", "4711")),
            hash(Name::Touchpoint("//crm4", "711")),
        ];
        let stored = [
            14_407_959_155_745_937_803,
            18_237_585_174_038_472_685,
            415_750_225_738_173_181,
        ];
        assert_eq!(hashes, stored);
    }

    #[test]
    fn names_that_are_alike_get_hashes_of_their_own() {
        let mut hashes = BTreeSet::new();
        for number in 0..10_000 {
            let name = format!("process-{number:08}");
            hashes.insert(prefix(Name::Defect(&name)).finish());
            hashes.insert(prefix(Name::Touchpoint(&name, "")).finish());
            hashes.insert(prefix(Name::Touchpoint("", &name)).finish());
        }
        assert_eq!(hashes.len(), 30_000);
    }
}
