//! What an order is found by: its id, its VINs and its commission numbers, and by whom.

use ownerline_projections::orders::{FoundBy, OrderFlag};
use ownerline_proto::v1::order_placed::SaleType;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{ContactMade, OrderReassigned, ProductionStage as Stage};

use super::shown::{instant, names, silence, stage as present};
use super::{
    Ask, Said, ask, assigned, at, cancelled, flags, handed_over, now, placed, placed_as, said,
    stage, withdrawn,
};
use crate::history::TestTouchpoint;

const V1: &str = "1G4AH59H45G118341";
const V2: &str = "1M8GDM9AXKP042788";

/// The order that is found, how, and the others.
fn found(said: &[TestTouchpoint], asked: &Ask) -> Option<(String, FoundBy, Vec<String>)> {
    asked.read(said, |answer, _| {
        let found = &answer.found;
        (found.history.order_id.clone(), found.by, found.also.clone())
    })
}

fn is(order_id: &str, by: FoundBy, also: &[&str]) -> Option<(String, FoundBy, Vec<String>)> {
    let also = also.iter().map(|it| (*it).to_owned());
    Some((order_id.to_owned(), by, also.collect()))
}

/// Bob's order `o2`, under the commission number `C-2`.
fn bobs(when: &str) -> TestTouchpoint {
    let placed = placed_as(when, "C-2", SaleType::New).of_order("o2");
    placed.named("bob").about(|it| {
        it.owner_id = "bob".to_owned();
        it.dealer_id = "d1".to_owned();
    })
}

#[test]
fn a_withdrawn_vin_finds_the_order_that_has_it_now_and_then_the_one_that_had_it() {
    let midnight = "2025-02-10T00:00:00Z";
    let said = [
        placed("2025-01-01"),
        bobs("2025-01-05"),
        assigned("2025-02-01", V1),
        withdrawn(midnight, V1).named("z"),
        assigned(midnight, V2).named("a"),
        assigned(midnight, V1).of_order("o2").named("b"),
        stage("2025-02-12", Stage::Body),
    ];
    let dealer = |name, as_of| ask(name, as_of).of_dealer();
    let before = dealer(V1, "2025-02-05");
    assert_eq!(found(&said, &before), is("o1", FoundBy::Vin, &[]));
    let seen = before.sheet(&said, |it| (names(&it.vins), silence(it)));
    assert_eq!(seen.0, [format!("{V1} 2025-02-01..")]);
    assert_eq!(seen.1, "word 2025-02-01, age 4d (4d), longest 31d (31d)");

    let after = dealer(V1, "2025-02-15");
    assert_eq!(found(&said, &after), is("o2", FoundBy::Vin, &["o1"]));
    let seen = after.sheet(&said, |it| (names(&it.vins), silence(it)));
    assert_eq!(seen.0, [format!("{V1} {midnight}..")]);
    let gap = "5d 12:00:00 (5d 12:00:00), longest 35d 12:00:00 (35d 12:00:00)";
    assert_eq!(seen.1, format!("word {midnight}, age {gap}"));

    // The owner of the former order finds only that, also by the VIN that it no longer has.
    let own = ask(V1, "2025-02-15").of_owner("ann");
    assert_eq!(found(&said, &own), is("o1", FoundBy::Vin, &[]));
    let number = dealer("C-1", "2025-02-15");
    let by_number = is("o1", FoundBy::CommissionNumber, &[]);
    assert_eq!(found(&said, &number), by_number);
    for asked in [own, number] {
        asked.sheet(&said, |sheet| {
            let right = [
                format!("{V1} 2025-02-01..{midnight}"),
                format!("{V2} {midnight}.."),
            ];
            assert_eq!(names(&sheet.vins), right);
            assert_eq!(names(&sheet.commission_numbers), ["C-1 2025-01-01.."]);
            assert_eq!(present(sheet), "Body since 2025-02-12");
            let heard = "word 2025-02-12, age 3d (3d), longest 31d (31d)";
            assert_eq!(silence(sheet), heard);
            assert_eq!(sheet.flags, [].into());
        });
    }
}

#[test]
fn another_vin_replaces_the_one_before_and_the_same_again_does_not() {
    let said = [
        placed("2025-01-01"),
        assigned("2025-02-01", V1),
        assigned("2025-02-02", V1),
        handed_over("2025-03-01", V2),
    ];
    let vins = |as_of| now(&said, as_of, |it| names(&it.vins));
    assert_eq!(vins("2025-02-05"), [format!("{V1} 2025-02-01..")]);
    assert_eq!(flags(&said, "2025-02-05"), [].into());
    let right = [
        format!("{V1} 2025-02-01..2025-03-01"),
        format!("{V2} 2025-03-01.."),
    ];
    assert_eq!(vins("2025-03-05"), right);
    assert_eq!(flags(&said, "2025-03-05"), [OrderFlag::VinReplaced].into());
    for vin in [V1, V2] {
        let asked = ask(vin, "2025-03-05");
        assert_eq!(found(&said, &asked), is("o1", FoundBy::Vin, &[]));
    }
}

