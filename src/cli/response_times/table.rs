//! Response times of groups, one line each; n beside every figure.

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Table};
use ownerline_proto::v1::{ResponseTimeGroup, ResponseTimes, Share};
use pbjson_types::Duration;

use crate::cli::text::{count, one_line};

/// One line a group, and the total; `what` is what is told apart.
pub(in crate::cli) fn table(
    what: &str,
    groups: &[ResponseTimeGroup],
    total: &ResponseTimes,
    width: usize,
) -> String {
    let mut table = Table::new();
    let rows = groups.iter().map(|group| {
        let key = match group.key.as_str() {
            "" => "not known".to_owned(),
            key => one_line(key),
        };
        let nothing = ResponseTimes::default();
        row(key, group.times.as_ref().unwrap_or(&nothing))
    });
    table
        .load_style(UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .force_no_tty()
        .set_header([
            what,
            "received",
            "in time of due",
            "median (95 %)",
            "p90",
            "open, beyond",
            "closed unanswered",
            "naive median of answered",
        ])
        .add_rows(rows)
        .add_row(row("total".to_owned(), total));
    // Names are for copying: they stay in one piece. So do intervals, which are read as one.
    for index in [0, 3] {
        if let Some(column) = table.column_mut(index) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!("{}\n", table.trim_fmt())
}

fn row(key: String, times: &ResponseTimes) -> [String; 8] {
    let nothing = Share::default();
    let on_time = times.on_time.as_ref().unwrap_or(&nothing);
    let quantile = |index: usize| times.quantiles.get(index);
    let at = |index| reached(quantile(index).and_then(|it| it.at.as_ref()));
    let median = match quantile(0) {
        Some(it) if it.at.is_some() => {
            let ends = [&it.low, &it.high].map(|end| bound(end.as_ref()));
            format!("{} ({}–{})", at(0), ends[0], ends[1])
        }
        _ => at(0),
    };
    let naive = times.naive_median_of_answered.as_ref().map(took);
    [
        key,
        count(times.received),
        format!("{} of {}", share(on_time), count(on_time.of)),
        median,
        at(1),
        format!("{}, {}", count(times.open), count(times.open_beyond_target)),
        count(times.closed_unanswered),
        match naive {
            Some(naive) => format!("{naive} of {}", count(times.answered)),
            None => "none".to_owned(),
        },
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
        let cells = row("d1".to_owned(), &ResponseTimes::default());
        assert_eq!(cells[2], "– of 0");
        assert_eq!(cells[3], "not reached");
        assert_eq!(cells[7], "none");
    }
}
