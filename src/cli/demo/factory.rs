//! The window into the factory: an owner follows a bespoke car from the order to the handover, sees photographs, and is
//! told before the promised date moves.

use ownerline_proto::v1::order_placed::SaleType;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Channel, ConfigurationFrozen, DeliveryDatePromised, DeliveryDateRevised, HandoverCompleted,
    Money, OrderChanged, OrderPlaced, OwnerNotified, OwnerRegistered, ProductionStage,
    ProductionStageReached, StagePhotographed, Subjects, TouchpointRef, UpdateViewed,
    VehicleAcquired, VinAssigned, Visibility, vehicle_acquired,
};
use pbjson_types::Timestamp;

use super::house::House;
use super::pen::Pen;

pub(super) const OWNER: &str = "owner-2";
const VIN: &str = "SDEM0GT2000000002";

pub(super) fn journey(house: &House, now: Timestamp) -> Pen {
    let mut pen = Pen::new("factory", now);
    order(&mut pen, house, now);
    production(&mut pen, house);
    handover(&mut pen, house, now);
    pen
}

fn subjects(vin: &str, house: &House) -> Subjects {
    Subjects {
        owner_id: OWNER.to_owned(),
        order_id: "order-2".to_owned(),
        vin: vin.to_owned(),
        dealer_id: house.id.clone(),
        ..Subjects::default()
    }
}

/// The date this many days before today.
fn date(now: Timestamp, days_ago: i64) -> String {
    let seconds = now.seconds - days_ago * 86_400;
    let instant = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    instant.strftime("%Y-%m-%d").to_string()
}

fn order(pen: &mut Pen, house: &House, now: Timestamp) {
    pen.about(subjects("", house))
        .staff("advisor", house)
        .via(Channel::InPerson);
    pen.days_ago(300, 14, 0)
        .write(Payload::OwnerRegistered(OwnerRegistered {
            locale: "en-GB".to_owned(),
            market: "GB".to_owned(),
            tier: "bespoke".to_owned(),
            ..OwnerRegistered::default()
        }));
    pen.minutes_later(50)
        .essential()
        .write(Payload::OrderPlaced(OrderPlaced {
            commission_number: "C-20417".to_owned(),
            sale_type: SaleType::New.into(),
            brand: house.brand.clone(),
            model: "grand tourer".to_owned(),
            configuration: "deep green over tan, contrast stitching, no chrome".to_owned(),
            amount: Some(Money {
                minor_units: 24_350_000,
                currency: "GBP".to_owned(),
            }),
        }));
    pen.minutes_later(5)
        .essential()
        .write(Payload::DeliveryDatePromised(DeliveryDatePromised {
            date: date(now, 70),
            ..DeliveryDatePromised::default()
        }));
    pen.days_ago(281, 20, 15)
        .owner()
        .via(Channel::Portal)
        .essential()
        .write(Payload::OrderChanged(OrderChanged {
            summary: "stitching in green instead of tan".to_owned(),
        }));
    pen.days_ago(240, 9, 0)
        .system("order-desk")
        .via(Channel::Api)
        .write(Payload::ConfigurationFrozen(ConfigurationFrozen {}));
}

fn stage(pen: &mut Pen, days_ago: i64, stage: ProductionStage, raw_code: &str) -> TouchpointRef {
    pen.system("plant")
        .via(Channel::Factory)
        .days_ago(days_ago, 6, 30);
    pen.write(Payload::ProductionStageReached(ProductionStageReached {
        stage: stage.into(),
        raw_code: raw_code.to_owned(),
        mapping_version: "0".to_owned(),
    }))
}

fn photograph(pen: &mut Pen, cause: &TouchpointRef, stage: ProductionStage, caption: &str) {
    let name = stage.as_str_name().to_ascii_lowercase();
    let picture = pen
        .minutes_later(95)
        .because_of(cause)
        .write(Payload::StagePhotographed(StagePhotographed {
            stage: stage.into(),
            uri: format!("https://media.invalid/order-2/{name}.jpg"),
            caption: caption.to_owned(),
            ..StagePhotographed::default()
        }));
    pen.minutes_later(5)
        .because_of(&picture)
        .system("notifier")
        .via(Channel::App)
        .write(Payload::OwnerNotified(OwnerNotified {
            about: Some(picture.clone()),
            delivered: true,
        }));
    pen.minutes_later(40)
        .because_of(&picture)
        .owner()
        .write(Payload::UpdateViewed(UpdateViewed {
            about: Some(picture),
        }));
}

fn production(pen: &mut Pen, house: &House) {
    stage(pen, 190, ProductionStage::Scheduled, "A110");
    pen.about(subjects(VIN, house));
    pen.days_ago(180, 8, 0)
        .essential()
        .write(Payload::VinAssigned(VinAssigned {
            vin: VIN.to_owned(),
        }));
    let body = stage(pen, 150, ProductionStage::Body, "B200");
    let caption = "the bare body on its frame";
    pen.essential();
    photograph(pen, &body, ProductionStage::Body, caption);
    let paint = stage(pen, 138, ProductionStage::Paint, "P300");
    let caption = "the first coat of deep green";
    pen.essential();
    photograph(pen, &paint, ProductionStage::Paint, caption);
    stage(pen, 120, ProductionStage::Assembly, "M400");
    let marriage = stage(pen, 112, ProductionStage::Marriage, "M450");
    let caption = "body and drivetrain become one car";
    pen.essential();
    photograph(pen, &marriage, ProductionStage::Marriage, caption);
    stage(pen, 100, ProductionStage::Quality, "Q500");
    // Visible to the dealer only: the owner hears it from a person.
    pen.seen_by(Visibility::Dealer);
    pen.essential();
    stage(pen, 98, ProductionStage::Rework, "Q590");
    pen.seen_by(Visibility::Owner);
}

fn handover(pen: &mut Pen, house: &House, now: Timestamp) {
    pen.days_ago(97, 10, 0)
        .staff("advisor", house)
        .via(Channel::Phone)
        .essential()
        .write(Payload::DeliveryDateRevised(DeliveryDateRevised {
            previous: date(now, 70),
            date: date(now, 60),
            reason: "one door has to be repainted; it was not the chosen shade".to_owned(),
            owner_notified: true,
            ..DeliveryDateRevised::default()
        }));
    stage(pen, 84, ProductionStage::Completed, "Q599");
    pen.essential();
    stage(pen, 66, ProductionStage::AtDealer, "D700");
    pen.days_ago(60, 11, 0)
        .staff("advisor", house)
        .via(Channel::InPerson)
        .essential()
        .write(Payload::HandoverCompleted(HandoverCompleted {
            vin: VIN.to_owned(),
        }));
    pen.minutes_later(10)
        .write(Payload::VehicleAcquired(VehicleAcquired {
            owner_id: OWNER.to_owned(),
            role: vehicle_acquired::Role::Owner.into(),
        }));
}
