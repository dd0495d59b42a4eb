//! The indexes of the view that answers do not show.

use std::ops::ControlFlow;

use ownerline_projections::feedback::{OpenScope, items_of_dealer, open_items, summaries};
use ownerline_projections::obligation::State;

use super::touchpoints::*;

fn open(folded: &Folded, dealer: &str, scope: OpenScope) -> Vec<String> {
    let mut found = Vec::new();
    let (state, validity) = (&folded.feedback, folded.validity());
    open_items(
        state,
        &validity,
        Some(dealer),
        scope,
        (1000 * HOUR).into(),
        &mut |item| {
            found.push(item.feedback_id);
            ControlFlow::Continue(())
        },
    )
    .unwrap();
    found
}

#[test]
fn an_item_is_open_under_the_dealer_who_is_responsible_until_somebody_answers() {
    let touchpoints = [
        received(0),
        reassigned("x", 1, "d2"),
        reply("r", 2).by("bob", "d2"),
    ];
    let at =
        |count: usize, dealer| open(&folded(&touchpoints[..count]), dealer, OpenScope::Replies);
    assert_eq!(at(1, "d1"), ["f"]);
    assert!(at(2, "d1").is_empty());
    assert_eq!(at(2, "d2"), ["f"]);
    assert!(at(3, "d2").is_empty());
    let answered = folded(&touchpoints);
    assert_eq!(
        open(&answered, "d2", OpenScope::RepliesAndResolutions),
        ["f"]
    );
}

#[test]
fn a_dealer_and_a_period_find_their_items_only() {
    let touchpoints = [
        received(0),
        received(5).of("g"),
        received(5).of("h").at_dealer("d2"),
    ];
    let mut touchpoints = touchpoints.to_vec();
    for (at, it) in touchpoints.iter_mut().enumerate() {
        it.touchpoint.id = at.to_string();
    }
    let folded = folded(&touchpoints);
    let mut found = Vec::new();
    let starts = HOUR..10 * HOUR;
    items_of_dealer(
        &folded.feedback,
        &folded.validity(),
        "d1",
        starts,
        &mut |item| {
            found.push(item.feedback_id);
            ControlFlow::Continue(())
        },
    )
    .unwrap();
    assert_eq!(found, ["g"]);
}

#[test]
fn an_item_with_thousands_of_messages_stays_in_small_rows() {
    let messages = (0..2_000).map(|at| message(&format!("m{at}"), at));
    let touchpoints: Vec<_> = [received(0)].into_iter().chain(messages).collect();
    let folded = folded(&touchpoints);
    let largest = folded
        .feedback
        .entries()
        .map(|(_, value)| value.len())
        .max();
    assert!(largest.unwrap() < 10_000);
    let item = folded.item("f").unwrap();
    assert_eq!(item.facts().len(), 2_001);
    assert_eq!(item.last_revision(), 2_001);
    let state = state(&touchpoints, 3_000);
    assert_eq!(first(&state).outcome.state, State::Open);
    assert_eq!(first(&state).joined, 2_000);
}

#[test]
fn many_items_of_a_month_are_summed_up_in_few_rows() {
    let touchpoints: Vec<_> = (0..200)
        .map(|at| {
            let mut touchpoints = received(0).of(&format!("f{at}"));
            touchpoints.touchpoint.id = at.to_string();
            touchpoints
        })
        .collect();
    let folded = folded(&touchpoints);
    let chunks = folded.feedback.entries().filter(|(key, _)| key[0] == b's');
    assert_eq!(chunks.count(), 7);
    let mut count = 0;
    summaries(&folded.feedback, &folded.validity(), 0.into(), &mut |_| {
        count += 1;
        ControlFlow::Continue(())
    })
    .unwrap();
    assert_eq!(count, 200);
}

#[test]
fn personal_words_are_not_kept() {
    let mut touchpoints = message("m", 1);
    if let Some(ownerline_proto::v1::touchpoint::Payload::OwnerMessageReceived(message)) =
        &mut touchpoints.touchpoint.payload
    {
        message.text = "my-own-words".to_owned();
    }
    let folded = folded(&[received(0), touchpoints]);
    let words = b"my-own-words";
    let has = |bytes: &[u8]| bytes.windows(words.len()).any(|window| window == words);
    assert!(
        !folded
            .feedback
            .entries()
            .any(|(key, value)| has(key) || has(value))
    );
}
