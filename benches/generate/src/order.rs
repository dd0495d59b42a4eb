//! The purchase of a car: the order, its production, and the handover.

use ownerline_proto::v1::order_placed::SaleType;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Channel, ConfigurationFrozen, HandoverCompleted, Money, OrderCancelled, OrderChanged,
    OrderPlaced, OwnerNotified, ProductionStage as Stage, ProductionStageReached,
    StagePhotographed, TouchpointRef, UpdateViewed, VinAssigned, Visibility,
};

use crate::calendar::{DAY, HOUR};
use crate::car::{self, Car};
use crate::dealer::{BRAND, Dealer};
use crate::journey::Journey;
use crate::ordered::{Order, Turns, Window};
use crate::pen::Performer;
use crate::words::Matter;
use crate::{odds, order_turns, survey, words};

/// The usual production: stage, the plant's own code, and the median number of days since the stage before.
const PRODUCTION: &[(Stage, &str, i64)] = &[
    (Stage::Ordered, "O010", 2),
    (Stage::Allocated, "O040", 22),
    (Stage::Scheduled, "A110", 26),
    (Stage::Frozen, "A190", 18),
    (Stage::Body, "B200", 24),
    (Stage::Paint, "P300", 6),
    (Stage::Assembly, "M400", 7),
    (Stage::Marriage, "M450", 3),
    (Stage::Quality, "Q500", 4),
    (Stage::Completed, "Q599", 3),
    (Stage::Released, "L600", 2),
    (Stage::Shipped, "L620", 3),
    (Stage::PortOut, "L630", 4),
    (Stage::AtSea, "L640", 3),
    (Stage::PortIn, "L650", 20),
    (Stage::Preparation, "D690", 5),
    (Stage::AtDealer, "D700", 5),
];

/// Whether an order comes to its handover.
enum Delivery {
    Ready,
    Cancelled,
}

/// The purchase of a car that is ordered at `at`. Returns the car as of its handover, which may be after the end of
/// the period, and the order id; `None` if the order is cancelled.
pub(crate) fn write_purchase(journey: &mut Journey<'_>, at: i64) -> Option<(Car, String)> {
    let at = journey.working(at + HOUR);
    let is_new = !journey.chance.happens(odds::ORDER_IS_APPROVED_USED);
    let id = journey.next_id("order");
    let number = journey.chance.between(10_000, 99_999);
    let mut order = Order {
        commission: format!("C-{number}-{}", journey.number),
        car: car::new_car(journey, BRAND, at),
        at,
        promised: journey.dealer.place.day(at)
            + if is_new {
                usual_days(journey, PRODUCTION) + 14
            } else {
                14
            },
        photographed: 0,
        window: Window {
            first: 0,
            more: 0,
            basis: "",
        },
        turns: Turns::default(),
        id,
    };
    order.window.first = order.promised;
    if is_new {
        order_turns::draw(journey, &mut order);
    }
    write_order(journey, &order, is_new);
    let delivery = if is_new {
        write_production(journey, &mut order)
    } else {
        write_preparation(journey, &mut order)
    };
    if matches!(delivery, Delivery::Cancelled) {
        return None;
    }
    write_handover(journey, &mut order);
    Some((order.car, order.id))
}

fn write_order(journey: &mut Journey<'_>, order: &Order, is_new: bool) {
    let subjects = order.subjects(journey, false);
    journey
        .pen
        .about(subjects)
        .correlated(&order.commission)
        .at(order.at);
    journey.by_staff("advisor", Channel::InPerson);
    let euros = journey
        .chance
        .heavy_tailed(if is_new { 112_000 } else { 64_000 }, 0.3);
    let configuration = words::configuration(&mut journey.chance);
    let sale = if is_new {
        SaleType::New
    } else {
        SaleType::ApprovedUsed
    };
    let amount = Money {
        minor_units: journey.minor_units(euros),
        currency: journey.currency(),
    };
    journey.pen.write(Payload::OrderPlaced(OrderPlaced {
        commission_number: order.commission.clone(),
        sale_type: sale.into(),
        brand: BRAND.to_owned(),
        model: order.car.model.to_owned(),
        configuration,
        amount: Some(amount),
    }));
    if is_new {
        order_turns::write_plan(journey, order);
        journey.by_staff("advisor", Channel::InPerson);
    }
    let promised = order.window.promised();
    journey
        .pen
        .at(order.at + 120)
        .write(Payload::DeliveryDatePromised(promised));
    if is_new && journey.chance.happens(odds::ORDER_CHANGED) {
        let wait = journey.chance.heavy_tailed(9 * DAY, 0.6).min(30 * DAY);
        let changed = journey.leisure(order.at + wait);
        let summary = words::order_change(&mut journey.chance);
        journey.by_owner(Channel::Portal).at(changed);
        journey
            .pen
            .write(Payload::OrderChanged(OrderChanged { summary }));
    }
}

