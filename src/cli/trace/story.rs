//! A trace for people: a time axis by month, one paragraph per touchpoint, and days of silence between them.

use std::fmt::Write as _;

use ownerline_proto::v1::timeline_entry::Standing;
use ownerline_proto::v1::trace_reason::Kind;
use ownerline_proto::v1::{Touchpoint, TraceCaseResponse, TraceEntry, TraceReason};

use crate::cli::durations::in_two_units;
use crate::cli::terminal_text::{count, one_line, wrapped};
use crate::cli::time::{civil, day, rfc3339};
use crate::cli::timeline::who;

/// `14 Mon 09:30  │ `
const INDENT: usize = 16;
/// Where the axis is.
const AXIS: usize = 14;
const DAY: i64 = 24 * 3_600;
/// Silence is drawn longer by a line for each week, up to so many lines.
const MOST_LINES: i64 = 6;

/// Tells a trace.
pub(super) fn told(case: &str, answer: &TraceCaseResponse, width: usize) -> String {
    let mut text = heading(case, answer);
    let mut month = String::new();
    for entry in &answer.entries {
        silence(&mut text, entry);
        paragraph(&mut text, entry, &mut month, width);
    }
    text
}

/// Tells of a trace only the touchpoints that are wanted, without the reasons why they belong to it. The silences are those
/// of the whole trace, in one line each. Returns also how many touchpoints were told.
pub(in crate::cli) fn in_brief(
    answer: &TraceCaseResponse,
    is_wanted: impl Fn(&Touchpoint) -> bool,
    width: usize,
) -> (String, usize) {
    let (mut text, mut month, mut shown) = (String::new(), String::new(), 0);
    let (mut days, mut last_pack) = (0, None);
    for entry in &answer.entries {
        days = days.max(days_before(entry));
        let recorded = entry.recorded.clone().unwrap_or_default();
        let touchpoint = recorded.touchpoint.unwrap_or_default();
        if !is_wanted(&touchpoint) {
            continue;
        }
        if days > 0 && shown > 0 {
            let _ = writeln!(text, "{:AXIS$}┆ {}", "", of_silence(days));
        }
        headline(&mut text, entry, &touchpoint, &mut month, width);
        // A pack is told where it is used first.
        let used = entry.pack.as_ref().map(|it| &it.touchpoint);
        let pack = pack(entry).filter(|_| used != last_pack).into_iter();
        last_pack = used.or(last_pack);
        for line in pack.flat_map(|it| wrapped(&it, width.saturating_sub(INDENT))) {
            let _ = writeln!(text, "{:AXIS$}│ {line}", "");
        }
        (days, shown) = (0, shown + 1);
    }
    (text, shown)
}

fn heading(case: &str, answer: &TraceCaseResponse) -> String {
    let case = one_line(case);
    let as_of = answer.as_of.as_ref().map(rfc3339).unwrap_or_default();
    let total = count(u64::from(answer.total));
    let mut text = format!("Trace of case {case}, as of {as_of}: {total} touchpoints");
    if answer.in_force < answer.total {
        let _ = write!(text, ", {} in force", answer.in_force);
    }
    if let (Some(first), Some(last)) = (&answer.first_at, &answer.last_at) {
        let (first, last) = (day(first), day(last));
        let _ = write!(text, ", {first} to {last}");
    }
    text.push_str(" (times are UTC)\n");
    text
}

/// Draws the time since the entry before as silence, if it took days.
fn silence(text: &mut String, entry: &TraceEntry) {
    let days = days_before(entry);
    if days < 1 {
        return;
    }
    for line in 0..(1 + days / 7).min(MOST_LINES) {
        let words = match line {
            0 => of_silence(days),
            _ => String::new(),
        };
        let _ = writeln!(text, "{}", format!("{:AXIS$}┆ {words}", "").trim_end());
    }
}

/// Whole days since the entry before.
fn days_before(entry: &TraceEntry) -> i64 {
    entry.since_previous.as_ref().map_or(0, |it| it.seconds) / DAY
}

fn of_silence(days: i64) -> String {
    match days {
        1 => "1 day of silence".to_owned(),
        days => format!("{days} days of silence"),
    }
}

