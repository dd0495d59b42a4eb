//! The cars of the journeys: what they are, and how they come to their owner.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;
use ownerline_proto::v1::{Channel, Subjects, VehicleAcquired, VehicleRegistered};

use crate::calendar::{DAY, year};
use crate::chance::Chance;
use crate::dealer::{BRAND, SISTER};
use crate::journey::Journey;
use crate::vins;

const MODELS: [&str; 4] = ["Grand Tourer", "Saloon", "Estate", "Roadster"];
const SISTER_MODELS: [&str; 2] = ["City", "Tour"];
const OTHER_MODELS: [&str; 3] = ["Compact", "Wagon", "Coupe"];

/// A car of the journey.
#[derive(Debug, Clone)]
pub(crate) struct Car {
    pub(crate) vin: String,
    pub(crate) brand: &'static str,
    pub(crate) model: &'static str,
    pub(crate) model_year: i32,
    /// When the owner got it.
    pub(crate) since: i64,
    /// The odometer reading at that time.
    pub(crate) metres: i64,
    pub(crate) metres_a_day: i64,
}

impl Car {
    /// The subjects of a touchpoint about the owner and this car.
    pub(crate) fn subjects(&self, journey: &Journey<'_>) -> Subjects {
        Subjects {
            vin: self.vin.clone(),
            ..journey.subjects()
        }
    }

    /// The odometer reading at an instant.
    pub(crate) fn metres_at(&self, at: i64) -> i64 {
        self.metres + (at - self.since).max(0) / 600 * self.metres_a_day / (DAY / 600)
    }

    /// The subjects of a touchpoint that names the car only; its owner follows from who holds the car then.
    pub(crate) fn alone(&self) -> Subjects {
        Subjects {
            vin: self.vin.clone(),
            ..Subjects::default()
        }
    }
}

/// A random model of a brand.
pub(crate) fn model(chance: &mut Chance, brand: &str) -> &'static str {
    chance.text(match brand {
        BRAND => &MODELS,
        SISTER => &SISTER_MODELS,
        _ => &OTHER_MODELS,
    })
}

/// A car with its VIN that has no owner yet.
pub(crate) fn new_car(journey: &mut Journey<'_>, brand: &'static str, at: i64) -> Car {
    let index = journey.cars;
    journey.cars += 1;
    let model_year = year(at) + i32::from(journey.chance.happens(0.3));
    let maker = match brand {
        BRAND => journey.dealer.market.maker,
        SISTER => "SYY",
        _ => "WZZ",
    };
    Car {
        vin: vins::vin(
            maker,
            journey.settings.seed,
            journey.number,
            index,
            model_year,
        ),
        brand,
        model: model(&mut journey.chance, brand),
        model_year,
        since: at,
        metres: 12_000,
        metres_a_day: journey.chance.heavy_tailed(31_000, 0.5).min(150_000),
    }
}

/// The car is registered and acquired by the owner.
pub(crate) fn write_acquisition(journey: &mut Journey<'_>, car: &Car, at: i64, delivered: &str) {
    let about = car.subjects(journey);
    let jurisdiction = journey.dealer.market.jurisdiction.to_owned();
    journey.pen.about(about).at(at);
    journey.by_staff("advisor", Channel::InPerson);
    journey
        .pen
        .write(Payload::VehicleRegistered(VehicleRegistered {
            brand: car.brand.to_owned(),
            model: car.model.to_owned(),
            model_year: car.model_year,
            jurisdiction,
            first_delivered_on: delivered.to_owned(),
        }));
    journey
        .pen
        .at(at + 60)
        .write(Payload::VehicleAcquired(VehicleAcquired {
            owner_id: journey.owner.clone(),
            role: Role::Owner.into(),
        }));
}
