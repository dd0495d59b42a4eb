//! The owner is the customer, not the car: the dealer who knows the owner helps with a car of another brand after the
//! dealer who sold it sent the owner away. The bulb is not replaced; the service is exceptional.

use ownerline_proto::v1::assistance_declined::Reason;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AssistanceDeclined, Channel, ConsiderationListed, ContactMade, DealerRegistered, DealerReplied,
    FeedbackReceived, OwnerRegistered, RefereeTestDrove, ReferralMade, ResolvedElsewhere, Subjects,
    VehicleAcquired, VehicleDroppedOff, VehicleIssueReported, VehiclePickedUp, VehicleRegistered,
    WorkPerformed, dealer_replied, vehicle_acquired,
};
use pbjson_types::Timestamp;

use super::house::House;
use super::pen::Pen;

pub(super) const OWNER: &str = "owner-4";
/// The brand of the other car.
pub(super) const OTHER_BRAND: &str = "Kestrane";
pub(super) const OTHER_BRANDS_DEALER: &str = "kestrane-centre";
const VIN: &str = "SDEM0GT4000000004";
const OTHER_CAR: &str = "SXTHER14000000014";
/// What belongs to the dark headlight, as the systems of both dealers name it.
const PROCESS: &str = "headlight-4";

pub(super) fn journey(house: &House, now: Timestamp) -> Pen {
    let mut pen = Pen::new("person", now);
    cars(&mut pen, house);
    sent_away(&mut pen);
    helped(&mut pen, house);
    called(&mut pen, house);
    told_a_friend(&mut pen, house);
    pen
}

fn about(vin: &str, dealer: &str) -> Subjects {
    Subjects {
        owner_id: OWNER.to_owned(),
        vin: vin.to_owned(),
        dealer_id: dealer.to_owned(),
        ..Subjects::default()
    }
}

fn cars(pen: &mut Pen, house: &House) {
    pen.about(Subjects {
        dealer_id: OTHER_BRANDS_DEALER.to_owned(),
        ..Subjects::default()
    });
    pen.system("network-office")
        .via(Channel::Api)
        .days_ago(501, 9, 0);
    pen.write(Payload::DealerRegistered(DealerRegistered {
        name: "Kestrane Centre".to_owned(),
        market: "GB".to_owned(),
        time_zone: "Europe/London".to_owned(),
        brands: vec![OTHER_BRAND.to_owned()],
    }));
    pen.about(about("", &house.id))
        .staff("advisor", house)
        .via(Channel::InPerson)
        .days_ago(500, 10, 0);
    pen.write(Payload::OwnerRegistered(OwnerRegistered {
        market: "GB".to_owned(),
        ..OwnerRegistered::default()
    }));
    for (days_ago, vin, dealer, brand) in [
        (499, VIN, &*house.id, &*house.brand),
        (350, OTHER_CAR, OTHER_BRANDS_DEALER, OTHER_BRAND),
    ] {
        pen.about(about(vin, dealer)).days_ago(days_ago, 12, 0);
        pen.essential()
            .write(Payload::VehicleRegistered(VehicleRegistered {
                brand: brand.to_owned(),
                ..VehicleRegistered::default()
            }));
        pen.minutes_later(1);
        pen.write(Payload::VehicleAcquired(VehicleAcquired {
            owner_id: OWNER.to_owned(),
            role: vehicle_acquired::Role::Owner.into(),
        }));
    }
}

fn sent_away(pen: &mut Pen) {
    pen.about(about(OTHER_CAR, OTHER_BRANDS_DEALER))
        .owner()
        .via(Channel::Phone)
        .days_ago(33, 16, 10)
        .correlated(PROCESS);
    pen.essential()
        .write(Payload::VehicleIssueReported(VehicleIssueReported {
            issue_id: "issue-4".to_owned(),
            symptom: "a headlight is dark, and I drive home at night".to_owned(),
            safety: true,
        }));
    pen.about(Subjects {
        visit_id: "visit-40".to_owned(),
        ..about(OTHER_CAR, OTHER_BRANDS_DEALER)
    });
    pen.staff_of("advisor", OTHER_BRANDS_DEALER)
        .minutes_later(50);
    pen.via(Channel::InPerson)
        .correlated(PROCESS)
        .essential()
        .write(Payload::AssistanceDeclined(AssistanceDeclined {
            asked_for: "a headlight bulb".to_owned(),
            reason: Reason::StaffAbsent.into(),
            safety: true,
            owner_told_next_step: false,
        }));
}

