//! The owner as a person: ids, household, consents, and contacts with the network.

use ownerline_proto::closed_list::Purpose;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    AcquisitionSourceStated, Channel, CommunityEventAttended, CommunityEventInvited, ConsentGiven,
    ConsentWithdrawn, ContactMade, ContextPackServed, ErasureExecuted, ErasureRequested,
    HouseholdLinked, IntentStated, LegalHoldLifted, LegalHoldPlaced, NewsSent, OfferAccepted,
    OfferDeclined, OfferMade, OwnerIdentityLinked, OwnerIdentityUnlinked, OwnerRegistered,
    PriorBrandRecorded, Subjects, UpdateViewed, Visibility,
};

use crate::calendar::{DAY, HOUR, Season, date, some_time};
use crate::dealer::OTHERS;
use crate::journey::{Journey, owner_id};
use crate::odds;
use crate::pen::Performer;
use crate::words;

const TIERS: [(u64, &str); 4] = [
    (5, "core"),
    (3, "signature"),
    (2, "premier"),
    (1, "bespoke"),
];
/// The last one came into the stories later, and has draws of its own.
const PURPOSES: [Purpose; 5] = [
    Purpose::Marketing,
    Purpose::Telemetry,
    Purpose::Contact,
    Purpose::Photographs,
    Purpose::Sharing,
];
const SOURCES: [&str; 5] = [
    "a friend",
    "an advertisement",
    "a test drive event",
    "the press",
    "a colleague",
];
const EVENTS: [&str; 5] = [
    "Autumn drive",
    "Factory evening",
    "Winter driving school",
    "Design talk",
    "Track day",
];
const OFFERS: [&str; 6] = [
    "Winter wheels fitted and stored",
    "Second key, half price",
    "Detailing weekend",
    "Extended warranty",
    "Early look at the new model",
    "Seasonal inspection",
];

/// The registration of the owner. Returns when it happens.
pub(crate) fn write_arrival(journey: &mut Journey<'_>) -> i64 {
    let period = journey.settings.until - journey.settings.from();
    // Many owners are known already, and are registered in the first weeks.
    let latest = if journey.chance.happens(odds::OWNER_KNOWN_FROM_THE_START) {
        (20 * DAY).min(period / 4)
    } else {
        period * 4 / 5
    };
    let from = journey.settings.from() + HOUR;
    let drawn = some_time(&mut journey.chance, (from, from + latest), Season::Buying);
    let since = journey.working(drawn);
    write_registration(journey, since);
    if journey.chance.happens(odds::OWNER_HAS_PRIOR_BRAND) {
        let brand = (*journey.chance.one_of(&OTHERS)).to_owned();
        let until = journey.dealer.place.day(since) - journey.chance.between(0, 900);
        journey.pen.at(since + 240);
        journey
            .pen
            .write(Payload::PriorBrandRecorded(PriorBrandRecorded {
                brand,
                tier: journey.chance.weighted(&TIERS).to_owned(),
                until: date(until),
            }));
    }
    if journey.chance.happens(odds::OWNER_STATES_SOURCE) {
        let source = journey.chance.text(&SOURCES);
        journey.pen.at(since + 300);
        journey
            .pen
            .write(Payload::AcquisitionSourceStated(AcquisitionSourceStated {
                earned: source == "a friend" || source == "a colleague",
                source: source.to_owned(),
            }));
    }
    write_links(journey, since);
    since
}

