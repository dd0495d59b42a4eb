//! Words, borders, negation.

use ownerline_proto::v1::lexicon_policy::Theme;

use super::*;

fn lexicon() -> Lexicon {
    let theme = |name: &str, sign: i32, words: &[&str]| Theme {
        name: name.to_owned(),
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        sign,
    };
    Lexicon::new(&LexiconPolicy {
        themes: vec![
            theme("courtesy", 1, &["friendly", "Höflich"]),
            theme("promise", 1, &["kept their word"]),
            theme("praise", 1, &["recommend"]),
            theme("delay", -1, &["waited", "waited too long"]),
            theme("silence", -1, &["no reply"]),
            theme("fault", -1, &["again"]),
            theme("unsigned", 0, &["car"]),
        ],
    })
}

fn found(text: &str) -> Vec<(String, i32, String)> {
    let hits = lexicon().hits(text).into_iter();
    hits.map(|hit| (hit.theme, hit.sign, hit.words)).collect()
}

fn one(text: &str) -> (String, i32, String) {
    let found = found(text);
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    found[0].clone()
}

fn is(theme: &str, sign: i32, words: &str) -> (String, i32, String) {
    (theme.to_owned(), sign, words.to_owned())
}

#[test]
fn words_are_found_whatever_their_case_and_quoted_as_written() {
    assert_eq!(one("They were FRIENDLY."), is("courtesy", 1, "FRIENDLY"));
    assert_eq!(one("sehr höflich!"), is("courtesy", 1, "höflich"));
    assert_eq!(
        one("Kept  their\tWord"),
        is("promise", 1, "Kept  their\tWord")
    );
    assert!(found("unfriendly, friendlyish, a car").is_empty());
}

#[test]
fn the_longest_entry_of_a_theme_is_quoted() {
    assert_eq!(one("I waited too long"), is("delay", -1, "waited too long"));
}

#[test]
fn words_of_two_sentences_are_no_entry() {
    assert!(found("I kept. Their word").is_empty());
}

#[test]
fn negation_reaches_over_three_words_of_its_clause() {
    assert_eq!(one("not friendly"), is("courtesy", -1, "not friendly"));
    assert_eq!(
        one("They weren’t at all friendly"),
        is("courtesy", -1, "weren’t at all friendly")
    );
    assert_eq!(
        one("never once waited"),
        is("delay", 1, "never once waited")
    );
    assert_eq!(
        one("not a single one was friendly"),
        is("courtesy", 1, "friendly")
    );
    assert_eq!(one("No, they were friendly"), is("courtesy", 1, "friendly"));
    assert_eq!(one("not only friendly"), is("courtesy", 1, "friendly"));
    // What is part of an entry does not turn it round.
    assert_eq!(one("no reply"), is("silence", -1, "no reply"));
}

#[test]
fn what_intensifies_is_told_and_changes_no_value() {
    let hits = lexicon().hits("Very friendly");
    assert_eq!(hits[0].intensified_by.as_deref(), Some("very"));
    assert_eq!((hits[0].sign, &*hits[0].words), (1, "Very friendly"));
}

#[test]
fn a_theme_counts_once_and_four_of_them_are_enough() {
    assert_eq!(found("friendly, friendly, not friendly").len(), 1);
    let all = found("recommend: friendly, kept their word, waited, again, no reply");
    let themes: Vec<&str> = all.iter().map(|(theme, ..)| theme.as_str()).collect();
    assert_eq!(themes, ["praise", "courtesy", "promise", "delay"]);
}
