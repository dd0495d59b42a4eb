//! A situation as a short timeline: its essential touchpoints, one per line, and how many were left out.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{TimelineEntry, Touchpoint, Visibility, actor};

use super::situation::Situation;
use super::stage::{MARGIN, Stage};
use crate::cli::durations::in_two_units;
use crate::cli::terminal_text::{count, one_line, wrapped};
use crate::cli::time::civil;

/// `  2026-05-06 07:20  advisor     `
const INDENT: usize = 32;
/// The title of a situation, and what to look for in it.
pub(super) fn heading(number: usize, situation: &Situation, width: usize) -> String {
    let mut text = format!("\n{number}. {}\n", situation.title);
    for line in wrapped(&situation.introduction, width.saturating_sub(MARGIN)) {
        let _ = writeln!(text, "{:MARGIN$}{line}", "");
    }
    text
}

/// The timeline of a situation, oldest first, and the command that shows all of it.
pub(super) fn timeline(
    stage: &Stage<'_>,
    situation: &Situation,
    entries: &[TimelineEntry],
) -> String {
    let is_essential = |id: &str| situation.essential.contains(id);
    let mut text = format!("\n{}", lines(situation, entries, stage.width, is_essential));
    let shown = entries.iter().filter_map(touchpoint);
    let shown = shown.filter(|it| is_essential(&it.id)).count() as u64;
    let all = entries.len() as u64;
    let _ = writeln!(
        text,
        "{:MARGIN$}{} of the {} touchpoints of {}; {} are left out. All of them:\n\
         {:MARGIN$}$ {} timeline {} --all --oldest-first",
        "",
        count(shown),
        count(all),
        situation.owner,
        count(all.saturating_sub(shown)),
        "",
        stage.program,
        situation.owner,
    );
    text
}

/// Some entries of the timeline of a situation, one line or more each, in at most `width` columns.
pub(super) fn lines(
    situation: &Situation,
    entries: &[TimelineEntry],
    width: usize,
    is_wanted: impl Fn(&str) -> bool,
) -> String {
    let occurred: BTreeMap<&str, i64> = entries
        .iter()
        .filter_map(touchpoint)
        .map(|it| (&*it.id, it.occurred_at.map_or(0, |at| at.seconds)))
        .collect();
    let known = entries.iter().filter_map(|it| Some((it, touchpoint(it)?)));
    let wanted = known.filter(|(_, touchpoint)| is_wanted(&touchpoint.id));
    let lines =
        wanted.map(|(entry, touchpoint)| line(situation, entry, touchpoint, &occurred, width));
    lines.collect()
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
    let mut headline = one_line(&entry.headline);
    let cause = touchpoint.causation.as_ref();
    let since = cause.and_then(|cause| occurred.get(&*cause.id));
    if let (Some(Payload::DealerReplied(_)), Some(since)) = (&touchpoint.payload, since) {
        let _ = write!(
            headline,
            " · after {}",
            in_two_units(instant.seconds - since)
        );
    }
    if !entry.dealer_id.is_empty() && entry.dealer_id != situation.house.id {
        let _ = write!(headline, " · at {}", one_line(&entry.dealer_id));
    }
    match touchpoint.visibility() {
        Visibility::Owner => {}
        Visibility::Dealer => headline += " · not for the owner",
        Visibility::Internal | Visibility::Unspecified => headline += " · internal",
    }
    let beginning = format!("{:MARGIN$}{when}  {}", "", who(touchpoint));
    let mut text = String::new();
    for (index, line) in wrapped(&headline, width.saturating_sub(INDENT))
        .iter()
        .enumerate()
    {
        let before = if index == 0 { &*beginning } else { "" };
        let _ = writeln!(text, "{before:<INDENT$}{line}");
    }
    text
}

/// The role of the actor or, without one, its id.
fn who(touchpoint: &Touchpoint) -> &str {
    match &touchpoint.actor {
        None => "",
        Some(actor) if actor.kind() == actor::Kind::Vehicle => "the car",
        Some(actor) if actor.role.is_empty() => &actor.id,
        Some(actor) => &actor.role,
    }
}