fn helped(pen: &mut Pen, house: &House) {
    pen.about(Subjects {
        visit_id: "visit-41".to_owned(),
        ..about(OTHER_CAR, &house.id)
    });
    pen.staff("advisor", house).minutes_later(35);
    pen.essential()
        .write(Payload::VehicleDroppedOff(VehicleDroppedOff {
            goodwill: true,
            ..VehicleDroppedOff::default()
        }));
    pen.staff("technician", house).minutes_later(40);
    pen.correlated(PROCESS)
        .essential()
        .write(Payload::WorkPerformed(WorkPerformed {
            summary: "no bulb fits; the lamp on the other side is aimed anew".to_owned(),
            amount: None,
        }));
    pen.staff("advisor", house)
        .minutes_later(5)
        .correlated(PROCESS);
    pen.essential()
        .write(Payload::AssistanceDeclined(AssistanceDeclined {
            asked_for: "a headlight bulb".to_owned(),
            reason: Reason::PartUnavailable.into(),
            safety: true,
            owner_told_next_step: true,
        }));
    pen.minutes_later(15);
    pen.write(Payload::VehiclePickedUp(VehiclePickedUp::default()));
    pen.days_ago(31, 9, 0).correlated(PROCESS);
    pen.essential()
        .write(Payload::ResolvedElsewhere(ResolvedElsewhere {
            r#where: "a lamp specialist the dealer had called ahead".to_owned(),
        }));
}

/// Two calls after it: one by somebody who does not know what happened, and one by somebody who does.
fn called(pen: &mut Pen, house: &House) {
    pen.about(Subjects {
        visit_id: "visit-40".to_owned(),
        ..about(OTHER_CAR, OTHER_BRANDS_DEALER)
    });
    pen.staff_of("agent", OTHER_BRANDS_DEALER)
        .via(Channel::Phone)
        .days_ago(31, 11, 0)
        .operated_by("Ring Desk Ltd", OTHER_BRANDS_DEALER)
        .essential()
        .write(Payload::ContactMade(ContactMade {
            agents: Vec::new(),
            duration_seconds: 60,
            proactive: true,
            subject: "how the visit to the workshop was".to_owned(),
        }));
    pen.about(about("", &house.id))
        .staff("advisor", house)
        .days_ago(31, 15, 20)
        .pack_served();
    pen.about(Subjects {
        visit_id: "visit-41".to_owned(),
        ..about(OTHER_CAR, &house.id)
    });
    pen.minutes_later(10)
        .essential()
        .write(Payload::ContactMade(ContactMade {
            agents: Vec::new(),
            duration_seconds: 300,
            proactive: true,
            subject: "whether the new lamp shines".to_owned(),
        }));
}

fn told_a_friend(pen: &mut Pen, house: &House) {
    pen.about(Subjects {
        feedback_id: "feedback-41".to_owned(),
        ..about(OTHER_CAR, &house.id)
    });
    pen.owner().via(Channel::Portal).days_ago(30, 21, 0);
    let said = pen
        .essential()
        .write(Payload::FeedbackReceived(FeedbackReceived {
            score: Some(10),
            verbatim: "Not their car, not their fault, no bulb. And the best service I ever had."
                .to_owned(),
            ..FeedbackReceived::default()
        }));
    pen.staff("manager", house)
        .via(Channel::Email)
        .minutes_later(150)
        .because_of(&said);
    pen.essential().write(Payload::DealerReplied(DealerReplied {
        kind: dealer_replied::Kind::Human.into(),
        text: "You are our customer whatever you drive. Safe journeys.".to_owned(),
        visible_to_owner: true,
        bounced: false,
    }));
    pen.about(about("", &house.id))
        .owner()
        .via(Channel::InPerson);
    pen.days_ago(25, 20, 0);
    let referred = pen.essential().write(Payload::ReferralMade(ReferralMade {
        referee_ref: "friend-4".to_owned(),
        note: "they help you even when they cannot".to_owned(),
    }));
    pen.days_ago(20, 12, 0).system("web").because_of(&referred);
    let listed = pen
        .via(Channel::Portal)
        .essential()
        .write(Payload::ConsiderationListed(ConsiderationListed {
            referee_ref: "friend-4".to_owned(),
        }));
    pen.days_ago(9, 14, 0)
        .staff("advisor", house)
        .because_of(&listed);
    pen.via(Channel::InPerson)
        .essential()
        .write(Payload::RefereeTestDrove(RefereeTestDrove {
            referee_ref: "friend-4".to_owned(),
        }));
}
