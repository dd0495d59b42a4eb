//! Themes in the words of owners, each with the words that show it.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{AdvocacyObserved, FeedbackEdited, OwnerMessageReceived};

use super::{feedback, in_matter, judge, of_ann};
use crate::history::TestTouchpoint;

fn edited(id: &str, at: i64, verbatim: &str) -> TestTouchpoint {
    let edited = FeedbackEdited {
        verbatim: verbatim.to_owned(),
        new_question: false,
    };
    in_matter(id, at, "feedback-1", Payload::FeedbackEdited(edited))
}

/// (id, theme, value, words) of every theme that counts.
fn themes(said: &[TestTouchpoint]) -> Vec<(String, String, f64, String)> {
    let all = judge(said).made_of(100).into_iter();
    all.filter_map(|it| {
        let hit = it.theme?;
        Some((it.key.id, hit.theme, it.value, hit.words))
    })
    .collect()
}

fn is(id: &str, theme: &str, value: f64, words: &str) -> (String, String, f64, String) {
    (id.to_owned(), theme.to_owned(), value, words.to_owned())
}

#[test]
fn every_hit_quotes_its_words_in_the_order_of_the_text() {
    let text =
        "Polite people. We did not wait, but waited TOO LONG; I’d never really recommend it.";
    assert_eq!(
        themes(&[in_matter("1", 5, "feedback-1", feedback(None, text))]),
        [
            is("1", "courtesy", 1.0, "Polite"),
            is("1", "delay", -1.0, "waited"),
            is("1", "recommendation", -1.0, "never really recommend"),
        ]
    );
}

#[test]
fn the_last_words_of_a_feedback_count_from_their_own_touchpoint() {
    let received = in_matter("1", 5, "feedback-1", feedback(None, "rude"));
    let later = edited("2", 9, "friendly");
    let both = [later.clone(), received.clone()];
    assert_eq!(themes(&both), [is("2", "courtesy", 1.0, "friendly")]);
    let before = judge(&both).made_of(8);
    assert_eq!(before.len(), 1);
    assert_eq!((&*before[0].key.id, before[0].value), ("1", -1.0));
    // An edit without words, for a new question, leaves the words.
    assert_eq!(
        themes(&[received, edited("2", 9, "")]),
        [is("1", "rudeness", -1.0, "rude")]
    );
}

#[test]
fn a_retracted_edit_gives_the_former_words_back() {
    let received = in_matter("1", 5, "feedback-1", feedback(None, "rude"));
    let retraction = edited("3", 10, "").retracting("crm", "2");
    let said = [received, edited("2", 9, "friendly"), retraction];
    assert_eq!(themes(&said), [is("1", "rudeness", -1.0, "rude")]);
}

#[test]
fn a_story_in_public_is_words_of_its_own_and_a_message_is_none() {
    let story = Payload::AdvocacyObserved(AdvocacyObserved {
        verbatim: "So polite".to_owned(),
        ..AdvocacyObserved::default()
    });
    let message = Payload::OwnerMessageReceived(OwnerMessageReceived {
        text: "no reply".to_owned(),
        in_reply_to: None,
    });
    let said = [of_ann("1", 5, story), in_matter("2", 6, "case-1", message)];
    assert_eq!(themes(&said), [is("1", "courtesy", 1.0, "So polite")]);
}
