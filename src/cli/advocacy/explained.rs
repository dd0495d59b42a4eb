//! The explanation of a score: what raises it, what lowers it, what no longer matters, and what is missing.

use std::fmt::Write as _;

use ownerline_proto::v1::{AdvocacyContribution, AdvocacyExpectation, GetOwnerAdvocacyResponse};

use super::words::{component, evidence, points, policy_name};
use crate::cli::terminal_text::{INDENT, count, labelled, one_line};
use crate::cli::time::{day, day_and_time};

/// The most pieces of evidence under one label; the JSON has all of them.
const SHOWN: usize = 10;

/// Evidence with less than this share of its weight is older than four half-lives.
const TOO_OLD: f64 = 1.0 / 16.0;

/// The explanation of one owner's score.
pub(super) fn explained(owner: &str, answer: &GetOwnerAdvocacyResponse, width: usize) -> String {
    let mut text = String::new();
    let as_of = answer.as_of.unwrap_or_default();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "Advocacy score of {} (as of {}, times are UTC)\n",
        one_line(owner),
        day_and_time(&as_of)
    );
    let width = width.saturating_sub(INDENT);
    let mut section = |label: &str, lines: Vec<String>| labelled(&mut text, label, &lines, width);
    section("Score", verdict(answer));
    let sorted = Sorted::of(answer);
    section("Raised by", shares(&sorted.raising, SHOWN));
    section("Lowered by", shares(&sorted.lowering, SHOWN));
    section("Brand mean", brand(answer));
    section("Too old", sorted.too_old());
    section("Not counted", sorted.not_counted());
    section("No evidence", missing(answer));
    section(
        "Expected",
        answer.expectation.iter().map(expected).collect(),
    );
    section("Other ids", other_ids(owner, answer));
    section("Model", vec![model(answer)]);
    let _ = writeln!(text, "\nKnown at position {}.", answer.position);
    text
}

/// The score and the three pieces of evidence that move it most in each direction.
pub(in crate::cli) fn short(answer: &GetOwnerAdvocacyResponse, width: usize) -> String {
    let mut text = String::new();
    let width = width.saturating_sub(INDENT);
    let sorted = Sorted::of(answer);
    labelled(&mut text, "Score", &verdict(answer), width);
    labelled(&mut text, "Raised by", &shares(&sorted.raising, 3), width);
    labelled(&mut text, "Lowered by", &shares(&sorted.lowering, 3), width);
    text
}

fn verdict(answer: &GetOwnerAdvocacyResponse) -> Vec<String> {
    let Some(score) = answer.score else {
        let why = "insufficient evidence: nothing that counts for or against the brand is known";
        return vec![why.to_owned()];
    };
    let confidence = answer.confidence;
    let how_sure = match confidence {
        ..0.2 => "little is known",
        ..0.5 => "some is known",
        _ => "much is known",
    };
    vec![format!(
        "{score:.1} of 100, with confidence {confidence:.2} of 1: {how_sure}"
    )]
}

/// Pieces of evidence by their effect on the score.
struct Sorted<'a> {
    raising: Vec<&'a AdvocacyContribution>,
    lowering: Vec<&'a AdvocacyContribution>,
    faded: Vec<&'a AdvocacyContribution>,
    uncounted: Vec<&'a AdvocacyContribution>,
}

impl<'a> Sorted<'a> {
    fn of(answer: &'a GetOwnerAdvocacyResponse) -> Self {
        let all = answer.components.iter().flat_map(|it| &it.contributions);
        let (mut raising, mut lowering) = (Vec::new(), Vec::new());
        let (mut faded, mut uncounted) = (Vec::new(), Vec::new());
        for it in all {
            if it.suspicion >= 1.0 || it.strength <= 0.0 {
                uncounted.push(it);
            } else if it.decay < TOO_OLD {
                faded.push(it);
            } else if it.value < 0.0 {
                lowering.push(it);
            } else {
                raising.push(it);
            }
        }
        raising.sort_by(|a, b| b.share.total_cmp(&a.share));
        lowering.sort_by(|a, b| a.share.total_cmp(&b.share));
        Self {
            raising,
            lowering,
            faded,
            uncounted,
        }
    }

