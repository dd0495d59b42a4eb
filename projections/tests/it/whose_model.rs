//! The owner of a touchpoint, in plain code that searches everything in force for every touchpoint.

use std::collections::BTreeSet;

use ownerline_projections::Recorded;
use ownerline_proto::kind::Category;
use ownerline_proto::v1::Subjects;

use crate::life_model::Life;
use crate::model::key;
use crate::standing_model::Known;

/// The touchpoints in force that have occurred, in history order, each with the subjects it inherits.
pub(crate) struct WhoseModel {
    history: Vec<Recorded>,
    known: Vec<Recorded>,
    as_of: i64,
}

impl WhoseModel {
    pub(crate) fn new(known: &[Recorded], as_of: i64) -> Self {
        let standing = Known(known);
        let counts = |r: &&Recorded| r.occurred_at <= as_of && standing.in_force(r);
        let mut history: Vec<Recorded> = known
            .iter()
            .filter(counts)
            .map(|r| standing.effective(r))
            .collect();
        history.sort_by_key(key);
        Self {
            history,
            known: known.to_vec(),
            as_of,
        }
    }

    /// The touchpoints in force, in history order, each with the subjects it inherits.
    pub(crate) fn history(&self) -> &[Recorded] {
        &self.history
    }

    fn life(&self) -> Life<'_> {
        Life::new(&self.known, self.as_of)
    }

    fn of_stream<'m>(&'m self, r: &'m Recorded) -> impl Iterator<Item = &'m Recorded> {
        self.history.iter().filter(|it| it.stream == r.stream)
    }

    fn first_named(&self, r: &Recorded, field: fn(&Subjects) -> &String) -> String {
        let reported = self.of_stream(r).filter(|it| tells(it));
        let mut names = reported.map(|it| field(subjects(it)));
        let named = names.find(|name| !name.is_empty());
        named.cloned().unwrap_or_default()
    }

    /// The VIN that the order of a touchpoint has when that occurs, after everything of that instant. Of one instant,
    /// what takes away the car that was there before comes first, and what takes away a car that begins comes after it.
    fn car_of_order(&self, r: &Recorded) -> String {
        let mut car = String::new();
        let mut of_order: Vec<&Recorded> = self
            .of_stream(r)
            .filter(|it| it.occurred_at <= r.occurred_at && !subjects(it).vin.is_empty())
            .collect();
        while !of_order.is_empty() {
            let it = of_order.remove(0);
            let vin = &subjects(it).vin;
            match &*it.kind.name {
                "vin_withdrawn" if car == *vin => car.clear(),
                "vin_withdrawn" => {
                    let begins = of_order.iter().position(|next| {
                        next.occurred_at == it.occurred_at
                            && gives_car(next)
                            && subjects(next).vin == *vin
                    });
                    if let Some(place) = begins {
                        of_order.insert(place + 1, it);
                    }
                }
                _ if gives_car(it) => car.clone_from(vin),
                _ => {}
            }
        }
        car
    }

    /// Owner, vehicle and dealer of an effective touchpoint, by the fill-in rule.
    pub(crate) fn filled(&self, r: &Recorded) -> [String; 3] {
        let own = subjects(r);
        let mut filled = [own.owner_id.clone(), own.vin.clone(), own.dealer_id.clone()];
        let category = Category::of_stream(&r.stream);
        if !category.is_some_and(Category::is_one_matter) {
            return filled;
        }
        let vin = match category {
            Some(Category::Order) => Some(self.car_of_order(r)),
            _ => Some(self.first_named(r, |it| &it.vin)),
        };
        let firsts = [
            self.first_named(r, |it| &it.owner_id),
            vin.unwrap_or_default(),
            self.first_named(r, |it| &it.dealer_id),
        ];
        for (mine, first) in filled.iter_mut().zip(firsts) {
            if mine.is_empty() {
                *mine = first;
            }
        }
        filled
    }

    /// The ids under which an effective touchpoint belongs to a person, owners before co-owners before drivers.
    pub(crate) fn belongs_to(&self, r: &Recorded, person: &BTreeSet<String>) -> Vec<String> {
        let life = self.life();
        let whose = self.whose(r, &life);
        whose.into_iter().filter(|id| person.contains(id)).collect()
    }

    fn whose(&self, r: &Recorded, life: &Life<'_>) -> Vec<String> {
        let named = &subjects(r).owner_id;
        if !named.is_empty() {
            return vec![named.clone()];
        }
        let first_owner = self.first_named(r, |it| &it.owner_id);
        let first_vin = self.first_named(r, |it| &it.vin);
        let nobody_else = || match first_owner.as_str() {
            "" => Vec::new(),
            id => vec![id.to_owned()],
        };
        match Category::of_stream(&r.stream) {
            Some(Category::Visit) => {
                let brought = self.brought(r, &first_vin, life);
                if brought.is_empty() {
                    nobody_else()
                } else {
                    brought
                }
            }
            Some(category) if category.is_one_matter() && !first_owner.is_empty() => nobody_else(),
            Some(Category::Case | Category::Feedback) => {
                let opened = self.of_stream(r).find(|it| &*it.kind.name == "case_opened");
                let began = opened.or_else(|| self.of_stream(r).find(|it| tells(it)));
                let held_it = match began {
                    Some(began) => Some(held(life, &first_vin, began.occurred_at)),
                    // Nothing counts: what the stream ever said of a car decides.
                    None if r.stream.starts_with("feedback") => {
                        let mut known: Vec<&Recorded> = self.known.iter().collect();
                        known.sort_by_key(|it| key(it));
                        let first = known.into_iter().find(|it| {
                            it.stream == r.stream
                                && it.occurred_at <= self.as_of
                                && tells(it)
                                && !subjects(it).vin.is_empty()
                        });
                        first.map(|it| held(life, &subjects(it).vin, it.occurred_at))
                    }
                    None => None,
                };
                match held_it.unwrap_or_default() {
                    nobody if nobody.is_empty() && r.stream.starts_with("feedback") => {
                        held(life, &self.filled(r)[1], r.occurred_at)
                    }
                    holders => holders,
                }
            }
            _ => held(life, &self.filled(r)[1], r.occurred_at),
        }
    }

    fn brought(&self, r: &Recorded, first_vin: &String, life: &Life<'_>) -> Vec<String> {
        let is_appointment = |it: &&Recorded| it.kind.name.starts_with("appointment_");
        let came = self
            .of_stream(r)
            .find(|it| tells(it) && !is_appointment(it));
        let before = |it: &&Recorded| came.is_none_or(|came| key(it) <= key(came));
        let booked_by = self
            .of_stream(r)
            .filter(before)
            .filter(|it| &*it.kind.name == "appointment_booked")
            .map(|it| subjects(it).owner_id.clone())
            .find(|id| !id.is_empty());
        let Some(came) = came else {
            let first = self.of_stream(r).find(|it| tells(it));
            return match (booked_by, first) {
                (Some(id), _) => vec![id],
                (None, Some(first)) => held(life, first_vin, first.occurred_at),
                (None, None) => Vec::new(),
            };
        };
        let names = subjects(came);
        if !names.owner_id.is_empty() {
            return vec![names.owner_id.clone()];
        }
        let vin = if names.vin.is_empty() {
            first_vin
        } else {
            &names.vin
        };
        let holders = held(life, vin, came.occurred_at);
        match booked_by {
            Some(id) if holders.is_empty() => vec![id],
            Some(id) if holders.iter().any(|it| life.person(it).contains(&id)) => vec![id],
            _ => holders,
        }
    }
}

/// Whether it says something of its own: the clock-keeper repeats whom others named, and a retraction takes back.
fn tells(recorded: &Recorded) -> bool {
    let kind = &*recorded.kind.name;
    !kind.starts_with("obligation_") && kind != "touchpoint_retracted"
}

fn held(life: &Life<'_>, vin: &str, at: i64) -> Vec<String> {
    if vin.is_empty() {
        return Vec::new();
    }
    life.holders(vin, at)
        .into_iter()
        .map(|(_, id)| id)
        .collect()
}

fn subjects(recorded: &Recorded) -> &Subjects {
    recorded.touchpoint.subjects.as_ref().unwrap()
}

/// Whether it gives an order its car.
fn gives_car(r: &Recorded) -> bool {
    ["vin_assigned", "handover_completed"].contains(&&*r.kind.name)
}