/// The production of a new car, stage by stage.
fn write_production(journey: &mut Journey<'_>, order: &mut Order) -> Delivery {
    let cancelled_at = if journey.chance.happens(odds::ORDER_CANCELLED) {
        journey.chance.below(8) as usize
    } else {
        usize::MAX
    };
    for (index, (stage, code, days)) in PRODUCTION.iter().enumerate() {
        if !journey.dealer.market.overseas && by_sea(*stage) {
            continue;
        }
        let wait = journey.chance.heavy_tailed(days * DAY, 0.35);
        let from = order.at;
        order.at += wait.max(2 * HOUR);
        order_turns::write_wait(journey, order, index, (from, order.at));
        if *stage == Stage::Body {
            let until = order.at;
            order_turns::write_other_car(journey, order, (from, until));
        }
        if index == cancelled_at {
            return write_cancellation(journey, order);
        }
        let reached = write_stage(journey, order, *stage, code);
        if journey.chance.happens(odds::STAGE_REPORTED_TWICE) {
            order.at += journey.chance.between(600, 2 * DAY);
            write_stage(journey, order, *stage, code);
        }
        match stage {
            Stage::Frozen => {
                write_freeze(journey, order);
                order_turns::write_narrowed_window(journey, order);
            }
            Stage::Quality if journey.chance.happens(odds::ORDER_REWORKED) => {
                write_rework(journey, order)
            }
            Stage::AtSea if journey.chance.happens(odds::ORDER_LOST) => {
                order.at += journey.chance.between(3, 12) * DAY;
                write_stage(journey, order, Stage::Lost, "L999");
                return write_cancellation(journey, order);
            }
            Stage::AtDealer if journey.chance.happens(odds::ORDER_RETURNED) => {
                order.at += journey.chance.between(1, 4) * DAY;
                write_stage(journey, order, Stage::Returned, "D790");
                order.at += journey.chance.between(8, 30) * DAY;
                write_stage(journey, order, Stage::AtDealer, "D700");
                journey.change_mood(-0.3);
            }
            _ => {}
        }
        if matches!(
            stage,
            Stage::Body | Stage::Paint | Stage::Marriage | Stage::Quality | Stage::Shipped
        ) && journey.chance.happens(odds::STAGE_PHOTOGRAPHED)
        {
            write_photograph(journey, order, *stage, &reached);
        }
        write_delay(
            journey,
            order,
            PRODUCTION.get(index + 1..).unwrap_or_default(),
        );
    }
    Delivery::Ready
}

fn write_stage(
    journey: &mut Journey<'_>,
    order: &Order,
    stage: Stage,
    code: &str,
) -> TouchpointRef {
    let names_car = stage as i32 >= Stage::Frozen as i32;
    let subjects = order.subjects(journey, names_car);
    journey
        .pen
        .about(subjects)
        .correlated(&order.commission)
        .at(order.at);
    journey.by_system("plant", Channel::Factory);
    let dealer_only = matches!(stage, Stage::Rework | Stage::Returned | Stage::Lost);
    journey.pen.seen_by(if dealer_only {
        Visibility::Dealer
    } else {
        Visibility::Owner
    });
    let reference = journey
        .pen
        .write(Payload::ProductionStageReached(ProductionStageReached {
            stage: stage.into(),
            raw_code: code.to_owned(),
            mapping_version: "0".to_owned(),
        }));
    journey.pen.seen_by(Visibility::Owner);
    reference
}

fn write_freeze(journey: &mut Journey<'_>, order: &Order) {
    journey
        .by_system("order-desk", Channel::Api)
        .at(order.at + 60);
    journey
        .pen
        .write(Payload::ConfigurationFrozen(ConfigurationFrozen {}));
    write_vin_assignment(journey, order, order.at + 15 * 60);
}

fn write_vin_assignment(journey: &mut Journey<'_>, order: &Order, at: i64) {
    let subjects = order.subjects(journey, true);
    journey.pen.about(subjects).at(at);
    journey.pen.write(Payload::VinAssigned(VinAssigned {
        vin: order.car.vin.clone(),
    }));
}

/// Rework after the quality gate, once or several times.
fn write_rework(journey: &mut Journey<'_>, order: &mut Order) {
    loop {
        order.at += journey.chance.heavy_tailed(2 * DAY, 0.6);
        write_stage(journey, order, Stage::Rework, "Q590");
        order.at += journey.chance.heavy_tailed(9 * DAY, 0.7);
        write_stage(journey, order, Stage::Quality, "Q500");
        if !journey.chance.happens(odds::ORDER_REWORKED) {
            return;
        }
    }
}

