//! The cars of an owner, one after another: how each is acquired, kept and sold.

use ownerline_proto::v1::repurchased::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;
use ownerline_proto::v1::{
    Channel, Defected, Repurchased, Subjects, VehicleAcquired, VehicleReleased,
};

use crate::calendar::{DAY, date, year};
use crate::car::{Car, new_car, write_acquisition};
use crate::dealer::{BRAND, OTHERS, SISTER};
use crate::journey::{Journey, owner_id};
use crate::words::Matter;
use crate::{advocacy, car_reports, odds, order, survey, vins, visit};

/// How the story of the owner and the brand ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Stays,
    Sells,
    BuysAgain,
    Defects,
}

/// The story of the owner's cars, from when the owner is known.
pub(crate) fn write_cars(journey: &mut Journey<'_>, since: i64) {
    let until = journey.settings.until;
    let first = if journey.chance.happens(odds::OWNER_ORDERS_FIRST) {
        order::write_purchase(journey, since)
    } else {
        let car = new_car(journey, BRAND, since);
        Some((write_existing_car(journey, car, since + 600), String::new()))
    };
    let Some((first, _)) = first else {
        return;
    };
    if journey.chance.happens(odds::OWNER_HAS_OTHER_BRAND) {
        write_car_of_another_brand(journey, first.since);
    }
    let end = match first.since < until - 120 * DAY {
        true => journey
            .chance
            .weighted(&odds::ENDINGS_PER_THOUSAND.map(|(weight, end)| {
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
    write_time_with_car(journey, &first, leaves);
    match end {
        End::Stays => {}
        End::Sells => write_sale(journey, &first, leaves),
        End::Defects => {
            let brand = (*journey.chance.one_of(&OTHERS)).to_owned();
            let about = journey.subjects();
            let at = journey.working(leaves);
            journey.pen.about(about).at(at);
            journey.by_staff("advisor", Channel::Phone);
            journey.pen.write(Payload::Defected(Defected { brand }));
            write_sale(journey, &first, leaves + DAY);
        }
        End::BuysAgain => write_repurchase(journey, &first, leaves),
    }
    advocacy::write_advocacy(journey, first.since);
}

/// A car that the owner already had before the period.
fn write_existing_car(journey: &mut Journey<'_>, mut car: Car, at: i64) -> Car {
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
    write_acquisition(
        journey,
        &car,
        at,
        &date(journey.dealer.place.day(at) - days),
    );
    car
}

/// A car of another brand that the owner has as well.
fn write_car_of_another_brand(journey: &mut Journey<'_>, at: i64) {
    let brand = match journey.chance.happens(0.3) {
        true => SISTER,
        false => journey.chance.text(&OTHERS),
    };
    let at = at + journey.chance.heavy_tailed(10 * DAY, 1.0);
    let at = journey.working(at);
    let car = new_car(journey, brand, at);
    write_acquisition(journey, &car, at, "");
    if journey.chance.happens(odds::OTHER_BRAND_NEEDS_HELP) {
        let at = at + journey.chance.heavy_tailed(60 * DAY, 0.8);
        visit::write_breakdown(journey, &car, at);
    }
}

/// The time with a car until it is sold.
fn write_time_with_car(journey: &mut Journey<'_>, car: &Car, leaves: i64) {
    if journey.number % 2 == 1 && journey.chance.happens(odds::HOUSEHOLD_DRIVES_TOO) {
        let at = car.since + journey.chance.between(1, 20) * DAY;
        write_co_holder(journey, car, Role::Driver, (at, leaves));
    } else if journey.number % 2 == 1 && journey.turns.happens(odds::HOUSEHOLD_CO_OWNS) {
        let at = car.since + journey.turns.between(1, 20) * DAY;
        write_co_holder(journey, car, Role::CoOwner, (at, leaves));
    }
    car_reports::write_car_reports(journey, car, leaves);
    visit::write_visits(journey, car, leaves);
}

/// The owner before drives or owns the car too, and may give it up again.
fn write_co_holder(journey: &mut Journey<'_>, car: &Car, role: Role, (at, leaves): (i64, i64)) {
    let Some(before) = journey.number.checked_sub(1) else {
        return;
    };
    let holder = owner_id(journey.settings.seed, before);
    let about = Subjects {
        owner_id: holder.clone(),
        ..car.subjects(journey)
    };
    journey.pen.about(about).at(at);
    journey.by_owner(Channel::App);
    journey.pen.write(Payload::VehicleAcquired(VehicleAcquired {
        owner_id: holder.clone(),
        role: role.into(),
    }));
    if journey.turns.happens(odds::CO_HOLDER_LEAVES) && at + DAY < leaves {
        let left = journey.turns.between(at + DAY, leaves);
        journey
            .pen
            .at(left)
            .write(Payload::VehicleReleased(VehicleReleased {
                owner_id: holder,
            }));
    }
}

/// The sale of a car to the owner before, if there is one; touchpoints then name the car only.
fn write_sale(journey: &mut Journey<'_>, car: &Car, at: i64) {
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
    car_reports::write_reports_after_sale(journey, car, bought);
}

/// The purchase of a second car of the brand, and the sale of the first.
fn write_repurchase(journey: &mut Journey<'_>, first: &Car, at: i64) {
    let kind = if journey.chance.happens(0.45) {
        Kind::Lease
    } else {
        Kind::Buy
    };
    let at = journey.working(at);
    let Some((second, order_id)) = order::write_purchase(journey, at) else {
        return;
    };
    journey.change_mood(0.2);
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
        write_sale(journey, first, second.since + 3_600);
        let until = journey.settings.until;
        write_time_with_car(journey, &second, until);
        survey::write_unsolicited_feedback(journey, Some(&second), second.since, Matter::Treatment);
    }
}
