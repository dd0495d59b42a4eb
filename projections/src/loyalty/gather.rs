//! Everything told about everybody, read once, as numbers: who is one person, what each acquired, what each paid.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::v1::repurchased::Kind as WireKind;

use super::acquired::{Kind, Told};
use super::amounts::Amounts;
use super::makes::{Make, Makes};
use super::query::{LoyaltyQuery, LoyaltyStates};
use super::years::Years;
use crate::fold::numbering::{Numbering, ranked};
use crate::fold::state::StateError;
use crate::loyalty::fold::{Again, Statement, every_statement, every_work};
use crate::person::holding::{HeldAs, Holding};
use crate::person::identity::Persons;
use crate::person::ownership::every_holding;
use crate::person::{Claim, Names, PersonLookup, Whose, WhoseStates};
use crate::vehicles::{Order, every_order, every_vehicle};
use crate::{HistoryKey, Validity};

/// What was told, by number of the person.
pub(super) struct Gathered {
    /// In the order of the persons.
    pub told: Vec<(u32, Told)>,
    pub makes: Makes,
    /// Every market that somebody was registered in, if one is asked for.
    pub markets: BTreeSet<String>,
    pub currencies: Numbering,
    pub amounts: Amounts,
}

/// What counts of an order.
struct Bought {
    id: String,
    person: Option<u32>,
    /// By what was told of a person, where the order does not say whose it is.
    claimed_by: Option<HistoryKey>,
    vin: Option<u32>,
    handed_over_at: Option<i64>,
    placed_at: Option<i64>,
    make: Make,
    amount: Option<(i64, u32)>,
}

impl Bought {
    /// An order of which nobody said whose it is belongs to whom it is told of first.
    fn is_claimed(&mut self, person: u32, key: &HistoryKey) {
        let is_first = match &self.claimed_by {
            Some(earlier) => key < earlier,
            None => self.person.is_none(),
        };
        if is_first {
            self.person = Some(person);
            self.claimed_by = Some(key.clone());
        }
    }
}

struct Gatherer<'g> {
    states: LoyaltyStates<'g>,
    validity: &'g Validity<'g>,
    query: &'g LoyaltyQuery,
    years: Years,
    is_over: &'g dyn Fn() -> bool,
    /// Id to the least id of the same person, where there are several.
    merged: Persons,
    /// Persons by the least of their ids.
    numbers: Numbering,
    /// Cars that orders name, and the make that the order says.
    vins: Numbering,
    makes_of_vins: Vec<Make>,
    /// What the registrations of these cars say.
    registered: BTreeMap<u32, Make>,
    orders: Vec<Bought>,
    /// How many orders are known. Their numbers come first.
    known_orders: u32,
    /// Orders of which nothing is known but that somebody repurchased by them.
    other_orders: Numbering,
    /// The market of each person, if that is asked for.
    markets: BTreeMap<u32, (HistoryKey, bool)>,
    gathered: Gathered,
}

/// Reads everything once.
pub(super) fn gather(
    states: LoyaltyStates<'_>,
    validity: &Validity<'_>,
    query: &LoyaltyQuery,
    years: Years,
    is_over: &dyn Fn() -> bool,
) -> Result<Gathered, StateError> {
    let mut gatherer = Gatherer {
        states,
        validity,
        query,
        years,
        is_over,
        merged: Persons::of_all(states.identity, validity)?,
        numbers: Numbering::default(),
        vins: Numbering::default(),
        makes_of_vins: Vec::new(),
        registered: BTreeMap::new(),
        orders: Vec::new(),
        known_orders: 0,
        other_orders: Numbering::default(),
        markets: BTreeMap::new(),
        gathered: Gathered {
            told: Vec::new(),
            makes: Makes::new(),
            markets: BTreeSet::new(),
            currencies: Numbering::default(),
            amounts: Amounts::default(),
        },
    };
    gatherer.orders()?;
    gatherer.statements()?;
    gatherer.handed_over();
    gatherer.cars()?;
    gatherer.work()?;
    Ok(gatherer.finish())
}

