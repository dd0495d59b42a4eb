//! Scores for people: the figures, the invitations, and the groups.

use ownerline_proto::v1::feedback_excluded::Reason;
use ownerline_proto::v1::{
    GetScoresResponse, OwnerScores, ScoreFigure, ScoreGroup, ScoreInvitations, ScoreResults,
};

use super::args::ScoresArgs;
use super::table::{LEGEND, PEERS, table};
use super::words::{Measure, Unit, without_peers};
use crate::cli::filters::applied_filters;
use crate::cli::report::Report;
use crate::cli::terminal_text::{count, figure};
use crate::cli::time::{PeriodEnd, rfc3339};

/// The whole answer.
pub(super) fn sheet(args: &ScoresArgs, answer: &GetScoresResponse) -> Report {
    let nothing = ScoreResults::default();
    let total = answer.total.as_ref().unwrap_or(&nothing);
    let as_of = answer.as_of.as_ref().map(rfc3339).unwrap_or_default();
    let mut text = format!("Survey scores, as of {as_of}");
    text += &applied_filters(&[
        ("dealer", args.dealer.clone()),
        ("market", args.market.clone()),
        ("model", args.model.clone()),
        ("survey", args.survey.clone()),
        ("received from", args.from.as_ref().map(PeriodEnd::words)),
        ("received before", args.to.as_ref().map(PeriodEnd::words)),
    ]);
    text.push_str("\n\n");
    received(&mut text, total);
    if let Some(invitations) = &total.invitations {
        invited(&mut text, invitations);
    }
    text.push('\n');
    figures(&mut text, total);
    let Some(group_by) = args.group_by else {
        let total = table("total", args.measure, &[], total);
        let report = Report::new().text(text);
        return report
            .known_at(&answer.position, answer.stale)
            .for_programs(total);
    };
    text.push('\n');
    let table = table(group_by.name(), args.measure, &answer.groups, total);
    let mut report = Report::new().text(text).table(table);
    if answer.groups_cut {
        report = report.warning("There are more groups than these; filter to see the others.\n");
    }
    let shown = answer.groups.iter();
    let shown: Vec<_> = shown.filter_map(|it| shown_of(it, args.measure)).collect();
    report = report.note(LEGEND);
    if shown.iter().any(|it| it.shrunken.is_some()) {
        report = report.note(PEERS);
    } else if let Some(why) = without_peers(&shown) {
        report = report.note(format!("No expected scores: {why}.\n"));
    }
    report.known_at(&answer.position, answer.stale)
}

fn shown_of(group: &ScoreGroup, measure: Measure) -> Option<&ScoreFigure> {
    measure.of(group.results.as_ref()?.scores.as_ref()?)
}

fn received(text: &mut String, total: &ScoreResults) {
    let received = format!(
        "{}, {} of them unsolicited",
        count(total.received),
        count(total.unsolicited)
    );
    figure(text, "received", &received);
    if total.excluded > 0 {
        let by_reason = total.excluded_by_reason.iter();
        let by_reason = by_reason.map(|it| format!("{} {}", count(it.items), reason(it.reason())));
        let by_reason: Vec<String> = by_reason.collect();
        let excluded = format!("{}: {}", count(total.excluded), by_reason.join(", "));
        figure(text, "excluded", &excluded);
    }
    if total.integrity_flag {
        let flagged = format!(
            "{} named by undecided integrity signals; they are counted",
            count(total.flagged)
        );
        figure(text, "flagged", &flagged);
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

fn invited(text: &mut String, invitations: &ScoreInvitations) {
    let occasions = format!(
        "{}: {} invited, {} not invited",
        count(invitations.eligible),
        count(invitations.invited),
        count(invitations.not_invited),
    );
    figure(text, "occasions to invite", &occasions);
    let delivered = format!(
        "{} delivered: {} answered, {} unanswered; {} bounced",
        count(invitations.delivered),
        count(invitations.answered),
        count(invitations.unanswered),
        count(invitations.bounced),
    );
    figure(text, "invitations", &delivered);
    if let Some(rate) = invitations.response_rate.as_ref().filter(|it| it.n > 0) {
        figure(text, "response rate", &with_interval(rate, Unit::Share));
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
        let Some(score) = of(scores) else { continue };
        figure(text, name, &with_interval(score, unit));
        if let Some(score) = beside.and_then(of).filter(|it| it.n > 0) {
            figure(text, "  with excluded", &with_interval(score, unit));
        }
        if score.unusable > 0 {
            let unusable = format!("{} answers outside the scale", count(score.unusable));
            figure(text, "  unusable", &unusable);
        }
    }
}

/// `+34.2 (95 %: +28.1 to +40.0), of 812`.
fn with_interval(figure: &ScoreFigure, unit: Unit) -> String {
    if figure.n == 0 {
        return "no answers".to_owned();
    }
    format!(
        "{} (95 %: {}), of {}",
        unit.point(figure),
        unit.interval(figure),
        count(figure.n)
    )
}
