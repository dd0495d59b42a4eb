//! The acts of owners for or against the brand, among their friends and in public.

use ownerline_proto::v1::advocacy_observed::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AdvocacyObserved, Channel, ConsiderationListed, RefereePurchased, RefereeTestDrove,
    ReferralMade,
};

use crate::calendar::DAY;
use crate::journey::Journey;
use crate::words::{self, Tone};
use crate::{goodwill, odds};

/// Referrals, publications and gifts, by the mood of the owner at the end.
pub(crate) fn write_advocacy(journey: &mut Journey<'_>, since: i64) {
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
            write_referral(journey, at);
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
        write_publication(journey, at, kind);
    }
    if journey.chance.happens(odds::GIFT_OUTSIDE_SURGE) {
        let at = journey.chance.between(since, until);
        let at = journey.working(at);
        goodwill::write_gift(journey, at);
    }
}

/// A referral, and how far the friend goes.
fn write_referral(journey: &mut Journey<'_>, at: i64) {
    let referee_ref = journey.next_id("friend");
    let about = journey.subjects();
    let note = words::referral_note(&mut journey.chance);
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
        .caused_by(&referred);
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
        .caused_by(&considered);
    let drive = journey
        .pen
        .write(Payload::RefereeTestDrove(RefereeTestDrove {
            referee_ref: referee_ref.clone(),
        }));
    if journey.chance.happens(odds::FRIEND_BUYS) {
        let wait = journey.chance.heavy_tailed(20 * DAY, 0.6);
        let bought = journey.working(drove + wait);
        let order_id = journey.next_id("order");
        journey.pen.at(bought).caused_by(&drive);
        journey
            .pen
            .write(Payload::RefereePurchased(RefereePurchased {
                referee_ref,
                order_id,
            }));
    }
}

fn write_publication(journey: &mut Journey<'_>, at: i64, kind: Kind) {
    let number = journey.chance.below(1_000_000);
    let tone = if kind == Kind::Positive {
        Tone::Positive
    } else {
        Tone::Negative
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
