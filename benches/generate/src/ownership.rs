//! The cars of an owner, one after the other: how each comes, how it stays, and how it goes.

use ownerline_proto::v1::repurchased::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;
use ownerline_proto::v1::{
    Channel, Defected, Repurchased, Subjects, VehicleAcquired, VehicleRegistered, VehicleReleased,
};

use super::calendar::{DAY, date, year};
use super::car::{self, Car};
use super::journey::{Journey, owner_id};
use super::network::{BRAND, OTHERS, SISTER};
use super::{advocacy, feedback, odds, order, vins, visit};

/// What becomes of the owner and the brand in the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Stays,
    Sells,
    BuysAgain,
    Defects,
}

/// Everything with cars, from the moment the owner is known.
pub(super) fn lives_with_cars(journey: &mut Journey<'_>, since: i64) {
    let until = journey.settings.until;
    let first = if journey.chance.happens(odds::OWNER_ORDERS_FIRST) {
        order::bought(journey, since)
    } else {
        let car = new_car(journey, BRAND, since);
        Some((known_already(journey, car, since + 600), String::new()))
    };
    let Some((first, _)) = first else {
        return;
    };
    if journey.chance.happens(odds::OWNER_HAS_OTHER_BRAND) {
        another_brand(journey, first.since);
    }
    let end = match first.since < until - 120 * DAY {
        true => journey
            .chance
            .weighted(&odds::ENDS_IN_THOUSAND.map(|(weight, end)| {
                (
                    weight,
                    match end {
                        "sells" => End::Sells,
                        "buys again" => End::BuysAgain,
                        "defects" => End::Defects,
                        _ => End::Stays,
                    },
                )
            })),
        false => End::Stays,
    };
    let leaves = match end {
        End::Stays => until,
        _ => journey
            .chance
            .between(first.since + 90 * DAY, until - 10 * DAY),
    };
    kept(journey, &first, leaves);
    match end {
        End::Stays => {}
        End::Sells => sold(journey, &first, leaves),
        End::Defects => {
            let brand = (*journey.chance.one_of(&OTHERS)).to_owned();
            let about = journey.subjects();
            let at = journey.working(leaves);
            journey.pen.about(about).at(at);
            journey.by_staff("advisor", Channel::Phone);
            journey.pen.write(Payload::Defected(Defected { brand }));
            sold(journey, &first, leaves + DAY);
        }
        End::BuysAgain => again(journey, &first, leaves),
    }
    advocacy::speaks(journey, first.since);
}

/// A car with its number, not yet anybody's.
pub(super) fn new_car(journey: &mut Journey<'_>, brand: &'static str, at: i64) -> Car {
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
        model: car::model(&mut journey.chance, brand),
        model_year,
        since: at,
        metres: 12_000,
        metres_a_day: journey.chance.heavy_tailed(31_000, 0.5).min(150_000),
    }
}

/// The car becomes known, as the owner's.
pub(super) fn acquired(journey: &mut Journey<'_>, car: &Car, at: i64, delivered: &str) {
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

/// The car of somebody whom the network knew before the period began.
fn known_already(journey: &mut Journey<'_>, mut car: Car, at: i64) -> Car {
    let days = journey.chance.between(30, 1_500);
    car.model_year = year(at - days * DAY);
    car.vin = vins::vin(
        journey.dealer.market.maker,
        journey.settings.seed,
        journey.number,
        journey.cars - 1,
        car.model_year,
    );
    car.metres += days * car.metres_a_day;
    car.since = at;
    acquired(
        journey,
        &car,
        at,
        &date(journey.dealer.place.day(at) - days),
    );
    car
}

/// A car of another brand in the same house: the owner is the customer, not the car.
fn another_brand(journey: &mut Journey<'_>, at: i64) {
    let brand = match journey.chance.happens(0.3) {
        true => SISTER,
        false => journey.chance.text(&OTHERS),
    };
    let at = at + journey.chance.heavy_tailed(10 * DAY, 1.0);
    let at = journey.working(at);
    let car = new_car(journey, brand, at);
    acquired(journey, &car, at, "");
    if journey.chance.happens(odds::OTHER_BRAND_NEEDS_HELP) {
        let at = at + journey.chance.heavy_tailed(60 * DAY, 0.8);
        visit::sent_away_and_helped(journey, &car, at);
    }
}

/// Life with the car until it goes.
fn kept(journey: &mut Journey<'_>, car: &Car, leaves: i64) {
    if journey.number % 2 == 1 && journey.chance.happens(odds::HOUSEHOLD_DRIVES_TOO) {
        let at = car.since + journey.chance.between(1, 20) * DAY;
        let driver = owner_id(journey.settings.seed, journey.number - 1);
        let about = Subjects {
            owner_id: driver.clone(),
            ..car.subjects(journey)
        };
        journey.pen.about(about).at(at);
        journey.by_owner(Channel::App);
        journey.pen.write(Payload::VehicleAcquired(VehicleAcquired {
            owner_id: driver,
            role: Role::Driver.into(),
        }));
    }
    car::reports(journey, car, leaves);
    visit::visits(journey, car, leaves);
}

/// The car goes to the owner before, if there is one; from then on touchpoints name only the car.
fn sold(journey: &mut Journey<'_>, car: &Car, at: i64) {
    let at = journey.working(at);
    let about = car.subjects(journey);
    journey.pen.about(about).at(at);
    journey.by_staff("advisor", Channel::InPerson);
    journey.pen.write(Payload::VehicleReleased(VehicleReleased {
        owner_id: journey.owner.clone(),
    }));
    let Some(buyer) = journey.number.checked_sub(1) else {
        return;
    };
    let wait = journey.chance.heavy_tailed(12 * DAY, 0.9);
    let bought = journey.working(at + wait);
    let buyer = owner_id(journey.settings.seed, buyer);
    journey
        .pen
        .about(Subjects {
            owner_id: buyer.clone(),
            ..car.subjects(journey)
        })
        .at(bought);
    journey.pen.write(Payload::VehicleAcquired(VehicleAcquired {
        owner_id: buyer,
        role: Role::Owner.into(),
    }));
    car::goes_on_without_name(journey, car, bought);
}

/// A second car of the brand; the first one goes when it comes.
fn again(journey: &mut Journey<'_>, first: &Car, at: i64) {
    let kind = if journey.chance.happens(0.45) {
        Kind::Lease
    } else {
        Kind::Buy
    };
    let at = journey.working(at);
    let Some((second, order_id)) = order::bought(journey, at) else {
        return;
    };
    journey.feels(0.2);
    let about = Subjects {
        order_id: order_id.clone(),
        ..journey.subjects()
    };
    journey.pen.about(about).at(at + 300);
    journey.by_staff("advisor", Channel::InPerson);
    journey.pen.write(Payload::Repurchased(Repurchased {
        order_id,
        kind: kind.into(),
        brand: BRAND.to_owned(),
    }));
    if second.since < journey.settings.until {
        sold(journey, first, second.since + 3_600);
        let until = journey.settings.until;
        kept(journey, &second, until);
        feedback::unasked(journey, Some(&second), second.since);
    }
}
