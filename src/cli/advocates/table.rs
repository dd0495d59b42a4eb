//! The distribution as a table with n beside every figure, and the persons with the highest scores.

use std::fmt::Write as _;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table};
use ownerline_proto::v1::advocacy_component_score::Component;
use ownerline_proto::v1::list_advocates_request::GroupBy;
use ownerline_proto::v1::{
    AdvocacyBand, AdvocacyDistribution, Advocate, AppliedPolicy, ListAdvocatesResponse,
};

use crate::cli::text::{count, one_line};
use crate::cli::time::rfc3339;

/// The answer for people: shares in whole percents, with their intervals in brackets. `filters` says what was asked for.
pub(super) fn told(
    group_by: GroupBy,
    filters: &str,
    answer: &ListAdvocatesResponse,
    width: usize,
) -> String {
    let mut text = distributions(group_by, answer, width);
    // Writing to a string cannot fail.
    if answer.groups_cut {
        text.push_str("There are more groups.\n");
    }
    let least = answer.least_confidence;
    let listed = answer.advocates.len() as u64;
    let _ = writeln!(
        text,
        "\n{} of {} persons with a confidence of at least {least}, the highest scores first",
        count(listed),
        count(answer.eligible)
    );
    if listed > 0 {
        text.push_str(&persons(&answer.advocates, width));
    }
    let as_of = answer.as_of.unwrap_or_default();
    let _ = writeln!(
        text,
        "\nAs of {}{filters}, known at position {}.",
        rfc3339(&as_of),
        answer.position
    );
    text.push_str(&models(answer));
    if answer.stale {
        text.push_str("More has been recorded since.\n");
    }
    text
}

fn distributions(group_by: GroupBy, answer: &ListAdvocatesResponse, width: usize) -> String {
    let what = match group_by {
        GroupBy::Unspecified => "",
        GroupBy::Dealer => "dealer",
        GroupBy::Market => "market",
    };
    let nothing = AdvocacyDistribution::default();
    let total = answer.total.as_ref().unwrap_or(&nothing);
    let mut table = new_table(width);
    table
        .set_header([
            what,
            "persons",
            "mean (95 %)",
            "% below 20",
            "20 to 40",
            "40 to 60",
            "60 to 80",
            "from 80",
            "no score",
        ])
        .add_rows(answer.groups.iter().map(|group| {
            let key = match group.key.as_str() {
                "" => "not known".to_owned(),
                key => one_line(key),
            };
            row(key, group)
        }))
        .add_row(row("total".to_owned(), total));
    finish(table, &[0], &[2])
}

fn row(key: String, of: &AdvocacyDistribution) -> Vec<String> {
    let mut cells = vec![key, count(of.n), mean(of)];
    cells.extend(of.bands.iter().map(share));
    cells.push(count(of.insufficient));
    cells
}

/// Too few are told as such: an empty cell would read as none.
const TOO_FEW: &str = "too few";

fn mean(of: &AdvocacyDistribution) -> String {
    match (of.mean, of.low, of.high) {
        (Some(mean), Some(low), Some(high)) => format!("{mean:.1} ({low:.1}–{high:.1})"),
        (None, Some(low), Some(high)) => format!("{low:.1}–{high:.1}"),
        _ => TOO_FEW.to_owned(),
    }
}

fn share(band: &AdvocacyBand) -> String {
    let percent = |share: f64| format!("{:.0}", 100.0 * share);
    match (band.share, band.low, band.high) {
        (Some(share), Some(low), Some(high)) => {
            let ends = [low, high].map(percent).join("–");
            format!("{} ({ends})", percent(share))
        }
        (None, Some(low), Some(high)) => [low, high].map(percent).join("–"),
        _ => TOO_FEW.to_owned(),
    }
}

fn persons(advocates: &[Advocate], width: usize) -> String {
    let mut table = new_table(width);
    table
        .set_header([
            "owner",
            "score",
            "confidence",
            "evidence",
            "lifted most by",
            "dealer",
            "market",
        ])
        .add_rows(advocates.iter().map(|it| {
            let known = |text: &str| match text {
                "" => "not known".to_owned(),
                text => one_line(text),
            };
            [
                one_line(&it.owner_id),
                format!("{:.1}", it.score),
                format!("{:.2}", it.confidence),
                count(it.evidence),
                lifted(it),
                known(&it.dealer_id),
                known(&it.market),
            ]
        }));
    finish(table, &[0, 5], &[])
}

fn lifted(it: &Advocate) -> String {
    let by = match it.lifted_by() {
        Component::Unspecified => return "nothing".to_owned(),
        Component::Advocacy => "friends and public",
        Component::Repurchase => "bought again",
        Component::Verbatim => "own words",
        Component::Case => "how matters went",
        Component::Survey => "surveys",
    };
    format!("{by} ({:+.1})", it.lifted_points)
}

fn models(answer: &ListAdvocatesResponse) -> String {
    let named = |policy: &Option<AppliedPolicy>, what: &str| match policy {
        Some(it) if !it.name.is_empty() => format!("{}@{}", one_line(&it.name), it.version),
        _ => format!("{what} of your question"),
    };
    let each = answer.models.iter().map(|it| {
        let scoring = named(&it.scoring, "scoring");
        let lexicon = named(&it.lexicon, "lexicon");
        match it.market.as_str() {
            "" => format!("{scoring}, {lexicon}"),
            market => format!("in {}: {scoring}, {lexicon}", one_line(market)),
        }
    });
    format!("Model: {}.\n", each.collect::<Vec<_>>().join("; "))
}

fn new_table(width: usize) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .force_no_tty();
    table
}

/// Names are for copying: they stay in one piece, and to the left. Intervals stay in one piece, too.
fn finish(mut table: Table, names: &[usize], intervals: &[usize]) -> String {
    for (index, column) in table.column_iter_mut().enumerate() {
        if names.contains(&index) || intervals.contains(&index) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
        if !names.contains(&index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    format!("{}\n", table.trim_fmt())
}
