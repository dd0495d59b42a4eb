//! Cars and orders, as they were and as they were known.

use ownerline_projections::vehicles::{self, order, vehicle};
use ownerline_projections::{Driver, MemoryState, Position, Recorded, Validity, corrections};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    HandoverCompleted, Money, OrderPlaced, VehicleRegistered, VinAssigned, VinWithdrawn,
};

use crate::history::{TestTouchpoint, entries, log};

struct World {
    vehicles: MemoryState,
    corrections: MemoryState,
}

impl World {
    fn of(log: &[Recorded]) -> Self {
        let mut driver = Driver::default();
        driver.add(vehicles::VIEW, MemoryState::default()).unwrap();
        driver
            .add(corrections::VIEW, MemoryState::default())
            .unwrap();
        driver.apply(&entries(log)).unwrap();
        let state = |lane: usize| driver.lanes()[lane].state().clone();
        Self {
            vehicles: state(0),
            corrections: state(1),
        }
    }

    fn validity(&self, known_at: Position) -> Validity<'_> {
        Validity::new(&self.corrections, known_at).unwrap()
    }
}

fn registered(id: &str, at: i64, brand: &str, model: &str) -> TestTouchpoint {
    let payload = Payload::VehicleRegistered(VehicleRegistered {
        brand: brand.to_owned(),
        model: model.to_owned(),
        ..VehicleRegistered::default()
    });
    TestTouchpoint::with_payload(id, at, payload).about(|subjects| subjects.vin = "V1".to_owned())
}

fn of_order(id: &str, at: i64, payload: Payload) -> TestTouchpoint {
    TestTouchpoint::with_payload(id, at, payload)
        .about(|subjects| subjects.order_id = "o1".to_owned())
}

fn placed(id: &str, at: i64, minor_units: i64) -> TestTouchpoint {
    let payload = Payload::OrderPlaced(OrderPlaced {
        brand: "Halden".to_owned(),
        model: "Coupé".to_owned(),
        amount: Some(Money {
            minor_units,
            currency: "EUR".to_owned(),
        }),
        ..OrderPlaced::default()
    });
    of_order(id, at, payload).about(|subjects| subjects.owner_id = "ann".to_owned())
}

#[test]
fn a_later_registration_replaces_what_it_says_and_nothing_else() {
    let world = World::of(&log(&[
        registered("2", 20, "", "Estate"),
        registered("1", 10, "Halden", "Saloon"),
    ]));
    let vehicle_at = |as_of, known_at| {
        let found = vehicle(&world.vehicles, &world.validity(known_at), "V1", as_of).unwrap();
        found.map(|it| (it.brand, it.model))
    };
    let known = |brand: &str, model: &str| Some((brand.to_owned(), model.to_owned()));
    assert_eq!(vehicle_at(9.into(), Position(2)), None);
    assert_eq!(
        vehicle_at(10.into(), Position(2)),
        known("Halden", "Saloon")
    );
    assert_eq!(
        vehicle_at(20.into(), Position(2)),
        known("Halden", "Estate")
    );
    assert_eq!(
        vehicle_at(20.into(), Position(1)),
        known("", "Estate"),
        "the first came late"
    );
}

#[test]
fn an_order_is_merged_from_its_touchpoints() {
    let vin = |subjects: &mut ownerline_proto::v1::Subjects| subjects.vin = "V1".to_owned();
    let assigned = Payload::VinAssigned(VinAssigned {
        vin: "V1".to_owned(),
    });
    let handed = Payload::HandoverCompleted(HandoverCompleted::default());
    let world = World::of(&log(&[
        placed("1", 10, 90_000),
        of_order("2", 20, assigned).about(vin),
        of_order("3", 30, handed),
        placed("4", 12, 95_000).correcting("1"),
    ]));
    let found =
        |as_of, known_at| order(&world.vehicles, &world.validity(known_at), "o1", as_of).unwrap();
    let now = found(100.into(), Position(4)).unwrap();
    assert_eq!((now.placed_at, now.minor_units), (Some(12), 95_000));
    assert_eq!((now.vin.as_str(), now.owner_id.as_str()), ("V1", ""));
    assert_eq!((now.handed_over_at, now.cancelled_at), (Some(30), None));
    let then = found(100.into(), Position(3)).unwrap();
    assert_eq!((then.placed_at, then.minor_units), (Some(10), 90_000));
    assert_eq!(
        found(11.into(), Position(4)),
        None,
        "what replaces it happened later"
    );
    assert_eq!(found(29.into(), Position(3)).unwrap().handed_over_at, None);
}

#[test]
fn a_withdrawn_car_is_not_that_of_the_order() {
    let car = |id: &str, at: i64, vin: &str, given: bool| {
        let vin = vin.to_owned();
        let payload = match given {
            true => Payload::VinAssigned(VinAssigned { vin: vin.clone() }),
            false => Payload::VinWithdrawn(VinWithdrawn { vin: vin.clone() }),
        };
        of_order(id, at, payload).about(|subjects| subjects.vin = vin)
    };
    let world = World::of(&log(&[
        placed("1", 10, 90_000),
        car("2", 20, "V1", true),
        car("3", 30, "V1", false),
        car("4", 40, "V2", false),
        car("5", 40, "V2", true),
        car("6", 50, "V3", true),
        car("7", 60, "V1", false),
        car("8", 45, "V3", false).correcting("3"),
    ]));
    let vin_at = |as_of: i64, known_at| {
        let validity = world.validity(Position(known_at));
        let found = order(&world.vehicles, &validity, "o1", as_of.into());
        found.unwrap().unwrap().vin
    };
    let known = [20, 30, 40, 50, 60].map(|as_of| vin_at(as_of, 7));
    assert_eq!(known, ["V1", "", "", "V3", "V3"]);
    // A correction says that another car was withdrawn, later: the first one stays until it is replaced.
    let corrected = [30, 40, 45, 50].map(|as_of| vin_at(as_of, 8));
    assert_eq!(corrected, ["V1", "", "", "V3"]);
}
