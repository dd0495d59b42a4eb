//! Scores of groups, one line each; n and interval beside every figure.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table};
use ownerline_proto::v1::{ScoreFigure, ScoreGroup, ScoreResults};

use super::words::{Measure, Unit, standing};
use crate::cli::text::{count, one_line};

/// What the table of any groups shows.
pub(super) const LEGEND: &str = "95 %: as far as chance alone may have moved the score of so many answers. Too few: below 30 answers no score is\n\
    shown, below 10 no interval.\n";

/// What it shows of groups that are compared.
pub(super) const PEERS: &str = "Expected: drawn towards the network, as far as chance explains the difference. Beside the network: above or\n\
    below what chance does to 19 of 20 groups of that size (far: to 998 of 1,000).\n";

/// One line a group, and the total; `what` is what is told apart.
pub(in crate::cli) fn table(
    what: &str,
    measure: Measure,
    groups: &[ScoreGroup],
    total: &ScoreResults,
    width: usize,
) -> String {
    let mut table = Table::new();
    let rows = groups.iter().map(|group| {
        let key = match group.key.as_str() {
            "" => "not known".to_owned(),
            key => one_line(key),
        };
        let nothing = ScoreResults::default();
        row(key, measure, group.results.as_ref().unwrap_or(&nothing))
    });
    table
        .load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .force_no_tty()
        .set_header([
            what,
            "n",
            measure.name(),
            "95 %",
            "expected",
            "beside the network",
            "excluded, flagged",
            "answered of delivered",
        ])
        .add_rows(rows)
        .add_row(row("total".to_owned(), measure, total));
    // Names are for copying: they stay in one piece. So do intervals, which are read as one.
    for index in [0, 3, 4] {
        if let Some(column) = table.column_mut(index) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!("{}\n", table.trim_fmt())
}

fn row(key: String, measure: Measure, results: &ScoreResults) -> [String; 8] {
    let nothing = ScoreFigure::default();
    let scores = results.scores.as_ref();
    let figure = scores.and_then(|scores| measure.of(scores));
    let figure = figure.unwrap_or(&nothing);
    let unit = measure.unit();
    let asked = results.invitations.as_ref();
    let rate = asked.and_then(|it| it.response_rate.as_ref());
    let rate = rate.unwrap_or(&nothing);
    [
        key,
        count(figure.n),
        unit.point(figure),
        unit.interval(figure),
        unit.shrunken(figure),
        standing(figure).to_owned(),
        format!("{}, {}", count(results.excluded), count(results.flagged)),
        match rate.n {
            0 => "– of 0".to_owned(),
            n => format!("{} of {}", Unit::Share.point(rate), count(n)),
        },
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_answered_has_no_figures() {
        let cells = row("d1".to_owned(), Measure::Nps, &ScoreResults::default());
        assert_eq!(cells[1..5], ["0", "–", "–", "–"].map(str::to_owned));
        assert_eq!(cells[7], "– of 0");
    }
}
