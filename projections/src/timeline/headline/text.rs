//! Formatting of facts in a headline: shortened verbatims, instants, money, names of enum values.

use jiff::fmt::strtime;
use ownerline_proto::civil;
use pbjson_types::Timestamp;

/// The most characters of a verbatim.
const VERBATIM_CHARACTERS: usize = 80;

/// The most characters of a headline.
pub(super) const MAX_CHARACTERS: usize = 240;

/// The ISO 4217 currencies without minor units; below, those whose minor unit has three digits.
const WHOLE: [&str; 15] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "XAF",
    "XOF", "XPF",
];
const THOUSANDTHS: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// Returns a text as one line: white space and control characters become single spaces, and an ellipsis replaces
/// everything beyond the limit.
pub(super) fn one_line(text: &str, limit: usize) -> String {
    let mut line = String::with_capacity(text.len().min(limit.saturating_mul(4)));
    let mut characters = 0;
    let breaks = |c: char| c.is_whitespace() || c.is_control();
    for word in text.split(breaks).filter(|word| !word.is_empty()) {
        let gap = usize::from(!line.is_empty());
        if gap == 1 && characters < limit {
            line.push(' ');
        }
        let room = limit.saturating_sub(characters + gap);
        let cut = word.char_indices().nth(room).map(|(at, _)| at);
        line.push_str(cut.and_then(|at| word.get(..at)).unwrap_or(word));
        if cut.is_some() {
            line.truncate(line.trim_end().len());
            line.push('…');
            return line;
        }
        characters += gap + word.chars().count();
    }
    line
}

/// `label`, or `label: detail` if there is any detail.
pub(super) fn with(label: &str, detail: &str) -> String {
    if detail.trim().is_empty() {
        label.to_owned()
    } else {
        format!("{label}: {detail}")
    }
}

/// `label`, or `label (detail)` if there is any detail.
pub(super) fn aside(label: &str, detail: &str) -> String {
    if detail.trim().is_empty() {
        label.to_owned()
    } else {
        format!("{label} ({detail})")
    }
}

/// A verbatim in quotation marks, shortened; empty if there is none.
pub(super) fn quoted(words: &str) -> String {
    let words = one_line(words, VERBATIM_CHARACTERS);
    if words.is_empty() {
        words
    } else {
        format!("\"{words}\"")
    }
}

/// Joins the parts that are not empty.
pub(super) fn joined(separator: &str, parts: &[&str]) -> String {
    let mut all = String::new();
    for part in parts.iter().filter(|part| !part.is_empty()) {
        if !all.is_empty() {
            all.push_str(separator);
        }
        all.push_str(part);
    }
    all
}

/// `words` if the condition holds, else an empty text.
pub(super) fn when(holds: bool, words: &'static str) -> &'static str {
    if holds { words } else { "" }
}

/// A matter that went from one dealer to another, as far as they are named.
pub(super) fn reassigned(matter: &str, from_dealer_id: &str, to_dealer_id: &str) -> String {
    let from = when(!from_dealer_id.is_empty(), "from");
    let to = when(!to_dealer_id.is_empty(), "to");
    joined(
        " ",
        &[matter, "reassigned", from, from_dealer_id, to, to_dealer_id],
    )
}

/// An instant to the minute, `2025-03-01 12:00 UTC`; empty if there is none.
pub(super) fn instant(timestamp: Option<&Timestamp>) -> String {
    timestamp
        .and_then(|told| civil::of_timestamp(told.seconds, told.nanos))
        .and_then(|at| strtime::format("%Y-%m-%d %H:%M UTC", at).ok())
        .unwrap_or_default()
}

/// An amount in its currency, `GBP 1234.50`; empty if it is zero.
pub(super) fn money(minor_units: i64, currency: &str) -> String {
    if minor_units == 0 {
        return String::new();
    }
    let (unit, digits) = if WHOLE.contains(&currency) {
        (1, 0)
    } else if THOUSANDTHS.contains(&currency) {
        (1000, 3)
    } else {
        (100, 2)
    };
    let sign = if minor_units < 0 { "-" } else { "" };
    let amount = minor_units.unsigned_abs();
    let whole = format!("{sign}{}", amount / unit);
    let number = match digits {
        0 => whole,
        _ => format!("{whole}.{:0digits$}", amount % unit),
    };
    joined(" ", &[currency, &number])
}

/// A distance in whole kilometres, `18000 km`.
pub(super) fn kilometres(metres: i64) -> String {
    format!("{} km", metres.saturating_add(500).div_euclid(1000))
}

/// A duration, `20 min`; empty if it is zero.
pub(super) fn minutes(seconds: i64) -> String {
    match seconds {
        ..=0 => String::new(),
        1..60 => format!("{seconds} s"),
        _ => format!("{} min", seconds.saturating_add(30) / 60),
    }
}

/// The name of an enum value in lower-case words, without the prefix of its type; empty for
/// UNSPECIFIED.
pub(super) fn value(name: &str, prefix: &str) -> String {
    match name.strip_prefix(prefix).unwrap_or(name) {
        "UNSPECIFIED" => String::new(),
        name => name.to_lowercase().replace('_', " "),
    }
}

/// A snake-case name as the beginning of a sentence: `Feedback received`.
pub(super) fn sentence(name: &str) -> String {
    let mut characters = name.chars();
    match characters.next() {
        Some(first) => {
            let rest: String = characters.map(|c| if c == '_' { ' ' } else { c }).collect();
            format!("{}{rest}", first.to_uppercase())
        }
        None => "Touchpoint".to_owned(),
    }
}
