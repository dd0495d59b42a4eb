//! Persons and vehicles in plain code: what was said, looked through again for every question.

use std::collections::BTreeSet;

use ownerline_projections::Recorded;
use ownerline_projections::view::ownership::HeldAs;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;

use crate::standing_model::Known;

/// What is in force and has occurred, in history order.
pub(crate) struct Life<'r>(Vec<&'r Recorded>);

impl<'r> Life<'r> {
    pub(crate) fn new(known: &'r [Recorded], as_of: i64) -> Self {
        let standing = Known(known);
        let counts = |r: &&Recorded| r.occurred_at <= as_of && standing.in_force(r);
        let mut history: Vec<&Recorded> = known.iter().filter(counts).collect();
        history.sort_by_key(|r| crate::model::key(r));
        Self(history)
    }

    /// Every id of a person.
    pub(crate) fn person(&self, id: &str) -> BTreeSet<String> {
        let mut person = BTreeSet::from([id.to_owned()]);
        loop {
            let linked: BTreeSet<String> = (self.0.iter())
                .filter_map(|r| pair(r))
                .filter(|(pair, _)| pair.iter().any(|id| person.contains(id)))
                .filter(|(pair, _)| self.is_live(pair))
                .flat_map(|(pair, _)| pair)
                .collect();
            if linked.is_subset(&person) {
                return person;
            }
            person.extend(linked);
        }
    }

    fn is_live(&self, wanted: &BTreeSet<String>) -> bool {
        let mut words = self.0.iter().rev().filter_map(|r| pair(r));
        let last = words.find(|(pair, _)| pair == wanted);
        last.is_some_and(|(_, linked)| linked)
    }

    /// Somebody holds a vehicle if they acquired it and nothing ended that since.
    pub(crate) fn holders(&self, vin: &str, instant: i64) -> BTreeSet<(HeldAs, String)> {
        let changes: Vec<(i64, &Payload)> = (self.0.iter())
            .filter(|r| r.occurred_at <= instant)
            .filter(|r| r.touchpoint.subjects.as_ref().unwrap().vin == vin)
            .filter_map(|r| Some((r.occurred_at, r.touchpoint.payload.as_ref()?)))
            .collect();
        let mut holders = BTreeSet::new();
        for (place, (at, change)) in changes.iter().enumerate() {
            if let Payload::VehicleAcquired(acquired) = change {
                let owns = acquired.role() == Role::Owner;
                let replaced = changes[place + 1..].iter().any(|(_, later)| match later {
                    Payload::VehicleAcquired(a) => {
                        owns && a.role() == Role::Owner && a.owner_id != acquired.owner_id
                    }
                    _ => false,
                });
                let released = changes.iter().any(|(when, it)| match it {
                    Payload::VehicleReleased(r) if r.owner_id == acquired.owner_id => {
                        when > at || (when == at && !self.held_before(vin, &r.owner_id, *at))
                    }
                    _ => false,
                });
                if !replaced && !released {
                    let held_as = if owns { HeldAs::Owner } else { HeldAs::Driver };
                    holders.insert((held_as, acquired.owner_id.clone()));
                }
            }
        }
        holders
    }
}

impl Life<'_> {
    /// Whether somebody held a vehicle just before an instant.
    fn held_before(&self, vin: &str, owner_id: &str, instant: i64) -> bool {
        let holders = self.holders(vin, instant - 1);
        holders.iter().any(|(_, holder)| holder == owner_id)
    }
}

/// The two ids a touchpoint is about, and whether it links them.
fn pair(recorded: &Recorded) -> Option<(BTreeSet<String>, bool)> {
    let owner = recorded.touchpoint.subjects.as_ref()?.owner_id.clone();
    let (other, linked) = match recorded.touchpoint.payload.as_ref()? {
        Payload::OwnerIdentityLinked(link) => (link.other_owner_id.clone(), true),
        Payload::OwnerIdentityUnlinked(link) => (link.other_owner_id.clone(), false),
        _ => return None,
    };
    Some(([owner, other].into(), linked))
}
