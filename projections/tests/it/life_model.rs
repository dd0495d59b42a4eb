//! Persons and vehicles in plain code that looks through everything for every question.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_projections::Recorded;
use ownerline_projections::person::holding::HeldAs;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;

use crate::standing_model::Known;

/// The touchpoints in force, in history order, and the instant of the question. Links hold for all time, so all are kept.
pub(crate) struct Life<'r>(Vec<&'r Recorded>, i64);

impl<'r> Life<'r> {
    pub(crate) fn new(known: &'r [Recorded], as_of: i64) -> Self {
        let standing = Known(known);
        let counts = |r: &&Recorded| standing.in_force(r);
        let mut history: Vec<&Recorded> = known.iter().filter(counts).collect();
        history.sort_by_key(|r| crate::model::key(r));
        Self(history, as_of)
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

    /// The holders of a vehicle at an instant, each with the id under which they acquired it first.
    pub(crate) fn holders(&self, vin: &str, instant: i64) -> BTreeSet<(HeldAs, String)> {
        let changes = (self.0.iter())
            .filter(|r| r.occurred_at <= instant.min(self.1))
            .filter(|r| r.touchpoint.subjects.as_ref().unwrap().vin == vin);
        let mut by_instant: BTreeMap<i64, Vec<&Payload>> = BTreeMap::new();
        for change in changes {
            let at = by_instant.entry(change.occurred_at).or_default();
            at.extend(change.touchpoint.payload.as_ref());
        }
        // (person, role, id)
        let mut holding: Vec<(String, HeldAs, String)> = Vec::new();
        let mut last_owner = None;
        for changes in by_instant.values() {
            let before: Vec<String> = holding.iter().map(|it| it.0.clone()).collect();
            let mut last = Vec::new();
            for released in changes {
                if let Payload::VehicleReleased(released) = released {
                    let person = self.least(&released.owner_id);
                    if before.contains(&person) {
                        holding.retain(|it| it.0 != person);
                    } else {
                        last.push(person);
                    }
                }
            }
            let acquired = changes.iter().filter_map(|change| match change {
                Payload::VehicleAcquired(it) => Some((it, held_as(it.role()))),
                _ => None,
            });
            let (owners, others): (Vec<_>, Vec<_>) =
                acquired.partition(|(_, role)| *role == HeldAs::Owner);
            for (it, role) in owners.into_iter().chain(others) {
                let person = self.least(&it.owner_id);
                let is_new = role == HeldAs::Owner && last_owner.as_ref() != Some(&person);
                holding.retain(|(holder, held, _)| {
                    let same = *holder == person && (*held == role || *held == HeldAs::Owner);
                    same || (!is_new && *holder != person)
                });
                if role == HeldAs::Owner {
                    last_owner = Some(person.clone());
                }
                if !holding.iter().any(|it| it.0 == person && it.1 == role) {
                    holding.push((person, role, it.owner_id.clone()));
                }
            }
            holding.retain(|it| !last.contains(&it.0));
        }
        holding
            .into_iter()
            .map(|(_, role, id)| (role, id))
            .collect()
    }

    fn least(&self, id: &str) -> String {
        self.person(id).pop_first().unwrap()
    }
}

fn held_as(role: Role) -> HeldAs {
    match role {
        Role::Owner => HeldAs::Owner,
        Role::CoOwner => HeldAs::CoOwner,
        Role::Driver | Role::Unspecified => HeldAs::Driver,
    }
}

/// The two ids of a link, and whether the touchpoint links them.
fn pair(recorded: &Recorded) -> Option<(BTreeSet<String>, bool)> {
    let owner = recorded.touchpoint.subjects.as_ref()?.owner_id.clone();
    let (other, linked) = match recorded.touchpoint.payload.as_ref()? {
        Payload::OwnerIdentityLinked(link) => (link.other_owner_id.clone(), true),
        Payload::OwnerIdentityUnlinked(link) => (link.other_owner_id.clone(), false),
        _ => return None,
    };
    Some(([owner, other].into(), linked))
}
