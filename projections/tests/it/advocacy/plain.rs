//! The evidence of a person in plain code: a list of recorded touchpoints, looked through again and again.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_projections::advocacy::Evidence;
use ownerline_projections::{Position, Recorded};
use ownerline_proto::v1::advocacy_observed::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Subjects, Touchpoint};

use super::DAY;
use crate::life_model::Life;
use crate::model::{key, same_defect};
use crate::standing_model::Known;
use crate::whose_model::WhoseModel;

/// One piece: id, evidence, value, strength, suspicion, occurred_at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Plain {
    pub(super) position: Position,
    pub(super) id: String,
    pub(super) evidence: Evidence,
    pub(super) value: f64,
    pub(super) suspicion: f64,
    pub(super) occurred_at: i64,
}

fn subjects(recorded: &Recorded) -> &Subjects {
    recorded.touchpoint.subjects.as_ref().unwrap()
}

/// Everything about a log as known and as it was.
pub(super) struct World<'r> {
    known: &'r [Recorded],
    history: Vec<Recorded>,
    life: Life<'r>,
    whose: WhoseModel,
    as_of: i64,
}

impl<'r> World<'r> {
    pub(super) fn new(known: &'r [Recorded], as_of: i64) -> Self {
        let standing = Known(known);
        let counts = |r: &&Recorded| r.occurred_at <= as_of && standing.in_force(r);
        let history = known.iter().filter(counts);
        let mut history: Vec<Recorded> = history.map(|r| standing.effective(r)).collect();
        history.sort_by_key(key);
        Self {
            known,
            history,
            life: Life::new(known, as_of),
            whose: WhoseModel::new(known, as_of),
            as_of,
        }
    }

    pub(super) fn person(&self, owner: &str) -> BTreeSet<String> {
        self.life.person(owner)
    }

    fn belongs(&self, r: &Recorded, person: &BTreeSet<String>) -> bool {
        // Whom the clock-keeper names decides nothing about what it tells.
        let is_of_keeper = r.kind.name.starts_with("obligation_");
        let nobody = Recorded {
            touchpoint: Touchpoint {
                subjects: Some(Subjects::default()),
                ..Touchpoint::default()
            },
            ..r.clone()
        };
        let r = if is_of_keeper { &nobody } else { r };
        !self.whose.belongs_to(r, person).is_empty()
    }

    /// The evidence of a person in history order, in the order of its table within a touchpoint.
    pub(super) fn evidence(&self, person: &BTreeSet<String>) -> Vec<Plain> {
        let mut found = Vec::new();
        let mut reported: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut names: BTreeSet<(String, String)> = BTreeSet::new();
        for r in self.history.iter().filter(|r| self.belongs(r, person)) {
            let mut is_first = |kind: &str, name: &str| {
                name.is_empty() || names.insert((kind.to_owned(), name.to_owned()))
            };
            let mut add = |evidence, value, suspicion| {
                found.push(Plain {
                    position: r.position,
                    id: r.touchpoint.id.clone(),
                    evidence,
                    value,
                    suspicion,
                    occurred_at: r.occurred_at,
                });
            };
            match r.touchpoint.payload.as_ref() {
                Some(Payload::ReferralMade(it)) if is_first("referral", &it.referee_ref) => {
                    add(Evidence::ReferralMade, 1.0, 0.0);
                }
                Some(Payload::Repurchased(_)) => {
                    let order = &subjects(r).order_id;
                    if !self.is_cancelled(order) && is_first("order", order) {
                        add(Evidence::Repurchased, 1.0, 0.0);
                    }
                }
                Some(Payload::AdvocacyObserved(it)) => {
                    let value = if it.kind() == Kind::Negative {
                        -1.0
                    } else {
                        1.0
                    };
                    add(Evidence::AdvocacyObserved, value, 0.0);
                }
                Some(Payload::CommitmentBroken(it)) => {
                    let promise = format!("{} {}", r.stream, it.commitment_id);
                    if it.commitment_id.is_empty() || is_first("promise", &promise) {
                        add(Evidence::CommitmentBroken, -1.0, 0.0);
                    }
                }
                Some(Payload::ResolutionConfirmed(_))
                    if self.suspicion(r) < 1.0 && is_first("confirmed", &r.stream) =>
                {
                    add(Evidence::ResolutionConfirmed, 1.0, 0.0);
                }
                Some(Payload::ObligationBreached(it)) => {
                    let stands =
                        self.suspicion(r) < 1.0 && !self.is_revised_away(r, &it.obligation_id);
                    if stands && is_first("breach", &it.obligation_id) {
                        add(Evidence::ObligationBreached, -0.5, 0.0);
                    }
                }
                Some(Payload::FeedbackReceived(it)) => {
                    let doubt = self.suspicion(r);
                    if let Some(score) = it.score.filter(|_| self.is_last(r, scored)) {
                        let value = ((f64::from(score) - 7.5) / 2.5).clamp(-1.0, 1.0);
                        add(Evidence::SurveyAnswered, value, doubt);
                    }
                    if self.is_last(r, worded) {
                        words(&it.verbatim, doubt, &mut add);
                    }
                }
                Some(Payload::FeedbackEdited(it)) if self.is_last(r, worded) => {
                    words(&it.verbatim, self.suspicion(r), &mut add);
                }
                Some(Payload::DefectReported(_)) if subjects(r).defect_id.is_empty() => {}
                Some(Payload::DefectReported(_)) => {
                    let same = self.same(&subjects(r).defect_id);
                    let visits = reported.entry(same).or_default();
                    let first = visits.is_empty();
                    if visits.insert(r.stream.to_string()) && !first {
                        add(Evidence::DefectRepeated, -0.7, 0.0);
                    }
                }
                _ => {}
            }
        }
        found
    }

