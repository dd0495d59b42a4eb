//! The figures of a real event log, computed by somebody else in another language.

use ownerline_proto::v1::get_response_times_request::GroupBy;
use ownerline_proto::v1::{
    GetResponseTimesRequest, GetResponseTimesResponse, ResponseTimes, Touchpoint,
};
use pbjson_types::{Duration, Timestamp};

use super::{ask, figures, total};
use crate::real_data::helpdesk;
use crate::support::{Dice, Server};

/// What was computed elsewhere, as of an instant: received, due, answered, in time, closed unanswered,
/// open, open beyond target; naive median, median and p90 in hours; S(24 h); answered and closed
/// unanswered within 24, 168 and 2,000 h. NaN is not compared.
struct Expected {
    as_of: &'static str,
    counts: [u64; 7],
    hours: [f64; 3],
    survival: f64,
    answered: [f64; 3],
    closed: [f64; 3],
}

const ANY: f64 = f64::NAN;

/// Views that are built anew have far to go on a busy machine.
const PATIENT: [(&str, &str); 2] = [
    ("limits.at_least_wait", "120s"),
    ("server.request_timeout", "150s"),
];

const EXPECTED: [Expected; 4] = [
    Expected {
        as_of: "2011-03-15T12:00:00Z",
        counts: [1_296, 1_296, 1_292, 698, 0, 4, 4],
        // Here, and in June 2012, S is exactly one half at the median, as fractions say: a product of
        // floating-point numbers misses it by a rounding, and takes the next answer.
        hours: [ANY, 19.048_333, 399.088_611],
        survival: ANY,
        answered: [ANY; 3],
        closed: [0.0; 3],
    },
    Expected {
        as_of: "2012-06-01T00:00:00Z",
        counts: [3_302, 3_299, 3_116, 1_932, 169, 17, 14],
        hours: [3.810_556, 6.683_333, 408.083_889],
        survival: 0.414_754_560_416_112_86,
        answered: [
            0.585_245_439_583_877_4,
            0.817_614_883_178_658_3,
            0.946_146_263_722_437_6,
        ],
        closed: [0.0, 0.0, 0.053_853_736_277_571_174],
    },
    Expected {
        as_of: "2013-12-24T00:00:00Z",
        counts: [4_580, 4_580, 4_285, 2_455, 290, 5, 5],
        hours: [ANY; 3],
        survival: ANY,
        answered: [ANY, ANY, 0.935_647_379_912_706_7],
        closed: [ANY, ANY, 0.063_477_074_235_805_63],
    },
    Expected {
        as_of: "2014-01-04T00:00:00Z",
        counts: [4_580, 4_580, 4_285, 2_455, 291, 4, 4],
        hours: [16.389_7, 20.008_06, 520.260_6],
        survival: 0.463_974,
        answered: [0.536_03, 0.758_08, 0.935_59],
        closed: [ANY, ANY, 0.063_54],
    },
];

fn asked(as_of: &str, group_by: GroupBy) -> GetResponseTimesRequest {
    let instant: jiff::Timestamp = as_of.parse().unwrap();
    GetResponseTimesRequest {
        as_of: Some(Timestamp {
            seconds: instant.as_second(),
            nanos: 0,
        }),
        group_by: group_by.into(),
        incidence_at: [24, 168, 2_000]
            .map(|hours| Duration {
                seconds: hours * 3_600,
                nanos: 0,
            })
            .to_vec(),
        ..GetResponseTimesRequest::default()
    }
}

/// The precision of the printed expectations.
fn near(found: Option<f64>, expected: f64, what: &str) {
    let found = found.unwrap();
    let is_near = expected.is_nan() || (found - expected).abs() < 5e-5;
    assert!(is_near, "{what} is {found}, not {expected}");
}

fn hours(duration: &Option<Duration>) -> Option<f64> {
    duration.as_ref().map(|it| it.seconds as f64 / 3_600.0)
}

