//! Scores in words: figures in their own units, and where a group stands.

use clap::ValueEnum;
use ownerline_proto::v1::funnel_position::Standing;
use ownerline_proto::v1::score_figure::NoShrunken;
use ownerline_proto::v1::{OwnerScores, ScoreFigure};

/// A score that a table of groups shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Measure {
    /// Net promoter score, in points
    Nps,
    /// Satisfaction: share of the top two boxes
    Csat,
    /// Effort: share of the top three boxes
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
    /// How its column is called.
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
    /// `+34.2`, `53.6 %`, `5.31`.
    pub(in crate::cli) fn told(self, figure: f64) -> String {
        match self {
            Self::Points => format!("{figure:+.1}"),
            Self::Share => format!("{:.1} %", figure * 100.0),
            Self::Boxes => format!("{figure:.2}"),
        }
    }

    /// A point, or why there is none; a dash of nothing.
    pub(in crate::cli) fn point(self, figure: &ScoreFigure) -> String {
        match figure.point {
            Some(point) => self.told(point),
            None if figure.n == 0 => "–".to_owned(),
            None => "too few".to_owned(),
        }
    }

    /// Both ends of the interval, or a dash where there is none.
    pub(in crate::cli) fn interval(self, figure: &ScoreFigure) -> String {
        match (figure.low, figure.high) {
            (Some(low), Some(high)) => self.between(low, high),
            _ => "–".to_owned(),
        }
    }

    fn between(self, low: f64, high: f64) -> String {
        match self {
            // The unit once.
            Self::Share => format!("{:.1} to {}", low * 100.0, self.told(high)),
            Self::Points | Self::Boxes => format!("{} to {}", self.told(low), self.told(high)),
        }
    }

    /// What is to be expected, with its interval.
    pub(in crate::cli) fn shrunken(self, figure: &ScoreFigure) -> String {
        match &figure.shrunken {
            Some(it) => format!(
                "{} ({})",
                self.told(it.expected),
                self.between(it.low, it.high)
            ),
            None if figure.no_shrunken() == NoShrunken::FewAnswers => "too few".to_owned(),
            None => "–".to_owned(),
        }
    }
}

/// Why no group of these has an expected figure, in words; `None` if one has, or might have with more answers.
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

/// Where a group stands, in words.
pub(in crate::cli) fn standing(figure: &ScoreFigure) -> &'static str {
    match figure.funnel.as_ref().map(|it| it.standing()) {
        None | Some(Standing::Unspecified) => "–",
        Some(Standing::FarBelow) => "far below",
        Some(Standing::Below) => "below",
        Some(Standing::Within) => "not told apart",
        Some(Standing::Above) => "above",
        Some(Standing::FarAbove) => "far above",
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
        assert_eq!(standing(&fewer), "–");
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
    fn every_unit_is_told_in_its_own_way() {
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
        assert_eq!(Unit::Points.told(-0.04), "-0.0");
    }
}
