//! The figures as a table.

use super::figure::Figure;
use crate::cli::report::{Column, Report, Table};
use crate::cli::terminal_text::count;

type Of<'a> = Column<'a, Figure>;

pub(super) fn report(figures: &[Figure]) -> Report {
    let number = |get: fn(&Figure) -> Option<f64>| move |it: &Figure| optional(get(it));
    let columns = [
        Of::of("bar", "bar", |it| it.bar.into()),
        Of::of("what", "what", |it| (&it.what).into())
            .wraps()
            .folds(0),
        Of::shown("value", value)
            .field("value", |it| it.value.into())
            .field("unit", |it| it.unit.into())
            .right()
            .folds(0),
        Of::shown("p50 ms", number(|it| it.p50_ms))
            .field("p50_ms", |it| it.p50_ms.into())
            .right()
            .folds(3),
        Of::shown("p99 ms", number(|it| it.p99_ms))
            .field("p99_ms", |it| it.p99_ms.into())
            .right()
            .folds(2),
        Of::shown("yardstick", number(|it| it.yardstick))
            .field("yardstick", |it| it.yardstick.into())
            .right()
            .folds(2),
        Of::shown("ratio", number(|it| it.ratio))
            .field("ratio", |it| it.ratio.into())
            .right(),
        Of::of("target", "target", |it| it.target.into()).wraps(),
        Of::shown("holds", holds)
            .field("holds", |it| it.holds.into())
            .folds(0),
        Of::hidden("note", |it| (&it.note).into()),
    ];
    let notes = figures.iter().filter(|figure| !figure.note.is_empty());
    let notes = notes.map(|figure| format!("{}: {}\n", figure.bar, figure.note));
    Report::new()
        .table(Table::new(&columns, figures))
        .note(format!("\n{}", notes.collect::<String>()))
}

fn value(figure: &Figure) -> String {
    let value = figure
        .value
        .map(|value| format!("{} {}", number(value), figure.unit));
    value.map_or_else(|| "–".to_owned(), |value| value.trim_end().to_owned())
}

fn holds(figure: &Figure) -> String {
    let holds = match figure.holds {
        Some(true) => "yes",
        Some(false) => "NO",
        None => "not judged",
    };
    holds.to_owned()
}

fn optional(value: Option<f64>) -> String {
    value.map(number).unwrap_or_default()
}

/// A number with three significant digits, or whole from 100 on.
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
    use crate::cli::report::Look;

    #[test]
    fn a_table_says_what_holds_and_what_is_not_judged() {
        let held = Figure::new("B1", "Record", Some(31_234.4), "/s", "0.5 × echo")
            .beside(60_000.0)
            .judged(true, |it| it.ratio_at_least(0.5))
            .note("views: timeline");
        let small = Figure::new("B4", "rebuild", Some(5.25), "s", "≤ 2 s").judged(false, |_| true);
        let failed =
            Figure::new("B6", "open", Some(3.0), "s", "≤ 2 s").judged(true, |it| it.at_most(2.0));
        let report = report(&[held, small, failed]);
        insta::assert_snapshot!(report.in_words(Look::Aligned(120)).out);
    }
}
