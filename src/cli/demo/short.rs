//! A situation as a short timeline: the touchpoints that tell it, one a line, and how many were left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{TimelineEntry, Touchpoint, Visibility, actor};

use super::situation::Situation;
use crate::cli::terminal_text::{count, one_line, wrapped};
use crate::cli::time::civil;

/// `  2026-05-06 07:20  advisor     `
const INDENT: usize = 32;
/// Before what introduces a situation.
const MARGIN: usize = 3;

/// Tells what a server answered about the owner, oldest first, in at most `width` columns.
pub(super) fn told(
    number: usize,
    situation: &Situation,
    entries: &[TimelineEntry],
    width: usize,
) -> String {
    let mut text = format!("\n{number}. {}\n", situation.title);
    for line in wrapped(&situation.introduction, width.saturating_sub(MARGIN)) {
        let _ = writeln!(text, "{:MARGIN$}{line}", "");
    }
    text.push('\n');
    let occurred: BTreeMap<&str, i64> = entries
        .iter()
        .filter_map(touchpoint)
        .map(|it| (&*it.id, it.occurred_at.map_or(0, |at| at.seconds)))
        .collect();
    let mut shown = 0;
    for entry in entries {
        let Some(touchpoint) = touchpoint(entry) else {
            continue;
        };
        if situation.telling.contains(&touchpoint.id) {
            shown += 1;
            text += &line(situation, entry, touchpoint, &occurred, width);
        }
    }
    let all = entries.len() as u64;
    let _ = writeln!(
        text,
        "{:MARGIN$}{} of the {} touchpoints of {}; {} are left out.",
        "",
        count(shown),
        count(all),
        situation.owner,
        count(all.saturating_sub(shown)),
    );
    text
}

fn touchpoint(entry: &TimelineEntry) -> Option<&Touchpoint> {
    entry.recorded.as_ref()?.touchpoint.as_ref()
}

fn line(
    situation: &Situation,
    entry: &TimelineEntry,
    touchpoint: &Touchpoint,
    occurred: &BTreeMap<&str, i64>,
    width: usize,
) -> String {
    let instant = touchpoint.occurred_at.unwrap_or_default();
    let when = civil(&instant).map_or_else(String::new, |time| {
        time.strftime("%Y-%m-%d %H:%M").to_string()
    });
    let mut said = one_line(&entry.headline);
    let cause = touchpoint.causation.as_ref();
    let since = cause.and_then(|cause| occurred.get(&*cause.id));
    if let (Some(Payload::DealerReplied(_)), Some(since)) = (&touchpoint.payload, since) {
        let _ = write!(said, " · after {}", duration(instant.seconds - since));
    }
    if !entry.dealer_id.is_empty() && entry.dealer_id != situation.house.id {
        let _ = write!(said, " · at {}", one_line(&entry.dealer_id));
    }
    match touchpoint.visibility() {
        Visibility::Owner => {}
        Visibility::Dealer => said += " · not for the owner",
        Visibility::Internal | Visibility::Unspecified => said += " · internal",
    }
    let beginning = format!("{:MARGIN$}{when}  {}", "", who(touchpoint));
    let mut text = String::new();
    for (index, line) in wrapped(&said, width.saturating_sub(INDENT))
        .iter()
        .enumerate()
    {
        let before = if index == 0 { &*beginning } else { "" };
        let _ = writeln!(text, "{before:<INDENT$}{line}");
    }
    text
}

/// The role of whoever did it, or what did it.
fn who(touchpoint: &Touchpoint) -> &str {
    match &touchpoint.actor {
        None => "",
        Some(actor) if actor.kind() == actor::Kind::Vehicle => "the car",
        Some(actor) if actor.role.is_empty() => &actor.id,
        Some(actor) => &actor.role,
    }
}

/// `3 d 19 h`, `18 h 53 min`, `1 min`
fn duration(seconds: i64) -> String {
    let minutes = seconds / 60;
    match (minutes / 1_440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_said_in_its_two_greatest_units() {
        let said = [0, 60, 3_600 + 120, 86_399, 86_400, 4 * 86_400 + 7_200].map(duration);
        assert_eq!(
            said,
            [
                "0 min",
                "1 min",
                "1 h 2 min",
                "23 h 59 min",
                "1 d 0 h",
                "4 d 2 h"
            ]
        );
    }
}
