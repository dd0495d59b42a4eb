//! Contacts with and without a pack, things the owner refused, the persons that facts belong to, and who may see them.

use ownerline_projections::Position;
use ownerline_projections::context_pack::Relationship;
use ownerline_proto::v1::actor::Kind as ActorKind;
use ownerline_proto::v1::missing_section::Reason;
use ownerline_proto::v1::not_to_say_again::Reason as Avoid;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    ConsentGiven, ConsentWithdrawn, ContactMade, ContextPackServed, DrivingTipDismissed,
    DrivingTipOffered, FeedbackReassigned, OfferAccepted, OfferDeclined, OfferMade, OrderPlaced,
    Visibility,
};

use super::{Ask, DAY, PackWithLog, ask, pack_of, say, say_in};
use crate::history::TestTouchpoint;

const HOUR: i64 = DAY / 24;

fn served(id: &str, at: i64, to: &str) -> TestTouchpoint {
    let mut served = say(
        id,
        0,
        Payload::ContextPackServed(ContextPackServed::default()),
    );
    served.occurred_at = at;
    served.by(to, ActorKind::Human)
}

fn contact(id: &str, at: i64, agents: &[&str], proactive: bool) -> TestTouchpoint {
    let contact = ContactMade {
        agents: agents.iter().map(|&it| it.to_owned()).collect(),
        proactive,
        ..ContactMade::default()
    };
    let mut contact = say(id, 0, Payload::ContactMade(contact));
    contact.occurred_at = at;
    contact
}

fn avoided(pack: &PackWithLog) -> Vec<(Avoid, &str)> {
    let avoid = pack.pack.not_to_say_again.items.iter();
    avoid.map(|it| (it.reason, pack.id(it.about))).collect()
}

#[test]
fn a_contact_has_the_pack_that_its_people_or_else_their_organisation_were_served_within_a_day() {
    let at = 100 * DAY;
    let of_dealer = |served: TestTouchpoint| served.about(|it| it.dealer_id = "d1".to_owned());
    for (serving, agents, with) in [
        (served("p", at - 24 * HOUR, "ben"), &["ben"][..], true),
        (served("p", at - 24 * HOUR - 1, "ben"), &["ben"][..], false),
        (served("p", at - 2 * HOUR, "ben"), &["eve", "ben"][..], true),
        (served("p", at - 1, "eve"), &["ben"][..], false),
        (of_dealer(served("p", at - 1, "eve")), &["ben"][..], true),
        (served("p", at + 1, "ben"), &["ben"][..], false),
    ] {
        let call = of_dealer(contact("call", at, agents, true));
        let pack = pack_of(&[serving.clone(), call]);
        let contacts = &pack.pack.contacts;
        let without = u32::from(!with);
        assert_eq!(
            (
                contacts.contacts,
                contacts.without_pack,
                contacts.proactive_without_pack
            ),
            (1, Some(without), Some(without)),
            "{serving:?} {agents:?}"
        );
        assert_eq!(pack.id(contacts.pack), if with { "p" } else { "" });
    }
    let by_actor = contact("call", at, &[], true).by("ben", ActorKind::Human);
    let pack = pack_of(&[served("p", at - 2 * HOUR, "ben"), by_actor]);
    assert_eq!(pack.pack.contacts.without_pack, Some(0));
}

#[test]
fn contacts_are_counted_and_the_last_is_shown() {
    let pack = pack_of(&[
        contact("first", 1, &["ben"], true),
        contact("last", 9, &["eve"], false),
        contact("second", 5, &["ben"], true),
    ]);
    let contacts = &pack.pack.contacts;
    assert_eq!(pack.id(contacts.last), "last");
    assert_eq!(
        (&contacts.agents[..], contacts.proactive),
        (&["eve".to_owned()][..], false)
    );
    assert_eq!(
        (
            contacts.contacts,
            contacts.without_pack,
            contacts.proactive_without_pack
        ),
        (3, Some(3), Some(2))
    );
}

#[test]
fn a_restricted_viewer_does_not_learn_whether_contacts_had_a_pack() {
    let mut call = contact("call", 5, &["ben"], true);
    call.visibility = Visibility::Dealer.into();
    let said = [served("p", 1, "ben"), call];
    let dealer = Ask {
        visible_to: Some(Visibility::Dealer),
        ..Ask::default()
    };
    let seen = ask(&said, &dealer);
    assert!(seen.lacks(Reason::ServingsNotVisible));
    assert_eq!(
        (seen.pack.contacts.contacts, seen.pack.contacts.without_pack),
        (1, None)
    );
    let owner = Ask {
        visible_to: Some(Visibility::Owner),
        ..Ask::default()
    };
    assert!(ask(&said, &owner).lacks(Reason::NoContactKnown));
}

