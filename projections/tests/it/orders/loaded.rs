//! What is loaded of an order: corrections with their chains, and touchpoints elsewhere that name it.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{ContactMade, ProductionStage as Stage};

use super::{Said, ask, at, now, placed, said, stage};
use crate::history::TestTouchpoint;

fn called(when: &str, id: &str, order_id: &str) -> TestTouchpoint {
    let call = said(when, Payload::ContactMade(ContactMade::default()));
    let call = call.named(id).of_order(order_id);
    call.about(|it| it.owner_id = "ann".to_owned())
}

/// The ids of the facts elsewhere, as known after so many touchpoints.
fn elsewhere(said: &[TestTouchpoint], as_of: &str, known_at: usize) -> Vec<String> {
    let asked = ask("o1", as_of).known_at(known_at);
    let ids = asked.read(said, |answer, _| {
        let facts = answer.found.history.facts.iter();
        let facts = facts.filter(|it| !it.in_stream);
        facts.map(|it| it.key.id.clone()).collect()
    });
    ids.unwrap()
}

#[test]
fn touchpoints_elsewhere_belong_to_the_order_that_they_name_or_inherit() {
    let said = [
        placed("2025-01-01"),
        called("2025-01-02", "named", "o1"),
        called("2025-01-03", "inherits", "").correcting("named"),
        called("2025-01-04", "again", "").correcting("inherits"),
        called("2025-01-02", "moved", "o1"),
        called("2025-01-02", "away", "o2").correcting("moved"),
        called("2025-01-02", "unnamed", ""),
        called("2025-01-05", "named-late", "o1").correcting("unnamed"),
    ];
    let known = |position| elsewhere(&said, "2025-02-01", position);
    assert_eq!(known(2), ["named"]);
    assert_eq!(known(3), ["inherits"]);
    assert_eq!(known(4), ["again"]);
    assert_eq!(known(5), ["moved", "again"]);
    assert_eq!(known(6), ["again"]);
    assert_eq!(known(8), ["again", "named-late"]);
    // As it was: what happened later does not count yet.
    assert_eq!(elsewhere(&said, "2025-01-04", 8), ["again"]);
    assert_eq!(elsewhere(&said, "2025-01-03", 8), [""; 0]);
}

#[test]
fn a_correction_elsewhere_to_an_earlier_instant_counts_before_what_it_corrects_happened() {
    let said = [
        placed("2025-01-01"),
        called("2025-03-01", "late", "o1"),
        called("2025-01-05", "early", "").correcting("late"),
    ];
    assert_eq!(elsewhere(&said, "2025-02-01", 3), ["early"]);
    assert_eq!(elsewhere(&said, "2025-02-01", 2), [""; 0]);
}

#[test]
fn a_fact_has_the_receipt_of_the_first_of_its_chain_and_the_sight_that_it_inherits() {
    let mut first = stage("2025-01-02", Stage::Body).named("1").for_dealers();
    first.recorded_at = Some(at("2025-01-03"));
    let mut second = stage("2025-01-02", Stage::Paint).named("2").correcting("1");
    second.recorded_at = Some(at("2025-01-09"));
    second.visibility = 0;
    let said = [placed("2025-01-01"), first, second];
    now(&said, "2025-02-01", |sheet| {
        let (_, fact) = sheet.course.stage.unwrap();
        assert_eq!(fact.known_from, at("2025-01-03"));
        let chain: Vec<&str> = fact.chain.iter().map(|it| it.id.as_str()).collect();
        assert_eq!((fact.key.id.as_str(), &chain[..]), ("2", &["1", "2"][..]));
    });
    let owner = ask("o1", "2025-02-01").of_owner("ann");
    assert!(owner.sheet(&said, |it| it.course.stage.is_none()));
    let dealer = ask("o1", "2025-02-01").of_dealer();
    assert!(dealer.sheet(&said, |it| it.course.stage.is_some()));
}

#[test]
fn an_imported_past_is_known_from_its_receipt() {
    let mut imported = stage("2025-01-02", Stage::Body);
    imported.imported = true;
    imported.received_at = Some(at("2025-01-04"));
    imported.recorded_at = Some(at("2025-06-01"));
    let mut live = stage("2025-01-12", Stage::Paint);
    live.received_at = Some(at("2025-01-13"));
    live.recorded_at = Some(at("2025-01-14"));
    let said = [placed("2025-01-01"), imported, live];
    let known = now(&said, "2025-02-01", |sheet| {
        let steps = sheet.course.steps.iter();
        steps.map(|it| it.fact.known_from).collect::<Vec<_>>()
    });
    assert_eq!(known, [at("2025-01-04"), at("2025-01-14")]);
}
