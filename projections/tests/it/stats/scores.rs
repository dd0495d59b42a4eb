//! Intervals of shares, the small-n rule, and funnel limits.

use ownerline_projections::stats::{
    CesAnswers, Funnel, FunnelStanding, NpsAnswers, Proportion, Quantile, Z_95, is_satisfied,
    wilson,
};

use super::{assert_close, count, number, rows};

#[test]
fn wilson_agrees_with_statsmodels() {
    let rows = rows(include_str!("vectors/wilson.csv"));
    assert_eq!(rows.len(), 1_000);
    for row in rows {
        let found = wilson(count(row[0]), count(row[1]), number(row[2])).unwrap();
        assert_close(found.low, row[3], &row);
        assert_close(found.high, row[4], &row);
        assert!((0.0..=1.0).contains(&found.low) && (0.0..=1.0).contains(&found.high));
    }
}

#[test]
fn nothing_has_no_share_and_no_interval() {
    assert_eq!(wilson(0, 0, Z_95), None);
    assert_eq!(Proportion::default().share(), None);
    let nobody = NpsAnswers::default().shown(Z_95);
    assert_eq!(nobody.n(), 0);
    assert_eq!((nobody.interval(), nobody.point()), (None, None));
    assert!(Funnel::of_share(Proportion::default(), 5).is_none());
    let half = Proportion { successes: 1, n: 2 };
    assert!(Funnel::of_share(half, 0).is_none());
}

#[test]
fn ends_of_a_share_of_all_or_nothing_are_exact() {
    for n in 1..500 {
        assert_eq!(wilson(0, n, Z_95).unwrap().low, 0.0);
        assert_eq!(wilson(n, n, Z_95).unwrap().high, 1.0);
    }
}

#[test]
fn few_answers_show_their_number_then_an_interval_and_only_thirty_a_point() {
    for (n, interval, point) in [
        (9, false, false),
        (10, true, false),
        (29, true, false),
        (30, true, true),
    ] {
        let answers = NpsAnswers {
            promoters: n - 4,
            passives: 1,
            detractors: 3,
        };
        let mut ces = CesAnswers::default();
        ces.boxes[3] = n - 2;
        ces.boxes[5] = 2;
        let csat = Proportion {
            successes: n - 1,
            n,
        };
        for shown in [
            answers.shown(Z_95),
            ces.mean_shown(Z_95),
            ces.top_three().shown(Z_95),
            csat.shown(Z_95),
        ] {
            assert_eq!(shown.n(), n);
            assert_eq!(shown.interval().is_some(), interval, "{shown:?}");
            assert_eq!(shown.point().is_some(), point, "{shown:?}");
        }
    }
}

#[test]
fn effort_is_a_mean_and_a_share_of_the_top_three() {
    let ces = CesAnswers {
        boxes: [2, 0, 3, 5, 10, 12, 8],
    };
    let mean = ces.mean_shown(1.96);
    assert_eq!(mean.point(), Some(5.225));
    // scipy.stats.beta with the mean (4 + 209) ÷ 41 and the variance ((20 + 1183) ÷ 41 − mean²) ÷ 42, on 1 to 7.
    let interval = mean.interval().unwrap();
    assert!(
        (interval.low - 4.715378743442615).abs() < 1e-9,
        "{interval:?}"
    );
    assert!(
        (interval.high - 5.641124451602366).abs() < 1e-9,
        "{interval:?}"
    );
    let top = ces.top_three().shown(1.96);
    assert_eq!(top.point(), Some(0.75));
    assert_eq!(top.interval(), wilson(30, 40, 1.96));
}

#[test]
fn a_mean_of_which_all_agree_has_a_width_and_at_an_end_reaches_it() {
    let all = |ticked: usize| {
        let mut boxes = [0; 7];
        boxes[ticked - 1] = 10;
        CesAnswers { boxes }.mean_shown(Z_95).interval().unwrap()
    };
    assert_eq!((all(7).high, all(1).low), (7.0, 1.0));
    assert!(all(7).low < 6.9 && all(1).high > 1.1);
    let middle = all(4);
    assert!(
        middle.low < 3.8 && 4.2 > middle.high - 1.0 && middle.high > 4.1,
        "{middle:?}"
    );
}

