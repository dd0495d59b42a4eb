//! Text on a terminal: safe to print, wrapped, and with readable numbers.

use std::fmt::Write as _;

/// Returns a text in one line and without control characters: what owners wrote must not command the terminal.
pub(super) fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Breaks a text between words into lines of at most `width` characters; a longer word has a line of its own.
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

/// The width of a label: `Last visit    `.
pub(super) const INDENT: usize = 14;

/// Appends lines of at most `width` characters after a label. A line that begins with a space is indented: it belongs
/// to the one before.
pub(super) fn labelled(text: &mut String, label: &str, lines: &[String], width: usize) {
    let mut label = label;
    for line in lines {
        let is_detail = line.starts_with(' ');
        let hang = if is_detail { "  " } else { "" };
        let room = width.saturating_sub(hang.len());
        for (index, part) in wrapped(line, room).iter().enumerate() {
            let hang = if index > 0 { "  " } else { hang };
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{label:<INDENT$}{hang}{part}");
            label = "";
        }
    }
}

/// The width of the name of a figure, with its margin: `  CES, top three boxes    `.
const FIGURE_NAME: usize = 26;

/// Appends a line with the name of a figure and the figure.
pub(super) fn figure(text: &mut String, name: &str, figure: &str) {
    let name = format!("  {name}");
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{name:<FIGURE_NAME$}{figure}");
}

/// A share as a percentage: `53.6 %`.
pub(super) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A count with its thousands separated: `40,142`.
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
    fn control_characters_are_removed() {
        assert_eq!(one_line("a\u{1b}[31m\nb\t\u{7}c"), "a [31m b c");
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrapped("one two three", 7), ["one two", "three"]);
        assert_eq!(wrapped("incomprehensible", 4), ["incomprehensible"]);
        assert_eq!(wrapped("", 4), [""]);
    }

    #[test]
    fn thousands_are_separated() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(40_142), "40,142");
        assert_eq!(count(1_000_000), "1,000,000");
    }
}