    fn too_old(&self) -> Vec<String> {
        listed(&self.faded, SHOWN, |it| {
            let left = percent(it.decay);
            let adds = points(it.share);
            format!("{}: {left} of its weight is left ({adds})", dated(it))
        })
    }

    fn not_counted(&self) -> Vec<String> {
        listed(&self.uncounted, SHOWN, |it| {
            let why = if it.suspicion >= 1.0 {
                "excluded"
            } else {
                "has no weight in this model"
            };
            format!("{}: {why}", dated(it))
        })
    }
}

fn shares(of: &[&AdvocacyContribution], shown: usize) -> Vec<String> {
    let mut lines = listed(of, shown, |it| {
        let share = points(it.share);
        let faded = if it.decay < 0.5 {
            format!("; {} of its weight is left", percent(it.decay))
        } else {
            String::new()
        };
        let doubt = if it.suspicion > 0.0 {
            "; counts half because an undecided integrity signal names it"
        } else {
            ""
        };
        format!("{share} {}{faded}{doubt}", dated(it))
    });
    if let (Some(rest), Some(last)) = (of.get(shown..), lines.last_mut())
        && !rest.is_empty()
    {
        let sum: f64 = rest.iter().map(|it| it.share).sum();
        let sum = points(sum);
        let _ = match rest.len() {
            1 => write!(last, ", {sum}"),
            _ => write!(last, ", together {sum}"),
        };
    }
    lines
}

/// Describes the first pieces of evidence, and says how many more there are.
fn listed(
    of: &[&AdvocacyContribution],
    shown: usize,
    describe: impl Fn(&AdvocacyContribution) -> String,
) -> Vec<String> {
    let mut lines: Vec<String> = of.iter().take(shown).map(|it| describe(it)).collect();
    let more = of.len().saturating_sub(shown);
    if more > 0 {
        lines.push(format!("and {} more", count(more as u64)));
    }
    lines
}

fn dated(it: &AdvocacyContribution) -> String {
    let at = it.occurred_at.unwrap_or_default();
    format!("{}, {}", evidence(it), day(&at))
}

fn percent(share: f64) -> String {
    match share * 100.0 {
        ..1.0 => "less than 1 %".to_owned(),
        percent => format!("{percent:.0} %"),
    }
}

/// How far the brand mean pulls, if there is a score.
fn brand(answer: &GetOwnerAdvocacyResponse) -> Vec<String> {
    if answer.score.is_none() {
        return Vec::new();
    }
    let Some(month) = &answer.means_at else {
        let none = "nothing was known when the month began, so it is taken as 50; a score with \
                    little evidence stays near it";
        return vec![none.to_owned()];
    };
    let pulls = answer.components.iter();
    let pulls = pulls.filter(|it| it.reliability > 0.0 && it.prior_share.abs() >= 0.05);
    let mut lines: Vec<String> = pulls
        .map(|it| {
            let about = component(it.component());
            let mean = 50.0 + 50.0 * it.brand_mean;
            let pull = points(it.prior_share);
            format!("{pull} pull towards {mean:.0} where evidence is scarce: {about}")
        })
        .collect();
    if lines.is_empty() {
        lines.push(format!("that of {} hardly pulls at all", day(month)));
    }
    lines
}

/// The components without evidence.
fn missing(answer: &GetOwnerAdvocacyResponse) -> Vec<String> {
    let without = answer.components.iter();
    let without = without.filter(|it| it.contributions.is_empty() && it.model_weight > 0.0);
    let names: Vec<&str> = without.map(|it| component(it.component())).collect();
    if names.is_empty() {
        return Vec::new();
    }
    vec![names.join(" · ")]
}

