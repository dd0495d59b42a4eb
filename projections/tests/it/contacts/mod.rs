//! Contacts: whose they are, with which pack they were made, which follow-ups made no sense, and who may see them.

mod follow_ups;
mod properties;

use std::collections::BTreeSet;

use ownerline_projections::contacts::{
    ContactPlace, ContactsPage, ContactsQuestion, ListedContacts, answer,
};
use ownerline_projections::vantage::DealerScope;
use ownerline_projections::{AnswerError, Position, Viewer};
use ownerline_proto::v1::actor::Kind as ActorKind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{ContactMade, ContextPackServed};

use crate::history::{TestTouchpoint, answered, log};

const HOUR: i64 = 3_600 * 1_000_000_000;

/// Agents speak with an owner.
fn contact(id: &str, at: i64, owner: &str, agents: &[&str]) -> TestTouchpoint {
    let payload = Payload::ContactMade(ContactMade {
        agents: agents.iter().map(|&it| it.to_owned()).collect(),
        duration_seconds: 1_200,
        ..ContactMade::default()
    });
    TestTouchpoint::with_payload(id, at, payload).about(|it| it.owner_id = owner.to_owned())
}

/// A proactive contact that names a visit.
fn follow_up(id: &str, at: i64, owner: &str, visit: &str) -> TestTouchpoint {
    let mut call = contact(id, at, owner, &["ann"]);
    if let Some(Payload::ContactMade(made)) = &mut call.payload {
        made.proactive = true;
    }
    call.about(|it| it.visit_id = visit.to_owned())
}

/// A pack is served to somebody.
fn served(id: &str, at: i64, owner: &str, to: &str) -> TestTouchpoint {
    let payload = Payload::ContextPackServed(ContextPackServed::default());
    TestTouchpoint::with_payload(id, at, payload)
        .about(|it| it.owner_id = owner.to_owned())
        .by(to, ActorKind::Human)
}

fn of_dealer(said: TestTouchpoint, dealer: &str) -> TestTouchpoint {
    said.about(|it| it.dealer_id = dealer.to_owned())
}

fn ask(
    said: &[TestTouchpoint],
    as_of: i64,
    viewer: &Viewer,
    question: &ContactsQuestion,
) -> Result<ContactsPage, AnswerError> {
    let log = log(said);
    let known_at = Position(log.len() as u64);
    answered(&log, known_at, as_of, viewer, |snapshots, vantage| {
        answer(snapshots, vantage, question)
    })
}

fn everything() -> ContactsQuestion {
    ContactsQuestion {
        limit: 100,
        ..ContactsQuestion::default()
    }
}

fn of_owner(owner: &str) -> ContactsQuestion {
    let mut question = everything();
    question.filter.owner_id = Some(owner.to_owned());
    question
}

fn page(said: &[TestTouchpoint], question: &ContactsQuestion) -> ContactsPage {
    ask(said, i64::MAX, &Viewer::unrestricted(), question).unwrap()
}

fn ids(page: &ContactsPage) -> Vec<&str> {
    page.contacts.iter().map(|it| it.key.id.as_str()).collect()
}

/// The id of the pack of each contact, newest first.
fn packs(page: &ContactsPage) -> Vec<&str> {
    let packs = page.contacts.iter();
    let packs = packs.map(|it| it.pack.as_ref().map_or("", |it| it.key.id.as_str()));
    packs.collect()
}

