//! Help beyond the sale for people: the turn-aways, the outcome, the experience, and the help.

use ownerline_proto::v1::assistance_declined::Reason;
use ownerline_proto::v1::turn_away_next::Link;
use ownerline_proto::v1::{
    Assistance, CountedShare, GetAssistanceResponse, ScoreFigure, TurnAway, TurnAwayExperience,
    TurnAwayNext, TurnAwayOutcome, TurnAways,
};
use pbjson_types::Duration;

use super::args::AssistanceArgs;
use super::table::table;
use crate::cli::contacts::of;
use crate::cli::durations::in_two_units;
use crate::cli::filters::applied_filters;
use crate::cli::report::{Column, Report, Table, key};
use crate::cli::terminal_text::{count, figure, percent};
use crate::cli::time::{PeriodEnd, rfc3339};

/// The whole answer.
pub(super) fn sheet(args: &AssistanceArgs, answer: &GetAssistanceResponse) -> Report {
    let nothing = Assistance::default();
    let total = answer.total.as_ref().unwrap_or(&nothing);
    let as_of = answer.as_of.as_ref().map(rfc3339).unwrap_or_default();
    let mut text = format!("Help beyond the sale, as of {as_of}");
    text += &applied_filters(&[
        ("dealer", args.dealer.clone()),
        ("market", args.market.clone()),
        ("brand", args.brand.clone()),
        ("from", args.from.as_ref().map(PeriodEnd::words)),
        ("before", args.to.as_ref().map(PeriodEnd::words)),
    ]);
    text.push_str("\n\nTurned away\n");
    turned_away(&mut text, total.turn_aways.as_ref());
    text.push_str("\nOutcome\n");
    outcome(&mut text, total.outcome.as_ref());
    text.push_str("\nExperience\n");
    experience(&mut text, total.experience.as_ref());
    text.push_str("\nHelp\n");
    help(&mut text, total);
    text.push('\n');
    let report = Report::new().text(text);
    let report = match args.group_by {
        Some(group_by) => report.table(table(group_by.name(), &answer.groups, total)),
        None => with_list(report, answer).for_programs(table("total", &[], total)),
    };
    let report = match answer.groups_cut {
        true => report.warning("There are more groups than these; filter to see the others.\n"),
        false => report,
    };
    report.known_at(&answer.position, answer.stale)
}

/// The newest turn-aways, one row each.
pub(in crate::cli) fn listed(answer: &GetAssistanceResponse) -> Table {
    Table::new(&columns(), &answer.turn_aways)
}

fn with_list(report: Report, answer: &GetAssistanceResponse) -> Report {
    if answer.turn_aways.is_empty() {
        return report;
    }
    let report = report.table(listed(answer));
    match answer.turn_aways_cut {
        true => report.note("The newest turn-aways; the figures count all of them.\n"),
        false => report,
    }
}

fn turned_away(text: &mut String, turn_aways: Option<&TurnAways>) {
    let Some(it) = turn_aways else {
        return;
    };
    figure(text, "owners turned away", &count(it.turn_aways));
    for by in &it.by_reason {
        let told = by.told_next_step.as_ref().map_or(0, |it| it.count);
        let told = format!("{}, {} told what next", count(by.turn_aways), count(told));
        figure(text, &format!("  {}", reason(by.reason())), &told);
    }
    figure(text, "told what to do next", &share(&it.told_next_step));
    figure(text, "endangered somebody", &share(&it.safety));
    figure(text, "  of these, told", &share(&it.safety_told_next_step));
    let brands = format!(
        "{} of another brand, {} of the dealer's, {} not known",
        count(it.other_brand),
        count(it.own_brand),
        count(it.brand_not_known)
    );
    figure(text, "vehicles", &brands);
}

fn outcome(text: &mut String, outcome: Option<&TurnAwayOutcome>) {
    let Some(it) = outcome else {
        return;
    };
    figure(text, "taken up", &share(&it.taken_up));
    figure(text, "solved", &share(&it.solved));
    let by = format!(
        "{} by the same dealer, {} by another, {} elsewhere, {} not known by whom",
        count(it.solved_by_same_dealer),
        count(it.solved_by_other_dealer),
        count(it.settled_elsewhere),
        count(it.solved_by_unknown_dealer)
    );
    figure(text, "  by whom", &by);
    figure(text, "  found by vehicle", &count(it.solved_by_vehicle));
    figure(text, "  solutions", &count(it.solutions));
    for quantile in &it.quantiles {
        let name = format!("{:.0} % solved within", quantile.q * 100.0);
        let at = quantile.at.as_ref();
        figure(text, &name, &at.map_or_else(not_shown, days));
    }
    for open in &it.not_solved_after {
        let after = open.at.as_ref().map(days).unwrap_or_default();
        let name = format!("not solved after {after}");
        figure(text, &name, &open.open.map_or_else(not_shown, percent));
    }
    if let Some(oldest) = &it.oldest_not_solved {
        figure(text, "oldest not solved", &days(oldest));
    }
}

