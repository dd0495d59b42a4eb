//! Response times of groups, one row each, with n beside every figure.

use ownerline_proto::v1::response_times::Quantile;
use ownerline_proto::v1::{ResponseTimeGroup, ResponseTimes, Share};
use pbjson_types::Duration;

use crate::cli::durations::in_one_unit;
use crate::cli::report::{Column, Table, key, key_shown};
use crate::cli::terminal_text::{count, percent};

/// A row of the table: a group, or the total.
struct Line<'a> {
    /// `None` for the total.
    key: Option<&'a str>,
    times: ResponseTimes,
}

impl Line<'_> {
    fn on_time(&self) -> Share {
        self.times.on_time.unwrap_or_default()
    }

    fn quantile(&self, index: usize) -> Quantile {
        self.times.quantiles.get(index).cloned().unwrap_or_default()
    }

    fn median(&self) -> String {
        let median = self.quantile(0);
        let at = reached(median.at.as_ref());
        if median.at.is_none() {
            return at;
        }
        let ends = [&median.low, &median.high].map(|end| bound(end.as_ref()));
        format!("{at} ({}–{})", ends[0], ends[1])
    }
}

/// One row per group, and the total; `group_by` names the dimension.
pub(in crate::cli) fn table(
    group_by: &'static str,
    groups: &[ResponseTimeGroup],
    total: &ResponseTimes,
) -> Table {
    let line = |key, times: Option<&ResponseTimes>| Line {
        key,
        times: times.cloned().unwrap_or_default(),
    };
    let lines: Vec<Line<'_>> = groups
        .iter()
        .map(|group| line(Some(&group.key), group.times.as_ref()))
        .collect();
    let columns = columns(group_by);
    Table::new(&columns, &lines).with_total(&columns, &line(None, Some(total)))
}

type Of<'a> = Column<'a, Line<'a>>;

fn columns<'a>(group_by: &'static str) -> Vec<Column<'a, Line<'a>>> {
    vec![
        Of::shown(group_by, |it| key_shown(it.key)).field(group_by, |it| key(it.key)),
        Of::of("received", "received", |it| it.times.received.into()),
        Of::shown("in time of due", |it| {
            format!(
                "{} of {}",
                percent_or_dash(it.on_time().share),
                count(it.on_time().of)
            )
        })
        .field("due", |it| it.times.due.into())
        .field("in_time", |it| it.on_time().count.into())
        .field("in_time_share", |it| it.on_time().share.into())
        .field("in_time_low", |it| it.on_time().low.into())
        .field("in_time_high", |it| it.on_time().high.into())
        .right()
        .folds(0),
        Of::shown("median (95 %)", Line::median)
            .field("median_seconds", |it| it.quantile(0).at.into())
            .field("median_low_seconds", |it| it.quantile(0).low.into())
            .field("median_high_seconds", |it| it.quantile(0).high.into())
            .right()
            .folds(0),
        Of::shown("p90", |it| reached(it.quantile(1).at.as_ref()))
            .field("p90_seconds", |it| it.quantile(1).at.into())
            .right()
            .folds(2),
        Of::shown("open, overdue", |it| {
            format!(
                "{}, {}",
                count(it.times.open),
                count(it.times.open_beyond_target)
            )
        })
        .field("open", |it| it.times.open.into())
        .field("open_beyond_target", |it| {
            it.times.open_beyond_target.into()
        })
        .right(),
        Of::of("closed unanswered", "closed_unanswered", |it| {
            it.times.closed_unanswered.into()
        }),
        Of::shown("naive median of answered", |it| {
            let naive = it.times.naive_median_of_answered.as_ref().map(in_one_unit);
            match naive {
                Some(naive) => format!("{naive} of {}", count(it.times.answered)),
                None => "none".to_owned(),
            }
        })
        .field("answered", |it| it.times.answered.into())
        .field("naive_median_seconds", |it| {
            it.times.naive_median_of_answered.into()
        })
        .right()
        .folds(3),
        Of::hidden("excluded", |it| it.times.excluded.into()),
        Of::hidden("not_owed", |it| it.times.not_owed.into()),
    ]
}

/// A quantile, or that it was not reached.
pub(super) fn reached(at: Option<&Duration>) -> String {
    at.map_or_else(|| "not reached".to_owned(), in_one_unit)
}

/// An end of an interval, or a question mark if it was not reached.
pub(super) fn bound(end: Option<&Duration>) -> String {
    end.map_or_else(|| "?".to_owned(), in_one_unit)
}

/// `53.6 %`, or a dash if there is no share.
pub(super) fn percent_or_dash(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), percent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_received_has_no_figures() {
        let group = ResponseTimeGroup {
            key: "d1".to_owned(),
            times: None,
        };
        let table = table("dealer", &[group], &ResponseTimes::default());
        let text = table.aligned(120);
        let line = text.lines().nth(2).unwrap();
        for part in ["d1 ", "– of 0", "not reached", "none"] {
            assert!(line.contains(part), "{part}: {text}");
        }
    }
}
