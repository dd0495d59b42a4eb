//! A high score with few answers, beside a lower one that can be believed.

use std::fmt::Write as _;

use ownerline_proto::v1::get_scores_request::GroupBy;
use ownerline_proto::v1::{GetScoresRequest, ScoreFigure, ScoreGroup, ScoreResults};

use super::stage::Stage;
use crate::cli::CliError;
use crate::cli::scores::{Measure, Unit, ask, table};
use crate::cli::terminal_text::count;

/// The scores of two dealers now, once they include everything recorded.
pub(super) async fn report(stage: &Stage<'_>) -> Result<String, CliError> {
    let request = GetScoresRequest {
        group_by: GroupBy::Dealer.into(),
        as_of: Some(stage.now),
        at_least: stage.at_least.to_owned(),
        ..GetScoresRequest::default()
    };
    let answer = ask(stage.server, request).await?;
    let total = answer.total.unwrap_or_default();
    let mut text = format!(
        "\nNet promoter scores: which one can be believed\n$ {} scores --group-by dealer\n",
        stage.program
    );
    let Some((few, many)) = pair(&answer.groups) else {
        let n = nps(&total).map_or(0, |it| it.n);
        let _ = writeln!(
            text,
            "{} answers: no dealer with few answers looks better than one with many.",
            count(n)
        );
        return Ok(text);
    };
    let groups = [few.clone(), many.clone()];
    text += &table("dealer", Measure::Nps, &groups, &total).aligned(stage.width);
    let unit = Unit::Points;
    if let (Some(high), Some(lower)) = (figure(few), figure(many)) {
        let _ = writeln!(
            text,
            "\n{} looks better, but its {} answers only narrow its score down to {}. No score is shown.",
            few.key,
            count(high.n),
            unit.interval(high),
        );
        if let Some(drawn) = &high.shrunken {
            let expected = unit.in_words(drawn.expected);
            let _ = writeln!(
                text,
                "Compared with the other dealers, {expected} is to be expected of it."
            );
        }
        let _ = writeln!(
            text,
            "The {} of {} is based on {} answers, and can be believed within its interval.",
            unit.point(lower),
            many.key,
            count(lower.n),
        );
    }
    Ok(text)
}

/// Finds the dealer with most answers and, among those with too few, the one with the widest interval whose middle is
/// higher; if there is none, tries the dealer with the next most answers.
fn pair(groups: &[ScoreGroup]) -> Option<(&ScoreGroup, &ScoreGroup)> {
    let named = || groups.iter().filter(|it| !it.key.is_empty());
    let shown = named().filter_map(|it| Some((figure(it)?.n, figure(it)?.point?, it)));
    let mut shown: Vec<_> = shown.collect();
    shown.sort_by_key(|(n, ..)| std::cmp::Reverse(*n));
    shown.into_iter().find_map(|(_, point, many)| {
        let few = named().filter_map(|it| {
            let figure = figure(it).filter(|it| it.point.is_none())?;
            let (low, high) = (figure.low?, figure.high?);
            (f64::midpoint(low, high) > point).then_some((high - low, it))
        });
        let widest = few.max_by(|(one, _), (other, _)| one.total_cmp(other));
        widest.map(|(_, few)| (few, many))
    })
}

fn figure(group: &ScoreGroup) -> Option<&ScoreFigure> {
    nps(group.results.as_ref()?)
}

fn nps(results: &ScoreResults) -> Option<&ScoreFigure> {
    results.scores.as_ref()?.nps.as_ref()
}

#[cfg(test)]
mod tests {
    use ownerline_proto::v1::OwnerScores;

    use super::*;

    fn group(key: &str, n: u64, point: Option<f64>, low: f64, high: f64) -> ScoreGroup {
        let nps = ScoreFigure {
            n,
            point,
            low: (n >= 10).then_some(low),
            high: (n >= 10).then_some(high),
            ..ScoreFigure::default()
        };
        ScoreGroup {
            key: key.to_owned(),
            results: Some(ScoreResults {
                scores: Some(OwnerScores {
                    nps: Some(nps),
                    ..OwnerScores::default()
                }),
                ..ScoreResults::default()
            }),
        }
    }

    #[test]
    fn few_answers_that_look_best_are_shown_beside_the_most_answers_that_look_worse() {
        let groups = [
            group("tiny", 9, None, 0.0, 0.0),
            group("few", 12, None, 40.0, 100.0),
            group("more", 20, None, 60.0, 100.0),
            group("low", 12, None, 0.0, 80.0),
            group("best", 200, Some(90.0), 85.0, 95.0),
            group("most", 90, Some(40.0), 25.0, 55.0),
            group("many", 50, Some(30.0), 10.0, 50.0),
        ];
        let (few, many) = pair(&groups).unwrap();
        assert_eq!((few.key.as_str(), many.key.as_str()), ("few", "most"));
        assert!(pair(&groups[..4]).is_none());
        assert!(pair(&groups[4..]).is_none());
    }
}