#[test]
fn a_contact_has_the_pack_of_its_people_or_else_of_their_organisation_with_its_age() {
    let vendor = |mut said: TestTouchpoint| {
        said.operated_by = "Contact Desk";
        said
    };
    let said = [
        served("own", 0, "o", "ann"),
        of_dealer(served("dealer's", 20 * HOUR, "o", "eve"), "d1"),
        vendor(served("vendor's", 21 * HOUR, "o", "dialer")),
        // The actor's own pack counts before any other, with the border.
        of_dealer(contact("1", 24 * HOUR, "o", &["ann"]), "d1"),
        of_dealer(contact("2", 24 * HOUR + 1, "o", &["ann"]), "d1"),
        vendor(contact("3", 24 * HOUR + 2, "o", &["bob"])),
        contact("4", 24 * HOUR + 3, "o", &["bob"]),
        // Another person's pack is none.
        contact("5", HOUR, "other", &["ann"]),
    ];
    let found = page(&said, &of_owner("o"));
    assert_eq!(ids(&found), ["4", "3", "2", "1"]);
    assert_eq!(packs(&found), ["", "vendor's", "dealer's", "own"]);
    let [_, _, dealers, own] = &found.contacts[..] else {
        panic!("four contacts")
    };
    let [dealers, own] = [dealers, own].map(|it| it.pack.clone().unwrap());
    assert_eq!((own.age, own.same_actor), (24 * HOUR, true));
    assert_eq!((dealers.age, dealers.same_actor), (4 * HOUR + 1, false));
    assert_eq!(
        (found.totals.with_pack.successes, found.totals.with_pack.n),
        (3, 4)
    );
    assert_eq!(packs(&page(&said, &of_owner("other"))), [""]);
}

#[test]
fn a_pack_for_one_id_of_a_person_counts_for_the_others() {
    let said = [
        served("p", 1, "crm~1", "ann"),
        contact("c", 2, "dms~9", &["ann"]),
        TestTouchpoint::new("", "link", 3)
            .linking("dms~9")
            .about(|it| it.owner_id = "crm~1".to_owned()),
    ];
    let found = page(&said, &of_owner("crm~1"));
    assert_eq!((ids(&found), packs(&found)), (vec!["c"], vec!["p"]));
    assert_eq!(found.totals.persons, 1);
    // As known before the link.
    assert_eq!(packs(&page(&said[..2], &of_owner("dms~9"))), [""]);
}

#[test]
fn contacts_are_found_by_dealer_vendor_and_agent_also_where_a_correction_says_so() {
    let vendor = |mut said: TestTouchpoint| {
        said.operated_by = "Contact Desk";
        said
    };
    let said = [
        of_dealer(contact("1", 1, "o1", &["ann"]), "d1"),
        vendor(contact("2", 2, "o2", &["bob"]).by("dialer", ActorKind::System)),
        of_dealer(contact("3", 3, "o3", &["bob"]), "d2"),
        // It inherits the dealer of the first.
        contact("1b", 4, "o1", &["eve"]).correcting("1"),
        of_dealer(contact("3b", 5, "o3", &["bob"]), "d1").correcting("3"),
    ];
    let by = |set: fn(&mut ContactsQuestion)| {
        let mut question = everything();
        set(&mut question);
        let found = page(&said, &question);
        let found = found.contacts.into_iter().map(|it| it.key.id);
        found.collect::<Vec<String>>()
    };
    assert_eq!(by(|_| {}), ["3b", "1b", "2"]);
    assert_eq!(
        by(|it| it.filter.dealer_id = Some("d1".into())),
        ["3b", "1b"]
    );
    assert_eq!(by(|it| it.filter.dealer_id = Some("d2".into())), [""; 0]);
    assert_eq!(
        by(|it| it.filter.agent_id = Some("bob".into())),
        ["3b", "2"]
    );
    assert_eq!(by(|it| it.filter.agent_id = Some("ann".into())), [""; 0]);
    assert_eq!(by(|it| it.filter.agent_id = Some("eve".into())), ["1b"]);
    assert_eq!(by(|it| it.filter.agent_id = Some("dialer".into())), ["2"]);
    assert_eq!(
        by(|it| it.filter.operated_by = Some("Contact Desk".into())),
        ["2"]
    );
    let both = |it: &mut ContactsQuestion| {
        it.filter.agent_id = Some("bob".into());
        it.filter.dealer_id = Some("d1".into());
    };
    assert_eq!(by(both), ["3b"]);
}