#[test]
fn declined_suggestions_are_not_repeated_until_the_owner_changes_their_mind() {
    let offer_id = || "o".to_owned();
    let made = OfferMade {
        offer_id: offer_id(),
        title: "Winter wheels".to_owned(),
    };
    let declined = OfferDeclined {
        offer_id: offer_id(),
        ..OfferDeclined::default()
    };
    let accepted = OfferAccepted {
        offer_id: offer_id(),
        ..OfferAccepted::default()
    };
    let tip_id = || "t".to_owned();
    let offered = DrivingTipOffered {
        tip_id: tip_id(),
        topic: "Tyres".to_owned(),
    };
    let dismissed = DrivingTipDismissed {
        tip_id: tip_id(),
        ..DrivingTipDismissed::default()
    };
    let tip = |id: &str, day, payload| say_in(id, day, payload, |it| it.vin = "V1".to_owned());
    let purpose = "marketing".to_owned();
    let given = ConsentGiven {
        purpose: purpose.clone(),
    };
    let withdrawn = ConsentWithdrawn { purpose };
    let mut said = vec![
        say("made", 1, Payload::OfferMade(made)),
        say("declined", 2, Payload::OfferDeclined(declined)),
        tip("offered", 3, Payload::DrivingTipOffered(offered.clone())),
        tip("dismissed", 4, Payload::DrivingTipDismissed(dismissed)),
        say("withdrawn", 5, Payload::ConsentWithdrawn(withdrawn)),
    ];
    assert_eq!(
        avoided(&pack_of(&said)),
        [
            (Avoid::ConsentWithdrawn, "withdrawn"),
            (Avoid::TipDismissed, "offered"),
            (Avoid::OfferDeclined, "made"),
        ]
    );
    said.push(say("accepted", 6, Payload::OfferAccepted(accepted)));
    said.push(say("given", 6, Payload::ConsentGiven(given)));
    said.push(tip("again", 6, Payload::DrivingTipOffered(offered)));
    assert!(pack_of(&said).lacks(Reason::NothingToAvoidKnown));
}

#[test]
fn without_an_advocate_the_dealer_responsible_last_holds_the_relationship() {
    let order = Payload::OrderPlaced(OrderPlaced::default());
    let moved = FeedbackReassigned {
        to_dealer_id: "d2".to_owned(),
        ..FeedbackReassigned::default()
    };
    let mut said = vec![say_in("order", 1, order, |it| {
        it.order_id = "o1".to_owned();
        it.dealer_id = "d1".to_owned();
    })];
    let holder = |said: &[TestTouchpoint]| {
        let pack = pack_of(said);
        let holder = pack.pack.relationship.items[0].clone();
        (holder.who, pack.id(holder.fact).to_owned())
    };
    let dealer = |id: &str| Relationship::Dealer {
        dealer_id: id.to_owned(),
    };
    assert_eq!(holder(&said), (dealer("d1"), "order".to_owned()));
    said.push(say_in(
        "moved",
        2,
        Payload::FeedbackReassigned(moved),
        |it| {
            it.feedback_id = "f".to_owned();
            it.dealer_id = "d1".to_owned();
        },
    ));
    assert_eq!(holder(&said), (dealer("d2"), "moved".to_owned()));
}

#[test]
fn the_pack_is_of_the_whole_person_under_every_linked_id() {
    let other = |mut said: TestTouchpoint| {
        said.subjects.owner_id = "crm~ann".to_owned();
        said
    };
    let said = [
        contact("mine", 1, &[], false),
        other(contact("theirs", 2, &[], false)),
        TestTouchpoint::new("news_sent", "link", 3)
            .about(|it| it.owner_id = "ann".to_owned())
            .linking("crm~ann"),
    ];
    assert_eq!(pack_of(&said).pack.contacts.contacts, 2);
    let before = Ask {
        known_at: Position(2),
        ..Ask::default()
    };
    assert_eq!(ask(&said, &before).pack.contacts.contacts, 1);
}

#[test]
fn corrections_and_retractions_count_as_known_then() {
    let wrong = contact("wrong", 5, &["ben"], true);
    let right = contact("right", 3, &["eve"], false).correcting("wrong");
    let gone = contact("gone", 9, &[], false).retracting("", "right");
    let said = [wrong, right, gone];
    let last = |known_at| {
        let pack = ask(
            &said,
            &Ask {
                known_at,
                ..Ask::default()
            },
        );
        (
            pack.id(pack.pack.contacts.last).to_owned(),
            pack.pack.contacts.contacts,
        )
    };
    assert_eq!(last(Position(1)), ("wrong".to_owned(), 1));
    assert_eq!(last(Position(2)), ("right".to_owned(), 1));
    assert_eq!(last(Position(3)), ("wrong".to_owned(), 1));
}