impl Gatherer<'_> {
    /// The number of the person with this id; `None` of nobody.
    fn person(&mut self, id: &str) -> Option<u32> {
        let least = self.merged.least(id);
        (!least.is_empty()).then(|| self.numbers.number(least))
    }

    fn go_on(&self) -> Result<(), StateError> {
        if (self.is_over)() {
            return Err(StateError::Unreadable {
                reason: "nobody waits for the answer".to_owned(),
            });
        }
        Ok(())
    }

    fn orders(&mut self) -> Result<(), StateError> {
        let (state, validity, as_of) = (self.states.vehicles, self.validity, self.query.as_of);
        every_order(state, validity, as_of, |id, order| {
            self.go_on()?;
            let bought = self.bought(id, order)?;
            self.orders.push(bought);
            self.known_orders += 1;
            Ok(())
        })
    }

    fn bought(&mut self, id: &str, order: Order) -> Result<Bought, StateError> {
        let make = self.gathered.makes.make(&order.brand);
        let vin = (!order.vin.is_empty()).then(|| self.vins.number(&order.vin));
        if let Some(vin) = vin {
            let index = vin as usize;
            if self.makes_of_vins.len() <= index {
                self.makes_of_vins.resize(index + 1, Make::UNKNOWN);
            }
            if let Some(known) = self.makes_of_vins.get_mut(index) {
                *known = known.or(make);
            }
        }
        // What was given back after it was handed over was neither acquired nor paid for.
        let undone = |at: &i64| order.cancelled_at.is_none_or(|cancelled| cancelled < *at);
        let currency =
            (!order.currency.is_empty()).then(|| self.gathered.currencies.number(&order.currency));
        let names = Names {
            owner_id: order.owner_id,
            ..Names::default()
        };
        let buyer = match (names.owner_id.is_empty(), order.handed_over_at) {
            (true, None) => None,
            (_, at) => {
                let at = at.unwrap_or_default();
                self.claimant(&format!("order-{id}"), at, &names, Claim::Named)?
            }
        };
        Ok(Bought {
            id: id.to_owned(),
            person: buyer.and_then(|id| self.person(&id)),
            claimed_by: None,
            vin,
            handed_over_at: order.handed_over_at.filter(undone),
            placed_at: order.placed_at,
            make,
            amount: currency.map(|currency| (order.minor_units, currency)),
        })
    }

    /// The person to whom a touchpoint belongs, if anybody has this claim.
    fn claimant(
        &self,
        stream: &str,
        at: i64,
        names: &Names,
        claim: Claim,
    ) -> Result<Option<String>, StateError> {
        let persons = PersonLookup::of_all(&self.merged);
        let states = WhoseStates {
            timeline: self.states.timeline,
            ownership: self.states.ownership,
        };
        let mut whose = Whose::new(states, self.validity, &persons, self.query.as_of);
        let claimants = whose.of(stream, at, names, claim)?;
        Ok(claimants.into_iter().next().map(|it| it.person))
    }

    fn statements(&mut self) -> Result<(), StateError> {
        let (state, validity, as_of) = (self.states.loyalty, self.validity, self.query.as_of);
        every_statement(state, validity, as_of, |owner_id, key, said| {
            self.go_on()?;
            if let Some(person) = self.person(owner_id) {
                self.stated(person, key, said);
            }
            Ok(())
        })
    }

    fn stated(&mut self, person: u32, key: &HistoryKey, said: Statement) {
        let at = key.occurred_at;
        match said {
            Statement::Again(again) => self.again(person, key, &again),
            Statement::Left(make) => {
                let make = self.gathered.makes.make(&make);
                self.gathered.told.push((person, Told::Left { at, make }));
            }
            Statement::Earned(earned) => self.gathered.amounts.states_source(person, key, earned),
            Statement::Market(market) => {
                if let Some(wanted) = &self.query.scope.market {
                    if !self.gathered.markets.contains(&market) {
                        self.gathered.markets.insert(market.clone());
                    }
                    let known = self.markets.get(&person);
                    if known.is_none_or(|(known, _)| known < key) {
                        let inside = *wanted == market;
                        self.markets.insert(person, (key.clone(), inside));
                    }
                }
            }
        }
    }

    fn again(&mut self, person: u32, key: &HistoryKey, again: &Again) {
        let at = key.occurred_at;
        let kind = match WireKind::try_from(again.kind) {
            Ok(WireKind::Buy) => Kind::Bought,
            Ok(WireKind::Lease) => Kind::Leased,
            Ok(WireKind::Unspecified) | Err(_) => Kind::NotTold,
        };
        let mut make = self.gathered.makes.make(&again.make);
        let (mut order, mut vin) = (None, None);
        if !again.order_id.is_empty() {
            let known = self
                .orders
                .binary_search_by(|it| (*it.id).cmp(&again.order_id));
            if let Some(bought) = known.ok().and_then(|index| self.orders.get_mut(index)) {
                vin = bought.vin;
                make = bought.make.or(make);
                bought.is_claimed(person, key);
            }
            order = match known {
                Ok(index) => u32::try_from(index).ok(),
                Err(_) => Some(self.known_orders + self.other_orders.number(&again.order_id)),
            };
        }
        let told = Told::Again {
            at,
            order,
            vin,
            kind,
            make,
        };
        self.gathered.told.push((person, told));
        self.gathered.amounts.is_customer(person, at);
    }

    /// Whether a person is of the market asked for; of none if that is not known.
    fn is_inside(&self, person: Option<u32>) -> bool {
        let market = || self.markets.get(&person?).map(|(_, inside)| *inside);
        self.query.scope.market.is_none() || market().unwrap_or_default()
    }

    fn handed_over(&mut self) {
        let orders = std::mem::take(&mut self.orders);
        for (order, bought) in (0_u32..).zip(orders) {
            let Some(at) = bought.handed_over_at else {
                continue;
            };
            if !self.is_inside(bought.person) {
                continue;
            }
            let recent = self.years.is_before(at) || self.years.is_now(at);
            let Gathered { told, amounts, .. } = &mut self.gathered;
            amounts.orders.all += u64::from(recent);
            if let Some((minor_units, currency)) = bought.amount {
                amounts.orders.with_amount += u64::from(recent);
                amounts.pays(bought.person, at, minor_units, currency, self.years);
            }
            if let Some(person) = bought.person {
                amounts.is_customer(person, at);
                let handed = Told::Handed {
                    at,
                    order,
                    vin: bought.vin,
                    make: bought.make,
                    placed_at: bought.placed_at.unwrap_or(at),
                };
                told.push((person, handed));
            }
        }
    }

    fn cars(&mut self) -> Result<(), StateError> {
        let (validity, as_of) = (self.validity, self.query.as_of);
        let mut makes: Vec<(String, Make)> = Vec::new();
        every_vehicle(self.states.vehicles, validity, as_of, |vin, vehicle| {
            self.go_on()?;
            let make = self.gathered.makes.make(&vehicle.brand);
            if let Some(number) = self.vins.find(vin) {
                self.registered.insert(number, make);
            }
            makes.push((vin.to_owned(), make));
            Ok(())
        })?;
        // Both come in the order of the numbers.
        let mut makes = makes.into_iter().peekable();
        let merged = std::mem::take(&mut self.merged);
        let persons = PersonLookup::of_all(&merged);
        let state = self.states.ownership;
        every_holding(state, validity, &persons, as_of, |vin, holdings| {
            self.go_on()?;
            while makes.next_if(|(other, _)| **other < *vin).is_some() {}
            let told = makes.next_if(|(other, _)| **other == *vin);
            let number = self.vins.find(vin);
            let of_order = number.and_then(|it| self.makes_of_vins.get(it as usize));
            let make = told.map_or(Make::UNKNOWN, |(_, make)| make);
            let make = make.or(of_order.copied().unwrap_or(Make::UNKNOWN));
            for holding in holdings {
                self.owned(number, make, &holding);
            }
            Ok(())
        })?;
        self.merged = merged;
        Ok(())
    }

    fn owned(&mut self, vin: Option<u32>, make: Make, holding: &Holding) {
        if holding.held_as == HeldAs::Owner && !holding.person.is_empty() {
            let (person, at) = (self.numbers.number(&holding.person), holding.from);
            self.gathered
                .told
                .push((person, Told::Car { at, vin, make }));
            self.gathered.amounts.is_customer(person, at);
        }
    }

    fn work(&mut self) -> Result<(), StateError> {
        let (state, validity, as_of) = (self.states.loyalty, self.validity, self.query.as_of);
        every_work(state, validity, as_of, |visit_id, key, work| {
            self.go_on()?;
            let at = key.occurred_at;
            let recent = self.years.is_before(at) || self.years.is_now(at);
            let is_paid = !work.currency.is_empty();
            let mut person = None;
            if is_paid || self.query.scope.market.is_some() {
                let names = Names {
                    owner_id: work.owner_id.clone(),
                    vin: work.vin.clone(),
                    ..Names::default()
                };
                let visit = format!("visit-{visit_id}");
                let payer = self.claimant(&visit, at, &names, Claim::Payer)?;
                person = payer.and_then(|id| self.person(&id));
            }
            if !self.is_inside(person) {
                return Ok(());
            }
            let Gathered {
                currencies,
                amounts,
                ..
            } = &mut self.gathered;
            amounts.work.all += u64::from(recent);
            amounts.work.with_amount += u64::from(recent && is_paid);
            if !is_paid {
                return Ok(());
            }
            let currency = currencies.number(&work.currency);
            amounts.pays(person, at, work.minor_units, currency, self.years);
            Ok(())
        })
    }

    /// In which order things were read, which is by the ids under which persons were told of, decides nothing: makes and
    /// orders are numbered by their names before what was told is put in order.
    fn finish(mut self) -> Gathered {
        let mut told = std::mem::take(&mut self.gathered.told);
        told.retain(|(person, _)| self.is_inside(Some(*person)));
        let (makes, ranks_of_makes) = self.gathered.makes.ranked();
        let (_, ranks_of_orders) = self.other_orders.ranked();
        let first_other = self.known_orders;
        let order = |number: u32| match number.checked_sub(first_other) {
            Some(other) => first_other + ranked(other, &ranks_of_orders),
            None => number,
        };
        for (_, told) in &mut told {
            if let Some(registered) = told.vin().and_then(|vin| self.registered.get(&vin)) {
                *told = told.of_make(*registered);
            }
            *told = told.numbered_anew(|make| make.ranked(&ranks_of_makes), order);
        }
        told.sort_unstable();
        Gathered {
            told,
            makes,
            ..self.gathered
        }
    }
}