#[test]
fn a_withdrawal_of_a_vin_that_the_order_does_not_have_is_flagged_and_ends_nothing() {
    let said = [
        placed("2025-01-01"),
        assigned("2025-02-01", V1),
        withdrawn("2025-02-05", V2),
    ];
    let flag = [OrderFlag::VinWithdrawnUnmatched].into();
    assert_eq!(flags(&said, "2025-02-06"), flag);
    let vins = now(&said, "2025-02-06", |it| names(&it.vins));
    assert_eq!(vins, [format!("{V1} 2025-02-01..")]);
    // Reported late, the assignment makes it fit.
    let healed = [
        placed("2025-01-01"),
        withdrawn("2025-02-05", V2),
        assigned("2025-02-01", V2),
    ];
    assert_eq!(flags(&healed, "2025-02-06"), [].into());
}

#[test]
fn a_vin_that_begins_at_an_instant_is_withdrawn_after_it() {
    let midnight = "2025-02-10T00:00:00Z";
    let begins = [
        placed("2025-01-01"),
        withdrawn(midnight, V1),
        assigned(midnight, V1),
    ];
    let seen = |said: &[TestTouchpoint]| {
        let vins = now(said, "2025-02-11", |it| names(&it.vins));
        (vins, flags(said, "2025-02-11"))
    };
    let right = vec![format!("{V1} {midnight}..{midnight}")];
    assert_eq!(seen(&begins), (right, [].into()));
    // One from before ends, and begins anew.
    let anew = [&begins[..], &[assigned("2025-02-01", V1)]].concat();
    let right = vec![
        format!("{V1} 2025-02-01..{midnight}"),
        format!("{V1} {midnight}.."),
    ];
    assert_eq!(seen(&anew), (right, [].into()));
    // A withdrawal of another instant does not wait.
    let apart = [
        placed("2025-01-01"),
        withdrawn("2025-02-09", V1),
        assigned(midnight, V1),
    ];
    let right = vec![format!("{V1} {midnight}..")];
    let flag = [OrderFlag::VinWithdrawnUnmatched].into();
    assert_eq!(seen(&apart), (right, flag));
}

#[test]
fn of_several_orders_with_a_vin_the_one_that_was_assigned_it_last_is_the_best() {
    // Nobody reported that o1 lost it.
    let said = [
        placed("2025-01-01"),
        bobs("2025-01-02"),
        bobs("2025-01-02").of_order("o3").named("third"),
        assigned("2025-02-01", V1),
        assigned("2025-02-10", V1).of_order("o2"),
        assigned("2025-01-20", V1).of_order("o3"),
        withdrawn("2025-02-20", V1).of_order("o3"),
    ];
    let asked = |as_of| found(&said, &ask(V1, as_of));
    assert_eq!(asked("2025-02-21"), is("o2", FoundBy::Vin, &["o1", "o3"]));
    assert_eq!(asked("2025-02-05"), is("o1", FoundBy::Vin, &["o3"]));
    assert_eq!(asked("2025-01-25"), is("o3", FoundBy::Vin, &[]));
    assert_eq!(asked("2025-01-19"), None);
    // Nobody has it any more: who had it last is the best.
    let ended = [
        withdrawn("2025-03-01", V1),
        withdrawn("2025-03-02", V1).of_order("o2"),
    ];
    let said = [&said[..], &ended[..]].concat();
    let right = is("o2", FoundBy::Vin, &["o1", "o3"]);
    assert_eq!(found(&said, &ask(V1, "2025-03-05")), right);
}

#[test]
fn a_commission_number_that_was_replaced_still_finds_the_order() {
    let said = [
        placed("2025-01-01"),
        placed_as("2025-02-01", "C-9", SaleType::New),
        placed_as("2025-03-01", "", SaleType::New),
    ];
    let numbers = now(&said, "2025-03-02", |it| names(&it.commission_numbers));
    assert_eq!(numbers, ["C-1 2025-01-01..2025-02-01", "C-9 2025-02-01.."]);
    for number in ["C-1", "C-9"] {
        let right = is("o1", FoundBy::CommissionNumber, &[]);
        assert_eq!(found(&said, &ask(number, "2025-03-02")), right);
    }
    assert_eq!(found(&said, &ask("C-9", "2025-01-31")), None, "not yet");
    let early = ask("C-9", "2025-03-02").known_at(1);
    assert_eq!(found(&said, &early), None, "not known yet");
    // A correction that takes another number instead takes the first out.
    let mended = placed("2025-01-01").named("mended");
    let mut mended = mended.correcting(&said[0].id);
    if let Some(Payload::OrderPlaced(it)) = &mut mended.payload {
        "C-7".clone_into(&mut it.commission_number);
    }
    let said = [placed("2025-01-01"), mended];
    assert_eq!(found(&said, &ask("C-1", "2025-03-02")), None);
    assert!(found(&said, &ask("C-7", "2025-03-02")).is_some());
}

