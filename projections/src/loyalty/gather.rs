//! Reads the inputs of loyalty once, for all persons: reports about acquisitions, and payments. Persons, cars, orders,
//! makes and currencies become numbers.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::v1::repurchased::Kind as WireKind;

use super::acquired::{Kind, Report};
use super::amounts::Amounts;
use super::makes::{Make, Makes};
use super::query::{LoyaltyQuery, LoyaltyStates};
use super::years::Years;
use crate::fold::numbering::{Numbering, ranked};
use crate::fold::state::StateError;
use crate::loyalty::fold::{Repurchase, Statement, every_statement, every_work};
use crate::person::holding::{HeldAs, Holding};
use crate::person::identity::Persons;
use crate::person::ownership::every_holding;
use crate::person::{Claim, Names, PersonLookup, Whose, WhoseStates};
use crate::vehicles::{Order, every_order, every_vehicle};
use crate::{HistoryKey, Validity};

/// The inputs of all figures about loyalty.
pub(super) struct Inputs {
    /// The reports with the number of the person, by person.
    pub reports: Vec<(u32, Report)>,
    pub makes: Makes,
    /// Every market of a registration, if the query names one.
    pub markets: BTreeSet<String>,
    pub currencies: Numbering,
    pub amounts: Amounts,
}

/// The facts about an order.
struct OrderFacts {
    id: String,
    person: Option<u32>,
    /// The repurchase that names the order, where the order itself names no owner.
    claimed_by: Option<HistoryKey>,
    vin: Option<u32>,
    handed_over_at: Option<i64>,
    placed_at: Option<i64>,
    make: Make,
    amount: Option<(i64, u32)>,
}

impl OrderFacts {
    /// Assigns an order without an owner to the person of the first repurchase that names it.
    fn claim(&mut self, person: u32, key: &HistoryKey) {
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

struct InputReader<'g> {
    states: LoyaltyStates<'g>,
    validity: &'g Validity<'g>,
    query: &'g LoyaltyQuery,
    years: Years,
    is_over: &'g dyn Fn() -> bool,
    /// The least id of a person, by each id, for persons with several ids.
    merged: Persons,
    /// Persons by their least id.
    numbers: Numbering,
    /// Cars that orders name, and their makes according to the orders.
    vins: Numbering,
    makes_of_vins: Vec<Make>,
    /// The makes of these cars according to their registrations.
    registered: BTreeMap<u32, Make>,
    orders: Vec<OrderFacts>,
    /// The number of known orders, whose numbers come first.
    known_orders: u32,
    /// Orders known only from repurchases.
    other_orders: Numbering,
    /// Whether each person is in the market of the query, if it names one.
    markets: BTreeMap<u32, (HistoryKey, bool)>,
    inputs: Inputs,
}

/// Reads all inputs once.
pub(super) fn gather(
    states: LoyaltyStates<'_>,
    validity: &Validity<'_>,
    query: &LoyaltyQuery,
    years: Years,
    is_over: &dyn Fn() -> bool,
) -> Result<Inputs, StateError> {
    let mut reader = InputReader {
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
        inputs: Inputs {
            reports: Vec::new(),
            makes: Makes::new(),
            markets: BTreeSet::new(),
            currencies: Numbering::default(),
            amounts: Amounts::default(),
        },
    };
    reader.read_orders()?;
    reader.read_statements()?;
    reader.report_handovers();
    reader.read_cars()?;
    reader.read_work()?;
    Ok(reader.finish())
}

impl InputReader<'_> {
    /// Returns the number of the person with this id; `None` for the empty id.
    fn person(&mut self, id: &str) -> Option<u32> {
        let least = self.merged.least(id);
        (!least.is_empty()).then(|| self.numbers.number(least))
    }

    fn check_cancelled(&self) -> Result<(), StateError> {
        if (self.is_over)() {
            return Err(StateError::Unreadable {
                reason: "nobody waits for the answer".to_owned(),
            });
        }
        Ok(())
    }

    fn read_orders(&mut self) -> Result<(), StateError> {
        let (state, validity, as_of) = (self.states.vehicles, self.validity, self.query.as_of);
        every_order(state, validity, as_of, |id, order| {
            self.check_cancelled()?;
            let facts = self.order_facts(id, order)?;
            self.orders.push(facts);
            self.known_orders += 1;
            Ok(())
        })
    }

