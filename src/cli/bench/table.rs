//! The figures for people.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table};

use super::figure::Figure;
use crate::cli::text::count;

/// Columns of numbers.
const NUMBERS: [usize; 5] = [2, 3, 4, 5, 6];

pub(super) fn rendered(figures: &[Figure], width: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .force_no_tty()
        .set_header([
            "bar",
            "what",
            "value",
            "p50 ms",
            "p99 ms",
            "yardstick",
            "ratio",
            "target",
            "holds",
        ])
        .add_rows(figures.iter().map(row));
    for index in NUMBERS {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    for index in [0, 2, 3, 4, 5, 6, 8] {
        if let Some(column) = table.column_mut(index) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    let mut text = format!("{}\n\n", table.trim_fmt());
    for figure in figures.iter().filter(|figure| !figure.note.is_empty()) {
        text.push_str(&format!("{}: {}\n", figure.bar, figure.note));
    }
    text
}

fn row(figure: &Figure) -> [String; 9] {
    let value = match figure.value {
        Some(value) => format!("{} {}", number(value), figure.unit),
        None => "–".to_owned(),
    };
    let holds = match figure.holds {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "not judged",
    };
    [
        figure.bar.to_owned(),
        figure.what.clone(),
        value.trim_end().to_owned(),
        optional(figure.p50_ms),
        optional(figure.p99_ms),
        optional(figure.yardstick),
        optional(figure.ratio),
        figure.target.to_owned(),
        holds.to_owned(),
    ]
}

fn optional(value: Option<f64>) -> String {
    value.map(number).unwrap_or_default()
}

/// Whole from a hundred on, and three digits below.
fn number(value: f64) -> String {
    if value >= 100.0 {
        // Figures are far below 2^53 and not negative.
        count(value.round() as u64)
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_says_what_holds_and_what_is_not_judged() {
        let held = Figure::new("B1", "Record", Some(31_234.4), "/s", "0.5 × echo")
            .beside(60_000.0)
            .judged(true, |it| it.ratio_at_least(0.5))
            .note("views: timeline");
        let small = Figure::new("B4", "rebuild", Some(5.25), "s", "≤ 2 s").judged(false, |_| true);
        let failed =
            Figure::new("B6", "open", Some(3.0), "s", "≤ 2 s").judged(true, |it| it.at_most(2.0));
        insta::assert_snapshot!(rendered(&[held, small, failed], 120));
    }
}
