//! A feedback for people: what the owner said, what was owed by when, how it ended, and what happened.

use std::fmt::Write as _;

use ownerline_proto::cloudevents::ShortName as _;
use ownerline_proto::v1::obligation::{Flag, State};
use ownerline_proto::v1::{Feedback, GetFeedbackResponse, Obligation};
use pbjson_types::Timestamp;

use super::words::{kind, time_left};
use crate::cli::durations::in_two_units;
use crate::cli::terminal_text::{one_line, wrapped};
use crate::cli::time::{minute, rfc3339};

/// The indentation of what belongs to a heading.
const MARGIN: usize = 2;
/// `  2026-05-06 07:20  `
const INDENT: usize = 20;

/// Everything about one feedback, in at most `width` columns.
pub(super) fn story(answer: &GetFeedbackResponse, width: usize) -> String {
    let feedback = answer.feedback.clone().unwrap_or_default();
    let as_of = answer.as_of.unwrap_or_default();
    let mut text = heading(&feedback, width);
    if !feedback.obligations.is_empty() {
        text += "\nWhat is owed\n";
    }
    for obligation in &feedback.obligations {
        let line = summary(obligation, &as_of);
        paragraph(&mut text, &line, MARGIN, width);
        for remark in remarks(obligation, &as_of) {
            paragraph(&mut text, &remark, 2 * MARGIN, width);
        }
    }
    if !feedback.history.is_empty() {
        text += "\nWhat happened (times are UTC)\n";
    }
    for entry in &feedback.history {
        let recorded = entry.recorded.clone().unwrap_or_default();
        let touchpoint = recorded.touchpoint.unwrap_or_default();
        let at = touchpoint.occurred_at.as_ref().map(minute);
        let mut line = one_line(&entry.headline);
        if entry.without_effect {
            line += " (does not count)";
        }
        let room = width.saturating_sub(INDENT);
        for (index, line) in wrapped(&line, room).iter().enumerate() {
            let at = at.as_deref().filter(|_| index == 0).unwrap_or_default();
            let before = format!("{:MARGIN$}{at}", "");
            let _ = writeln!(text, "{before:<INDENT$}{line}");
        }
    }
    let _ = writeln!(
        text,
        "\nAs of {}, known at position {}.",
        rfc3339(&as_of),
        answer.position
    );
    text
}

/// What the owner said, when and how, and who is responsible for the reply.
fn heading(item: &Feedback, width: usize) -> String {
    let mut heading = format!("Feedback {}", item.feedback_id);
    if !item.owner_id.is_empty() {
        heading += &format!(" of {}", one_line(&item.owner_id));
    }
    if !item.vin.is_empty() {
        heading += &format!(" about {}", one_line(&item.vin));
    }
    let mut text = format!("{heading}\n");
    if item.held {
        text += "  Held: reactions to it are known, but not the feedback itself yet. Nothing is owed.\n";
        return text;
    }
    if !item.verbatim.is_empty() {
        let words = format!("“{}”", one_line(&item.verbatim));
        paragraph(&mut text, &words, MARGIN, width);
    }
    let mut parts = Vec::new();
    let at = |instant: &Option<Timestamp>| instant.as_ref().map(minute).unwrap_or_default();
    parts.push(format!("given {}", at(&item.occurred_at)));
    if item.received_at != item.occurred_at {
        parts.push(format!("received {}", at(&item.received_at)));
    }
    if let Some(channel) = item.channel().short_name() {
        parts.push(format!("by {}", channel.replace('_', " ")));
    }
    if !item.survey.is_empty() {
        parts.push(format!("survey {}", one_line(&item.survey)));
    }
    parts.extend(item.score.map(|score| format!("score {score}")));
    if item.imported {
        parts.push("imported".to_owned());
    }
    paragraph(&mut text, &parts.join(" · "), MARGIN, width);
    for segment in &item.segments {
        let dealer = dealer(&segment.dealer_id);
        let line = match &segment.until {
            Some(until) => format!("{dealer} was responsible until {}", minute(until)),
            None => format!("{dealer} is responsible"),
        };
        paragraph(&mut text, &line, MARGIN, width);
    }
    if let Some(exclusion) = &item.exclusion {
        let reason = exclusion.reason().as_str_name();
        let reason = reason.trim_start_matches("REASON_").to_lowercase();
        let line = format!(
            "excluded as {reason} on {}: it does not count",
            at(&exclusion.at)
        );
        paragraph(&mut text, &line, MARGIN, width);
    }
    text
}

