//! Tests of words, clauses and negation.

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

fn hits_in(text: &str) -> Vec<(String, i32, String)> {
    let hits = lexicon().hits(text).into_iter();
    hits.map(|hit| (hit.theme, hit.sign, hit.words)).collect()
}

fn one(text: &str) -> (String, i32, String) {
    let hits = hits_in(text);
    assert_eq!(hits.len(), 1, "{text}: {hits:?}");
    hits[0].clone()
}

fn is(theme: &str, sign: i32, words: &str) -> (String, i32, String) {
    (theme.to_owned(), sign, words.to_owned())
}

#[test]
fn words_match_in_any_case_and_are_quoted_as_written() {
    assert_eq!(one("They were FRIENDLY."), is("courtesy", 1, "FRIENDLY"));
    assert_eq!(one("sehr höflich!"), is("courtesy", 1, "höflich"));
    assert_eq!(
        one("Kept  their\tWord"),
        is("promise", 1, "Kept  their\tWord")
    );
    assert!(hits_in("unfriendly, friendlyish, a car").is_empty());
}

#[test]
fn the_longest_entry_of_a_theme_is_quoted() {
    assert_eq!(one("I waited too long"), is("delay", -1, "waited too long"));
}

#[test]
fn an_entry_does_not_match_across_two_sentences() {
    assert!(hits_in("I kept. Their word").is_empty());
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
    // A negation inside an entry does not reverse it.
    assert_eq!(one("no reply"), is("silence", -1, "no reply"));
}

#[test]
fn an_intensifier_is_reported_and_changes_no_value() {
    let hits = lexicon().hits("Very friendly");
    assert_eq!(hits[0].intensified_by.as_deref(), Some("very"));
    assert_eq!((hits[0].sign, &*hits[0].words), (1, "Very friendly"));
}

#[test]
fn a_theme_counts_once_and_at_most_four_themes_count() {
    assert_eq!(hits_in("friendly, friendly, not friendly").len(), 1);
    let all = hits_in("recommend: friendly, kept their word, waited, again, no reply");
    let themes: Vec<&str> = all.iter().map(|(theme, ..)| theme.as_str()).collect();
    assert_eq!(themes, ["praise", "courtesy", "promise", "delay"]);
}

/// Whether a negation reaches "friendly" in this text.
fn is_reversed(text: &str) -> bool {
    let (theme, sign, _) = one(text);
    assert_eq!(theme, "courtesy", "{text}");
    sign < 0
}

#[test]
fn a_clause_ends_at_every_mark_between_two_words_that_belongs_to_neither() {
    for mark in [
        // Dashes, and hyphens used as dashes.
        " - ",
        "- ",
        " -",
        "--",
        " -- ",
        "\u{2013}",
        " \u{2013} ",
        "\u{2014}",
        "\u{2015}",
        "\u{2010}\u{2010}",
        // Stops of every kind.
        ". ",
        ", ",
        "; ",
        ": ",
        ":",
        "! ",
        "? ",
        "...",
        " ... ",
        "\u{2026}",
        "\u{2026} ",
        ".. ",
        "\u{ff0e}",
        "\u{ff01}",
        "\u{ff1f}",
        "\u{ff0c}",
        "\u{ff1a}",
        "\u{ff1b}",
        "\u{3002}",
        "\u{3001}",
        "\u{fe52}",
        // Slashes, brackets, quotation marks.
        "/",
        " / ",
        "\\",
        " (",
        " [",
        "] ",
        " {",
        "\u{ff08}",
        "\u{300c}",
        " \"",
        "\" ",
        " \u{201c}",
        "\u{201d} ",
        " \u{201e}",
        " \u{ab}",
        " '",
        " \u{2018}",
        "\u{ff02}",
        // Bullets and signs that stand by themselves.
        " \u{2022} ",
        "\u{2022}",
        " \u{b7} ",
        " \u{25aa} ",
        " * ",
        " | ",
        " + ",
        " = ",
        " ~ ",
        " \u{2192} ",
        " -> ",
        " => ",
        " > ",
        " \u{2713} ",
        " ___ ",
        // Emoji, also in several characters.
        " \u{1f600} ",
        "\u{1f600}",
        "\u{1f44d}\u{1f3fd} ",
        " \u{2764}\u{fe0f} ",
        " \u{1f1e9}\u{1f1ea} ",
        " \u{1f469}\u{200d}\u{1f527} ",
        " :-) ",
        " ^^ ",
        "\u{2605} ",
        // Line breaks.
        "\n",
        "\r",
        "\r\n",
        "\u{b}",
        "\u{c}",
        "\u{85}",
        "\u{2028}",
        "\u{2029}",
        "\n- ",
        "\n\u{2022} ",
    ] {
        let text = format!("No complaints{mark}friendly team");
        assert!(!is_reversed(&text), "{text:?}");
    }
    for text in [
        "'No complaints' friendly team",
        "\u{2018}No complaints\u{2019} friendly team",
        "They said 'no complaints' friendly team",
        "No complaints, friendly team",
        "No complaints! friendly team",
    ] {
        assert!(!is_reversed(text), "{text:?}");
    }
}

#[test]
fn a_mark_that_is_part_of_a_word_or_read_as_one_ends_no_clause() {
    for text in [
        "not family-friendly",
        "not family\u{2010}friendly",
        "not family\u{2011}friendly",
        "not half-hearted friendly",
        "not the dealers' friendly",
        "not the dealers\u{2019} friendly",
        "not Anna's friendly",
        "not 100% friendly",
        "not 100 % friendly",
        "not the Ring\u{ae} friendly",
        "not 20\u{b0} friendly",
        "not $5 friendly",
        "not 5 \u{20ac} friendly",
        "not M&S friendly",
        "not cheap & friendly",
        "not *friendly*",
        "not _friendly_",
        "not +1 friendly",
        "not a 10.5 friendly",
        "not 1,000 friendly",
        "not  very\tfriendly",
        "not\u{a0}friendly",
    ] {
        assert!(is_reversed(text), "{text:?}");
    }
}

#[test]
fn an_entry_does_not_match_across_a_line_or_an_ellipsis() {
    assert_eq!(one("kept their word"), is("promise", 1, "kept their word"));
    for mark in ["\u{2028}", "\n", "\u{2026} ", "... ", "\u{ff01}"] {
        assert!(
            hits_in(&format!("kept their{mark}word")).is_empty(),
            "{mark:?}"
        );
    }
}
