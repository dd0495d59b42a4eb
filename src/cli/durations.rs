//! Durations for people.

use pbjson_types::Duration;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A duration in its two largest units: `45 s`, `12 min`, `3 h 12 min`, `3 d 4 h`.
pub(super) fn in_two_units(seconds: i64) -> String {
    let two = |whole: i64, name: &str, rest: i64, rest_name: &str| match rest {
        0 => format!("{whole} {name}"),
        rest => format!("{whole} {name} {rest} {rest_name}"),
    };
    match seconds {
        ..MINUTE => format!("{seconds} s"),
        MINUTE..HOUR => format!("{} min", seconds / MINUTE),
        HOUR..=DAY => two(seconds / HOUR, "h", seconds % HOUR / MINUTE, "min"),
        _ => two(seconds / DAY, "d", seconds % DAY / HOUR, "h"),
    }
}

/// A duration in one unit: `0 s`, `12 min`, `20.0 h`, `21.7 d`.
pub(super) fn in_one_unit(duration: &Duration) -> String {
    let seconds = duration.seconds;
    // Shown with one decimal, so the loss of precision of a long duration does not show.
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
    fn two_units_leave_out_what_is_zero() {
        let shown = [0, 59, 60, 3_599, 3_600, 11_520, 86_400, 86_401, 273_600];
        let expected = [
            "0 s",
            "59 s",
            "1 min",
            "59 min",
            "1 h",
            "3 h 12 min",
            "24 h",
            "1 d",
            "3 d 4 h",
        ];
        assert_eq!(shown.map(in_two_units), expected);
    }

    #[test]
    fn one_unit_is_rounded() {
        let shown = [0, 59, 60, 3_599, 3_600, 72_029, 86_400, 259_200, 1_872_939];
        let shown = shown.map(|seconds| in_one_unit(&Duration { seconds, nanos: 0 }));
        assert_eq!(
            shown,
            [
                "0 s", "59 s", "1 min", "60 min", "1.0 h", "20.0 h", "24.0 h", "3.0 d", "21.7 d"
            ]
        );
    }
}
