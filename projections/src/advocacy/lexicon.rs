//! Finds the themes of a verbatim: a lexicon of words and signs, applied to a text.
//!
//! A text is cut into words and clauses ([`words`]). An entry matches where its words follow one another within a
//! sentence. Its sign is reversed if one of the three words before it, in the same clause, [negates](NEGATIONS) it. An
//! intensifying word is reported but does not change the value. The first hit of a theme counts; longer entries go first.
//!
//! Known limits: the words of negation are English; irony, comparison ("less friendly"), double negation ("not without",
//! reversed once) and negation after the words ("friendly they were not") are not understood; words are compared as
//! written, without stems; a full stop without a space after it is part of its word, as in an address.

mod words;

use std::collections::BTreeMap;

use ownerline_proto::v1::LexiconPolicy;

use self::words::{Word, words};

/// Words that reverse the sign of what follows; so does every word that ends in `n't`.
const NEGATIONS: [&str; 8] = [
    "no", "not", "never", "nobody", "nothing", "neither", "without", "cannot",
];

/// The exception: "not only friendly" is friendly.
const NOT_NEGATED_BY: &str = "only";

/// Words that add force.
const INTENSIFIERS: [&str; 10] = [
    "very",
    "really",
    "extremely",
    "so",
    "truly",
    "absolutely",
    "incredibly",
    "totally",
    "completely",
    "most",
];

/// The number of words that a negation reaches.
const REACH: usize = 3;

/// The most themes of one text that count.
pub const MAX_THEMES: usize = 4;

/// A theme found in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ThemeHit {
    /// Its name.
    pub theme: String,
    /// The words that show it, as written, with what negates or intensifies them.
    pub words: String,
    /// +1 or -1, reversed if negated.
    pub sign: i32,
    /// Whether a word before it reverses the sign.
    pub negated: bool,
    /// The intensifying word directly before it, in lower case.
    pub intensified_by: Option<String>,
}

/// A lexicon, ready to be applied.
#[derive(Debug, Clone, Default)]
pub(super) struct Lexicon {
    themes: Vec<(String, i32)>,
    /// By first word: the words that follow, and the theme; longest first.
    entries: BTreeMap<String, Vec<(Vec<String>, usize)>>,
}

impl Lexicon {
    pub(super) fn new(policy: &LexiconPolicy) -> Self {
        let mut lexicon = Self::default();
        for theme in policy.themes.iter().filter(|theme| theme.sign != 0) {
            let place = lexicon.themes.len();
            let sign = theme.sign.signum();
            lexicon.themes.push((theme.name.clone(), sign));
            for entry in &theme.words {
                let mut words = words(entry).into_iter().map(|word| word.lower.into_owned());
                if let Some(first) = words.next() {
                    let entries = lexicon.entries.entry(first).or_default();
                    entries.push((words.collect(), place));
                }
            }
        }
        for entries in lexicon.entries.values_mut() {
            entries.sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
        }
        lexicon
    }

    /// Returns the themes of a text, each once, in the order of the text; at most [`MAX_THEMES`].
    pub(super) fn hits(&self, text: &str) -> Vec<ThemeHit> {
        let mut hits = Vec::new();
        self.find(text, |theme, place| hits.push(place.hit(theme)));
        hits
    }

    /// Returns the signs of the same hits as [`Self::hits`].
    pub(super) fn signs(&self, text: &str) -> Vec<i32> {
        let mut signs = Vec::new();
        self.find(text, |_, place| signs.push(place.sign()));
        signs
    }

    fn find(&self, text: &str, mut visit: impl FnMut(&str, &Place<'_>)) {
        if self.entries.is_empty() {
            return;
        }
        let mut themes: Vec<&str> = Vec::new();
        let words = words(text);
        for (place, word) in words.iter().enumerate() {
            for (rest, theme) in self.entries.get(&*word.lower).into_iter().flatten() {
                let end = place + rest.len();
                let follow = words.get(place + 1..=end).unwrap_or_default();
                let fits = follow.len() == rest.len()
                    && (follow.iter().zip(rest))
                        .all(|(next, rest)| next.sentence == word.sentence && next.lower == *rest);
                let Some((name, sign)) = self.themes.get(*theme).filter(|_| fits) else {
                    continue;
                };
                if themes.contains(&name.as_str()) {
                    continue;
                }
                let before = words.get(..place).unwrap_or_default();
                let last = follow.last().unwrap_or(word);
                visit(name, &Place::of(*sign, before, word, last));
                themes.push(name);
                if themes.len() == MAX_THEMES {
                    return;
                }
            }
        }
    }
}

/// The place of a matched entry, with the words before it that matter.
struct Place<'w> {
    sign: i32,
    first: &'w Word<'w>,
    last: &'w Word<'w>,
    negation: Option<&'w Word<'w>>,
    intensifier: Option<&'w Word<'w>>,
}

impl<'w> Place<'w> {
    fn of(sign: i32, before: &'w [Word<'w>], first: &'w Word<'w>, last: &'w Word<'w>) -> Self {
        let same_clause = |word: &&Word<'_>| word.clause == first.clause;
        let near = before.iter().rev().take(REACH).take_while(same_clause);
        let mut negation = None;
        let mut next = "";
        for word in near {
            let negates = NEGATIONS.contains(&&*word.lower) || word.lower.ends_with("n't");
            if negates && next != NOT_NEGATED_BY {
                negation = Some(word);
                break;
            }
            next = &word.lower;
        }
        let intensifier = before.last().filter(same_clause);
        Self {
            sign,
            first,
            last,
            negation,
            intensifier: intensifier.filter(|word| INTENSIFIERS.contains(&&*word.lower)),
        }
    }

    fn sign(&self) -> i32 {
        if self.negation.is_some() {
            -self.sign
        } else {
            self.sign
        }
    }

    fn hit(&self, theme: &str) -> ThemeHit {
        let start = self.negation.or(self.intensifier).unwrap_or(self.first);
        let words = self.first.text.get(start.start..self.last.end);
        ThemeHit {
            theme: theme.to_owned(),
            words: words.unwrap_or_default().to_owned(),
            sign: self.sign(),
            negated: self.negation.is_some(),
            intensified_by: self.intensifier.map(|word| word.lower.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