/// The instant and the headline on the axis, with the month where it begins.
fn headline(
    text: &mut String,
    entry: &TraceEntry,
    touchpoint: &Touchpoint,
    month: &mut String,
    width: usize,
) {
    let instant = touchpoint.occurred_at.unwrap_or_default();
    let (of_month, at) = civil(&instant).map_or_else(
        || ("at no time".to_owned(), String::new()),
        |time| {
            let of_month = time.strftime("%B %Y").to_string();
            (of_month, time.strftime("%d %a %H:%M").to_string())
        },
    );
    if of_month != *month {
        let _ = writeln!(text, "{of_month}");
        *month = of_month;
    }
    let room = width.saturating_sub(INDENT);
    let mark = match entry.standing() {
        Standing::Corrected | Standing::Retracted => "✗",
        Standing::InForce | Standing::Unspecified => "│",
    };
    let mut before = format!("{at:<AXIS$}{mark} ");
    for line in wrapped(&one_line(&entry.headline), room) {
        let _ = writeln!(text, "{before}{line}");
        before = format!("{:AXIS$}│ ", "");
    }
}

fn paragraph(text: &mut String, entry: &TraceEntry, month: &mut String, width: usize) {
    let recorded = entry.recorded.clone().unwrap_or_default();
    let touchpoint = recorded.touchpoint.unwrap_or_default();
    headline(text, entry, &touchpoint, month, width);
    let room = width.saturating_sub(INDENT);
    let mut details = vec![reasons(entry)];
    details.extend(who(&touchpoint));
    if !touchpoint.operated_by.is_empty() {
        details.push(format!("operated by {}", one_line(&touchpoint.operated_by)));
    }
    details.extend(circumstances(entry));
    for line in wrapped(&details.join(" · "), room) {
        let _ = writeln!(text, "{:AXIS$}│ {line}", "");
    }
    for warning in &entry.warnings {
        let message = one_line(&warning.message);
        let _ = writeln!(text, "{:AXIS$}│ ! {message} ({})", "", warning.reason);
    }
}

/// How long after the one before, with which pack, and what took its place.
fn circumstances(entry: &TraceEntry) -> Vec<String> {
    let mut parts = Vec::new();
    let since = entry.since_previous.as_ref().map(|it| it.seconds);
    if let Some(seconds) = since.filter(|seconds| (1..DAY).contains(seconds)) {
        parts.push(format!("{} later", in_two_units(seconds)));
    }
    parts.extend(pack(entry));
    match entry.not_yet_known {
        0 => {}
        1 => parts.push("1 of the above was not known yet".to_owned()),
        some => parts.push(format!("{some} of the above were not known yet")),
    }
    for (how, by) in [
        ("corrected by", &entry.corrected_by),
        ("retracted by", &entry.retracted_by),
    ] {
        parts.extend(by.iter().map(|by| format!("{how} {}", one_line(&by.id))));
    }
    parts
}

/// How long before a pack was served to whoever acted.
fn pack(entry: &TraceEntry) -> Option<String> {
    let pack = entry.pack.as_ref()?;
    let age = pack.age.as_ref().map_or(0, |it| it.seconds);
    let to = match pack.to_actor {
        true => "",
        false => " to a colleague",
    };
    Some(format!("pack served{to} {} before", in_two_units(age)))
}

fn reasons(entry: &TraceEntry) -> String {
    let reasons = entry.reasons.iter().map(reason);
    reasons.collect::<Vec<_>>().join(", ")
}

fn reason(reason: &TraceReason) -> String {
    let id = one_line(&reason.shared_id);
    let through = reason.through.as_ref().map(|it| one_line(&it.id));
    let through = through.unwrap_or_default();
    match reason.kind() {
        Kind::Case => "names the case".to_owned(),
        Kind::Feedback => format!("feedback {id}"),
        Kind::Defect => format!("defect {id}"),
        Kind::Visit => format!("visit {id}"),
        Kind::Cause => format!("caused {through}"),
        Kind::Effect => format!("came from {through}"),
        Kind::Correlation => format!("conversation {id}"),
        Kind::Replacement => format!("beside {through}"),
        Kind::Unspecified => "unknown reason".to_owned(),
    }
}

#[cfg(test)]
mod tests;
