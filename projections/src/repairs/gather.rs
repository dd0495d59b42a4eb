//! Finds the touchpoints that tell of the repairs of a car.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::kind::Category;
use ownerline_proto::schema::Schema;
use ownerline_proto::time::Instant;

use super::facts::{RepairFold, Wanted};
use crate::fold::state::{StateError, StateRead};
use crate::person::{FilledIn, Names, ownership};
use crate::timeline::{self, KINDS_OF_OWNERLESS, NAMES, TimelineStates, matters_of_vehicle};
use crate::vehicles::odometer::is_read_more_often;
use crate::{AnswerError, HistoryKey, Snapshots, Validity, Vantage, vehicles};

/// The kinds that tell of the repairs of a visit.
const OF_VISITS: [&str; 4] = [
    "vehicle_dropped_off",
    "vehicle_picked_up",
    "defect_reported",
    "repair_attempted",
];
/// The kind that tells of a notice in a case.
const OF_CASES: [&str; 1] = ["manufacturer_notified"];

/// Finds what to read of a car: at most so many touchpoints from at most so many matters, and at most ten times as many
/// readings of the odometer. Of a car with more, the fold [is cut](RepairFold::is_cut), and looking has ended early.
///
/// # Errors
/// If no touchpoint known at the position names the car, or the viewer may not know of it, or a state cannot be read.
pub fn gather(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    vin: &str,
    most: usize,
) -> Result<RepairFold, AnswerError> {
    let validity = vantage.validity()?;
    let states = TimelineStates::of(snapshots);
    let mut filled = FilledIn::new(states.timeline, &validity, vantage.as_of);
    let mut fold = RepairFold {
        vin: vin.to_owned(),
        ..RepairFold::default()
    };
    let mut streams = Vec::new();
    for (category, kinds) in [
        (Category::Visit, numbers(&OF_VISITS)),
        (Category::Case, numbers(&OF_CASES)),
    ] {
        let of_category = matters_of_vehicle(states.timeline, vin, category)?;
        streams.extend(of_category.into_iter().map(|it| (it, kinds.clone())));
    }
    let readings = most.saturating_mul(10);
    fold.is_cut =
        streams.len() > most || is_read_more_often(states.vehicles, &validity, vin, readings)?;
    for (stream, kinds) in streams {
        if fold.is_cut {
            return Ok(fold);
        }
        let of_stream = stream_rows(states.timeline, &validity, vantage.as_of, &stream)?;
        let told = of_stream.into_iter();
        for (key, names) in told.filter(|(_, names)| kinds.contains(&names.kind)) {
            let names = filled.fill(&stream, key.occurred_at, names)?;
            if names.vin != vin || !vantage.viewer.sees_dealer(&names.dealer_id) {
                continue;
            }
            let first = filled.first(&stream)?;
            let dealer_id = first.dealer_id.clone();
            let matter_id = stream.split_once('-').map_or("", |(_, id)| id);
            want(&mut fold, &validity, key, matter_id, dealer_id)?;
        }
        fold.is_cut = fold.wanted.len() > most;
    }
    let anything = !fold.wanted.is_empty();
    for key in vehicles::registrations(states.vehicles, &validity, vin, vantage.as_of)? {
        want(&mut fold, &validity, key, "", String::new())?;
    }
    let is_known = anything || vantage.viewer.sees_network() && is_named(states, vantage, vin)?;
    if !is_known {
        return Err(AnswerError::Unknown {
            what: "vehicle",
            id: vin.to_owned(),
        });
    }
    Ok(fold)
}

fn want(
    fold: &mut RepairFold,
    validity: &Validity<'_>,
    key: HistoryKey,
    matter_id: &str,
    dealer_id: String,
) -> Result<(), StateError> {
    let standing = validity.standing(&key.source, &key.id)?;
    let inherited = standing.inherited;
    let inherited = inherited.map(|it| it.subjects.defect_id.clone());
    let wanted = Wanted {
        matter_id: matter_id.to_owned(),
        dealer_id,
        defect_id: inherited.unwrap_or_default(),
        key,
    };
    fold.wanted.insert(wanted.key.position, wanted);
    Ok(())
}

/// The touchpoints in force of a one-matter stream, with the subjects that they name themselves or inherit.
fn stream_rows(
    timeline: &dyn StateRead,
    validity: &Validity<'_>,
    as_of: Instant,
    stream: &str,
) -> Result<BTreeMap<HistoryKey, Names>, StateError> {
    let mut found = BTreeMap::new();
    let named = NAMES.up_to([stream], as_of);
    named.counted(timeline, validity, |key, entry| {
        let names = entry.inherited(validity, &key)?;
        found.insert(key, names);
        Ok(())
    })?;
    // What names nobody has no row among the others.
    let nameless = KINDS_OF_OWNERLESS.up_to([stream], as_of);
    nameless.counted(timeline, validity, |key, entry| {
        let kind = entry.row()?.kind;
        found.entry(key).or_insert_with(|| Names {
            kind,
            ..Names::default()
        });
        Ok(())
    })?;
    Ok(found)
}

/// Whether any touchpoint known at the position names the car.
fn is_named(
    states: TimelineStates<'_>,
    vantage: &Vantage<'_>,
    vin: &str,
) -> Result<bool, StateError> {
    let known_at = vantage.known_at;
    Ok(vehicles::is_named(states.vehicles, vin, known_at)?
        || ownership::is_named(states.ownership, vin, known_at)?
        || timeline::names_vehicle(states.timeline, vin, known_at)?)
}

fn numbers(names: &[&str]) -> BTreeSet<u32> {
    let kinds = names
        .iter()
        .filter_map(|name| Schema::get().kind_by_name(name));
    kinds.map(|kind| kind.number).collect()
}
