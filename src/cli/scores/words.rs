//! Scores in words: figures in their units, and how a group compares with the network.

use clap::ValueEnum;
use ownerline_proto::v1::funnel_position::Standing;
use ownerline_proto::v1::score_figure::NoShrunken;
use ownerline_proto::v1::{OwnerScores, ScoreFigure};

use crate::cli::report::Value;
use crate::cli::terminal_text::percent;

/// A score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Measure {
    /// Net promoter score, in points
    Nps,
    /// Satisfaction: share of answers in the top two boxes
    Csat,
    /// Effort: share of answers in the top three boxes
    Ces,
}

/// The unit of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Unit {
    /// -100 to 100.
    Points,
    /// 0 to 1.
    Share,
    /// 1 to 7.
    Boxes,
}

impl Measure {
    /// The heading of its column.
    pub(in crate::cli) fn name(self) -> &'static str {
        match self {
            Self::Nps => "NPS",
            Self::Csat => "CSAT",
            Self::Ces => "CES top 3",
        }
    }

    /// The name of its field.
    pub(in crate::cli) fn field(self) -> &'static str {
        match self {
            Self::Nps => "nps",
            Self::Csat => "csat",
            Self::Ces => "ces_top_three",
        }
    }

    pub(in crate::cli) fn unit(self) -> Unit {
        match self {
            Self::Nps => Unit::Points,
            Self::Csat | Self::Ces => Unit::Share,
        }
    }

    pub(in crate::cli) fn of(self, scores: &OwnerScores) -> Option<&ScoreFigure> {
        match self {
            Self::Nps => scores.nps.as_ref(),
            Self::Csat => scores.csat.as_ref(),
            Self::Ces => scores.ces_top_three.as_ref(),
        }
    }
}

impl Unit {
    /// A figure with its unit: `+34.2`, `53.6 %`, `5.31`.
    pub(in crate::cli) fn in_words(self, figure: f64) -> String {
        match self {
            Self::Points => format!("{figure:+.1}"),
            Self::Share => percent(figure),
            Self::Boxes => format!("{figure:.2}"),
        }
    }

    /// The score, or why it is withheld; a dash if there are no answers.
    pub(in crate::cli) fn point(self, figure: &ScoreFigure) -> String {
        match figure.point {
            Some(point) => self.in_words(point),
            None if figure.n == 0 => "–".to_owned(),
            None => "too few".to_owned(),
        }
    }

    /// Both ends of the interval, or a dash if there is none.
    pub(in crate::cli) fn interval(self, figure: &ScoreFigure) -> String {
        match (figure.low, figure.high) {
            (Some(low), Some(high)) => self.between(low, high),
            _ => "–".to_owned(),
        }
    }

    fn between(self, low: f64, high: f64) -> String {
        match self {
            Self::Share => format!("{:.1} to {}", low * 100.0, self.in_words(high)),
            Self::Points | Self::Boxes => {
                format!("{} to {}", self.in_words(low), self.in_words(high))
            }
        }
    }

    /// The expected score with its interval, or a dash if there is none.
    pub(in crate::cli) fn shrunken(self, figure: &ScoreFigure) -> String {
        match &figure.shrunken {
            Some(it) => format!(
                "{} ({})",
                self.in_words(it.expected),
                self.between(it.low, it.high)
            ),
            None if figure.no_shrunken() == NoShrunken::FewAnswers => "too few".to_owned(),
            None => "–".to_owned(),
        }
    }
}

/// Why none of these groups has an expected score; `None` if one has, or would have with more answers.
pub(super) fn without_peers(groups: &[&ScoreFigure]) -> Option<&'static str> {
    let reasons = groups.iter().map(|figure| figure.no_shrunken());
    let mut reasons = reasons.filter(|reason| *reason != NoShrunken::FewAnswers);
    match reasons.next() {
        Some(NoShrunken::FewGroups) => Some("fewer than 5 groups have answers"),
        Some(NoShrunken::FewNetworkAnswers) => {
            Some("all groups together have fewer than 100 answers")
        }
        _ => None,
    }
}

/// How a group compares with the network, in words.
pub(super) fn funnel_words(figure: &ScoreFigure) -> &'static str {
    match figure.funnel.as_ref().map(|it| it.standing()) {
        None | Some(Standing::Unspecified) => "–",
        Some(Standing::FarBelow) => "far below",
        Some(Standing::Below) => "below",
        Some(Standing::Within) => "within chance",
        Some(Standing::Above) => "above",
        Some(Standing::FarAbove) => "far above",
    }
}

/// How a group compares with the network, for programs.
pub(super) fn funnel_value(figure: &ScoreFigure) -> Value {
    match figure.funnel.as_ref().map(|it| it.standing()) {
        None | Some(Standing::Unspecified) => Value::Nothing,
        Some(Standing::FarBelow) => "far_below".into(),
        Some(Standing::Below) => "below".into(),
        Some(Standing::Within) => "not_told_apart".into(),
        Some(Standing::Above) => "above".into(),
        Some(Standing::FarAbove) => "far_above".into(),
    }
}

#[cfg(test)]
mod tests {
    use ownerline_proto::v1::ShrunkenFigure;

    use super::*;

    #[test]
    fn a_figure_of_few_answers_has_no_point_and_of_fewer_no_interval() {
        let few = ScoreFigure {
            n: 12,
            low: Some(-5.0),
            high: Some(61.25),
            ..ScoreFigure::default()
        };
        assert_eq!(Unit::Points.point(&few), "too few");
        assert_eq!(Unit::Points.interval(&few), "-5.0 to +61.2");
        let fewer = ScoreFigure::default();
        assert_eq!(Unit::Share.interval(&fewer), "–");
        assert_eq!(funnel_words(&fewer), "–");
        let lacking = |because: NoShrunken| ScoreFigure {
            no_shrunken: because.into(),
            ..ScoreFigure::default()
        };
        let (few, alone) = (
            lacking(NoShrunken::FewAnswers),
            lacking(NoShrunken::FewGroups),
        );
        assert_eq!(Unit::Points.shrunken(&few), "too few");
        assert_eq!(Unit::Points.shrunken(&alone), "–");
        let why = without_peers(&[&few, &alone]);
        assert_eq!(why, Some("fewer than 5 groups have answers"));
        assert_eq!(without_peers(&[&few]), None);
    }

    #[test]
    fn every_unit_has_its_own_form() {
        let drawn = ScoreFigure {
            point: Some(0.5),
            shrunken: Some(ShrunkenFigure {
                expected: 0.512,
                low: 0.4,
                high: 0.625,
                network_share: 0.25,
            }),
            ..ScoreFigure::default()
        };
        assert_eq!(Unit::Share.shrunken(&drawn), "51.2 % (40.0 to 62.5 %)");
        assert_eq!(Unit::Boxes.point(&drawn), "0.50");
        assert_eq!(Unit::Points.in_words(-0.04), "-0.0");
    }
}
