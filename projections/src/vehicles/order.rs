//! Orders of cars: what a touchpoint says about one, and how that is merged.

use ownerline_proto::v1::ProductionStage;
use ownerline_proto::v1::order_placed::SaleType;
use ownerline_proto::v1::touchpoint::Payload;
use prost::Message;

use crate::Recorded;
use crate::assigned_car::AssignedCar;
use crate::fold::corrections::{Inherited, Inherits, fill};

/// An order of a car. Unknown texts are empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Order {
    /// The make.
    pub brand: String,
    /// The model.
    pub model: String,
    /// New or used.
    pub sale_type: SaleType,
    /// The price, in minor units.
    pub minor_units: i64,
    /// ISO 4217; empty if no amount is known.
    pub currency: String,
    /// The car that is assigned to it or was handed over; empty also if it was withdrawn.
    pub vin: String,
    /// The owner that the handover names; empty for the first owner that the stream names.
    pub owner_id: String,
    /// When it was placed (nanoseconds since the Unix epoch).
    pub placed_at: Option<i64>,
    /// When the car was handed over.
    pub handed_over_at: Option<i64>,
    /// When it was last cancelled.
    pub cancelled_at: Option<i64>,
    /// Whether it was cancelled and has not gone on since.
    pub is_cancelled: bool,
}

/// The fields of an order that a touchpoint sets.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct OrderRow {
    #[prost(string, tag = "1")]
    brand: String,
    #[prost(string, tag = "2")]
    model: String,
    #[prost(enumeration = "SaleType", tag = "3")]
    sale_type: i32,
    #[prost(sint64, tag = "4")]
    minor_units: i64,
    #[prost(string, tag = "5")]
    currency: String,
    /// The car that the touchpoint names.
    #[prost(string, tag = "6")]
    vin: String,
    #[prost(string, tag = "7")]
    owner_id: String,
    #[prost(sfixed64, optional, tag = "8")]
    placed_at: Option<i64>,
    #[prost(sfixed64, optional, tag = "9")]
    handed_over_at: Option<i64>,
    #[prost(sfixed64, optional, tag = "10")]
    cancelled_at: Option<i64>,
    /// Whether a date of delivery was promised or revised, so that a cancelled order goes on.
    #[prost(bool, tag = "11")]
    goes_on: bool,
    /// When a car was assigned to it.
    #[prost(sfixed64, optional, tag = "12")]
    assigned_at: Option<i64>,
    /// When a car was withdrawn from it.
    #[prost(sfixed64, optional, tag = "13")]
    withdrawn_at: Option<i64>,
}

impl Inherits for OrderRow {
    fn inherit(&mut self, inherited: &Inherited) {
        fill(&mut self.vin, &inherited.subjects.vin);
        fill(&mut self.owner_id, &inherited.subjects.owner_id);
    }
}

impl OrderRow {
    /// Returns the fields that a touchpoint sets; `None` if it sets none.
    pub(super) fn of(recorded: &Recorded) -> Option<Self> {
        let at = Some(recorded.occurred_at);
        let mut row = match recorded.touchpoint.payload.as_ref()? {
            Payload::OrderPlaced(it) => Self {
                brand: it.brand.clone(),
                model: it.model.clone(),
                sale_type: it.sale_type,
                minor_units: it.amount.as_ref().map_or(0, |it| it.minor_units),
                currency: it
                    .amount
                    .as_ref()
                    .map_or_else(String::new, |it| it.currency.clone()),
                placed_at: at,
                ..Self::default()
            },
            Payload::VinAssigned(_) => Self {
                assigned_at: at,
                ..Self::default()
            },
            Payload::VinWithdrawn(_) => Self {
                withdrawn_at: at,
                ..Self::default()
            },
            Payload::HandoverCompleted(_) => Self {
                handed_over_at: at,
                ..Self::default()
            },
            Payload::OrderCancelled(_) => Self {
                cancelled_at: at,
                ..Self::default()
            },
            Payload::ProductionStageReached(it) if it.stage() == ProductionStage::Cancelled => {
                Self {
                    cancelled_at: at,
                    ..Self::default()
                }
            }
            Payload::DeliveryDatePromised(_) | Payload::DeliveryDateRevised(_) => Self {
                goes_on: true,
                ..Self::default()
            },
            _ => return None,
        };
        // Validation made sure that the payload's identifiers agree with these.
        let subjects = recorded.touchpoint.subjects.as_ref()?;
        row.vin.clone_from(&subjects.vin);
        row.owner_id.clone_from(&subjects.owner_id);
        Some(row)
    }
}

/// An order while its rows are merged, in history order.
#[derive(Default)]
pub(super) struct Course {
    order: Order,
    car: AssignedCar,
}

impl Course {
    /// Takes each field that a later row sets.
    pub(super) fn merge(&mut self, later: OrderRow) {
        if let Some(at) = later.assigned_at.or(later.handed_over_at) {
            self.car.assign(at, &later.vin);
        }
        if let Some(at) = later.withdrawn_at {
            self.car.withdraw(at, &later.vin);
        }
        let goes_on = later.goes_on || later.placed_at.is_some() || later.handed_over_at.is_some();
        let order = &mut self.order;
        if later.placed_at.is_some() {
            if later.sale_type != 0 {
                order.sale_type = later.sale_type();
            }
            if !later.currency.is_empty() {
                order.minor_units = later.minor_units;
            }
        }
        replace(&mut order.brand, later.brand);
        replace(&mut order.model, later.model);
        replace(&mut order.currency, later.currency);
        order.placed_at = later.placed_at.or(order.placed_at);
        // A second handover counts only if the order was cancelled in between.
        let cancelled_at = order.cancelled_at;
        let is_final = |at: i64| cancelled_at.is_none_or(|cancelled| cancelled < at);
        if later.handed_over_at.is_some() && !order.handed_over_at.is_some_and(is_final) {
            order.handed_over_at = later.handed_over_at;
            order.owner_id = later.owner_id;
        }
        order.cancelled_at = later.cancelled_at.or(order.cancelled_at);
        order.is_cancelled = later.cancelled_at.is_some() || order.is_cancelled && !goes_on;
    }

    /// The order.
    pub(super) fn finish(self) -> Order {
        Order {
            vin: self.car.now().to_owned(),
            ..self.order
        }
    }
}

/// Takes a later text, if there is one.
pub(super) fn replace(text: &mut String, later: String) {
    if !later.is_empty() {
        *text = later;
    }
}
