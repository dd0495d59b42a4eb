//! Gifts and goodwill of a dealer to an owner.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Channel, GiftGiven, GoodwillGranted, Subjects};

use crate::calendar::HOUR;
use crate::journey::Journey;

const GIFTS: [(&str, i64); 4] = [
    ("a voucher for the café", 25),
    ("a scale model", 60),
    ("a service free of charge", 350),
    ("a gift basket", 80),
];

/// A gift from the dealer to the owner.
pub(crate) fn write_gift(journey: &mut Journey<'_>, at: i64) {
    let (reason, euros) = *journey.chance.one_of(&GIFTS);
    let (value_minor, currency) = (journey.minor_units(euros), journey.currency());
    let about = journey.subjects();
    journey.pen.about(about).at(at);
    journey.by_staff("manager", Channel::InPerson);
    journey.pen.write(Payload::GiftGiven(GiftGiven {
        value_minor,
        currency,
        reason: reason.to_owned(),
    }));
}

/// A claim met by the dealer without obligation; `about` names the matter.
pub(crate) fn write_goodwill(journey: &mut Journey<'_>, about: Subjects, at: i64) {
    let euros = journey.chance.heavy_tailed(300, 0.9);
    let (value_minor, currency) = (journey.minor_units(euros), journey.currency());
    let reason = journey.chance.text(&[
        "out of warranty by days",
        "for the trouble",
        "a part failed early",
    ]);
    let at = journey.working(at + HOUR);
    journey.pen.about(about).at(at);
    journey.by_staff("manager", Channel::Phone);
    journey.pen.write(Payload::GoodwillGranted(GoodwillGranted {
        value_minor,
        currency,
        reason: reason.to_owned(),
    }));
}