/// A photograph, revealed at once or later, and the owner who views it.
fn write_photograph(
    journey: &mut Journey<'_>,
    order: &mut Order,
    stage: Stage,
    cause: &TouchpointRef,
) {
    order.photographed += 1;
    let taken = order.at + journey.chance.between(HOUR, 8 * HOUR);
    let late = journey.chance.happens(odds::PHOTOGRAPH_REVEALED_LATE);
    let shown = taken
        + if late {
            journey.chance.between(2, 20) * DAY
        } else {
            300
        };
    let sha256 = (0..4)
        .map(|_| format!("{:016x}", journey.chance.bits()))
        .collect();
    let caption = words::caption(&mut journey.chance, stage);
    journey
        .by_system("plant", Channel::Factory)
        .at(taken)
        .caused_by(cause);
    if late {
        journey.pen.revealed_at(shown);
    }
    let picture = journey
        .pen
        .write(Payload::StagePhotographed(StagePhotographed {
            stage: stage.into(),
            uri: format!(
                "https://media.example/{}/{}.jpg",
                order.id, order.photographed
            ),
            sha256,
            media_type: "image/jpeg".to_owned(),
            caption,
        }));
    let delivered = journey.chance.happens(odds::NOTICE_DELIVERED);
    journey
        .by_system("notifier", Channel::App)
        .at(shown)
        .caused_by(&picture);
    journey.pen.write(Payload::OwnerNotified(OwnerNotified {
        about: Some(picture.clone()),
        delivered,
    }));
    if delivered && journey.chance.happens(odds::PHOTOGRAPH_VIEWED) {
        let seen = journey.leisure(shown);
        journey.by_owner(Channel::App).at(seen).caused_by(&picture);
        journey.pen.write(Payload::UpdateViewed(UpdateViewed {
            about: Some(picture),
        }));
        journey.change_mood(0.03);
    }
}

/// The usual number of days that a part of the production takes.
fn usual_days(journey: &Journey<'_>, stages: &[(Stage, &str, i64)]) -> i64 {
    let overseas = journey.dealer.market.overseas;
    stages
        .iter()
        .filter(|(stage, ..)| overseas || !by_sea(*stage))
        .map(|(_, _, days)| days)
        .sum()
}

fn by_sea(stage: Stage) -> bool {
    matches!(stage, Stage::PortOut | Stage::AtSea | Stage::PortIn)
}

/// Moves the promised date when the rest of the production can no longer keep it.
fn write_delay(journey: &mut Journey<'_>, order: &mut Order, rest: &[(Stage, &str, i64)]) {
    let expected = journey.dealer.place.day(order.at) + usual_days(journey, rest) + 4;
    if expected <= order.promised + 5 || !journey.chance.happens(0.5) {
        return;
    }
    let previous = order.window;
    order.promised = expected + 5;
    order.window.first = order.promised;
    let owner_notified = journey.chance.happens(odds::DELAY_NOTIFIED);
    let announced = journey.working(order.at + HOUR);
    journey
        .by_staff(
            "advisor",
            if owner_notified {
                Channel::Phone
            } else {
                Channel::Api
            },
        )
        .at(announced);
    let reason = words::delay_reason(&mut journey.chance).to_owned();
    let revised = order.window.revised(previous, &reason, owner_notified);
    journey.pen.write(Payload::DeliveryDateRevised(revised));
    journey.change_mood(if owner_notified { -0.05 } else { -0.2 });
    order.at = order.at.max(announced);
}

/// The preparation of an approved used car.
fn write_preparation(journey: &mut Journey<'_>, order: &mut Order) -> Delivery {
    write_vin_assignment(journey, order, order.at + 600);
    if journey.chance.happens(odds::ORDER_CANCELLED) {
        order.at += 2 * DAY;
        return write_cancellation(journey, order);
    }
    order.car.model_year -= journey.chance.between(1, 4) as i32;
    order.car.metres += journey.chance.heavy_tailed(38_000_000, 0.6);
    for (stage, code, days) in [
        (Stage::Preparation, "D690", 3),
        (Stage::AtDealer, "D700", 4),
    ] {
        order.at += journey.chance.heavy_tailed(days * DAY, 0.5);
        write_stage(journey, order, stage, code);
    }
    Delivery::Ready
}

fn write_cancellation(journey: &mut Journey<'_>, order: &Order) -> Delivery {
    let at = journey.working(order.at + HOUR);
    write_stage(journey, order, Stage::Cancelled, "O999");
    let reason = words::cancellation_reason(&mut journey.chance).to_owned();
    journey.by_staff("advisor", Channel::Phone).at(at);
    journey
        .pen
        .write(Payload::OrderCancelled(OrderCancelled { reason }));
    journey.change_mood(-0.4);
    survey::write_unsolicited_feedback(journey, None, at + DAY, Matter::Delivery);
    Delivery::Cancelled
}

fn write_handover(journey: &mut Journey<'_>, order: &mut Order) {
    let wait = journey.chance.heavy_tailed(3 * DAY, 0.5);
    let at = journey.working(order.at + wait);
    order.at = at;
    write_stage(journey, order, Stage::Handover, "D800");
    let dealer: &Dealer = journey.dealer;
    journey
        .pen
        .by(&Performer::Staff("advisor", dealer), Channel::InPerson)
        .at(at + 300);
    journey
        .pen
        .write(Payload::HandoverCompleted(HandoverCompleted {
            vin: order.car.vin.clone(),
        }));
    journey.pen.correlated("");
    order.car.since = at + 600;
    let delivered = dealer.place.date(at);
    car::write_acquisition(journey, &order.car, order.car.since, &delivered);
    if dealer.place.day(at) <= order.promised {
        journey.change_mood(0.2);
    } else {
        journey.change_mood(-0.15);
    }
    survey::write_survey(
        journey,
        "handover",
        &order.car,
        "",
        at + 600,
        Matter::Delivery,
    );
}
