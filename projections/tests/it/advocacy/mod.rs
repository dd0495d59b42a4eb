//! The advocacy score: its evidence, and that it does not depend on the order of arrival.

mod advocates;
mod census;
mod items;
mod numbers;
mod once;
mod plain;
mod properties;
mod repeated;
mod table;
mod words;

use crate::history::{TestTouchpoint, World, entries, folded, log};
use ownerline_projections::advocacy::{
    self, AdvocacyQuery, AdvocacyStates, Contribution, Means, Model, OwnerAdvocacy, owner_advocacy,
};
use ownerline_projections::fold::ViewDef;
use ownerline_projections::timeline::TimelineError;
use ownerline_projections::vehicles;
use ownerline_projections::{Driver, MemoryState, Position, Recorded};
use ownerline_proto::v1::lexicon_policy::Theme;
use ownerline_proto::v1::scoring_policy::Parameter;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{FeedbackReceived, LexiconPolicy, ScoringPolicy};

pub(crate) const DAY: i64 = 86_400_000_000_000;

/// The default model of the domain.
pub(crate) fn scoring() -> ScoringPolicy {
    let named = |all: &[(&str, f64)]| {
        let parameter = |(name, value): &(&str, f64)| Parameter {
            name: (*name).to_owned(),
            value: *value,
        };
        all.iter().map(parameter).collect()
    };
    ScoringPolicy {
        weights: named(&[
            ("advocacy", 0.35),
            ("repurchase", 0.2),
            ("verbatim", 0.2),
            ("case", 0.2),
            ("survey", 0.05),
        ]),
        half_lives: named(&[
            ("advocacy", 540.0),
            ("repurchase", 1460.0),
            ("verbatim", 180.0),
            ("case", 365.0),
            ("survey", 90.0),
        ]),
        strengths: named(&[
            ("referral_made", 1.0),
            ("consideration_listed", 0.7),
            ("referee_test_drove", 1.5),
            ("referee_purchased", 3.0),
            ("advocacy_observed", 1.0),
            ("repurchased", 2.0),
            ("defected", 2.0),
            ("theme_hit", 0.5),
            ("commitment_kept", 1.0),
            ("commitment_broken", 1.0),
            ("resolution_confirmed", 1.0),
            ("resolution_rejected", 1.0),
            ("defect_repeated", 1.0),
            ("obligation_breached", 1.0),
            ("survey_answered", 1.0),
        ]),
        k: 3.0,
    }
}

pub(crate) fn lexicon() -> LexiconPolicy {
    let theme = |name: &str, sign: i32, words: &[&str]| Theme {
        name: name.to_owned(),
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        sign,
    };
    LexiconPolicy {
        themes: vec![
            theme("courtesy", 1, &["friendly", "polite"]),
            theme("promise_kept", 1, &["kept their word", "as promised"]),
            theme("recommendation", 1, &["recommend"]),
            theme("rudeness", -1, &["rude", "sent me away"]),
            theme("delay", -1, &["waited", "too long"]),
            theme("silence", -1, &["no reply", "heard nothing"]),
        ],
    }
}

pub(crate) fn model() -> Model {
    Model::new(&scoring(), &lexicon()).unwrap()
}

/// The states of all views at the end of a log.
#[derive(Debug, PartialEq)]
pub(crate) struct Judged {
    pub(crate) world: World,
    pub(crate) advocacy: MemoryState,
    pub(crate) vehicles: MemoryState,
}

impl Judged {
    pub(crate) fn states(&self) -> AdvocacyStates<'_> {
        AdvocacyStates {
            advocacy: &self.advocacy,
            timeline: self.world.states(),
            vehicles: &self.vehicles,
        }
    }

    pub(crate) fn ask(
        &self,
        owner: &str,
        as_of: i64,
        known_at: Position,
    ) -> Result<OwnerAdvocacy, TimelineError> {
        self.ask_with(&model(), &Means::none(), owner, as_of, known_at)
    }

    pub(crate) fn ask_with(
        &self,
        model: &Model,
        means: &Means,
        owner: &str,
        as_of: i64,
        known_at: Position,
    ) -> Result<OwnerAdvocacy, TimelineError> {
        let query = AdvocacyQuery {
            owner_id: owner.to_owned(),
            as_of: as_of.into(),
            known_at,
        };
        owner_advocacy(self.states(), &query, model, means)
    }

    /// Everything ann's score is made of, as of an instant.
    pub(crate) fn made_of(&self, as_of: i64) -> Vec<Contribution> {
        made_of(&self.ask("ann", as_of, Position(1_000)).unwrap())
    }
}

pub(crate) fn made_of(answer: &OwnerAdvocacy) -> Vec<Contribution> {
    let components = answer.score.components.iter();
    components.flat_map(|it| it.contributions.clone()).collect()
}

pub(crate) fn judged(log: &[Recorded]) -> Judged {
    let mut driver = Driver::default();
    let views: [ViewDef; 2] = [advocacy::VIEW, vehicles::VIEW];
    for view in views {
        driver.add(view, MemoryState::default()).unwrap();
    }
    driver.apply(&entries(log)).unwrap();
    let state = |lane: usize| {
        assert!(driver.lanes()[lane].stopped().is_none());
        driver.lanes()[lane].state().clone()
    };
    Judged {
        world: folded(log),
        advocacy: state(0),
        vehicles: state(1),
    }
}

pub(crate) fn judge(said: &[TestTouchpoint]) -> Judged {
    judged(&log(said))
}

/// Something of ann's own stream.
pub(crate) fn of_ann(id: &str, at: i64, payload: Payload) -> TestTouchpoint {
    TestTouchpoint::with_payload(id, at, payload)
        .about(|subjects| subjects.owner_id = "ann".to_owned())
}

/// Something in the stream of a feedback, case or visit, that names no owner.
pub(crate) fn of_nobody(id: &str, at: i64, matter: &str, payload: Payload) -> TestTouchpoint {
    TestTouchpoint::with_payload(id, at, payload).about(|subjects| {
        match matter.split_once('-').unwrap() {
            ("feedback", id) => id.clone_into(&mut subjects.feedback_id),
            ("case", id) => id.clone_into(&mut subjects.case_id),
            ("visit", id) => id.clone_into(&mut subjects.visit_id),
            (other, _) => panic!("{other} is no matter of this test"),
        }
    })
}

/// The same of ann's.
pub(crate) fn in_matter(id: &str, at: i64, matter: &str, payload: Payload) -> TestTouchpoint {
    of_nobody(id, at, matter, payload).about(|subjects| subjects.owner_id = "ann".to_owned())
}

pub(crate) fn feedback(score: Option<i32>, verbatim: &str) -> Payload {
    Payload::FeedbackReceived(FeedbackReceived {
        score,
        verbatim: verbatim.to_owned(),
        ..FeedbackReceived::default()
    })
}