fn experience(text: &mut String, experience: Option<&TurnAwayExperience>) {
    let Some(it) = experience else {
        return;
    };
    let feedback = format!("{}, {} excluded", count(it.feedback), count(it.excluded));
    figure(text, "feedback", &feedback);
    for (name, nps) in [
        ("NPS", &it.nps),
        ("  where turned away", &it.nps_where_turned_away),
        ("  where helped", &it.nps_where_helped),
    ] {
        figure(text, name, &nps.as_ref().map(score).unwrap_or_default());
    }
}

fn help(text: &mut String, total: &Assistance) {
    if let Some(it) = &total.help {
        let visits = format!(
            "{}: {} of another brand, {} of the dealer's, {} not known",
            count(it.visits),
            count(it.other_brand),
            count(it.own_brand),
            count(it.brand_not_known)
        );
        figure(text, "visits", &visits);
        figure(text, "  of other brands", &share(&it.other_brand_share));
    }
    for it in &total.goodwill {
        let currency = match it.currency.as_str() {
            "" => "no currency",
            currency => currency,
        };
        let sum = format!("{} times, {} minor units", count(it.times), it.value_minor);
        figure(text, &format!("goodwill, {currency}"), &sum);
    }
}

fn columns() -> Vec<Column<'static, TurnAway>> {
    type Of = Column<'static, TurnAway>;
    vec![
        Of::of("turned away", "occurred_at", |it| it.occurred_at.into()).folds(0),
        Of::of("dealer", "dealer_id", |it| key(Some(&it.dealer_id))).folds(0),
        Of::of("vehicle", "vin", |it| key(Some(&it.vin))),
        Of::of("brand", "vehicle_brand", |it| key(Some(&it.vehicle_brand))),
        Of::of("reason", "reason", |it| reason(it.reason()).into()).folds(0),
        Of::of("told", "owner_told_next_step", |it| {
            it.owner_told_next_step.into()
        }),
        Of::shown("taken up", |it| next(it.taken_up.as_ref()))
            .field("taken_up_by", |it| dealer(it.taken_up.as_ref()))
            .folds(2),
        Of::shown("solved", |it| next(it.solution.as_ref()))
            .field("solved_by", |it| dealer(it.solution.as_ref()))
            .field("solved_after", |it| {
                it.solution.as_ref().and_then(|it| it.after).into()
            })
            .folds(0),
        Of::hidden("visit_id", |it| key(Some(&it.visit_id))),
    ]
}

fn dealer(next: Option<&TurnAwayNext>) -> crate::cli::report::Value {
    key(next.map(|it| it.dealer_id.as_str()))
}

/// By whom, after how long, and how it is known to belong.
fn next(next: Option<&TurnAwayNext>) -> String {
    let Some(it) = next else {
        return "no".to_owned();
    };
    let by = match it.dealer_id.as_str() {
        "" => "somebody",
        dealer_id => dealer_id,
    };
    let link = match it.link() {
        Link::Vehicle => ", by vehicle",
        _ => "",
    };
    let after = it.after.as_ref().map_or(0, |it| it.seconds);
    format!("{by} after {}{link}", in_two_units(after))
}

fn share(share: &Option<CountedShare>) -> String {
    share.as_ref().map(of).unwrap_or_default()
}

fn score(figure: &ScoreFigure) -> String {
    let n = count(figure.n);
    match (figure.point, figure.low.zip(figure.high)) {
        (Some(point), Some((low, high))) => {
            format!("{point:.1} (95 %: {low:.1} to {high:.1}), n = {n}")
        }
        (None, Some((low, high))) => format!("95 %: {low:.1} to {high:.1}, n = {n}"),
        _ => format!("too few answers, n = {n}"),
    }
}

fn not_shown() -> String {
    "–".to_owned()
}

/// `1.5 d`.
fn days(duration: &Duration) -> String {
    format!("{:.1} d", duration.seconds as f64 / 86_400.0)
}

fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Unspecified => "unknown",
        Reason::StaffAbsent => "staff absent",
        Reason::PartUnavailable => "part unavailable",
        Reason::OutOfScope => "out of scope",
        Reason::Other => "other",
    }
}
