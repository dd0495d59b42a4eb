//! What owners do for or against the brand among their friends and in public, and goodwill.

use ownerline_proto::v1::advocacy_observed::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AdvocacyObserved, Channel, ConsiderationListed, GoodwillGranted, RefereePurchased,
    RefereeTestDrove, ReferralMade,
};

use super::calendar::{DAY, HOUR};
use super::journey::Journey;
use super::words::{self, Verbatim};
use super::{feedback, odds};

/// Referrals, stories and gifts, by how the owner feels in the end.
pub(super) fn speaks(journey: &mut Journey<'_>, since: i64) {
    let until = journey.settings.until;
    if since >= until - 10 * DAY {
        return;
    }
    let happy = journey.mood() > 0.35;
    let angry = journey.mood() < -0.3;
    if journey.chance.happens(if happy {
        odds::HAPPY_OWNER_REFERS
    } else {
        odds::OWNER_REFERS
    }) {
        for _ in 0..journey.chance.between(1, 2) {
            let at = journey.chance.between(since, until);
            refers(journey, at);
        }
    }
    let kind = match (happy, angry) {
        (true, _) => Kind::Positive,
        (_, true) => Kind::Negative,
        _ => journey
            .chance
            .weighted(&[(7, Kind::Positive), (3, Kind::Negative)]),
    };
    if journey.chance.happens(if angry {
        odds::ANGRY_OWNER_PUBLISHES
    } else {
        odds::OWNER_PUBLISHES
    }) {
        let at = journey.chance.between(since, until);
        let at = journey.leisure(at);
        published(journey, at, kind);
    }
    if journey.chance.happens(odds::GIFT_OTHERWISE) {
        let at = journey.chance.between(since, until);
        let at = journey.working(at);
        feedback::gift(journey, at);
    }
}

/// A friend, as far as the friend goes.
fn refers(journey: &mut Journey<'_>, at: i64) {
    let referee_ref = journey.matter("friend");
    let about = journey.subjects();
    let note = words::note_of_referral(&mut journey.chance);
    let at = journey.leisure(at);
    journey.pen.about(about).at(at);
    journey.by_owner(Channel::InPerson);
    let referred = journey.pen.write(Payload::ReferralMade(ReferralMade {
        referee_ref: referee_ref.clone(),
        note,
    }));
    if !journey.chance.happens(odds::FRIEND_CONSIDERS) {
        return;
    }
    let wait = journey.chance.heavy_tailed(9 * DAY, 0.8);
    let listed = journey.leisure(at + wait);
    journey
        .by_system("web", Channel::Portal)
        .at(listed)
        .because_of(&referred);
    let considered = journey
        .pen
        .write(Payload::ConsiderationListed(ConsiderationListed {
            referee_ref: referee_ref.clone(),
        }));
    if !journey.chance.happens(odds::FRIEND_TEST_DRIVES) {
        return;
    }
    let wait = journey.chance.heavy_tailed(12 * DAY, 0.6);
    let drove = journey.working(listed + wait);
    journey
        .by_staff("advisor", Channel::InPerson)
        .at(drove)
        .because_of(&considered);
    let drive = journey
        .pen
        .write(Payload::RefereeTestDrove(RefereeTestDrove {
            referee_ref: referee_ref.clone(),
        }));
    if journey.chance.happens(odds::FRIEND_BUYS) {
        let wait = journey.chance.heavy_tailed(20 * DAY, 0.6);
        let bought = journey.working(drove + wait);
        let order_id = journey.matter("order");
        journey.pen.at(bought).because_of(&drive);
        journey
            .pen
            .write(Payload::RefereePurchased(RefereePurchased {
                referee_ref,
                order_id,
            }));
    }
}

fn published(journey: &mut Journey<'_>, at: i64, kind: Kind) {
    let number = journey.chance.below(1_000_000);
    let tone = if kind == Kind::Positive {
        Verbatim::Positive
    } else {
        Verbatim::Negative
    };
    let verbatim = words::verbatim(&mut journey.chance, tone);
    let about = journey.subjects();
    journey.pen.about(about).at(at);
    journey.by_system("listening", Channel::Other);
    journey
        .pen
        .write(Payload::AdvocacyObserved(AdvocacyObserved {
            kind: kind.into(),
            url: format!("https://forum.example/posts/{number}"),
            verbatim,
        }));
}

/// A claim met although nothing was owed.
pub(super) fn goodwill(journey: &mut Journey<'_>, at: i64) {
    let euros = journey.chance.heavy_tailed(300, 0.9);
    let (value_minor, currency) = (journey.minor_units(euros), journey.currency());
    let reason = journey.chance.text(&[
        "out of warranty by days",
        "for the trouble",
        "a part failed early",
    ]);
    let about = journey.subjects();
    let at = journey.working(at + HOUR);
    journey.pen.about(about).at(at);
    journey.by_staff("manager", Channel::Phone);
    journey.pen.write(Payload::GoodwillGranted(GoodwillGranted {
        value_minor,
        currency,
        reason: reason.to_owned(),
    }));
}
