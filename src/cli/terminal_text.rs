//! Text for people: safe for a terminal, wrapped, and with readable numbers.

use std::fmt::Write as _;

/// A text in one line that cannot command the terminal: what owners wrote is printed here.
pub(super) fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The words of a text in lines of at most `width` characters; a longer word has a line of its own.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let length = line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && length > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// How far lines under a label are set in: `Last visit    `.
pub(super) const INDENT: usize = 14;

/// Adds lines of at most `width` characters behind a label; a line that begins with a space belongs to the
/// one before.
pub(super) fn labelled(text: &mut String, label: &str, lines: &[String], width: usize) {
    let mut label = label;
    for line in lines {
        let belongs = line.starts_with(' ');
        let hang = if belongs { "  " } else { "" };
        let room = width.saturating_sub(hang.len());
        for (index, part) in wrapped(line, room).iter().enumerate() {
            let hang = if index > 0 { "  " } else { hang };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{label:<INDENT$}{hang}{part}");
            label = "";
        }
    }
}

/// A count with its thousands apart: 40,142.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_owners_wrote_cannot_command_the_terminal() {
        assert_eq!(one_line("a\u{1b}[31m\nb\t\u{7}c"), "a [31m b c");
    }

    #[test]
    fn words_are_kept_whole() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("incomprehensible", 4), ["incomprehensible"]);
        assert_eq!(wrapped("", 4), [""]);
    }

    #[test]
    fn thousands_are_apart() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(40_142), "40,142");
        assert_eq!(count(1_000_000), "1,000,000");
    }
}