fn write_registration(journey: &mut Journey<'_>, since: i64) {
    let number = journey.number;
    let market = journey.dealer.market;
    let panel_member = journey.chance.happens(odds::OWNER_IN_PANEL);
    let tier = journey.chance.weighted(&TIERS).to_owned();
    let (about, phone) = (journey.subjects(), 5_550_000 + journey.chance.below(9_999));
    journey.pen.about(about).at(since);
    journey.by_staff("advisor", Channel::InPerson);
    journey.pen.write(Payload::OwnerRegistered(OwnerRegistered {
        // Invented owners have numbers instead of names.
        display_name: format!("Owner {number}"),
        email: format!("owner{number}@mail.example"),
        phone: format!("+00 {phone}"),
        locale: market.locale.to_owned(),
        market: market.code.to_owned(),
        tier,
        panel_member,
    }));
    for (index, purpose) in (1_i64..).zip(PURPOSES) {
        let consents = match purpose {
            Purpose::Sharing => journey.turns.happens(odds::CONSENT_GIVEN),
            _ => journey.chance.happens(odds::CONSENT_GIVEN),
        };
        if consents {
            write_consent(journey, purpose, since + index * 20);
        }
    }
}

fn write_consent(journey: &mut Journey<'_>, purpose: Purpose, at: i64) {
    let given = ConsentGiven {
        purpose: purpose.as_str().to_owned(),
    };
    journey.pen.at(at).write(Payload::ConsentGiven(given));
}

/// Ids in other systems, a household, and a wrong link.
fn write_links(journey: &mut Journey<'_>, since: i64) {
    let seed = journey.settings.seed;
    for (system, odds) in [
        ("portal", odds::OWNER_HAS_PORTAL_ID),
        ("app", odds::OWNER_HAS_APP_ID),
    ] {
        if journey.chance.happens(odds) {
            let other = format!("{system}~{seed}.{}", journey.number);
            let wait = journey.chance.heavy_tailed(3 * DAY, 1.2);
            write_identity_link(journey, &other, since + wait);
            journey.other_ids.push(other);
        }
    }
    let Some(before) = journey.number.checked_sub(1) else {
        return;
    };
    let neighbour = owner_id(journey.settings.seed, before);
    if journey.number % 2 == 1 && journey.chance.happens(odds::OWNER_SHARES_HOUSEHOLD) {
        let household_id = format!("household~{seed}.{before}");
        for (gap, owner_id) in [(400, journey.owner.clone()), (420, neighbour.clone())] {
            journey.pen.about(Subjects {
                owner_id,
                ..Subjects::default()
            });
            journey
                .by_staff("advisor", Channel::InPerson)
                .at(since + gap);
            journey.pen.write(Payload::HouseholdLinked(HouseholdLinked {
                household_id: household_id.clone(),
            }));
        }
    }
    if journey.chance.happens(odds::IDENTITY_LINKED_WRONGLY) {
        let wait = journey.chance.heavy_tailed(40 * DAY, 0.8);
        write_identity_link(journey, &neighbour, since + wait);
        let unlinked = since + wait + journey.chance.heavy_tailed(20 * DAY, 0.8);
        let unlinked = journey.working(unlinked);
        journey
            .pen
            .by(&Performer::Maker("data-steward"), Channel::Other)
            .at(unlinked);
        journey
            .pen
            .write(Payload::OwnerIdentityUnlinked(OwnerIdentityUnlinked {
                other_owner_id: neighbour,
            }));
    }
    journey.pen.seen_by(Visibility::Owner);
}

fn write_identity_link(journey: &mut Journey<'_>, other: &str, at: i64) {
    let about = journey.subjects();
    journey.pen.about(about).seen_by(Visibility::Dealer).at(at);
    journey.by_system("identity", Channel::Api);
    journey
        .pen
        .write(Payload::OwnerIdentityLinked(OwnerIdentityLinked {
            other_owner_id: other.to_owned(),
        }));
}

