//! The owner is the customer, not the car. An owner's other car, of another brand, bought elsewhere: the dealer that sold it
//! sends the owner away for lack of staff, and the dealer who knows the owner helps. The bulb cannot be replaced, and the
//! service is still exceptional. Outcome and experience are separate answers.

use ownerline_projections::Viewer;
use ownerline_projections::assistance::{
    AssistanceQuestion, BrandOf, GroupBy, Link, Step, TurnedAway,
};
use ownerline_proto::v1::repair_attempted::Outcome;

use super::{DAY, ask, dealer, declined, feedback, figures, of_visit, tried, vehicle};
use crate::history::TestTouchpoint;

const HALCYRA: &str = "halcyra-centre";
const SELLER: &str = "other-seller";

fn the_story() -> Vec<TestTouchpoint> {
    vec![
        dealer(HALCYRA, &["Halcyra"]),
        dealer(SELLER, &["Otherbrand"]),
        vehicle("V", "Otherbrand"),
        // The seller of the car has nobody there, and does not say what to do.
        declined("sent away", 10 * DAY, "at the seller's", SELLER, false),
        // A day later the dealer who knows the owner looks at it, and lends a car.
        of_visit(
            TestTouchpoint::new("vehicle_dropped_off", "came", 11 * DAY),
            "at Halcyra's",
            HALCYRA,
        ),
        tried(
            "no bulb",
            11 * DAY + 1,
            "at Halcyra's",
            HALCYRA,
            Outcome::PartPending,
        )
        .caused_by("", "sent away"),
        of_visit(
            TestTouchpoint::new("vehicle_picked_up", "went", 11 * DAY + 2),
            "at Halcyra's",
            HALCYRA,
        ),
        feedback("exceptional", 12 * DAY, "at Halcyra's", 10),
        // Two weeks later the bulb is there.
        tried("a bulb", 25 * DAY, "again", HALCYRA, Outcome::Fixed),
    ]
}

/// The only turn-away as of a day, as known when so much of the story was told.
fn sent_away(told: usize, day: i64) -> TurnedAway {
    let said = &the_story()[..told];
    let mut found = figures(said, day * DAY);
    assert_eq!(found.turn_aways.len(), 1);
    found.turn_aways.remove(0)
}

#[test]
fn the_owner_was_sent_away_for_lack_of_staff_and_not_told_what_to_do() {
    let away = sent_away(4, 10);
    assert_eq!((&*away.dealer_id, away.told_next_step), (SELLER, false));
    // The seller carries the brand: this was no stranger's car to the seller.
    assert_eq!(
        (&*away.vehicle_brand, away.brand),
        ("Otherbrand", BrandOf::Own)
    );
    assert_eq!((&away.taken_up, &away.solution), (&None, &None));
}

#[test]
fn the_dealer_who_knows_the_owner_took_it_up_and_could_not_solve_it() {
    let away = sent_away(8, 20);
    let taken_up = away.taken_up.unwrap();
    assert_eq!(
        (&*taken_up.dealer_id, taken_up.step),
        (HALCYRA, Step::NotFixed)
    );
    assert_eq!((taken_up.link, taken_up.after), (Link::Causation, DAY + 1));
    assert_eq!(away.solution, None);
    let total = figures(&the_story()[..8], 20 * DAY).total;
    let outcome = total.outcome.unwrap();
    assert_eq!(
        (outcome.solved.unwrap().count, outcome.solved.unwrap().of),
        (0, 1)
    );
    assert_eq!(outcome.taken_up_by_other_dealer, 1);
    assert_eq!(outcome.oldest_not_solved.unwrap().seconds, 10 * 86_400);
    let help = total.help.unwrap();
    assert_eq!((help.visits, help.other_brand), (1, 1));
}

#[test]
fn the_experience_is_an_answer_of_its_own_and_one_answer_is_no_figure() {
    let away = sent_away(8, 20);
    assert!(away.feedback.contains_key("exceptional"));
    let experience = figures(&the_story()[..8], 20 * DAY)
        .total
        .experience
        .unwrap();
    let nps = experience.nps.unwrap();
    assert_eq!((experience.feedback, nps.n), (1, 1));
    assert_eq!((nps.point, nps.low, nps.high), (None, None, None));
    let where_helped = experience.nps_where_helped.unwrap();
    let where_sent_away = experience.nps_where_turned_away.unwrap();
    assert_eq!((where_helped.n, where_sent_away.n), (1, 0));
    // Whether it is solved later changes nothing about it.
    let later = figures(&the_story(), 30 * DAY).total.experience.unwrap();
    assert_eq!(later, experience);
}

#[test]
fn the_bulb_that_came_two_weeks_later_solves_it_by_vehicle() {
    let away = sent_away(9, 30);
    let solution = away.solution.unwrap();
    assert_eq!(
        (&*solution.key.id, solution.link),
        ("a bulb", Link::Vehicle)
    );
    assert_eq!(solution.after, 15 * DAY);
    // As of the day before it is as it was, and as known before it was told, too.
    assert_eq!(sent_away(9, 24).solution, None);
    assert_eq!(sent_away(8, 30).solution, None);
}

#[test]
fn each_dealer_answers_for_its_own_part() {
    let question = AssistanceQuestion {
        group_by: Some(GroupBy::Dealer),
        ..AssistanceQuestion::default()
    };
    let found = ask(&the_story(), 30 * DAY, &Viewer::unrestricted(), &question).unwrap();
    let [halcyra, seller] = &found.groups[..] else {
        panic!("two dealers")
    };
    let of_halcyra = halcyra.assistance.as_ref().unwrap();
    let of_seller = seller.assistance.as_ref().unwrap();
    assert_eq!((&*halcyra.key, &*seller.key), (HALCYRA, SELLER));
    assert_eq!(of_halcyra.help.as_ref().unwrap().other_brand, 2);
    assert_eq!(of_halcyra.turn_aways.as_ref().unwrap().turn_aways, 0);
    assert_eq!(of_seller.help.as_ref().unwrap().visits, 0);
    assert_eq!(of_seller.turn_aways.as_ref().unwrap().turn_aways, 1);
    assert_eq!(
        of_seller.outcome.as_ref().unwrap().solved_by_other_dealer,
        1
    );
}
