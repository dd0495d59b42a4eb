//! What an answer says, in words that a test can compare.

use ownerline_projections::orders::{NameSpan, OrderSheet, WindowStep};
use ownerline_proto::time;

use super::{DAY, SECOND};

/// A length in days, with hours, minutes and seconds if it is not whole.
pub(crate) fn length(nanos: i64) -> String {
    let (days, rest) = (nanos / DAY, nanos % DAY / SECOND);
    match rest {
        0 => format!("{days}d"),
        rest => format!(
            "{days}d {:02}:{:02}:{:02}",
            rest / 3600,
            rest / 60 % 60,
            rest % 60
        ),
    }
}

/// An instant, as a date if it is a noon in UTC.
pub(crate) fn instant(nanos: i64) -> String {
    let seconds = time::timestamp(nanos).seconds;
    let text = jiff::Timestamp::from_second(seconds).unwrap().to_string();
    text.trim_end_matches("T12:00:00Z").to_owned()
}

/// The stages: what each is to those before, which, and what it skipped.
pub(crate) fn steps(sheet: &OrderSheet<'_>) -> Vec<String> {
    let steps = sheet.course.steps.iter();
    let shown = steps.map(|step| {
        let stage = step.stage.map_or("?".to_owned(), |it| format!("{it:?}"));
        let mut text = format!("{:?} {stage}", step.kind);
        for skipped in &step.skipped {
            text += &format!(" -{skipped:?}");
        }
        if step.after_cancelling {
            text += " after cancelling";
        }
        text
    });
    shown.collect()
}

/// The present stage and since when.
pub(crate) fn stage(sheet: &OrderSheet<'_>) -> String {
    let shown = |(stage, fact): (_, &ownerline_projections::orders::OrderFact)| {
        format!("{stage:?} since {}", instant(fact.at()))
    };
    sheet.course.stage.map_or("none".to_owned(), shown)
}

/// The statements of windows.
pub(crate) fn statements(sheet: &OrderSheet<'_>) -> Vec<String> {
    let steps = sheet.windows.iter().flat_map(|it| &it.steps);
    steps.map(statement).collect()
}

fn statement(step: &WindowStep<'_>) -> String {
    let mut text = format!("{:?} {}", step.statement, step.window.first);
    if step.window.last != step.window.first {
        text += &format!("..{}", step.window.last);
    }
    if step.slip_days != 0 {
        text += &format!(" +{}", step.slip_days);
    }
    if let Some(told) = step.told {
        let (by, when) = (told.by, instant(told.at));
        text += &format!(", told by {by:?} {when}, lead {}", told.lead_days);
    }
    match step.told_in_time {
        Some(true) => text + ", in time",
        Some(false) => text + ", too late",
        None => text,
    }
}

/// First window, present window, tightest end; revisions, shrunk, moved; slip, slip against the tightest, overdue.
pub(crate) fn sums(sheet: &OrderSheet<'_>) -> String {
    let Some(windows) = &sheet.windows else {
        return "none".to_owned();
    };
    format!(
        "{}..{} to {}..{}, tightest {}; {} revised, {} shrunk, {} moved; slip {}, {}, overdue {}",
        windows.first.first,
        windows.first.last,
        windows.now.first,
        windows.now.last,
        windows.tightest_end,
        windows.revisions(),
        windows.shrunk(),
        windows.moved(),
        windows.slip_days(),
        windows.against_tightest(),
        windows.overdue_days,
    )
}

/// Every hold, and how long the order was held.
pub(crate) fn holds(sheet: &OrderSheet<'_>) -> Vec<String> {
    let all = sheet.holds.all.iter().map(|hold| {
        let until = hold.until.map_or("open".to_owned(), instant);
        let (name, from) = (&hold.set.row.name, instant(hold.set.at()));
        let mut text = format!("{name} {from}..{until}");
        if hold.set_again > 0 {
            text += &format!(", again {}: {}", hold.set_again, hold.last.row.date);
        }
        for (is, odd) in [
            (hold.lifted_first, "lifted first"),
            (hold.never_lifted, "never lifted"),
            (hold.past_expected_release, "past its release"),
        ] {
            if is {
                text += &format!(", {odd}");
            }
        }
        text
    });
    let held = match sheet.holds.is_held() {
        true => "held",
        false => "not held",
    };
    let sum = format!("{held}, {}", length(sheet.holds.nanos));
    all.chain([sum]).collect()
}

/// The last word, the age and the longest gap, each of the latter two as told and as known.
pub(crate) fn silence(sheet: &OrderSheet<'_>) -> String {
    let it = &sheet.silence;
    let age = |age: Option<i64>| age.map_or("ended".to_owned(), length);
    let alarm = if it.is_alarm() { ", alarm" } else { "" };
    format!(
        "word {}, age {} ({}), longest {} ({}){alarm}",
        it.last_word_at.map_or("none".to_owned(), instant),
        age(it.age),
        age(it.age_as_known),
        length(it.longest),
        length(it.longest_as_known),
    )
}

/// VINs or commission numbers with their times.
pub(crate) fn names(spans: &[NameSpan<'_>]) -> Vec<String> {
    let shown = spans.iter().map(|span| {
        let until = span.until.map_or(String::new(), instant);
        format!("{} {}..{until}", span.name, instant(span.by.at()))
    });
    shown.collect()
}
