//! Scores for people: the figures of everything asked for, who was asked, and the groups.

use std::fmt::Write as _;

use ownerline_proto::v1::feedback_excluded::Reason;
use ownerline_proto::v1::{
    GetScoresResponse, OwnerScores, ScoreFigure, ScoreGroup, ScoreInvitations, ScoreResults,
};

use super::ScoresArgs;
use super::table::{LEGEND, PEERS, table};
use super::words::{Measure, Unit, without_peers};
use crate::cli::filters::asked_for;
use crate::cli::report::Report;
use crate::cli::terminal_text::count;
use crate::cli::time::{PeriodEnd, rfc3339};

/// `  effort, top three boxes  `
const INDENT: usize = 26;

/// Everything.
pub(super) fn sheet(args: &ScoresArgs, answer: &GetScoresResponse) -> Report {
    let nothing = ScoreResults::default();
    let total = answer.total.as_ref().unwrap_or(&nothing);
    let as_of = answer.as_of.as_ref().map(rfc3339).unwrap_or_default();
    let mut text = format!("What owners answered, as of {as_of}");
    text += &asked_for(&[
        ("dealer", args.dealer.clone()),
        ("market", args.market.clone()),
        ("model", args.model.clone()),
        ("survey", args.survey.clone()),
        ("from", args.from.as_ref().map(PeriodEnd::words)),
        ("before", args.to.as_ref().map(PeriodEnd::words)),
    ]);
    text.push_str("\n\n");
    received(&mut text, total);
    if let Some(invitations) = &total.invitations {
        asked(&mut text, invitations);
    }
    text.push('\n');
    figures(&mut text, total);
    let Some(group_by) = args.group_by else {
        let total = table("total", args.measure, &[], total);
        return stand(Report::new().text(text), answer).for_programs(total);
    };
    text.push('\n');
    let table = table(group_by.name(), args.measure, &answer.groups, total);
    let mut report = Report::new().text(text).table(table);
    if answer.groups_cut {
        report = report.warning("There are more groups than were answered; ask for a part.\n");
    }
    let shown = answer.groups.iter();
    let shown: Vec<_> = shown.filter_map(|it| shown_of(it, args.measure)).collect();
    report = report.note(LEGEND);
    if shown.iter().any(|it| it.shrunken.is_some()) {
        report = report.note(PEERS);
    } else if let Some(why) = without_peers(&shown) {
        report = report.note(format!("Nothing is expected of any group: {why}.\n"));
    }
    stand(report, answer)
}

fn stand(report: Report, answer: &GetScoresResponse) -> Report {
    let report = report.note(format!("\nKnown at position {}.\n", answer.position));
    report.stale(answer.stale)
}

fn shown_of(group: &ScoreGroup, measure: Measure) -> Option<&ScoreFigure> {
    measure.of(group.results.as_ref()?.scores.as_ref()?)
}

fn line(text: &mut String, name: &str, figure: &str) {
    let name = format!("  {name}");
    let _ = writeln!(text, "{name:<INDENT$}{figure}");
}

fn received(text: &mut String, total: &ScoreResults) {
    let mut told = count(total.received);
    let _ = write!(told, ", {} of them not asked for", count(total.unsolicited));
    line(text, "received", &told);
    if total.excluded > 0 {
        let by_reason = total.excluded_by_reason.iter();
        let by_reason = by_reason.map(|it| format!("{} {}", count(it.items), reason(it.reason())));
        let by_reason: Vec<String> = by_reason.collect();
        let told = format!("{}: {}", count(total.excluded), by_reason.join(", "));
        line(text, "excluded", &told);
    }
    if total.integrity_flag {
        let told = format!(
            "{} named by a signal that nobody decided about; counted all the same",
            count(total.flagged)
        );
        line(text, "flagged", &told);
    }
}

fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Unspecified => "without reason",
        Reason::Spam => "spam",
        Reason::Duplicate => "duplicate",
        Reason::Anonymous => "anonymous",
        Reason::Manipulated => "manipulated",
    }
}

fn asked(text: &mut String, asked: &ScoreInvitations) {
    let told = format!(
        "{}: {} used, {} not",
        count(asked.eligible),
        count(asked.invited),
        count(asked.not_invited),
    );
    line(text, "occasions to ask", &told);
    let told = format!(
        "{} delivered: {} answered, {} not; {} bounced",
        count(asked.delivered),
        count(asked.answered),
        count(asked.unanswered),
        count(asked.bounced),
    );
    line(text, "invitations", &told);
    if let Some(rate) = asked.response_rate.as_ref().filter(|it| it.n > 0) {
        line(text, "response rate", &with_interval(rate, Unit::Share));
    }
}

fn figures(text: &mut String, total: &ScoreResults) {
    let nothing = OwnerScores::default();
    let scores = total.scores.as_ref().unwrap_or(&nothing);
    let beside = total.with_excluded.as_ref().filter(|_| total.excluded > 0);
    type Of = fn(&OwnerScores) -> Option<&ScoreFigure>;
    let all: [(&str, Unit, Of); 4] = [
        ("NPS", Unit::Points, |it| it.nps.as_ref()),
        ("CSAT, top two boxes", Unit::Share, |it| it.csat.as_ref()),
        ("CES, mean of 1 to 7", Unit::Boxes, |it| {
            it.ces_mean.as_ref()
        }),
        ("CES, top three boxes", Unit::Share, |it| {
            it.ces_top_three.as_ref()
        }),
    ];
    for (name, unit, of) in all {
        let Some(figure) = of(scores) else { continue };
        line(text, name, &with_interval(figure, unit));
        if let Some(figure) = beside.and_then(of).filter(|it| it.n > 0) {
            line(text, "  with excluded", &with_interval(figure, unit));
        }
        if figure.unusable > 0 {
            let told = format!("{} answers are not on the scale", count(figure.unusable));
            line(text, "  unusable", &told);
        }
    }
}

/// `+34.2 (95 %: +28.1 to +40.0), of 812`.
fn with_interval(figure: &ScoreFigure, unit: Unit) -> String {
    if figure.n == 0 {
        return "no answer to a question of this kind".to_owned();
    }
    format!(
        "{} (95 %: {}), of {}",
        unit.point(figure),
        unit.interval(figure),
        count(figure.n)
    )
}