fn hold(found: &ResponseTimes, expected: &Expected) {
    let as_of = expected.as_of;
    let counts = [
        found.received,
        found.due,
        found.answered,
        found.in_time,
        found.closed_unanswered,
        found.open,
        found.open_beyond_target,
    ];
    assert_eq!(counts, expected.counts, "{as_of}");
    // An import brings with it when it was known.
    assert_eq!(found.in_time_as_known, found.in_time);
    let [median, p90] = &found.quantiles[..] else {
        panic!("{:?}", found.quantiles);
    };
    let times = [&found.naive_median_of_answered, &median.at, &p90.at];
    for (found, expected) in times.into_iter().zip(expected.hours) {
        near(hours(found), expected, as_of);
    }
    let survival = found.survival_at_target.as_ref().unwrap();
    near(survival.survival, expected.survival, as_of);
    for (at, found) in found.incidences.iter().enumerate() {
        near(found.answered, expected.answered[at], as_of);
        near(found.closed_unanswered, expected.closed[at], as_of);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn real_data_has_the_response_times_that_were_computed_elsewhere() {
    let Some(touchpoints) = helpdesk() else {
        return;
    };
    let server = Server::start().await;
    server.import(touchpoints).await;
    for expected in &EXPECTED {
        let request = asked(expected.as_of, GroupBy::Unspecified);
        let answer = ask(&server, request).await.unwrap();
        hold(total(&answer), expected);
    }
    // Now, from kept summaries: nothing has happened since, but for the time that passed.
    let now = GetResponseTimesRequest {
        as_of: None,
        ..asked("2014-01-04T00:00:00Z", GroupBy::Unspecified)
    };
    let now = ask(&server, now).await.unwrap();
    let now = total(&now);
    let counts = [
        now.received,
        now.due,
        now.answered,
        now.in_time,
        now.closed_unanswered,
    ];
    assert_eq!(counts, [4_580, 4_580, 4_285, 2_455, 291]);
    let on_time = now.on_time.as_ref().unwrap();
    near(on_time.share, 0.536_026, "on time");
    server.stop().await;
}

async fn answers(server: &Server) -> Vec<GetResponseTimesResponse> {
    let mut answers = Vec::new();
    for group_by in [GroupBy::Dealer, GroupBy::Month, GroupBy::Responder] {
        for as_of in ["2011-03-15T12:00:00Z", "2026-10-01T00:00:00Z"] {
            let answer = ask(server, asked(as_of, group_by)).await.unwrap();
            assert!(answer.groups.len() > 1, "{group_by:?}");
            answers.push(figures(answer));
        }
    }
    answers
}

#[tokio::test(flavor = "multi_thread")]
async fn real_data_in_random_order_in_sittings_with_repeats_and_rebuilt_gives_equal_response_times()
{
    let Some(mut touchpoints) = helpdesk() else {
        return;
    };
    let ordered = Server::start().await;
    ordered.import(touchpoints.clone()).await;
    let expected = answers(&ordered).await;
    ordered.stop().await;

    let mut dice = Dice(23);
    dice.shuffle(&mut touchpoints);
    let directory = tempfile::tempdir().unwrap();
    for sitting in sittings(&touchpoints) {
        let server = Server::start_with(directory.path(), &PATIENT).await;
        server.import(sitting).await;
        server.stop().await;
    }
    let server = Server::start_with(directory.path(), &PATIENT).await;
    assert_eq!(answers(&server).await, expected);
    server.stop().await;

    std::fs::remove_dir_all(directory.path().join("views")).unwrap();
    let server = Server::start_with(directory.path(), &PATIENT).await;
    assert_eq!(answers(&server).await, expected);
    server.stop().await;
}

/// Thirds, each with the end of the one before.
fn sittings(touchpoints: &[Touchpoint]) -> Vec<Vec<Touchpoint>> {
    let third = touchpoints.len() / 3;
    let bounds = [0, third, 2 * third];
    let ends = [third, 2 * third, touchpoints.len()];
    let sitting =
        |(from, until): (usize, usize)| touchpoints[from.saturating_sub(500)..until].to_vec();
    bounds.into_iter().zip(ends).map(sitting).collect()
}

#[test]
fn a_sitting_repeats_the_end_of_the_one_before() {
    let touchpoints = vec![Touchpoint::default(); 3_000];
    let lengths: Vec<_> = sittings(&touchpoints).iter().map(Vec::len).collect();
    assert_eq!(lengths, [1_000, 1_500, 1_500]);
}
