//! The words of a text, each with its clause and its sentence.
//!
//! Words are cut by the rules of Unicode (UAX #29). The characters between two words decide whether a clause ends
//! there, by their general category (UAX #44): punctuation and symbols end one, emoji among them.
//! Characters that are part of a word or read as one do not: a hyphen with words directly on both sides, an apostrophe,
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
    /// The byte after its last one.
    pub end: usize,
    /// The number of its clause.
    pub clause: u32,
    /// The number of its sentence.
    pub sentence: u32,
    /// The whole text.
    pub text: &'t str,
}

/// The unit that ends between two words.
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
    /// A single quotation mark is open, so the next one closes it. Otherwise one after a word is an apostrophe.
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

    /// Returns what ends in the gap between two words. Most gaps are one space.
    fn ending(&mut self, gap: &str) -> Ending {
        if gap == " " || is_hyphen(gap) {
            return Ending::Nothing;
        }
        let mut ending = Ending::Nothing;
        if gap.contains(is_line_break) {
            ending = Ending::Sentence;
        }
        // Only the first piece can touch the word before, and only the last the word after.
        let mut pieces = gap.split(char::is_whitespace).peekable();
        let mut touches_previous = !self.words.is_empty();
        while let Some(piece) = pieces.next() {
            let touches_next = pieces.peek().is_none();
            let is_detached = !touches_previous && !touches_next;
            let mut first = touches_previous;
            for mark in piece.chars().map(narrow) {
                let end = match mark {
                    '\'' | '\u{2018}' | '\u{2019}' => self.single_quote(first, touches_next),
                    mark => ending_of(mark, is_detached),
                };
                ending = ending.max(end);
                first = false;
            }
            touches_previous = false;
        }
        ending
    }

    /// A single quotation mark directly after a word is an apostrophe ("the dealers' cars") unless one is open.
    fn single_quote(&mut self, is_after_word: bool, may_open: bool) -> Ending {
        if is_after_word && !self.in_single_quotes {
            return Ending::Nothing;
        }
        self.in_single_quotes = !is_after_word && may_open;
        Ending::Clause
    }
}

/// Returns what a character between two words ends; `is_detached` if it touches neither word.
fn ending_of(mark: char, is_detached: bool) -> Ending {
    let if_detached = if is_detached {
        Ending::Clause
    } else {
        Ending::Nothing
    };
    match mark {
        '.' | '!' | '?' | ';' | '\u{2026}' | '\u{3002}' | '\u{ff61}' => Ending::Sentence,
        // Signs that are read as words: and, at, number, per cent, per mille, section.
        '&' | '@' | '#' | '%' | '\u{2030}' | '\u{2031}' | '\u{66a}' | '\u{a7}' => Ending::Nothing,
        '*' => if_detached,
        // Broken bar, degree, copyright and the letterlike symbols belong to what they touch.
        '\u{a6}' | '\u{a9}' | '\u{ae}' | '\u{b0}' | '\u{2100}'..='\u{214f}' => if_detached,
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
            | GeneralCategory::ModifierSymbol => if_detached,
            _ => Ending::Nothing,
        },
    }
}

/// Whether the gap joins two words: "half-hour", not "half--hour" or "half - hour".
fn is_hyphen(gap: &str) -> bool {
    matches!(gap, "-" | "\u{2010}" | "\u{2011}" | "\u{fe63}" | "\u{ff0d}")
}

fn is_line_break(character: char) -> bool {
    matches!(
        character,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Whether a character separates two words although UAX #29 keeps the letters around it together. An ASCII full stop
/// does not, because addresses and abbreviations contain it.
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

/// Returns the ASCII character of a full-width form.
fn narrow(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => {
            char::from_u32(u32::from(character) - 0xfee0).unwrap_or(character)
        }
        character => character,
    }
}

/// Returns a word as it is compared. Most words are written so already and need no copy.
fn lower(word: &str) -> Cow<'_, str> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'\'';
    if word.bytes().all(is_plain) {
        Cow::Borrowed(word)
    } else {
        Cow::Owned(word.to_lowercase().replace('\u{2019}', "'"))
    }
}
