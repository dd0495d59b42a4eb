//! Response times of groups, one line each; n beside every figure.

use ownerline_proto::v1::response_times::Quantile;
use ownerline_proto::v1::{ResponseTimeGroup, ResponseTimes, Share};
use pbjson_types::Duration;

use crate::cli::report::{Column, Table, key, key_shown};
use crate::cli::terminal_text::count;

/// A line of the table: a group, or the total.
struct Line<'a> {
    /// `None` of the total.
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

/// One line a group, and the total; `group_by` names the dimension.
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
            format!("{} of {}", share(&it.on_time()), count(it.on_time().of))
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
        Of::shown("open, beyond", |it| {
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
            let naive = it.times.naive_median_of_answered.as_ref().map(took);
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

/// A quantile.
pub(super) fn reached(at: Option<&Duration>) -> String {
    at.map_or_else(|| "not reached".to_owned(), took)
}

/// An end of an interval.
pub(super) fn bound(end: Option<&Duration>) -> String {
    end.map_or_else(|| "?".to_owned(), took)
}

/// `53.6 %`, or a dash of nothing.
pub(super) fn share(share: &Share) -> String {
    percent(share.share)
}

/// `53.6 %`, or a dash where there is none.
pub(super) fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |it| format!("{:.1} %", it * 100.0))
}

/// A time in one unit: `0 s`, `12 min`, `20.0 h`, `21.7 d`.
pub(in crate::cli) fn took(duration: &Duration) -> String {
    const MINUTE: i64 = 60;
    const HOUR: i64 = 60 * MINUTE;
    const DAY: i64 = 24 * HOUR;
    let seconds = duration.seconds;
    // Shown with one decimal: the loss of precision of a long time does not show.
    let of = |unit: i64| seconds as f64 / unit as f64;
    match seconds {
        ..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{:.0} min", of(MINUTE)),
        _ if seconds < 3 * DAY => format!("{:.1} h", of(HOUR)),
        _ => format!("{:.1} d", of(DAY)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_said_in_one_unit() {
        let said = [0, 59, 60, 3_599, 3_600, 72_029, 86_400, 259_200, 1_872_939];
        let said = said.map(|seconds| took(&Duration { seconds, nanos: 0 }));
        assert_eq!(
            said,
            [
                "0 s", "59 s", "1 min", "60 min", "1.0 h", "20.0 h", "24.0 h", "3.0 d", "21.7 d"
            ]
        );
    }

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