/// News, offers, events, calls, and requests about the owner's data.
pub(crate) fn write_relationship(journey: &mut Journey<'_>, since: i64) {
    let until = journey.settings.until;
    let about = journey.subjects();
    journey
        .pen
        .about(about)
        .seen_by(Visibility::Owner)
        .correlated("");
    for at in journey.arrivals((since, until), odds::NEWS_A_YEAR, Season::Even) {
        let at = journey.working(at);
        write_news(journey, at);
    }
    for at in journey.arrivals((since, until), odds::OFFERS_A_YEAR, Season::Even) {
        let at = journey.working(at);
        write_offer(journey, at);
    }
    for at in journey.arrivals((since, until), odds::EVENTS_A_YEAR, Season::Even) {
        let at = journey.working(at);
        write_event_invitation(journey, at);
    }
    for at in journey.arrivals((since, until), odds::CONTACTS_A_YEAR, Season::Even) {
        let at = journey.working(at);
        let proactive = journey.chance.happens(odds::CONTACT_PROACTIVE);
        let about = journey.subjects();
        write_contact(journey, about, proactive, at);
    }
    if journey.chance.happens(odds::OWNER_STATES_INTENT) {
        let at = journey.chance.between(since, until);
        let at = journey.leisure(at);
        let likely = |journey: &mut Journey<'_>| {
            let likelihood = journey.chance.around(7.5 + 2.0 * journey.mood(), 1.5);
            Some(likelihood.clamp(0.0, 10.0) as i32)
        };
        let (repurchase, recommend) = (likely(journey), likely(journey));
        journey.by_owner(Channel::Survey).at(at);
        journey.pen.write(Payload::IntentStated(IntentStated {
            repurchase,
            recommend,
        }));
    }
    write_data_rights(journey, since);
}

fn write_news(journey: &mut Journey<'_>, at: i64) {
    journey.by_system("newsletter", Channel::Email).at(at);
    let title = words::headline(&mut journey.chance);
    let sent = journey.pen.write(Payload::NewsSent(NewsSent { title }));
    if journey.chance.happens(odds::NEWS_VIEWED) {
        let seen = journey.leisure(at);
        journey.by_owner(Channel::App).at(seen).caused_by(&sent);
        journey
            .pen
            .write(Payload::UpdateViewed(UpdateViewed { about: Some(sent) }));
    }
}

fn write_offer(journey: &mut Journey<'_>, at: i64) {
    let offer_id = journey.next_id("offer");
    let title = journey.chance.text(&OFFERS).to_owned();
    journey.by_system("offers", Channel::Email).at(at);
    let made = journey.pen.write(Payload::OfferMade(OfferMade {
        offer_id: offer_id.clone(),
        title: title.clone(),
    }));
    let (accepts, answers) = (
        journey.chance.happens(odds::OFFER_ACCEPTED),
        journey.chance.happens(odds::OFFER_ANSWERED),
    );
    if answers {
        let wait = journey.chance.heavy_tailed(2 * DAY, 1.0);
        let answered = journey.leisure(at + wait);
        journey.by_owner(Channel::App).at(answered).caused_by(&made);
        journey.pen.write(if accepts {
            Payload::OfferAccepted(OfferAccepted { offer_id, title })
        } else {
            Payload::OfferDeclined(OfferDeclined { offer_id, title })
        });
    }
}

fn write_event_invitation(journey: &mut Journey<'_>, at: i64) {
    // Title and quarter make the id of an event, which all its guests share.
    let title = journey.chance.text(&EVENTS);
    let event_id = format!(
        "{}~{}",
        title.replace(' ', "-").to_lowercase(),
        at / (91 * DAY)
    );
    let title = title.to_owned();
    journey.by_staff("host", Channel::Email).at(at);
    let invited = journey
        .pen
        .write(Payload::CommunityEventInvited(CommunityEventInvited {
            event_id: event_id.clone(),
            title: title.clone(),
        }));
    if journey.chance.happens(odds::EVENT_ATTENDED) {
        let wait = journey.chance.between(10, 30) * DAY;
        let came = journey.leisure(at + wait);
        journey
            .by_owner(Channel::InPerson)
            .at(came)
            .caused_by(&invited);
        journey
            .pen
            .write(Payload::CommunityEventAttended(CommunityEventAttended {
                event_id,
                title,
            }));
    }
}