fn expected(it: &AdvocacyExpectation) -> String {
    let tiers = format!(
        "of tier {} who came from a brand of tier {}",
        one_line(&it.tier),
        one_line(&it.prior_tier)
    );
    let peers = count(it.n);
    match (it.mean, it.z) {
        (Some(mean), Some(z)) => {
            let side = if z < 0.0 { "below" } else { "above" };
            let far = z.abs();
            format!(
                "{far:.1} standard deviations {side} the mean {mean:.1} of the {peers} owners {tiers}"
            )
        }
        (Some(mean), None) => format!("the {peers} owners {tiers} all have {mean:.1}"),
        (None, _) => format!("withheld: {peers} owners {tiers}, fewer than 10"),
    }
}

fn other_ids(owner: &str, answer: &GetOwnerAdvocacyResponse) -> Vec<String> {
    let others = answer.owner_ids.iter().filter(|id| *id != owner);
    let others: Vec<String> = others.map(|id| one_line(id)).collect();
    if others.is_empty() {
        return Vec::new();
    }
    vec![others.join(", ")]
}

fn model(answer: &GetOwnerAdvocacyResponse) -> String {
    let scoring = policy_name(answer.scoring.as_ref(), "scoring policy");
    let lexicon = policy_name(answer.lexicon.as_ref(), "lexicon");
    match &answer.means_at {
        Some(month) => format!("{scoring}, {lexicon}, brand mean of {}", day(month)),
        None => format!("{scoring}, {lexicon}"),
    }
}

#[cfg(test)]
mod tests {
    use ownerline_proto::v1::AdvocacyComponentScore;
    use ownerline_proto::v1::advocacy_component_score::Component;
    use pbjson_types::Timestamp;

    use super::*;

    fn at(days: i64) -> Option<Timestamp> {
        let seconds = days * 86_400;
        Some(Timestamp { seconds, nanos: 0 })
    }

    fn excluded() -> AdvocacyComponentScore {
        AdvocacyComponentScore {
            component: Component::Survey.into(),
            model_weight: 1.0,
            contributions: vec![AdvocacyContribution {
                occurred_at: at(19_000),
                evidence: "survey_answered".to_owned(),
                value: 1.0,
                strength: 1.0,
                suspicion: 1.0,
                decay: 0.9,
                ..AdvocacyContribution::default()
            }],
            ..AdvocacyComponentScore::default()
        }
    }

    #[test]
    fn evidence_that_does_not_count_is_shown_and_no_score_is_made_up() {
        let answer = GetOwnerAdvocacyResponse {
            components: vec![excluded()],
            as_of: at(19_010),
            ..GetOwnerAdvocacyResponse::default()
        };
        let text = explained("owner-1", &answer, 120);
        assert!(
            text.contains("Score         insufficient evidence"),
            "{text}"
        );
        assert!(
            text.contains("answered a survey with 10, 8 Jan 2022: excluded"),
            "{text}"
        );
        assert!(!text.contains("50"), "{text}");
    }

    #[test]
    fn the_brand_mean_and_the_expectation_are_shown_where_they_are_known() {
        let mut survey = excluded();
        survey.reliability = 0.2;
        survey.brand_mean = 0.4;
        survey.prior_share = 3.25;
        let expectation = AdvocacyExpectation {
            tier: "gold".to_owned(),
            prior_tier: "silver".to_owned(),
            n: 34,
            mean: Some(61.0),
            deviation: Some(5.0),
            z: Some(-1.5),
            low: Some(59.3),
            high: Some(62.7),
        };
        let answer = GetOwnerAdvocacyResponse {
            score: Some(53.25),
            confidence: 0.2,
            components: vec![survey],
            expectation: Some(expectation),
            means_at: at(19_008),
            as_of: at(19_010),
            ..GetOwnerAdvocacyResponse::default()
        };
        let text = explained("owner-1", &answer, 200);
        let pull = "+3.2 pull towards 70 where evidence is scarce: answers to surveys";
        assert!(text.contains(pull), "{text}");
        let peers = "1.5 standard deviations below the mean 61.0 of the 34 owners of tier gold who came from a \
                     brand of tier silver";
        assert!(text.contains(peers), "{text}");
    }
}
