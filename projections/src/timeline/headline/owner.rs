//! Headlines about owners: identity, offers, and what they did for the brand.

use ownerline_proto::v1::{AdvocacyObserved, IntentStated, advocacy_observed, repurchased};

use super::lines;
use super::text::{aside, joined, minutes, money, quoted, when, with};

lines! {
    OwnerRegistered(e) => aside(&with("Owner registered", &e.display_name), &joined(", ", &[&e.market, &e.tier]));
    OwnerIdentityLinked(e) => format!("Recognised as the same person as {}", e.other_owner_id);
    OwnerIdentityUnlinked(e) => format!("No longer taken for the same person as {}", e.other_owner_id);
    HouseholdLinked(e) => format!("Belongs to household {}", e.household_id);
    PriorBrandRecorded(e) => aside(
        &with("Owned another car before", &joined(" ", &[&e.brand, &e.tier])),
        &joined(" ", &[when(!e.until.is_empty(), "until"), &e.until]),
    );
    ConsentGiven(e) => with("Consent given", &e.purpose);
    ConsentWithdrawn(e) => with("Consent withdrawn", &e.purpose);
    OfferMade(e) => with("Offer made", title_or(&e.title, &e.offer_id));
    OfferAccepted(e) => with("Offer accepted", title_or(&e.title, &e.offer_id));
    OfferDeclined(e) => with("Offer declined", title_or(&e.title, &e.offer_id));
    NewsSent(e) => with("News sent", &e.title);
    OwnerNotified(e) => if e.delivered { "Owner notified" } else { "Notification did not arrive" };
    UpdateViewed(_) => "Owner looked at an update";
    IntentStated(e) => with("Intent stated", &intent(e));
    CommunityEventInvited(e) => with("Invited to an event", title_or(&e.title, &e.event_id));
    CommunityEventAttended(e) => with("Came to an event", title_or(&e.title, &e.event_id));
    ReferralMade(e) => with("Sent a friend", &quoted(&e.note));
    ConsiderationListed(_) => "A friend put the brand on the list";
    RefereeTestDrove(_) => "A friend drove the car";
    RefereePurchased(_) => "A friend bought a car";
    AdvocacyObserved(e) => with(stance(e), title_or(&quoted(&e.verbatim), &e.url));
    AcquisitionSourceStated(e) => aside(
        if e.earned { "Came by recommendation" } else { "Came to the brand" },
        &e.source,
    );
    Repurchased(e) => with(
        match e.kind() {
            repurchased::Kind::Lease => "Leased again",
            repurchased::Kind::Buy | repurchased::Kind::Unspecified => "Bought again",
        },
        &e.brand,
    );
    Defected(e) => with("Bought elsewhere", &e.brand);
    GiftGiven(e) => with(&aside("Gift given", &money(e.value_minor, &e.currency)), &e.reason);
    GoodwillGranted(e) => with(&aside("Goodwill granted", &money(e.value_minor, &e.currency)), &e.reason);
    ContactMade(e) => with(
        &aside(
            if e.proactive { "The brand called the owner" } else { "Spoke with the owner" },
            &joined(", ", &[&people(e.agents.len()), &minutes(e.duration_seconds)]),
        ),
        &quoted(&e.subject),
    );
    ContextPackServed(_) => "Context pack read before contact";
    ErasureRequested(_) => "Owner asked for their personal data to be destroyed";
    ErasureExecuted(_) => "Personal data destroyed";
    LegalHoldPlaced(e) => with("Legal hold placed", &e.reason);
    LegalHoldLifted(e) => with("Legal hold lifted", &e.reason);
}

/// Returns the title, or `otherwise` if there is none.
fn title_or<'a>(title: &'a str, otherwise: &'a str) -> &'a str {
    if title.is_empty() { otherwise } else { title }
}

fn people(agents: usize) -> String {
    match agents {
        0 | 1 => String::new(),
        many => format!("{many} people"),
    }
}

fn intent(e: &IntentStated) -> String {
    let of_ten = |intent: &str, score: Option<i32>| {
        score.map_or_else(String::new, |score| format!("{intent} {score} of 10"))
    };
    joined(
        ", ",
        &[
            &of_ten("buy again", e.repurchase),
            &of_ten("recommend", e.recommend),
        ],
    )
}

fn stance(e: &AdvocacyObserved) -> &'static str {
    match e.kind() {
        advocacy_observed::Kind::Positive => "Spoke for the brand in public",
        advocacy_observed::Kind::Negative => "Spoke against the brand in public",
        advocacy_observed::Kind::Unspecified => "Spoke about the brand in public",
    }
}
