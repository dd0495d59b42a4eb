//! Response times for people: the figures, the distribution of replies, and the groups.

use std::fmt::Write as _;

use clap::ValueEnum as _;
use ownerline_proto::cloudevents::ShortName;
use ownerline_proto::v1::response_times::{Bookings, Bucket, Incidence};
use ownerline_proto::v1::{GetResponseTimesResponse, ResponseTimes, Share};

use super::args::ResponseTimesArgs;
use super::table::{bound, percent_or_dash, reached, table};
use crate::cli::durations::in_one_unit;
use crate::cli::filters::applied_filters;
use crate::cli::report::Report;
use crate::cli::terminal_text::{count, figure};
use crate::cli::time::{PeriodEnd, rfc3339};

/// The width of the longest bar, in characters.
const BAR: u64 = 40;

/// The whole answer.
pub(super) fn sheet(args: &ResponseTimesArgs, answer: &GetResponseTimesResponse) -> Report {
    let nothing = ResponseTimes::default();
    let total = answer.total.as_ref().unwrap_or(&nothing);
    let as_of = answer.as_of.as_ref().map(rfc3339).unwrap_or_default();
    let kind = args.kind.and_then(|kind| kind.to_possible_value());
    let kind = kind.map_or_else(
        || "first-reply".to_owned(),
        |kind| kind.get_name().to_owned(),
    );
    let what = match kind.as_str() {
        "first-reply" => "first replies".to_owned(),
        kind => format!("obligations of the kind {kind}"),
    };
    let mut text = format!("Response times of {what}, as of {as_of}");
    text += &applied_filters(&[
        ("dealer", args.dealer.clone()),
        ("market", args.market.clone()),
        ("channel", args.channel.and_then(ShortName::short_name)),
        ("survey", args.survey.clone()),
        ("replied to by", args.responder.clone()),
        ("received from", args.from.as_ref().map(PeriodEnd::words)),
        ("received before", args.to.as_ref().map(PeriodEnd::words)),
    ]);
    if args.policy.is_some() {
        text.push_str(", as if the policy of the file were in force");
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
        let report = Report::new().text(text);
        return report
            .known_at(&answer.position, answer.stale)
            .for_programs(total);
    };
    text.push('\n');
    let table = table(group_by.name(), &answer.groups, total);
    let mut report = Report::new().text(text).table(table);
    if answer.groups_cut {
        report = report.warning("There are more groups than these; filter to see the others.\n");
    }
    report.known_at(&answer.position, answer.stale)
}

fn counts(text: &mut String, total: &ResponseTimes) {
    figure(text, "received", &count(total.received));
    let due = format!(
        "{}: {} answered, {} closed unanswered, {} open past target",
        count(total.due),
        count(total.answered),
        count(total.closed_unanswered),
        count(total.open_beyond_target),
    );
    figure(text, "due", &due);
    let within = total.open.saturating_sub(total.open_beyond_target);
    let mut rest = format!("{} open within target", count(within));
    let _ = write!(rest, ", {} excluded", count(total.excluded));
    if total.not_owed > 0 {
        let _ = write!(rest, ", {} owed no reply", count(total.not_owed));
    }
    figure(text, "not due", &rest);
    if let Some(oldest) = &total.oldest_open {
        let oldest = format!("{}, of {} open", in_one_unit(oldest), count(total.open));
        figure(text, "oldest open", &oldest);
    }
}

fn figures(text: &mut String, total: &ResponseTimes) {
    for (name, of_due) in [
        ("in time, as told", &total.on_time),
        ("in time, as known", &total.on_time_as_known),
    ] {
        if let Some(of_due) = of_due {
            figure(text, name, &with_interval(of_due, "due"));
        }
    }
    let seen = count(total.received.saturating_sub(total.not_owed));
    for quantile in &total.quantiles {
        let mut reached = reached(quantile.at.as_ref());
        if quantile.low.is_some() || quantile.high.is_some() {
            let ends = [&quantile.low, &quantile.high].map(|end| bound(end.as_ref()));
            let _ = write!(reached, " (95 %: {} to {})", ends[0], ends[1]);
        }
        let name = if quantile.q < 0.6 { "median" } else { "p90" };
        let _ = write!(reached, ", of {seen} (Kaplan–Meier)");
        figure(text, name, &reached);
    }
    if let Some(left) = &total.survival_at_target {
        let at = left.at.as_ref().map(in_one_unit).unwrap_or_default();
        let unanswered = format!(
            "{} (95 %: {} to {}), of {seen} (Kaplan–Meier)",
            percent_or_dash(left.survival),
            percent_or_dash(left.low),
            percent_or_dash(left.high),
        );
        figure(text, &format!("not answered at {at}"), &unanswered);
    }
    if let Some(naive) = &total.naive_median_of_answered {
        let naive = format!(
            "{}, of the {} answered only: ignores owners who still wait",
            in_one_unit(naive),
            count(total.answered)
        );
        figure(text, "naive median", &naive);
    }
    let beside = [
        (total.answered_by_others, "answered by another dealer"),
        (total.reply_first, "replied to before they were received"),
        (total.reopened, "reopened"),
    ];
    for (items, what) in beside {
        if items > 0 {
            figure(text, "of these", &format!("{} {what}", count(items)));
        }
    }
}

fn with_interval(share: &Share, of: &str) -> String {
    format!(
        "{} (95 %: {} to {}), {} of {} {of}",
        percent_or_dash(share.share),
        percent_or_dash(share.low),
        percent_or_dash(share.high),
        count(share.count),
        count(share.of),
    )
}

/// How items had ended after given times.
fn incidences(text: &mut String, total: &ResponseTimes) {
    let seen = count(total.received.saturating_sub(total.not_owed));
    let _ = writeln!(text, "\nEnded within (Aalen–Johansen, of {seen})");
    for Incidence {
        at,
        answered,
        closed_unanswered,
    } in &total.incidences
    {
        let ended = format!(
            "answered {:>7}   closed unanswered {:>7}",
            percent_or_dash(*answered),
            percent_or_dash(*closed_unanswered)
        );
        figure(
            text,
            &at.as_ref().map(in_one_unit).unwrap_or_default(),
            &ended,
        );
    }
}

fn bars(text: &mut String, total: &ResponseTimes) {
    let _ = writeln!(text, "\nDistribution of {} replies", count(total.answered));
    let most = total.distribution.iter().map(|it| it.answered).max();
    let most = most.unwrap_or_default().max(1);
    let mut before = None;
    for Bucket { until, answered } in &total.distribution {
        let name = match (until, before) {
            (Some(until), _) => format!("up to {}", in_one_unit(until)),
            (None, Some(before)) => format!("over {}", in_one_unit(before)),
            (None, None) => "any time".to_owned(),
        };
        before = until.as_ref();
        let length = (answered * BAR).div_ceil(most);
        let bar = "█".repeat(usize::try_from(length).unwrap_or_default());
        let gap = if bar.is_empty() { "" } else { " " };
        figure(text, &name, &format!("{bar}{gap}{}", count(*answered)));
    }
}

fn booked(text: &mut String, bookings: &Bookings) {
    text.push_str("\nWork booked within 90 days after feedback (a correlation, not an effect)\n");
    for (name, share) in [
        ("answered in time", &bookings.in_time),
        ("answered late", &bookings.late),
        ("never answered", &bookings.never),
    ] {
        if let Some(share) = share {
            figure(text, name, &with_interval(share, "items"));
        }
    }
}