/// A call, before which the context pack is read or not; `about` names its matter.
pub(crate) fn write_contact(journey: &mut Journey<'_>, about: Subjects, proactive: bool, at: i64) {
    if journey.chance.happens(odds::CONTACT_WITH_CONTEXT) {
        let owner = journey.subjects();
        journey.pen.about(owner);
        journey
            .by_staff("advisor", Channel::Api)
            .seen_by(Visibility::Dealer)
            .at(at - 240);
        journey
            .pen
            .write(Payload::ContextPackServed(ContextPackServed::default()));
        journey.pen.seen_by(Visibility::Owner);
    }
    if journey.chance.happens(odds::CONTACT_BY_CALL_CENTRE) {
        journey
            .pen
            .by(&Performer::CallCentre(journey.dealer), Channel::Phone);
    } else {
        journey.by_staff("advisor", Channel::Phone);
    }
    let second = journey
        .chance
        .happens(0.1)
        .then(|| "specialist-2".to_owned());
    let agents = std::iter::once("agent-1".to_owned())
        .chain(second)
        .collect();
    let contact = ContactMade {
        agents,
        duration_seconds: journey.chance.heavy_tailed(360, 0.8),
        proactive,
        subject: words::call_subject(&mut journey.chance).to_owned(),
    };
    journey
        .pen
        .about(about)
        .at(at)
        .write(Payload::ContactMade(contact));
}

fn write_data_rights(journey: &mut Journey<'_>, since: i64) {
    let until = journey.settings.until;
    let at = journey.chance.between(since + DAY, until.max(since + DAY));
    let at = journey.leisure(at);
    if journey.chance.happens(odds::CONSENT_WITHDRAWN) {
        let place = journey.chance.below(PURPOSES.len() as u64 - 1) as usize;
        let purpose = PURPOSES.get(place).copied().unwrap_or(Purpose::Marketing);
        journey.by_owner(Channel::Portal).at(at);
        let withdrawn = ConsentWithdrawn {
            purpose: purpose.as_str().to_owned(),
        };
        journey.pen.write(Payload::ConsentWithdrawn(withdrawn));
        if journey.turns.happens(odds::CONSENT_GIVEN_AGAIN) {
            let again = at + journey.turns.between(5, 120) * DAY;
            write_consent(journey, purpose, again);
        }
    }
    journey.pen.seen_by(Visibility::Internal);
    if journey.chance.happens(odds::LEGAL_HOLD) {
        let reason = "a claim is in dispute".to_owned();
        let (placed, lifted) = (
            journey.working(at),
            at + journey.chance.between(30, 200) * DAY,
        );
        journey
            .pen
            .by(&Performer::Maker("counsel"), Channel::Other)
            .at(placed);
        journey
            .pen
            .write(Payload::LegalHoldPlaced(LegalHoldPlaced { reason }));
        let lifted = journey.working(lifted);
        journey
            .pen
            .at(lifted)
            .write(Payload::LegalHoldLifted(LegalHoldLifted {
                reason: "the dispute is settled".to_owned(),
            }));
    } else if journey.chance.happens(odds::ERASURE_REQUESTED) {
        // This is the last thing that happens to an owner's data.
        let requested = until - journey.chance.between(4, 60) * DAY;
        let requested = requested.max(since + DAY);
        journey.by_owner(Channel::Portal).at(requested);
        let request = journey
            .pen
            .write(Payload::ErasureRequested(ErasureRequested {}));
        let done = requested + journey.chance.between(2, 25) * DAY;
        let done = journey.working(done);
        journey
            .pen
            .by(&Performer::Maker("data-steward"), Channel::Other)
            .at(done)
            .caused_by(&request);
        journey
            .pen
            .write(Payload::ErasureExecuted(ErasureExecuted {}));
    }
    journey.pen.seen_by(Visibility::Owner);
}
