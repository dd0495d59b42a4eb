//! Scores of groups, one row each, with n and interval beside every figure.

use ownerline_proto::v1::{ScoreFigure, ScoreGroup, ScoreResults};

use super::words::{Measure, Unit, funnel_value, funnel_words};
use crate::cli::report::{Column, Table, Value, key, key_shown};
use crate::cli::terminal_text::count;

/// The legend of every table of groups.
pub(super) const LEGEND: &str = "95 %: the range within which chance alone may have moved the score. Too few: below 30 answers no score is shown, \
    below 10 no interval.\n";

/// The legend of groups that are compared with the network.
pub(super) const PEERS: &str = "Expected: drawn towards the network as far as chance explains the difference. Against the network: above or below \
    the range that chance gives 19 of 20 groups of this size (far: 998 of 1,000).\n";

/// A row of the table: a group, or the total.
struct Line<'a> {
    /// `None` for the total.
    key: Option<&'a str>,
    results: ScoreResults,
    measure: Measure,
}

impl Line<'_> {
    fn figure(&self) -> ScoreFigure {
        let scores = self.results.scores.as_ref();
        let figure = scores.and_then(|scores| self.measure.of(scores));
        figure.cloned().unwrap_or_default()
    }

    fn response_rate(&self) -> ScoreFigure {
        let invitations = self.results.invitations.as_ref();
        let rate = invitations.and_then(|it| it.response_rate);
        rate.unwrap_or_default()
    }
}

/// One row per group, and the total; `group_by` names the dimension.
pub(in crate::cli) fn table(
    group_by: &'static str,
    measure: Measure,
    groups: &[ScoreGroup],
    total: &ScoreResults,
) -> Table {
    let line = |key, results: Option<&ScoreResults>| Line {
        key,
        results: results.cloned().unwrap_or_default(),
        measure,
    };
    let lines: Vec<Line<'_>> = groups
        .iter()
        .map(|group| line(Some(&group.key), group.results.as_ref()))
        .collect();
    let columns = columns(group_by, measure);
    Table::new(&columns, &lines).with_total(&columns, &line(None, Some(total)))
}

type Of<'a> = Column<'a, Line<'a>>;

fn columns<'a>(group_by: &'static str, measure: Measure) -> Vec<Column<'a, Line<'a>>> {
    let unit = measure.unit();
    vec![
        Of::shown(group_by, |it| key_shown(it.key)).field(group_by, |it| key(it.key)),
        Of::of("n", "n", |it| it.figure().n.into()).folds(0),
        Of::shown(measure.name(), move |it| unit.point(&it.figure()))
            .field(measure.field(), |it| it.figure().point.into())
            .right()
            .folds(0),
        Of::shown("95 %", move |it| unit.interval(&it.figure()))
            .field("low", |it| it.figure().low.into())
            .field("high", |it| it.figure().high.into())
            .right()
            .folds(0),
        Of::hidden("withheld", |it| withheld(&it.figure())),
        Of::shown("expected", move |it| unit.shrunken(&it.figure()))
            .field("expected", |it| {
                it.figure().shrunken.map(|it| it.expected).into()
            })
            .field("expected_low", |it| {
                it.figure().shrunken.map(|it| it.low).into()
            })
            .field("expected_high", |it| {
                it.figure().shrunken.map(|it| it.high).into()
            })
            .right(),
        Of::shown("against the network", |it| {
            funnel_words(&it.figure()).to_owned()
        })
        .field("beside_network", |it| funnel_value(&it.figure()))
        .right(),
        Of::shown("excluded, flagged", |it| {
            format!(
                "{}, {}",
                count(it.results.excluded),
                count(it.results.flagged)
            )
        })
        .field("excluded", |it| it.results.excluded.into())
        .field("flagged", |it| it.results.flagged.into())
        .right()
        .folds(2),
        Of::shown("answered of delivered", |it| answered(&it.response_rate()))
            .field("delivered", |it| it.response_rate().n.into())
            .field("response_rate", |it| it.response_rate().point.into())
            .right()
            .folds(2),
    ]
}

/// The parts of a figure that are withheld because there are too few answers.
fn withheld(figure: &ScoreFigure) -> Value {
    match (figure.point, figure.low) {
        _ if figure.n == 0 => Value::Nothing,
        (Some(_), _) => Value::Nothing,
        (None, Some(_)) => "point".into(),
        (None, None) => "point, interval".into(),
    }
}

fn answered(rate: &ScoreFigure) -> String {
    match rate.n {
        0 => "– of 0".to_owned(),
        n => format!("{} of {}", Unit::Share.point(rate), count(n)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::report::{Format, Look, Report};

    #[test]
    fn nothing_answered_has_no_figures() {
        let group = ScoreGroup {
            key: "d1".to_owned(),
            results: None,
        };
        let table = table("dealer", Measure::Nps, &[group], &ScoreResults::default());
        let report = Report::new().table(table);
        let text = report.in_words(Look::Aligned(120)).out;
        let line: Vec<&str> = text.lines().nth(2).unwrap().split_whitespace().collect();
        let expected = ["d1", "0", "–", "–", "–", "–", "0,", "0", "–", "of", "0"];
        assert_eq!(line, expected, "{text}");
        let csv = report.rows(Format::Csv).unwrap().out;
        assert!(csv.contains("group,d1,0,,,,,,,,,0,0,0,\n"), "{csv}");
    }
}