    fn order_facts(&mut self, id: &str, order: Order) -> Result<OrderFacts, StateError> {
        let make = self.inputs.makes.make(&order.brand);
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
        // A car given back after the handover was neither acquired nor paid for.
        let is_final = |at: &i64| order.cancelled_at.is_none_or(|cancelled| cancelled < *at);
        let currency =
            (!order.currency.is_empty()).then(|| self.inputs.currencies.number(&order.currency));
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
        Ok(OrderFacts {
            id: id.to_owned(),
            person: buyer.and_then(|id| self.person(&id)),
            claimed_by: None,
            vin,
            handed_over_at: order.handed_over_at.filter(is_final),
            placed_at: order.placed_at,
            make,
            amount: currency.map(|currency| (order.minor_units, currency)),
        })
    }

    /// Returns the person to whom a touchpoint belongs, if anybody has this claim.
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
        Ok(claimants.into_iter().next().map(|claimant| claimant.person))
    }

    fn read_statements(&mut self) -> Result<(), StateError> {
        let (state, validity, as_of) = (self.states.loyalty, self.validity, self.query.as_of);
        every_statement(state, validity, as_of, |owner_id, key, statement| {
            self.check_cancelled()?;
            if let Some(person) = self.person(owner_id) {
                self.add_statement(person, key, statement);
            }
            Ok(())
        })
    }

    fn add_statement(&mut self, person: u32, key: &HistoryKey, statement: Statement) {
        let at = key.occurred_at;
        match statement {
            Statement::Repurchased(repurchase) => self.add_repurchase(person, key, &repurchase),
            Statement::Defected(make) => {
                let make = self.inputs.makes.make(&make);
                self.inputs
                    .reports
                    .push((person, Report::Defection { at, make }));
            }
            Statement::Earned(earned) => self.inputs.amounts.add_source(person, key, earned),
            Statement::Market(market) => {
                if let Some(filter) = &self.query.scope.market {
                    if !self.inputs.markets.contains(&market) {
                        self.inputs.markets.insert(market.clone());
                    }
                    let known = self.markets.get(&person);
                    if known.is_none_or(|(known, _)| known < key) {
                        let inside = *filter == market;
                        self.markets.insert(person, (key.clone(), inside));
                    }
                }
            }
        }
    }

    fn add_repurchase(&mut self, person: u32, key: &HistoryKey, repurchase: &Repurchase) {
        let at = key.occurred_at;
        let kind = match WireKind::try_from(repurchase.kind) {
            Ok(WireKind::Buy) => Kind::Bought,
            Ok(WireKind::Lease) => Kind::Leased,
            Ok(WireKind::Unspecified) | Err(_) => Kind::Unspecified,
        };
        let mut make = self.inputs.makes.make(&repurchase.make);
        let (mut order, mut vin) = (None, None);
        if !repurchase.order_id.is_empty() {
            let known = self
                .orders
                .binary_search_by(|order| (*order.id).cmp(&repurchase.order_id));
            if let Some(order) = known.ok().and_then(|index| self.orders.get_mut(index)) {
                vin = order.vin;
                make = order.make.or(make);
                order.claim(person, key);
            }
            order = match known {
                Ok(index) => u32::try_from(index).ok(),
                Err(_) => Some(self.known_orders + self.other_orders.number(&repurchase.order_id)),
            };
        }
        let report = Report::Repurchase {
            at,
            order,
            vin,
            kind,
            make,
        };
        self.inputs.reports.push((person, report));
        self.inputs.amounts.add_customer(person, at);
    }

    /// Whether a person is in the market of the query. A person without a known market is in none.
    fn is_inside(&self, person: Option<u32>) -> bool {
        let market = || self.markets.get(&person?).map(|(_, inside)| *inside);
        self.query.scope.market.is_none() || market().unwrap_or_default()
    }

    fn report_handovers(&mut self) {
        let orders = std::mem::take(&mut self.orders);
        for (number, order) in (0_u32..).zip(orders) {
            let Some(at) = order.handed_over_at else {
                continue;
            };
            if !self.is_inside(order.person) {
                continue;
            }
            let recent = self.years.is_before(at) || self.years.is_now(at);
            let Inputs {
                reports, amounts, ..
            } = &mut self.inputs;
            amounts.orders.all += u64::from(recent);
            if let Some((minor_units, currency)) = order.amount {
                amounts.orders.with_amount += u64::from(recent);
                amounts.add_payment(order.person, at, minor_units, currency, self.years);
            }
            if let Some(person) = order.person {
                amounts.add_customer(person, at);
                let handover = Report::Handover {
                    at,
                    order: number,
                    vin: order.vin,
                    make: order.make,
                    placed_at: order.placed_at.unwrap_or(at),
                };
                reports.push((person, handover));
            }
        }
    }

    fn read_cars(&mut self) -> Result<(), StateError> {
        let (validity, as_of) = (self.validity, self.query.as_of);
        let mut makes: Vec<(String, Make)> = Vec::new();
        every_vehicle(self.states.vehicles, validity, as_of, |vin, vehicle| {
            self.check_cancelled()?;
            let make = self.inputs.makes.make(&vehicle.brand);
            if let Some(number) = self.vins.find(vin) {
                self.registered.insert(number, make);
            }
            makes.push((vin.to_owned(), make));
            Ok(())
        })?;
        // Vehicles and holdings both come in the order of their VINs.
        let mut makes = makes.into_iter().peekable();
        let merged = std::mem::take(&mut self.merged);
        let persons = PersonLookup::of_all(&merged);
        let state = self.states.ownership;
        every_holding(state, validity, &persons, as_of, |vin, holdings| {
            self.check_cancelled()?;
            while makes.next_if(|(other, _)| **other < *vin).is_some() {}
            let registered = makes.next_if(|(other, _)| **other == *vin);
            let number = self.vins.find(vin);
            let of_order = number.and_then(|number| self.makes_of_vins.get(number as usize));
            let make = registered.map_or(Make::UNKNOWN, |(_, make)| make);
            let make = make.or(of_order.copied().unwrap_or(Make::UNKNOWN));
            for holding in holdings {
                self.add_holding(number, make, &holding);
            }
            Ok(())
        })?;
        self.merged = merged;
        Ok(())
    }

    fn add_holding(&mut self, vin: Option<u32>, make: Make, holding: &Holding) {
        if holding.held_as == HeldAs::Owner && !holding.person.is_empty() {
            let (person, at) = (self.numbers.number(&holding.person), holding.from);
            self.inputs
                .reports
                .push((person, Report::Car { at, vin, make }));
            self.inputs.amounts.add_customer(person, at);
        }
    }

    fn read_work(&mut self) -> Result<(), StateError> {
        let (state, validity, as_of) = (self.states.loyalty, self.validity, self.query.as_of);
        every_work(state, validity, as_of, |visit_id, key, work| {
            self.check_cancelled()?;
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
            let Inputs {
                currencies,
                amounts,
                ..
            } = &mut self.inputs;
            amounts.work.all += u64::from(recent);
            amounts.work.with_amount += u64::from(recent && is_paid);
            if !is_paid {
                return Ok(());
            }
            let currency = currencies.number(&work.currency);
            amounts.add_payment(person, at, work.minor_units, currency, self.years);
            Ok(())
        })
    }

    /// Sorts the reports. Makes and orders are first renumbered by name, so that the order of reading, which depends on
    /// the ids of persons, does not matter.
    fn finish(mut self) -> Inputs {
        let mut reports = std::mem::take(&mut self.inputs.reports);
        reports.retain(|(person, _)| self.is_inside(Some(*person)));
        let (makes, ranks_of_makes) = self.inputs.makes.ranked();
        let (_, ranks_of_orders) = self.other_orders.ranked();
        let first_other = self.known_orders;
        let order = |number: u32| match number.checked_sub(first_other) {
            Some(other) => first_other + ranked(other, &ranks_of_orders),
            None => number,
        };
        for (_, report) in &mut reports {
            if let Some(registered) = report.vin().and_then(|vin| self.registered.get(&vin)) {
                *report = report.with_make(*registered);
            }
            *report = report.renumbered(|make| make.ranked(&ranks_of_makes), order);
        }
        reports.sort_unstable();
        Inputs {
            reports,
            makes,
            ..self.inputs
        }
    }
}
