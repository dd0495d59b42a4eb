//! One value in a line: cut to a bound, and escaped.

use std::fmt::{self, Write};

/// The characters of one value in a line. What is left out is counted behind them.
pub const VALUE_CHARACTERS: usize = 512;

/// How values are escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    /// Control characters, as Rust writes them in strings.
    Text,
    /// Those and what has a meaning in a JSON string, as JSON writes them.
    Json,
}

/// Writes one value.
pub(super) struct Cut<'w> {
    out: &'w mut dyn Write,
    escape: Escape,
    left: usize,
    left_out: usize,
}

impl<'w> Cut<'w> {
    pub(super) fn new(out: &'w mut dyn Write, escape: Escape) -> Self {
        Self {
            out,
            escape,
            left: VALUE_CHARACTERS,
            left_out: 0,
        }
    }

    /// Writes the whole value, however its own formatting fails.
    pub(super) fn value(mut self, value: fmt::Arguments<'_>) {
        if self.write_fmt(value).is_err() {
            // Writing to a string cannot fail: the value itself did.
            let _ = self.out.write_str("(cannot be written)");
        }
        if self.left_out > 0 {
            let _ = write!(self.out, "…(+{})", self.left_out);
        }
    }

    fn character(&mut self, character: char) -> fmt::Result {
        match (self.escape, character) {
            (Escape::Json, '"') => self.out.write_str("\\\""),
            (Escape::Json, '\\') => self.out.write_str("\\\\"),
            (Escape::Json, _) if is_hidden(character) => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    write!(self.out, "\\u{unit:04x}")?;
                }
                Ok(())
            }
            (Escape::Text, _) if is_hidden(character) => {
                write!(self.out, "{}", character.escape_default())
            }
            _ => self.out.write_char(character),
        }
    }
}

/// Whether a character would not show, or change how others show: it controls a terminal, breaks the line, or turns the
/// direction of writing.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}')
        || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl Write for Cut<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
        if text.len() <= self.left && text.bytes().all(is_plain) {
            self.left -= text.len();
            return self.out.write_str(text);
        }
        for character in text.chars() {
            match self.left.checked_sub(1) {
                Some(left) => {
                    self.left = left;
                    self.character(character)?;
                }
                None => self.left_out += 1,
            }
        }
        Ok(())
    }
}

/// A value as it stands in a line of text.
pub(super) fn escaped_text(value: &dyn fmt::Display) -> String {
    let mut text = String::new();
    Cut::new(&mut text, Escape::Text).value(format_args!("{value}"));
    text
}

/// A value as it stands between the quotes of a JSON string.
pub(super) fn escaped_json(value: &dyn fmt::Display) -> String {
    let mut text = String::new();
    Cut::new(&mut text, Escape::Json).value(format_args!("{value}"));
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_long_value_is_cut_and_says_how_much_is_left_out() {
        let long = "x".repeat(15_000);
        let cut = format!("{}…(+{})", "x".repeat(512), 15_000 - 512);
        assert_eq!(escaped_text(&long), cut);
        assert_eq!(escaped_json(&long), cut);
        let pieces = vec!["ab"; 300];
        let text = escaped_text(&format_args!("{pieces:?}"));
        assert!(text.contains("…(+") && text.chars().count() < 530, "{text}");
    }

    #[test]
    fn what_controls_a_terminal_or_breaks_a_line_is_escaped() {
        assert_eq!(
            escaped_text(&"a\nb\u{1b}[2J\u{202e}c"),
            r"a\nb\u{1b}[2J\u{202e}c"
        );
        assert_eq!(escaped_text(&"Müller \"C:\\\""), "Müller \"C:\\\"");
    }

    struct Broken;

    impl fmt::Display for Broken {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("half")?;
            Err(fmt::Error)
        }
    }

    #[test]
    fn a_value_that_cannot_be_written_fails_nothing() {
        assert_eq!(escaped_text(&Broken), "half(cannot be written)");
    }

    proptest! {
        #[test]
        fn every_text_becomes_one_json_string_with_the_same_characters(text in any::<String>()) {
            let json = format!("\"{}\"", escaped_json(&text));
            let read: String = serde_json::from_str(&json).unwrap();
            prop_assert_eq!(read, text);
        }

        #[test]
        fn no_text_breaks_its_line(text in any::<String>()) {
            prop_assert!(!escaped_text(&text).chars().any(is_hidden));
        }
    }
}
