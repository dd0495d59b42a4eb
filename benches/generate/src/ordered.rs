//! An order while it is written.

use ownerline_proto::v1::{DeliveryDatePromised, DeliveryDateRevised, Subjects};

use crate::calendar::date;
use crate::car::Car;
use crate::journey::Journey;

/// An order while it is written.
pub(crate) struct Order {
    pub(crate) id: String,
    pub(crate) commission: String,
    pub(crate) car: Car,
    pub(crate) at: i64,
    /// The day by which the owner expects the car, in days since the Unix epoch.
    pub(crate) promised: i64,
    pub(crate) photographed: u32,
    pub(crate) window: Window,
    pub(crate) turns: Turns,
}

/// The window of delivery as the owner was last told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    /// The first day, in days since the Unix epoch.
    pub(crate) first: i64,
    /// The days after the first; 0: the window is one day.
    pub(crate) more: i64,
    /// The basis of the window.
    pub(crate) basis: &'static str,
}

/// The turns of an order besides its stages, each by the place of the stage that it comes before.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turns {
    /// A hold.
    pub(crate) held_before: Option<usize>,
    /// A code of the plant that nobody knows.
    pub(crate) unknown_code_before: Option<usize>,
    /// The order goes to another dealer.
    pub(crate) reassigned_before: Option<usize>,
    /// The VIN that replaces the one assigned first.
    pub(crate) next_vin: Option<String>,
}

impl Order {
    /// The subjects of a touchpoint about the order.
    pub(crate) fn subjects(&self, journey: &Journey<'_>, names_car: bool) -> Subjects {
        Subjects {
            order_id: self.id.clone(),
            vin: match names_car {
                true => self.car.vin.clone(),
                false => String::new(),
            },
            ..journey.subjects()
        }
    }
}

impl Window {
    /// The last day; empty where that is the first.
    fn until_date(self) -> String {
        match self.more {
            0 => String::new(),
            more => date(self.first + more),
        }
    }

    /// The promise of this window.
    pub(crate) fn promised(self) -> DeliveryDatePromised {
        DeliveryDatePromised {
            date: date(self.first),
            until_date: self.until_date(),
            basis: self.basis.to_owned(),
        }
    }

    /// The revision of another window, which becomes this one.
    pub(crate) fn revised(self, previous: Self, reason: &str, told: bool) -> DeliveryDateRevised {
        DeliveryDateRevised {
            previous: date(previous.first),
            date: date(self.first),
            until_date: self.until_date(),
            basis: self.basis.to_owned(),
            reason: reason.to_owned(),
            owner_notified: told,
        }
    }
}
