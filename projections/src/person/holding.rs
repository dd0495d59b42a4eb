//! The rule of holdings: who holds a vehicle from when until when.
//!
//! Holdings are of persons, not of ids. A vehicle is held from the instant a person acquires it, as its owner,
//! co-owner or driver, until just before the instant any id of the person releases it. A new owner who is another
//! person ends everybody's time; an owner who acquires it once more ends nobody's, but their own as co-owner or driver.
//! At one instant what was open before ends first, and what begins then ends last.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::v1::vehicle_acquired::Role;

/// The role in which a vehicle is held. The owner comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldAs {
    /// The owner.
    Owner,
    /// A co-owner.
    CoOwner,
    /// A driver.
    Driver,
}

impl HeldAs {
    /// The role that a touchpoint states. An unspecified role claims the least.
    pub(crate) fn of_role(role: i32) -> Self {
        match Role::try_from(role) {
            Ok(Role::Owner) => Self::Owner,
            Ok(Role::CoOwner) => Self::CoOwner,
            Ok(Role::Driver | Role::Unspecified) | Err(_) => Self::Driver,
        }
    }
}

/// A span of time in which a person held a vehicle. Never empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Holding {
    /// The vehicle.
    pub vin: String,
    /// The first instant of it, in nanoseconds since the Unix epoch.
    pub from: i64,
    /// The instant just after it; `None` if it has not ended.
    pub until: Option<i64>,
    /// The role.
    pub held_as: HeldAs,
    /// The person: the least of their ids.
    pub person: String,
    /// The id under which it was acquired first.
    pub owner_id: String,
}

impl Holding {
    /// Whether an instant is in it.
    #[must_use]
    pub fn includes(&self, instant: i64) -> bool {
        self.from <= instant && self.until.is_none_or(|until| instant < until)
    }
}

/// An acquisition or a release of a vehicle.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) owner_id: String,
    pub(crate) person: String,
    /// The role in which it was acquired; `None` for a release.
    pub(crate) acquired_as: Option<HeldAs>,
}

/// The holders of a vehicle while its changes are read in history order.
#[derive(Default)]
pub(crate) struct Holders {
    /// The instant and the id of the acquisition, by person and role.
    now: BTreeMap<(String, HeldAs), (i64, String)>,
    ended: Vec<Holding>,
    last_owner: Option<String>,
    /// The changes of one instant that are not applied yet.
    instant: i64,
    pending: Vec<Change>,
}

impl Holders {
    /// Takes the next change.
    pub(crate) fn change(&mut self, change: Change, at: i64) {
        if at != self.instant {
            self.settle();
            self.instant = at;
        }
        self.pending.push(change);
    }

    /// All holdings of the vehicle, in the order in which they began.
    pub(crate) fn finish(mut self, vin: &str) -> Vec<Holding> {
        self.settle();
        let mut holdings = self.ended;
        let open = self.now.into_iter();
        holdings.extend(open.map(|((person, held_as), (from, owner_id))| Holding {
            vin: String::new(),
            from,
            until: None,
            owner_id,
            person,
            held_as,
        }));
        for holding in &mut holdings {
            vin.clone_into(&mut holding.vin);
        }
        holdings.sort();
        holdings
    }

    /// Applies the changes of one instant.
    fn settle(&mut self) {
        let pending = std::mem::take(&mut self.pending);
        let (acquired, released): (Vec<Change>, Vec<Change>) = pending
            .into_iter()
            .partition(|change| change.acquired_as.is_some());
        // Two reports of a release are one release.
        let released: BTreeSet<String> = released.into_iter().map(|it| it.person).collect();
        let (held, of_what_begins): (Vec<String>, Vec<String>) = released
            .into_iter()
            .partition(|person| self.is_held_by(person));
        for person in held {
            self.end(|holder, _| *holder == person);
        }
        let (owners, others): (Vec<Change>, Vec<Change>) = acquired
            .into_iter()
            .partition(|change| change.acquired_as == Some(HeldAs::Owner));
        for Change {
            owner_id, person, ..
        } in owners
        {
            if self.last_owner.as_ref() == Some(&person) {
                self.end(|holder, held_as| *holder == person && held_as != HeldAs::Owner);
            } else {
                self.end(|holder, held_as| *holder != person || held_as != HeldAs::Owner);
            }
            self.begin(person.clone(), HeldAs::Owner, owner_id);
            self.last_owner = Some(person);
        }
        for change in others {
            let Some(role) = change.acquired_as else {
                continue;
            };
            let Change {
                owner_id, person, ..
            } = change;
            self.end(|holder, held_as| {
                *holder == person && held_as != HeldAs::Owner && held_as != role
            });
            self.begin(person, role, owner_id);
        }
        for person in of_what_begins {
            self.end(|holder, _| *holder == person);
        }
    }

    fn is_held_by(&self, person: &str) -> bool {
        self.now.keys().any(|(holder, _)| holder == person)
    }

    fn begin(&mut self, person: String, held_as: HeldAs, owner_id: String) {
        let since = (self.instant, owner_id);
        self.now.entry((person, held_as)).or_insert(since);
    }

    fn end(&mut self, ends: impl Fn(&String, HeldAs) -> bool) {
        let (at, ended) = (self.instant, &mut self.ended);
        self.now.retain(|(person, held_as), (from, owner_id)| {
            let over = ends(person, *held_as);
            if over && *from < at {
                ended.push(Holding {
                    vin: String::new(),
                    from: *from,
                    until: Some(at),
                    owner_id: owner_id.clone(),
                    person: person.clone(),
                    held_as: *held_as,
                });
            }
            !over
        });
    }
}