/// `first reply: answered in time, after 3 h 12 min of 24 h, by agent-1 at dealer-2 (responsible: dealer-1)`
fn summary(obligation: &Obligation, as_of: &Timestamp) -> String {
    let spent = in_two_units(obligation.spent.map_or(0, |it| it.seconds));
    let budget = in_two_units(obligation.budget.map_or(0, |it| it.seconds));
    let state = match obligation.state() {
        State::Open => format!(
            "open, {spent} of {budget} used up, {}",
            time_left(obligation, as_of)
        ),
        State::AnsweredInTime => format!("answered in time, after {spent} of {budget}"),
        State::AnsweredLate => format!("answered late, after {spent} of {budget}"),
        State::ClosedUnanswered => format!("closed unanswered, after {spent} of {budget}"),
        State::Excluded => format!("excluded, after {spent} of {budget}"),
        State::Unspecified => "unknown".to_owned(),
    };
    let mut line = format!("{}: {state}", kind(obligation));
    if obligation.answered_by.is_some() {
        let who = [&obligation.responder_id, &obligation.responder_dealer_id];
        let who: Vec<String> = who
            .into_iter()
            .filter(|word| !word.is_empty())
            .map(|word| one_line(word))
            .collect();
        if !who.is_empty() {
            line += &format!(", by {}", who.join(" at "));
        }
    }
    line += &format!(
        " (responsible: {}",
        dealer(&obligation.responsible_dealer_id)
    );
    if let Some(due_at) = &obligation.due_at {
        line += &format!("; due {}", minute(due_at));
        // If that is closing time, a reply before the next opening is in time.
        let until = obligation.in_time_until.as_ref();
        if let Some(until) = until.filter(|until| *until != due_at) {
            line += &format!(", in time until {}", minute(until));
        }
    }
    let policy = one_line(&obligation.policy);
    line + &format!("; by {policy}@{})", obligation.policy_version)
}

/// What else is to be known about an obligation.
fn remarks(obligation: &Obligation, as_of: &Timestamp) -> Vec<String> {
    let mut remarks = Vec::new();
    if obligation.episode > 0 {
        remarks.push(format!("it was reopened: episode {}", obligation.episode));
    }
    let now = (as_of.seconds, as_of.nanos);
    let reached = obligation.levels.iter().rev().find_map(|level| {
        let at = level.at.as_ref()?;
        ((at.seconds, at.nanos) <= now && level.share < 1.0).then_some((level, at))
    });
    if let Some((level, at)) = reached {
        let share = (level.share * 100.0).round();
        remarks.push(format!(
            "{share}% of its budget was used up at {}",
            minute(at)
        ));
    }
    remarks.extend(obligation.flags().filter_map(|flag| {
        let words = match flag {
            Flag::Unspecified => return None,
            Flag::ReplyFirst => "the reply is older than what it answers",
            Flag::ByOtherDealer => "a dealer other than the responsible one replied",
            Flag::ReportedLate => "in time as told, but this was not known by the deadline",
            Flag::AnsweredAfterClosing => "it was closed before it was answered",
            Flag::ReplyWithdrawn => "a reply was withdrawn or bounced, so it was still owed",
            Flag::ReceivedBeforeOccurred => {
                "it was received before it occurred: one of the two clocks is wrong"
            }
            Flag::ResolutionRejected => {
                "the owner rejected an outcome, so it is owed from its original start"
            }
            Flag::OpeningMissing => "nobody opened the case: it is owed from the first touchpoint",
            Flag::DueMoved => "its due date was moved",
            Flag::MovedAfterDue => "its due date was moved after it had passed: the miss stays",
            Flag::DueBeforeMade => "it was due before it was made",
            Flag::DueCorrectedLate => {
                "a correction changed its due date after the one before had passed"
            }
            Flag::Broken => "it was declared broken: a miss, even if it was kept afterwards",
            Flag::Withdrawn => "it was withdrawn: a miss",
        };
        Some(words.to_owned())
    }));
    remarks
}

fn dealer(id: &str) -> String {
    match id {
        "" => "nobody".to_owned(),
        id => one_line(id),
    }
}

fn paragraph(text: &mut String, words: &str, margin: usize, width: usize) {
    for line in wrapped(words, width.saturating_sub(margin)) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{:margin$}{line}", "");
    }
}
