//! What other read models know of a car: zones of its dealers, readings, holders, orders.

use jiff::civil::Date;
use ownerline_proto::kind::Category;
use ownerline_proto::time::Instant;
use ownerline_proto::v1::order_placed::SaleType;

use super::dates::stated;
use super::facts::RepairFold;
use super::status::{DeliveryBasis, FirstDelivery};
use crate::civil::CivilCalendar;
use crate::fold::state::StateError;
use crate::network::{self, Network};
use crate::person::holding::HeldAs;
use crate::person::{FilledIn, PersonLookup, ownership};
use crate::timeline::{TimelineStates, matters_of_vehicle};
use crate::vehicles::odometer;
use crate::{AnswerError, HistoryKey, Snapshots, Validity, Vantage, vehicles};

/// A car, as other read models know it.
pub(super) struct Car<'s> {
    states: TimelineStates<'s>,
    validity: &'s Validity<'s>,
    as_of: Instant,
    network: Network,
    calendar: CivilCalendar,
    /// By place in the history: the greatest reading up to there, in whole metres.
    readings: Vec<(HistoryKey, i64)>,
    /// The make; empty if not known.
    pub(super) brand: String,
    pub(super) first_delivery: Option<FirstDelivery>,
    /// Whether it was sold used, or an earlier owner is another person.
    pub(super) used: Option<bool>,
}

impl<'s> Car<'s> {
    pub(super) fn read(
        snapshots: &Snapshots<'s>,
        vantage: &Vantage<'s>,
        validity: &'s Validity<'s>,
        fold: &RepairFold,
    ) -> Result<Self, AnswerError> {
        let states = TimelineStates::of(snapshots);
        let as_of = vantage.as_of;
        let network = Network::load(snapshots.state(network::VIEW.name), validity, as_of)?;
        let vehicle = vehicles::vehicle(states.vehicles, validity, &fold.vin, as_of)?;
        let mut car = Self {
            states,
            validity,
            as_of,
            network,
            calendar: CivilCalendar::default(),
            readings: odometer::greatest_readings(
                states.vehicles,
                states.timeline,
                validity,
                &fold.vin,
                as_of,
            )?,
            brand: vehicle.map_or_else(String::new, |it| it.brand),
            first_delivery: None,
            used: None,
        };
        car.read_sales(fold)?;
        Ok(car)
    }

    /// The zone of a dealer at an instant; empty if not known.
    pub(super) fn zone(&self, dealer_id: &str, at: i64) -> String {
        self.network.time_zone(dealer_id, at).to_owned()
    }

    /// The date of an instant in a zone; an unknown zone is UTC.
    pub(super) fn date(&mut self, zone: &str, at: i64) -> Date {
        self.calendar.date(zone, at)
    }

    /// The date of the question in a zone.
    pub(super) fn today(&mut self, zone: &str) -> Date {
        self.calendar.date(zone, self.as_of.nearest())
    }

    /// The greatest reading at or before an instant.
    pub(super) fn greatest_reading(&self, at: i64) -> Option<i64> {
        let readings = &self.readings;
        let later = readings.partition_point(|(key, _)| key.occurred_at <= at);
        let (_, metres) = self.readings.get(later.checked_sub(1)?)?;
        Some(*metres)
    }

    /// Reads who bought the car, when it was delivered first, and whether it was used.
    fn read_sales(&mut self, fold: &RepairFold) -> Result<(), AnswerError> {
        let (validity, as_of, states) = (self.validity, self.as_of, self.states);
        let persons = PersonLookup::new(states.identity, validity);
        let holdings = ownership::holdings(states.ownership, validity, &persons, &fold.vin, as_of)?;
        let owned = holdings.iter().filter(|it| it.held_as == HeldAs::Owner);
        let first_owned = owned.clone().map(|it| it.from).min();
        let mut owners = owned.map(|it| &it.person);
        let first = owners.next();
        let (is_owned, changed) = (first.is_some(), owners.any(|it| Some(it) != first));
        let sales = self.orders(&fold.vin)?;
        self.used = match (sales.is_sold_used || changed, is_owned || sales.is_ordered) {
            (true, _) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
        };
        let registrations = fold.registrations.values();
        let days = registrations.filter_map(|it| stated(&it.first_delivered_on));
        let acquired = first_owned.map(|at| self.calendar.date("", at));
        let known = [
            (days.min(), DeliveryBasis::Stated),
            (sales.handed_over, DeliveryBasis::Handover),
            (acquired, DeliveryBasis::Acquisition),
        ];
        let mut known = known.into_iter();
        self.first_delivery =
            known.find_map(|(day, basis)| Some(FirstDelivery { day: day?, basis }));
        Ok(())
    }

    fn orders(&mut self, vin: &str) -> Result<Sales, StateError> {
        let mut filled = FilledIn::new(self.states.timeline, self.validity, self.as_of);
        let mut sales = Sales::default();
        let mut handed_over: Option<(i64, String)> = None;
        for stream in matters_of_vehicle(self.states.timeline, vin, Category::Order)? {
            let Some(order_id) = stream.strip_prefix("order-") else {
                continue;
            };
            let state = self.states.vehicles;
            let order = vehicles::order(state, self.validity, order_id, self.as_of)?;
            let Some(order) = order.filter(|it| it.vin == vin && !it.is_cancelled) else {
                continue;
            };
            sales.is_ordered = true;
            sales.is_sold_used |= order.sale_type == SaleType::ApprovedUsed;
            if let Some(at) = order.handed_over_at
                && handed_over.as_ref().is_none_or(|(first, _)| at < *first)
            {
                handed_over = Some((at, filled.first(&stream)?.dealer_id.clone()));
            }
        }
        sales.handed_over = handed_over.map(|(at, dealer_id)| {
            let zone = self.zone(&dealer_id, at);
            self.calendar.date(&zone, at)
        });
        Ok(sales)
    }
}

/// What orders tell of a car.
#[derive(Default)]
struct Sales {
    is_ordered: bool,
    is_sold_used: bool,
    /// The day of the first handover.
    handed_over: Option<Date>,
}