#[test]
fn an_id_finds_before_a_number_does() {
    let said = [
        placed("2025-01-01"),
        bobs("2025-01-01").of_order("C-1").named("odd"),
    ];
    let right = is("C-1", FoundBy::OrderId, &[]);
    assert_eq!(found(&said, &ask("C-1", "2025-02-01")), right);
    // Ann does not find bob's order, and finds hers by the number.
    let right = is("o1", FoundBy::CommissionNumber, &[]);
    let own = ask("C-1", "2025-02-01").of_owner("ann");
    assert_eq!(found(&said, &own), right);
}

#[test]
fn owners_find_only_their_own_under_any_of_their_ids() {
    let link = TestTouchpoint::new("news_sent", "link", at("2025-01-02"))
        .about(|it| it.owner_id = "ann".to_owned())
        .linking("ann2");
    let said = [
        placed("2025-01-01"),
        bobs("2025-01-01"),
        assigned("2025-02-01", V1),
        link,
    ];
    for name in ["o1", V1, "C-1"] {
        let of = |owner| found(&said, &ask(name, "2025-03-01").of_owner(owner));
        assert!(of("ann").is_some() && of("ann2").is_some(), "{name}");
        assert!(of("bob").is_none() && of("nobody").is_none(), "{name}");
    }
    let unlinked = ask("o1", "2025-03-01").of_owner("ann2").known_at(3);
    assert_eq!(found(&said, &unlinked), None);
    // Of what they may not see nothing is found.
    let hidden = [placed("2025-01-01").for_dealers()];
    assert_eq!(
        found(&hidden, &ask("o1", "2025-02-01").of_owner("ann")),
        None
    );
    assert!(found(&hidden, &ask("o1", "2025-02-01").of_dealer()).is_some());
    let vin = [
        placed("2025-01-01"),
        assigned("2025-02-01", V1).for_dealers(),
    ];
    assert_eq!(found(&vin, &ask(V1, "2025-03-01").of_owner("ann")), None);
    assert!(found(&vin, &ask(V1, "2025-03-01").of_dealer()).is_some());
}

#[test]
fn a_viewer_of_some_dealers_finds_what_these_are_or_were_responsible_for() {
    let moved = OrderReassigned {
        from_dealer_id: "d1".to_owned(),
        to_dealer_id: "d2".to_owned(),
    };
    let said = [
        placed("2025-01-01"),
        stage("2025-01-05", Stage::Body).about(|it| it.dealer_id = "d9".to_owned()),
        said("2025-02-01", Payload::OrderReassigned(moved)).for_dealers(),
    ];
    let sees = |dealers: &[&str], as_of| {
        let asked = ask("C-1", as_of).of_dealer().seeing(dealers);
        found(&said, &asked).is_some()
    };
    assert!(sees(&["d1"], "2025-01-10"));
    assert!(!sees(&["d2"], "2025-01-10"));
    assert!(sees(&["d2"], "2025-02-02"));
    assert!(!sees(&["d9"], "2025-02-02") && !sees(&[], "2025-02-02"));
    // The dealer is the first that the stream names, until the order is reassigned.
    let dealers = |asked: Ask| {
        asked.sheet(&said, |it| {
            let dealers = it.dealers.iter();
            let dealers = dealers.map(|(from, dealer)| match *from {
                i64::MIN => (*dealer).to_owned(),
                from => format!("{dealer} from {}", instant(from)),
            });
            dealers.collect::<Vec<_>>()
        })
    };
    let right = ["d1", "d2 from 2025-02-01"];
    assert_eq!(dealers(ask("o1", "2025-02-02").of_dealer()), right);
    // The owner sees no reassignment that is for the dealers' eyes.
    assert_eq!(dealers(ask("o1", "2025-02-02").of_owner("ann")), ["d1"]);
}

#[test]
fn an_order_exists_from_the_first_known_touchpoint_of_its_stream() {
    let mention = said("2025-01-01", Payload::ContactMade(ContactMade::default()));
    let mention = mention.about(|it| it.owner_id = "ann".to_owned());
    let said = [mention, cancelled("2025-03-01")];
    let o1 = |as_of| ask("o1", as_of);
    assert_eq!(found(&said, &o1("2025-02-01").known_at(1)), None);
    assert!(found(&said, &o1("2025-03-01")).is_some());
    // Known, and not placed by then: the manufacturer sees that, others see nothing.
    assert!(found(&said, &o1("2025-02-01")).is_some());
    assert_eq!(found(&said, &o1("2025-02-01").of_dealer()), None);
}
