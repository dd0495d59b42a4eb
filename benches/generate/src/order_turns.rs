//! The turns of an order besides its stages: a plan before the promise, holds, another car, another dealer, codes
//! that nobody knows, a window that narrows.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Channel, DeliveryWindowPlanned, OrderHeld, OrderHoldLifted, OrderReassigned,
    ProductionStageReached, VinAssigned, VinWithdrawn, Visibility,
};

use crate::calendar::{DAY, date};
use crate::journey::Journey;
use crate::odds;
use crate::ordered::{Order, Turns, Window};
use crate::pen::Performer;
use crate::vins;

/// The number of stages before which something may happen.
const PLACES: u64 = 14;
const BASES: [&str; 3] = ["slot", "schedule", "estimate"];
const HELD_FOR: [&str; 5] = [
    "a part is on back order",
    "the quality gate stopped the series",
    "a supplier is audited",
    "papers of the importer are missing",
    "the paint shop waits for a shade",
];
const UNKNOWN_CODES: [&str; 3] = ["X710", "X715", "Z990"];

/// Draws the turns of the order of a new car, and the car that it is assigned first.
pub(crate) fn draw(journey: &mut Journey<'_>, order: &mut Order) {
    let more = match journey.turns.happens(odds::PROMISE_IS_WINDOW) {
        true => journey.turns.between(6, 20),
        false => 0,
    };
    order.window = Window {
        first: order.promised,
        more,
        basis: journey.turns.text(&BASES),
    };
    let mut before = |probability: f64| {
        let place = journey.turns.below(PLACES) as usize;
        journey.turns.happens(probability).then_some(place)
    };
    order.turns = Turns {
        held_before: before(odds::ORDER_HELD),
        unknown_code_before: before(odds::CODE_UNKNOWN),
        reassigned_before: before(odds::ORDER_REASSIGNED),
        next_vin: None,
    };
    if journey.turns.happens(odds::VIN_WITHDRAWN) {
        // The last car that an owner may have is never bought, so that its VIN is free.
        let first = vins::vin(
            journey.dealer.market.maker,
            journey.settings.seed,
            journey.number,
            vins::CARS_OF_ONE - 1,
            order.car.model_year,
        );
        order.turns.next_vin = Some(std::mem::replace(&mut order.car.vin, first));
    }
}

/// A plan before anything is promised.
pub(crate) fn write_plan(journey: &mut Journey<'_>, order: &Order) {
    if !journey.turns.happens(odds::WINDOW_PLANNED) {
        return;
    }
    let window = order.window;
    journey
        .by_system("order-desk", Channel::Api)
        .at(order.at + 60);
    journey
        .pen
        .write(Payload::DeliveryWindowPlanned(DeliveryWindowPlanned {
            date: date(window.first - 14),
            until_date: date(window.first + window.more + 14),
            basis: "slot".to_owned(),
        }));
}

/// Writes the turns of an order that waits for the stage at this place, between two instants.
pub(crate) fn write_wait(
    journey: &mut Journey<'_>,
    order: &Order,
    place: usize,
    (from, until): (i64, i64),
) {
    let part = |tenths: i64| from + (until - from) / 10 * tenths;
    if order.turns.held_before == Some(place) && until - from > 2 * DAY {
        write_hold(journey, order, [2, 4, 8].map(part), part(6));
    }
    if order.turns.unknown_code_before == Some(place) {
        begin(journey, order, part(5));
        journey.by_system("plant", Channel::Factory);
        let raw_code = journey.turns.text(&UNKNOWN_CODES).to_owned();
        journey
            .pen
            .write(Payload::ProductionStageReached(ProductionStageReached {
                raw_code,
                mapping_version: "0".to_owned(),
                ..ProductionStageReached::default()
            }));
    }
    if order.turns.reassigned_before == Some(place) {
        begin(journey, order, part(3));
        journey
            .pen
            .by(&Performer::Maker("network-office"), Channel::Other)
            .seen_by(Visibility::Dealer);
        let to_dealer_id = journey.another_dealer_in_turn().id.clone();
        journey.pen.write(Payload::OrderReassigned(OrderReassigned {
            from_dealer_id: journey.dealer.id.clone(),
            to_dealer_id,
        }));
    }
    journey.pen.seen_by(Visibility::Owner);
}

fn begin(journey: &mut Journey<'_>, order: &Order, at: i64) {
    let subjects = order.subjects(journey, false);
    journey
        .pen
        .about(subjects)
        .correlated(&order.commission)
        .at(at);
}

/// A hold, some of them with a second reason or another expected release, some never lifted.
fn write_hold(
    journey: &mut Journey<'_>,
    order: &Order,
    [set, again, lifted]: [i64; 3],
    expected: i64,
) {
    begin(journey, order, set);
    journey.by_system("plant", Channel::Factory);
    let shown = journey.turns.happens(odds::HOLD_SHOWN);
    journey.pen.seen_by(match shown {
        true => Visibility::Owner,
        false => Visibility::Dealer,
    });
    let hold_id = format!("{}~hold", order.id);
    let held = |journey: &mut Journey<'_>, release: i64| {
        let reason = journey.turns.text(&HELD_FOR).to_owned();
        let expected_release = date(journey.dealer.place.day(release));
        journey.pen.write(Payload::OrderHeld(OrderHeld {
            hold_id: hold_id.clone(),
            reason,
            expected_release,
        }));
    };
    held(journey, expected);
    if journey.turns.happens(odds::HOLD_EXTENDED) {
        journey.pen.at(again);
        held(journey, lifted);
    }
    if !journey.turns.happens(odds::HOLD_NEVER_LIFTED) {
        journey
            .pen
            .at(lifted)
            .write(Payload::OrderHoldLifted(OrderHoldLifted { hold_id }));
    }
}

/// The car that the order had first is withdrawn between two instants, and it gets another.
pub(crate) fn write_other_car(
    journey: &mut Journey<'_>,
    order: &mut Order,
    (from, until): (i64, i64),
) {
    let Some(next) = order.turns.next_vin.take() else {
        return;
    };
    let subjects = order.subjects(journey, true);
    journey.by_system("order-desk", Channel::Api);
    journey
        .pen
        .about(subjects)
        .correlated(&order.commission)
        .at(from + (until - from) / 3);
    journey.pen.write(Payload::VinWithdrawn(VinWithdrawn {
        vin: order.car.vin.clone(),
    }));
    order.car.vin = next;
    let subjects = order.subjects(journey, true);
    journey.pen.about(subjects).at(from + (until - from) / 2);
    journey.pen.write(Payload::VinAssigned(VinAssigned {
        vin: order.car.vin.clone(),
    }));
}

/// The promised window narrows once the plant knows more.
pub(crate) fn write_narrowed_window(journey: &mut Journey<'_>, order: &mut Order) {
    let before = order.window;
    if before.more < 3 || !journey.turns.happens(odds::WINDOW_NARROWED) {
        return;
    }
    order.window = Window {
        first: before.first + before.more / 3,
        more: before.more / 3,
        basis: "schedule",
    };
    let revised = order.window.revised(before, "the slot is fixed", true);
    journey
        .by_staff("advisor", Channel::Email)
        .at(order.at + 1_800);
    journey.pen.write(Payload::DeliveryDateRevised(revised));
}
