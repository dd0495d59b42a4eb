//! What whoever acted in a touchpoint of a trace had been served before: the context pack for the person, by the same
//! rule as for contacts.

use std::collections::BTreeMap;

use super::membership::Membership;
use super::story::Trace;
use super::touchpoint::Traced;
use crate::contacts::Served;
use crate::fold::state::StateError;
use crate::person::{FilledIn, Names, named_owner};
use crate::{Snapshots, TouchpointKey, Vantage, timeline};

/// Adds to each entry the pack that whoever acts for the brand in it had been served. A touchpoint that belongs to nobody
/// is held to be about the owner of the case.
pub(super) fn annotate(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    search: &Membership,
    trace: &mut Trace,
) -> Result<(), StateError> {
    let validity = vantage.validity()?;
    let timeline = snapshots.state(timeline::VIEW.name);
    let mut filled = FilledIn::new(timeline, &validity, vantage.as_of);
    let mut owner = |touchpoint: &Traced| {
        let names = Names::of(&touchpoint.subjects, 0);
        let names = filled.fill(&touchpoint.stream, touchpoint.key.occurred_at, names)?;
        let owner_id = named_owner(&touchpoint.stream, &names.owner_id);
        Ok::<String, StateError>(owner_id.unwrap_or_default().to_owned())
    };
    let mut core: Vec<&Traced> = search.found.iter().collect();
    core.retain(|it| it.is_in_force() && search.is_core(it));
    core.sort_by(|one, other| one.key.cmp(&other.key));
    let mut of_case = String::new();
    for touchpoint in core {
        of_case = owner(touchpoint)?;
        if !of_case.is_empty() {
            break;
        }
    }
    let mut persons: BTreeMap<String, Served> = BTreeMap::new();
    for entry in &mut trace.entries {
        let found = search.index(&TouchpointKey::from(&entry.key));
        let Some(touchpoint) = found.and_then(|at| search.found.get(at)) else {
            continue;
        };
        let Some(party) = &touchpoint.party else {
            continue;
        };
        let mut owner_id = owner(touchpoint)?;
        if owner_id.is_empty() {
            owner_id.clone_from(&of_case);
        }
        if owner_id.is_empty() {
            continue;
        }
        if !persons.contains_key(&owner_id) {
            let served = Served::read(snapshots, &validity, vantage.as_of, &owner_id)?;
            persons.insert(owner_id.clone(), served);
        }
        let served = persons.get(&owner_id);
        entry.pack = served.and_then(|it| it.before(party, entry.key.occurred_at));
    }
    Ok(())
}
