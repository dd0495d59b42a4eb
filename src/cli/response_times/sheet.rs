//! Response times for people: the figures of everything asked for, how replies are spread, and the groups.

use std::fmt::Write as _;

use ownerline_proto::cloudevents::ShortName;
use ownerline_proto::v1::response_times::{Bookings, Bucket, Incidence};
use ownerline_proto::v1::{GetResponseTimesResponse, ResponseTimes, Share};

use super::ResponseTimesArgs;
use super::table::{bound, percent, reached, share, table, took};
use crate::cli::filters::asked_for;
use crate::cli::report::Report;
use crate::cli::terminal_text::count;
use crate::cli::time::{PeriodEnd, rfc3339};

/// `  not answered at 24.0 h  `
const INDENT: usize = 26;

/// Columns of the longest bar.
const BAR: u64 = 40;

/// Everything.
pub(super) fn sheet(args: &ResponseTimesArgs, answer: &GetResponseTimesResponse) -> Report {
    let nothing = ResponseTimes::default();
    let total = answer.total.as_ref().unwrap_or(&nothing);
    let as_of = answer.as_of.as_ref().map(rfc3339).unwrap_or_default();
    let mut text = format!("Response times of first replies, as of {as_of}");
    text += &asked_for(&[
        ("dealer", args.dealer.clone()),
        ("market", args.market.clone()),
        ("channel", args.channel.and_then(ShortName::short_name)),
        ("survey", args.survey.clone()),
        ("replied to by", args.responder.clone()),
        ("received from", args.from.as_ref().map(PeriodEnd::words)),
        ("received before", args.to.as_ref().map(PeriodEnd::words)),
    ]);
    if args.policy.is_some() {
        text.push_str(", if the policy of the file were in force");
    }
    text.push_str("\n\n");
    counts(&mut text, total);
    if total.received > 0 {
        figures(&mut text, total);
        incidences(&mut text, total);
        bars(&mut text, total);
    }
    if let Some(bookings) = &total.bookings {
        booked(&mut text, bookings);
    }
    let Some(group_by) = args.group_by else {
        let total = table("total", &[], total);
        return stand(Report::new().text(text), answer).for_programs(total);
    };
    text.push('\n');
    let table = table(group_by.name(), &answer.groups, total);
    let mut report = Report::new().text(text).table(table);
    if answer.groups_cut {
        report = report.warning("There are more groups than were answered; ask for a part.\n");
    }
    stand(report, answer)
}

fn stand(report: Report, answer: &GetResponseTimesResponse) -> Report {
    let report = report.note(format!("\nKnown at position {}.\n", answer.position));
    report.stale(answer.stale)
}

fn line(text: &mut String, name: &str, figure: &str) {
    let name = format!("  {name}");
    let _ = writeln!(text, "{name:<INDENT$}{figure}");
}

fn counts(text: &mut String, total: &ResponseTimes) {
    line(text, "received", &count(total.received));
    let due = format!(
        "{}: answered {}, closed unanswered {}, open beyond target {}",
        count(total.due),
        count(total.answered),
        count(total.closed_unanswered),
        count(total.open_beyond_target),
    );
    line(text, "due", &due);
    let inside = total.open.saturating_sub(total.open_beyond_target);
    let mut rest = format!("{} open inside target", count(inside));
    let _ = write!(rest, ", {} excluded", count(total.excluded));
    if total.not_owed > 0 {
        let _ = write!(rest, ", {} owed no reply", count(total.not_owed));
    }
    line(text, "not due", &rest);
    if let Some(oldest) = &total.oldest_open {
        let told = format!("{}, of {} open", took(oldest), count(total.open));
        line(text, "oldest open", &told);
    }
}

fn figures(text: &mut String, total: &ResponseTimes) {
    for (name, of_due) in [
        ("in time, as told", &total.on_time),
        ("in time, as known", &total.on_time_as_known),
    ] {
        if let Some(of_due) = of_due {
            line(text, name, &with_interval(of_due, "due"));
        }
    }
    let seen = count(total.received.saturating_sub(total.not_owed));
    for quantile in &total.quantiles {
        let mut told = reached(quantile.at.as_ref());
        if quantile.low.is_some() || quantile.high.is_some() {
            let ends = [&quantile.low, &quantile.high].map(|end| bound(end.as_ref()));
            let _ = write!(told, " (95 %: {} to {})", ends[0], ends[1]);
        }
        let name = if quantile.q < 0.6 { "median" } else { "p90" };
        let _ = write!(told, ", of {seen} (Kaplan–Meier)");
        line(text, name, &told);
    }
    if let Some(left) = &total.survival_at_target {
        let at = left.at.as_ref().map(took).unwrap_or_default();
        let told = format!(
            "{} (95 %: {} to {}), of {seen} (Kaplan–Meier)",
            percent(left.survival),
            percent(left.low),
            percent(left.high),
        );
        line(text, &format!("not answered at {at}"), &told);
    }
    if let Some(naive) = &total.naive_median_of_answered {
        let told = format!(
            "{}, of the {} answered alone: forgets who waits",
            took(naive),
            count(total.answered)
        );
        line(text, "naive median", &told);
    }
    let beside = [
        (total.answered_by_others, "answered by another dealer"),
        (total.reply_first, "replied to before they were received"),
        (total.reopened, "reopened"),
    ];
    for (items, what) in beside {
        if items > 0 {
            line(text, "of these", &format!("{} {what}", count(items)));
        }
    }
}

fn with_interval(told: &Share, of: &str) -> String {
    format!(
        "{} (95 %: {} to {}), {} of {} {of}",
        share(told),
        percent(told.low),
        percent(told.high),
        count(told.count),
        count(told.of),
    )
}

/// How items have ended by then.
fn incidences(text: &mut String, total: &ResponseTimes) {
    let seen = count(total.received.saturating_sub(total.not_owed));
    let _ = writeln!(text, "\nEnded within (Aalen–Johansen, of {seen})");
    for Incidence {
        at,
        answered,
        closed_unanswered,
    } in &total.incidences
    {
        let told = format!(
            "answered {:>7}   closed unanswered {:>7}",
            percent(*answered),
            percent(*closed_unanswered)
        );
        line(text, &at.as_ref().map(took).unwrap_or_default(), &told);
    }
}

fn bars(text: &mut String, total: &ResponseTimes) {
    let _ = writeln!(text, "\nHow long {} replies took", count(total.answered));
    let most = total.distribution.iter().map(|it| it.answered).max();
    let most = most.unwrap_or_default().max(1);
    let mut before = None;
    for Bucket { until, answered } in &total.distribution {
        let name = match (until, before) {
            (Some(until), _) => format!("up to {}", took(until)),
            (None, Some(before)) => format!("over {}", took(before)),
            (None, None) => "any time".to_owned(),
        };
        before = until.as_ref();
        let length = (answered * BAR).div_ceil(most);
        let bar = "█".repeat(usize::try_from(length).unwrap_or_default());
        let gap = if bar.is_empty() { "" } else { " " };
        line(text, &name, &format!("{bar}{gap}{}", count(*answered)));
    }
}

fn booked(text: &mut String, bookings: &Bookings) {
    text.push_str("\nWork booked within 90 days after feedback (an association, not an effect)\n");
    for (name, told) in [
        ("answered in time", &bookings.in_time),
        ("answered late", &bookings.late),
        ("never answered", &bookings.never),
    ] {
        if let Some(told) = told {
            line(text, name, &with_interval(told, "items"));
        }
    }
}
