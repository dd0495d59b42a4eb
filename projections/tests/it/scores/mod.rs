//! Scores of feedback: the rules, each by its name, and properties over random histories.

mod answers;
mod invitations;
mod months;
mod peers;
mod properties;

use ownerline_projections::advocacy::{self, suspected};
use ownerline_projections::civil::Period;
use ownerline_projections::feedback::{self, Part};
use ownerline_projections::fold::ViewDef;
use ownerline_projections::fold::driver::LogEntry;
use ownerline_projections::network::{self, Network};
use ownerline_projections::policy;
use ownerline_projections::policy::{Policies, PolicyStates};
use ownerline_projections::scores::{Counted, GroupBy, Question, Reading, Scope, count};
use ownerline_projections::vehicles;
use ownerline_projections::{Driver, MemoryState, Position, Validity, corrections};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    DealerRegistered, FeedbackReceived, InvitationDelivered, OwnerScores, ScoreFigure, ScoreGroup,
    ScoreInvitations, ScoreResults, SurveyInvited,
};
use prost::Message;
use std::collections::BTreeMap;

use crate::feedback::touchpoints::*;

/// The published figures.
type Figures = (ScoreResults, Vec<ScoreGroup>, bool);

/// A question; by default about everything that is known.
#[derive(Debug, Clone)]
struct Asking {
    scope: Scope,
    group_by: Option<GroupBy>,
    as_of: i64,
    known_at: Position,
    parts: u64,
}

impl Default for Asking {
    fn default() -> Self {
        Self {
            scope: Scope::default(),
            group_by: None,
            as_of: i64::MAX,
            known_at: Position::MAX,
            parts: 1,
        }
    }
}

fn by(group_by: GroupBy) -> Asking {
    Asking {
        group_by: Some(group_by),
        ..Asking::default()
    }
}

/// The states of the views after a log.
struct World {
    states: [MemoryState; 6],
    head: Position,
}

/// Folds touchpoints in the order of arrival.
fn world(touchpoints: &[FeedbackTouchpoint]) -> World {
    let recorded = (1..)
        .zip(touchpoints)
        .map(|(at, it)| it.recorded(Position(at)));
    let entries = recorded.map(|it| {
        let encoded = it.touchpoint.encode_to_vec();
        LogEntry::new(it, &encoded)
    });
    let entries: Vec<_> = entries.collect();
    let mut driver = Driver::default();
    let views: [ViewDef; 6] = [
        feedback::VIEW,
        corrections::VIEW,
        policy::VIEW,
        network::VIEW,
        vehicles::VIEW,
        advocacy::VIEW,
    ];
    for view in views {
        driver.add(view, MemoryState::default()).unwrap();
    }
    driver.apply(&entries).unwrap();
    let states = std::array::from_fn(|lane| {
        assert!(driver.lanes()[lane].stopped().is_none());
        driver.lanes()[lane].state().clone()
    });
    World {
        states,
        head: Position(touchpoints.len() as u64),
    }
}

impl World {
    fn ask(&self, asking: &Asking) -> Figures {
        let [feedback, corrections, policies, network, vehicles, advocacy] = &self.states;
        let known_at = asking.known_at.min(self.head);
        let as_of = asking.as_of;
        let states = PolicyStates {
            policies,
            network,
            corrections,
        };
        let policies = Policies::load(states, as_of.into(), known_at).unwrap();
        let validity = Validity::new(corrections, known_at).unwrap();
        let network = Network::load(network, &validity, as_of.into()).unwrap();
        let suspected = suspected(advocacy, &validity, as_of.into()).unwrap();
        let question = Question {
            scope: &asking.scope,
            group_by: asking.group_by,
            as_of: as_of.into(),
            policies: &policies,
            network: &network,
            suspected: &suspected,
        };
        let count_part = |part| {
            let reading = Reading {
                feedback,
                vehicles,
                validity: &validity,
                question,
                is_over: &|| false,
            };
            count(reading, part).unwrap()
        };
        if asking.scope.is_of_one_dealer(asking.group_by) {
            return count_part(Part::WHOLE).publish();
        }
        let mut whole = Counted::new(&question);
        for part in Part::split(asking.parts) {
            whole.merge(count_part(part));
        }
        whole.publish()
    }

    fn total(&self) -> ScoreResults {
        self.ask(&Asking::default()).0
    }

    fn groups(&self, group_by: GroupBy) -> BTreeMap<String, ScoreResults> {
        by_key(self.ask(&by(group_by)).1)
    }
}

fn by_key(groups: Vec<ScoreGroup>) -> BTreeMap<String, ScoreResults> {
    let groups = groups.into_iter();
    groups.map(|it| (it.key, it.results.unwrap())).collect()
}

fn scores(results: &ScoreResults) -> &OwnerScores {
    results.scores.as_ref().unwrap()
}

fn nps(results: &ScoreResults) -> &ScoreFigure {
    scores(results).nps.as_ref().unwrap()
}

fn with_excluded(results: &ScoreResults) -> &ScoreFigure {
    let scores = results.with_excluded.as_ref().unwrap();
    scores.nps.as_ref().unwrap()
}

fn asked(results: &ScoreResults) -> &ScoreInvitations {
    results.invitations.as_ref().unwrap()
}

/// An answer in a feedback stream of its own.
fn score(feedback: &str, hour: i64, score: i32) -> FeedbackTouchpoint {
    feedback_with(feedback, hour, |it| it.score = Some(score))
}

fn feedback_with(
    feedback: &str,
    hour: i64,
    say: impl FnOnce(&mut FeedbackReceived),
) -> FeedbackTouchpoint {
    let mut received = FeedbackReceived {
        solicited: true,
        ..FeedbackReceived::default()
    };
    say(&mut received);
    let id = format!("{feedback}/received");
    FeedbackTouchpoint::new(&id, hour, Payload::FeedbackReceived(received))
        .of(feedback)
        .at_dealer("d1")
}

/// A number of answers at a dealer.
fn many(dealer: &str, count: usize, points: i32) -> Vec<FeedbackTouchpoint> {
    let of = |number| score(&format!("{dealer}-{points}-{number}"), 1, points).at_dealer(dealer);
    (0..count).map(of).collect()
}

fn invited(feedback: &str, hour: i64, survey: &str) -> FeedbackTouchpoint {
    let payload = Payload::SurveyInvited(SurveyInvited {
        survey: survey.to_owned(),
    });
    asking_of(feedback, hour, "invited", payload)
}

fn delivered(feedback: &str, hour: i64) -> FeedbackTouchpoint {
    let payload = Payload::InvitationDelivered(InvitationDelivered {});
    asking_of(feedback, hour, "delivered", payload)
}

fn asking_of(feedback: &str, hour: i64, what: &str, payload: Payload) -> FeedbackTouchpoint {
    FeedbackTouchpoint::new(&format!("{feedback}/{what}/{hour}"), hour, payload)
        .of(feedback)
        .at_dealer("d1")
}

fn registered(dealer: &str, market: &str, zone: &str) -> FeedbackTouchpoint {
    let payload = Payload::DealerRegistered(DealerRegistered {
        market: market.to_owned(),
        time_zone: zone.to_owned(),
        ..DealerRegistered::default()
    });
    let touchpoints = FeedbackTouchpoint::new(&format!("{dealer}/registered"), 0, payload);
    touchpoints.about(|subjects| {
        subjects.feedback_id = String::new();
        subjects.dealer_id = dealer.to_owned();
    })
}