    fn is_cancelled(&self, order: &str) -> bool {
        let stream = format!("order-{order}");
        let mut of_order = self.history.iter().filter(|it| *it.stream == *stream);
        let last = of_order.rfind(|it| it.kind.name.starts_with("order_"));
        last.is_some_and(|it| &*it.kind.name == "order_cancelled")
    }

    fn is_revised_away(&self, breach: &Recorded, obligation: &str) -> bool {
        let last = self.history.iter().rev().find_map(|it| {
            let later = it.stream == breach.stream && it.occurred_at >= breach.occurred_at;
            match &it.touchpoint.payload {
                Some(Payload::ObligationOutcomeRevised(revised))
                    if later && revised.obligation_id == obligation =>
                {
                    Some(revised)
                }
                _ => None,
            }
        });
        last.is_some_and(|revised| revised.now == "ANSWERED_IN_TIME")
    }

    fn is_last(&self, r: &Recorded, says: fn(&Recorded) -> bool) -> bool {
        let mut stream = self.history.iter().filter(|it| it.stream == r.stream);
        let last = stream.rfind(|it| says(it));
        last.is_some_and(|last| last.position == r.position)
    }

    fn suspicion(&self, r: &Recorded) -> f64 {
        let payload = |it: &&Recorded| it.touchpoint.payload.clone();
        let own = self.history.iter().filter(|it| it.stream == r.stream);
        if own
            .filter_map(|it| payload(&it))
            .any(|it| matches!(it, Payload::FeedbackExcluded(_)))
        {
            return 1.0;
        }
        // Whatever was ever received in the stream, in force or not.
        let item: BTreeSet<&str> = (self.known.iter())
            .filter(|it| it.stream == r.stream && it.occurred_at <= self.as_of)
            .filter(|it| {
                it.kind.name.starts_with("feedback_") && &*it.kind.name != "feedback_excluded"
            })
            .map(|it| it.touchpoint.id.as_str())
            .collect();
        let suspected = self.history.iter().any(|signal| {
            let Some(Payload::IntegritySignalRaised(raised)) = payload(&signal) else {
                return false;
            };
            let decided = self.history.iter().any(|it| {
                it.stream == signal.stream
                    && matches!(payload(&it), Some(Payload::IntegrityReviewDecided(decided))
                        if decided.signal_id == signal.touchpoint.id)
            });
            !decided
                && raised
                    .evidence
                    .iter()
                    .any(|it| item.contains(it.id.as_str()))
        });
        if suspected { 0.5 } else { 0.0 }
    }

    fn same(&self, defect: &str) -> String {
        same_defect(&self.history, defect).pop_first().unwrap()
    }
}

fn scored(r: &Recorded) -> bool {
    matches!(&r.touchpoint.payload, Some(Payload::FeedbackReceived(it)) if it.score.is_some())
}

fn worded(r: &Recorded) -> bool {
    match &r.touchpoint.payload {
        Some(Payload::FeedbackReceived(it)) => !it.verbatim.is_empty(),
        Some(Payload::FeedbackEdited(it)) => !it.verbatim.is_empty(),
        _ => false,
    }
}

/// The words of these histories are "rude", "friendly", both in this order, or neither.
fn words(text: &str, doubt: f64, add: &mut dyn FnMut(Evidence, f64, f64)) {
    let excluded = if doubt == 1.0 { 1.0 } else { 0.0 };
    if text.contains("rude") {
        add(Evidence::ThemeHit, -1.0, excluded);
    }
    if text.contains("friendly") {
        add(Evidence::ThemeHit, 1.0, excluded);
    }
}

/// Half-life in days, strength, place of the component, its weight.
fn rule(evidence: Evidence) -> (f64, f64, usize) {
    match evidence {
        Evidence::ReferralMade | Evidence::AdvocacyObserved => (540.0, 1.0, 0),
        Evidence::Repurchased => (1460.0, 2.0, 1),
        Evidence::ThemeHit => (180.0, 0.5, 2),
        Evidence::SurveyAnswered => (90.0, 1.0, 4),
        _ => (365.0, 1.0, 3),
    }
}

/// Weight and weighted value of each component.
pub(super) fn sums(evidence: &[Plain], as_of: i64) -> [(f64, f64); 5] {
    let mut sums = [(0.0, 0.0); 5];
    for it in evidence {
        let (half_life, strength, place) = rule(it.evidence);
        let age = (as_of - it.occurred_at) as f64 / DAY as f64;
        let weight = strength * (1.0 - it.suspicion) * 0.5_f64.powf(age / half_life);
        sums[place].0 += weight;
        sums[place].1 += weight * it.value;
    }
    sums
}

/// Score and confidence with these means.
pub(super) fn score(evidence: &[Plain], means: [f64; 5], as_of: i64) -> Option<(f64, f64)> {
    let (mut above, mut below) = (0.0, 0.0);
    let weights = [0.35, 0.2, 0.2, 0.2, 0.05];
    for (((weight, value), mean), w) in sums(evidence, as_of).into_iter().zip(means).zip(weights) {
        let reliability = weight / (weight + 3.0);
        above += w * reliability * (value + 3.0 * mean) / (weight + 3.0);
        below += w * reliability;
    }
    (below > 0.0).then(|| (50.0 + 50.0 * above / below, below))
}
