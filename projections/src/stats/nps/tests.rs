//! The arithmetic of NPS against vectors, also where it may not be shown.

use super::NpsAnswers;

fn close(found: f64, expected: &str, of: &str) {
    let expected: f64 = expected.parse().unwrap();
    let off = (found - expected).abs() / expected.abs().max(1.0);
    assert!(off <= 1e-9, "{found} is not {expected}: {of}");
}

/// 100·√(Var/n), in points.
fn standard_error(answers: &NpsAnswers) -> f64 {
    100.0 * (answers.variance().unwrap() / answers.n() as f64).sqrt()
}

#[test]
fn the_margins_of_a_score_of_seventy_are_those_that_are_published() {
    let answers = NpsAnswers {
        promoters: 770,
        passives: 158,
        detractors: 72,
    };
    for (n, points) in [
        (10, "36.9"),
        (30, "21.3"),
        (100, "11.7"),
        (300, "6.7"),
        (1_000, "3.7"),
    ] {
        let of_one = standard_error(&answers) * f64::sqrt(1_000.0);
        let margin = super::super::Z_95 * of_one / f64::from(n).sqrt();
        assert_eq!(format!("{margin:.1}"), points, "n = {n}");
    }
}

#[test]
fn scores_and_their_errors_agree_with_numpy() {
    let file = include_str!("../../../tests/it/stats/vectors/nps.csv");
    let lines: Vec<&str> = file.lines().skip(1).collect();
    assert_eq!(lines.len(), 1_000);
    for line in lines {
        let row: Vec<&str> = line.split(',').collect();
        let answers = NpsAnswers {
            promoters: row[0].parse().unwrap(),
            passives: row[1].parse().unwrap(),
            detractors: row[2].parse().unwrap(),
        };
        let z: f64 = row[3].parse().unwrap();
        close(answers.score().unwrap(), row[4], line);
        close(answers.variance().unwrap(), row[5], line);
        let error = standard_error(&answers);
        close(error, row[6], line);
        let adjusted = answers.adjusted_wald(z).unwrap();
        close(adjusted.low, row[7], line);
        close(adjusted.high, row[8], line);
    }
}

#[test]
fn of_no_answers_there_is_no_score() {
    let nobody = NpsAnswers::default();
    assert_eq!(nobody.score(), None);
    assert_eq!(nobody.variance(), None);
    assert_eq!(nobody.adjusted_wald(1.96), None);
    assert_eq!(nobody.funnel(5), None);
}
