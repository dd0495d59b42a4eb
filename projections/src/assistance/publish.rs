//! Turns counts into the figures of the contract: as far as they may be shown, rounded to 1e-6, never NaN.

use std::collections::BTreeMap;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::turn_away_outcome::{Open, Quantile as WireQuantile};
use ownerline_proto::v1::turn_aways::ByReason;
use ownerline_proto::v1::{
    Assistance, CountedShare, GoodwillSum, HelpGiven, ScoreFigure, TurnAwayExperience,
    TurnAwayOutcome, TurnAways,
};
use pbjson_types::Duration;

use super::tally::{Brands, Tally};
use crate::Validity;
use crate::feedback::load;
use crate::fold::state::{StateError, StateRead};
use crate::policy::Policies;
use crate::scores::nps_of;
use crate::stats::{
    Curve, INTERVAL_FROM, NpsAnswers, Proportion, Quantile, Z_95, rounded, whole_seconds,
};

const DAY: u64 = 86_400;
/// The times at which the matters not solved are counted: a day, a week, 30 days.
const NOT_SOLVED_AFTER: [u64; 3] = [DAY, 7 * DAY, 30 * DAY];

/// The source of the scores of feedback.
pub(super) struct Experience<'e> {
    pub(super) feedback: &'e dyn StateRead,
    pub(super) validity: &'e Validity<'e>,
    pub(super) as_of: Instant,
    pub(super) policies: &'e Policies,
}

/// The figures of one group.
pub(super) fn published(
    tally: Tally,
    experience: &Experience<'_>,
) -> Result<Assistance, StateError> {
    let goodwill = tally.goodwill.iter();
    let goodwill = goodwill.map(|(currency, (times, sum))| GoodwillSum {
        currency: currency.clone(),
        times: *times,
        value_minor: *sum,
    });
    Ok(Assistance {
        turn_aways: Some(turn_aways(&tally)),
        experience: Some(experience.of(&tally.feedback)?),
        help: Some(help(tally.helped)),
        goodwill: goodwill.collect(),
        outcome: Some(outcome(tally)),
    })
}

fn turn_aways(tally: &Tally) -> TurnAways {
    let by_reason = tally.by_reason.iter();
    TurnAways {
        turn_aways: tally.told.n,
        by_reason: by_reason
            .map(|(reason, told)| ByReason {
                reason: *reason,
                turn_aways: told.n,
                told_next_step: Some(share(*told)),
            })
            .collect(),
        told_next_step: Some(share(tally.told)),
        safety: Some(share(tally.safety)),
        safety_told_next_step: Some(share(tally.safety_told)),
        other_brand: tally.brands.other,
        own_brand: tally.brands.own,
        brand_not_known: tally.brands.not_known,
    }
}

fn outcome(tally: Tally) -> TurnAwayOutcome {
    let is_enough = tally.solved.n >= INTERVAL_FROM;
    let curve = tally.times.curve();
    TurnAwayOutcome {
        solved: Some(share(tally.solved)),
        solved_by_same_dealer: tally.by_same_dealer,
        solved_by_other_dealer: tally.by_other_dealer,
        settled_elsewhere: tally.elsewhere,
        solved_by_unknown_dealer: tally.by_unknown_dealer,
        solved_by_vehicle: tally.by_vehicle,
        solutions: tally.solutions.len() as u64,
        taken_up: Some(share(tally.taken_up)),
        taken_up_by_other_dealer: tally.taken_up_by_other,
        quantiles: quantiles(&curve, is_enough),
        not_solved_after: NOT_SOLVED_AFTER
            .iter()
            .map(|seconds| open(&curve, *seconds, is_enough))
            .collect(),
        oldest_not_solved: tally.oldest.map(|waited| duration(whole_seconds(waited))),
    }
}

fn quantiles(curve: &Curve, is_enough: bool) -> Vec<WireQuantile> {
    let reached = |quantile| curve.quantile(quantile).filter(|_| is_enough).map(duration);
    let median = curve.median_interval(Z_95).filter(|_| is_enough);
    vec![
        WireQuantile {
            q: 0.5,
            at: reached(Quantile::MEDIAN),
            low: median.and_then(|it| it.low).map(duration),
            high: median.and_then(|it| it.high).map(duration),
        },
        WireQuantile {
            q: 0.9,
            at: reached(Quantile::P90),
            low: None,
            high: None,
        },
    ]
}

fn open(curve: &Curve, seconds: u64, is_enough: bool) -> Open {
    let survival = curve.survival(seconds).filter(|_| is_enough);
    let interval = curve.survival_interval(seconds, Z_95);
    let interval = interval.filter(|_| is_enough);
    Open {
        at: Some(duration(seconds)),
        open: survival.map(rounded),
        low: interval.map(|it| rounded(it.low)),
        high: interval.map(|it| rounded(it.high)),
    }
}

fn help(brands: Brands) -> HelpGiven {
    let Brands {
        other,
        own,
        not_known,
    } = brands;
    HelpGiven {
        visits: brands.all(),
        other_brand: other,
        own_brand: own,
        brand_not_known: not_known,
        other_brand_share: Some(share(Proportion {
            successes: other,
            n: other + own,
        })),
    }
}

impl Experience<'_> {
    /// The scores of feedback; each says whether it names a visit of a turn-away, and one in which somebody helped.
    fn of(
        &self,
        feedback: &BTreeMap<String, (bool, bool)>,
    ) -> Result<TurnAwayExperience, StateError> {
        let mut all = NpsAnswers::default();
        let (mut away, mut helped) = (all, all);
        let (mut received, mut excluded) = (0, 0);
        for (feedback_id, (names_away, names_helped)) in feedback {
            let item = load(self.feedback, self.validity, feedback_id)?;
            let Some(answer) = item.and_then(|it| nps_of(&it, self.as_of, self.policies)) else {
                continue;
            };
            received += 1;
            if answer.is_excluded {
                excluded += 1;
                continue;
            }
            let Some(score) = answer.score else {
                continue;
            };
            all.add(score);
            if *names_away {
                away.add(score);
            }
            if *names_helped {
                helped.add(score);
            }
        }
        Ok(TurnAwayExperience {
            feedback: received,
            excluded,
            nps: Some(figure(all)),
            nps_where_turned_away: Some(figure(away)),
            nps_where_helped: Some(figure(helped)),
        })
    }
}

fn figure(answers: NpsAnswers) -> ScoreFigure {
    let shown = answers.shown(Z_95);
    ScoreFigure {
        n: shown.n(),
        point: shown.point().map(rounded),
        low: shown.interval().map(|it| rounded(it.low)),
        high: shown.interval().map(|it| rounded(it.high)),
        ..ScoreFigure::default()
    }
}

/// A share, as far as so few items may show one.
fn share(proportion: Proportion) -> CountedShare {
    let shown = proportion.shown(Z_95);
    CountedShare {
        count: proportion.successes,
        of: proportion.n,
        share: shown.point().map(rounded),
        low: shown.interval().map(|it| rounded(it.low)),
        high: shown.interval().map(|it| rounded(it.high)),
    }
}

fn duration(seconds: u64) -> Duration {
    Duration {
        seconds: i64::try_from(seconds).unwrap_or(i64::MAX),
        nanos: 0,
    }
}