#[test]
fn a_name_that_no_contact_has_is_refused_and_an_owner_without_contacts_has_none() {
    let said = [
        contact("1", 1, "o1", &["ann"]),
        TestTouchpoint::new("news_sent", "n", 1).about(|it| it.owner_id = "o2".to_owned()),
    ];
    for set in [
        (|it| it.filter.dealer_id = Some("d1".to_owned())) as fn(&mut ContactsQuestion),
        |it| it.filter.operated_by = Some("Contact Desk".to_owned()),
        |it| it.filter.agent_id = Some("bob".to_owned()),
    ] {
        let mut question = everything();
        set(&mut question);
        let refused = ask(&said, 9, &Viewer::unrestricted(), &question);
        assert!(
            matches!(refused, Err(AnswerError::UnknownName { .. })),
            "{question:?}"
        );
    }
    assert_eq!(page(&said, &of_owner("o2")), ContactsPage::default());
    let unknown = ask(&said, 9, &Viewer::unrestricted(), &of_owner("o3"));
    assert!(matches!(unknown, Err(AnswerError::Unknown { .. })));
}

#[test]
fn a_viewer_of_one_dealer_counts_its_contacts_only() {
    let said = [
        of_dealer(contact("1", 1, "o", &["ann"]), "d1"),
        of_dealer(contact("2", 2, "o", &["bob"]), "d2"),
        contact("3", 3, "o", &["bob"]),
    ];
    let of_d1 = Viewer {
        dealers: DealerScope::Only(BTreeSet::from(["d1".to_owned()])),
        ..Viewer::unrestricted()
    };
    let found = ask(&said, 9, &of_d1, &everything()).unwrap();
    assert_eq!((ids(&found), found.totals.with_pack.n), (vec!["1"], 1));
    let mut of_d2 = everything();
    of_d2.filter.dealer_id = Some("d2".to_owned());
    let refused = ask(&said, 9, &of_d1, &of_d2);
    assert!(matches!(refused, Err(AnswerError::UnknownName { .. })));
}

#[test]
fn pages_go_from_the_newest_and_the_totals_stay_those_of_all() {
    let said = [
        served("p", 1, "o", "ann"),
        contact("1", 2, "o", &["ann"]),
        contact("2", 3, "o", &["bob"]),
        contact("3", 4, "o", &["ann"]),
    ];
    let whole = page(&said, &everything());
    let mut paged = Vec::new();
    let mut question = ContactsQuestion {
        limit: 1,
        ..everything()
    };
    loop {
        let found = page(&said, &question);
        assert_eq!(found.totals, whole.totals);
        question.after = found.contacts.last().map(|it| ContactPlace::from(&it.key));
        paged.extend(found.contacts);
        if !found.more {
            break;
        }
    }
    assert_eq!(paged, whole.contacts);
    for (listed, expected) in [
        (ListedContacts::WithPack, vec!["3", "1"]),
        (ListedContacts::WithoutPack, vec!["2"]),
        (ListedContacts::Irrelevant, vec![]),
    ] {
        let some = ContactsQuestion {
            listed,
            ..everything()
        };
        let found = page(&said, &some);
        assert_eq!((ids(&found), &found.totals), (expected, &whole.totals));
    }
}

/// The owner calls about the light that came back; two agents take twenty minutes, for the brand, at a vendor's desk.
#[test]
fn the_call_of_the_repeated_fault_shows_who_spoke_for_whom_and_that_nobody_had_a_pack() {
    let mut call = contact("call", 15 * HOUR, "o1", &["ann", "bob"])
        .by("ann", ActorKind::Human)
        .about(|it| it.case_id = "c1".to_owned());
    call.operated_by = "Contact Desk Ltd";
    let said = [call, served("later", 16 * HOUR, "o1", "ann")];
    let found = page(&said, &of_owner("o1"));
    let [call] = &found.contacts[..] else {
        panic!("one call")
    };
    assert_eq!(call.contact.agents, ["ann", "bob"]);
    assert_eq!(call.contact.operated_by, "Contact Desk Ltd");
    assert_eq!(call.contact.case_id, "c1");
    assert_eq!(
        (call.contact.duration_seconds, call.contact.proactive),
        (1_200, false)
    );
    assert_eq!((&call.pack, &call.follow_up), (&None, &None));
}