#[test]
fn scores_are_counted_as_the_survey_says() {
    let mut answers = NpsAnswers::default();
    (-2..=12).for_each(|score| answers.add(score));
    let expected = NpsAnswers {
        promoters: 2,
        passives: 2,
        detractors: 7,
    };
    assert_eq!(answers, expected);
}

#[test]
fn funnel_limits_tell_chance_from_a_difference() {
    let network = Proportion {
        successes: 800,
        n: 1_000,
    };
    let funnel = Funnel::of_share(network, 100).unwrap();
    // ±1.96·0.04 and ±3.09·0.04.
    for (end, expected) in [
        (funnel.warning.low, 0.7216),
        (funnel.warning.high, 0.8784),
        (funnel.alarm.low, 0.6764),
        (funnel.alarm.high, 0.9236),
    ] {
        assert!((end - expected).abs() < 1e-12, "{end}");
    }
    for (share, standing) in [
        (0.67, FunnelStanding::FarBelow),
        (0.7, FunnelStanding::Below),
        (0.8, FunnelStanding::Within),
        (0.9, FunnelStanding::Above),
        (0.93, FunnelStanding::FarAbove),
    ] {
        assert_eq!(funnel.standing(share), standing);
    }
    let few = Funnel::of_share(network, 1).unwrap();
    assert_eq!((few.alarm.low, few.alarm.high), (0.0, 1.0));
    let answers = NpsAnswers {
        promoters: 770,
        passives: 158,
        detractors: 72,
    };
    // The margin of 10 answers, around 69.8.
    let funnel = answers.funnel(10).unwrap();
    assert!((funnel.centre - 69.8).abs() < 1e-9);
    assert!((funnel.warning.low - (69.8 - 36.9)).abs() < 0.05);
    assert_eq!(funnel.warning.high, 100.0);
}

#[test]
fn nearest_ranks_are_whole_thousandths_of_whole_numbers() {
    let rank = |q, n| Quantile::from_thousandths(q).unwrap().nearest_rank(n);
    assert_eq!(rank(500, 0), None);
    assert_eq!(rank(500, 1), Some(1));
    assert_eq!(rank(500, 4), Some(2));
    assert_eq!(rank(500, 5), Some(3));
    // 0.07·100 is more than 7 in doubles.
    assert_eq!(rank(70, 100), Some(7));
    assert_eq!(rank(900, 10), Some(9));
    assert_eq!(rank(999, u64::MAX).map(|it| it < u64::MAX), Some(true));
    assert!(Quantile::from_thousandths(0).is_none());
    assert!(Quantile::from_thousandths(1_000).is_none());
    assert_eq!(Quantile::P90.to_string(), "p90");
    assert_eq!(
        Quantile::from_thousandths(995).unwrap().to_string(),
        "p99.5"
    );
}

#[test]
fn a_satisfied_owner_ticks_one_of_the_top_two_boxes_of_any_scale() {
    let satisfied = |answer| is_satisfied(answer, 1, 5);
    assert_eq!(
        [3, 4, 5].map(satisfied),
        [Some(false), Some(true), Some(true)]
    );
    assert_eq!([0, 6, i32::MIN].map(satisfied), [None; 3]);
    assert_eq!(is_satisfied(6, 0, 7), Some(true));
    // Two boxes have no top two, however far apart a scale begins.
    assert_eq!(is_satisfied(1, 0, 1), None);
    assert_eq!(is_satisfied(i32::MAX, i32::MIN, i32::MAX), Some(true));
}

#[test]
fn ticks_are_counted_one_by_one_as_at_once() {
    let mut ces = CesAnswers::default();
    for ticked in [1, 5, 7, 7, 0, 8, -3] {
        ces.add(ticked);
    }
    assert_eq!(ces.boxes, [1, 0, 0, 0, 1, 0, 2]);
    let mut twice = ces;
    twice.merge(&ces);
    assert_eq!((twice.n(), twice.top_three().successes), (8, 6));
}
