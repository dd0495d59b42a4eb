//! The words of a text, each with the clause and the sentence it is in.
//!
//! Words are cut by the rules of Unicode (UAX #29). What stands between two words decides whether a clause ends
//! there, by the general category of each character (UAX #44): punctuation and symbols end one, emoji among them.
//! What is part of a word, or read as one, does not: a hyphen with words directly on both sides, an apostrophe,
//! currencies, `&`, `%` and the like, and signs that touch a word or number (`+1`, `*very*`, `20°`).

use std::borrow::Cow;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;

/// One word of a text.
pub(super) struct Word<'t> {
    /// The word as it is compared: lower case, with a plain apostrophe.
    pub lower: Cow<'t, str>,
    /// The byte at which it starts in the text.
    pub start: usize,
    /// The byte behind its last one.
    pub end: usize,
    /// The number of its clause.
    pub clause: u32,
    /// The number of its sentence.
    pub sentence: u32,
    /// The whole text.
    pub text: &'t str,
}

/// What ends between two words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Ending {
    Nothing,
    Clause,
    Sentence,
}

/// Cuts a text into words.
pub(super) fn words(text: &str) -> Vec<Word<'_>> {
    let mut cutter = Cutter {
        text,
        words: Vec::new(),
        end: 0,
        in_single_quotes: false,
        clause: 0,
        sentence: 0,
    };
    for (start, segment) in text.split_word_bound_indices() {
        if !segment.chars().any(char::is_alphanumeric) {
            continue;
        }
        // UAX #29 takes "complaints:friendly" and "_friendly_" for one word, as it does with a full-width full stop.
        let mut from = start;
        for (place, mark) in segment.match_indices(separates_letters) {
            cutter.word(from, start + place);
            from = start + place + mark.len();
        }
        cutter.word(from, start + segment.len());
    }
    cutter.words
}

struct Cutter<'t> {
    text: &'t str,
    words: Vec<Word<'t>>,
    /// The end of the word before.
    end: usize,
    /// A single quotation mark was opened and not closed: one behind a word may be an apostrophe.
    in_single_quotes: bool,
    clause: u32,
    sentence: u32,
}

impl<'t> Cutter<'t> {
    fn word(&mut self, start: usize, end: usize) {
        let word = self.text.get(start..end).unwrap_or_default();
        if word.is_empty() {
            return;
        }
        let gap = self.text.get(self.end..start).unwrap_or_default();
        let ending = self.ending(gap);
        self.clause += u32::from(ending >= Ending::Clause);
        self.sentence += u32::from(ending == Ending::Sentence);
        self.words.push(Word {
            lower: lower(word),
            start,
            end,
            clause: self.clause,
            sentence: self.sentence,
            text: self.text,
        });
        self.end = end;
    }

    /// What ends in the gap between two words. Most gaps are a space.
    fn ending(&mut self, gap: &str) -> Ending {
        if gap == " " || is_hyphen(gap) {
            return Ending::Nothing;
        }
        let mut ending = Ending::Nothing;
        if gap.contains(is_line_break) {
            ending = Ending::Sentence;
        }
        // What is not the first piece does not touch the word before, what is not the last not the word behind.
        let mut pieces = gap.split(char::is_whitespace).peekable();
        let mut touches_before = !self.words.is_empty();
        while let Some(piece) = pieces.next() {
            let touches_behind = pieces.peek().is_none();
            let apart = !touches_before && !touches_behind;
            let mut first = touches_before;
            for mark in piece.chars().map(narrow) {
                let found = match mark {
                    '\'' | '\u{2018}' | '\u{2019}' => self.single_quote(first, touches_behind),
                    mark => ends(mark, apart),
                };
                ending = ending.max(found);
                first = false;
            }
            touches_before = false;
        }
        ending
    }

    /// A single quotation mark directly behind a word is an apostrophe ("the dealers' cars") unless one was opened.
    fn single_quote(&mut self, is_behind_word: bool, may_open: bool) -> Ending {
        if is_behind_word && !self.in_single_quotes {
            return Ending::Nothing;
        }
        self.in_single_quotes = !is_behind_word && may_open;
        Ending::Clause
    }
}

/// What a character between two words ends; `apart`: it touches neither.
fn ends(mark: char, apart: bool) -> Ending {
    let if_apart = if apart {
        Ending::Clause
    } else {
        Ending::Nothing
    };
    match mark {
        '.' | '!' | '?' | ';' | '\u{2026}' | '\u{3002}' | '\u{ff61}' => Ending::Sentence,
        // Read as words: and, at, number, per cent, per mille, section.
        '&' | '@' | '#' | '%' | '\u{2030}' | '\u{2031}' | '\u{66a}' | '\u{a7}' => Ending::Nothing,
        '*' => if_apart,
        // Broken bar, degree, copyright and the letterlike symbols belong to what they touch.
        '\u{a6}' | '\u{a9}' | '\u{ae}' | '\u{b0}' | '\u{2100}'..='\u{214f}' => if_apart,
        mark => match mark.general_category() {
            GeneralCategory::DashPunctuation
            | GeneralCategory::OpenPunctuation
            | GeneralCategory::ClosePunctuation
            | GeneralCategory::InitialPunctuation
            | GeneralCategory::FinalPunctuation
            | GeneralCategory::OtherPunctuation
            | GeneralCategory::OtherSymbol => Ending::Clause,
            GeneralCategory::ConnectorPunctuation
            | GeneralCategory::MathSymbol
            | GeneralCategory::ModifierSymbol => if_apart,
            _ => Ending::Nothing,
        },
    }
}

/// Whether two words belong together: "half-hour", not "half--hour" or "half - hour".
fn is_hyphen(gap: &str) -> bool {
    matches!(gap, "-" | "\u{2010}" | "\u{2011}" | "\u{fe63}" | "\u{ff0d}")
}

fn is_line_break(character: char) -> bool {
    matches!(
        character,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Whether a character parts two words although UAX #29 keeps letters around it together. An ASCII full stop does not:
/// it is in addresses and abbreviations.
fn separates_letters(character: char) -> bool {
    let is_form = matches!(
        character,
        '\u{fe10}'..='\u{fe19}' | '\u{fe50}'..='\u{fe6f}' | '\u{ff01}'..='\u{ff1b}'
    );
    matches!(character, ':' | '_')
        || is_form
            && matches!(
                narrow(character),
                ':' | '.' | ',' | ';' | '\u{fe10}'..='\u{fe6f}'
            )
}

/// A full-width form as the ASCII character that it is a form of.
fn narrow(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character)
        }
        character => character,
    }
}

/// A word as it is compared. Most are written so, and cost nothing.
fn lower(word: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'\'';
    if word.bytes().all(is_plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(word.to_lowercase().replace('\u{2019}', "'"))
    }
}
