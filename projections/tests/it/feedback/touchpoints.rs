//! Touchpoints of a feedback for the tests, and the terms to judge by. Instants are hours.

use std::sync::Arc;

use ownerline_projections::calendar::BudgetClock;
use ownerline_projections::feedback::{self, load};
use ownerline_projections::fold::ViewDef;
use ownerline_projections::fold::driver::LogEntry;
use ownerline_projections::obligation::terms::{InForce, Term, Terms};
use ownerline_projections::obligation::{Item, ItemState, Obligation};
use ownerline_projections::{Driver, MemoryState, Position, Recorded, Validity, corrections};
use ownerline_proto::kind;
use ownerline_proto::time;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Actor, Channel, DealerReplied, FeedbackClosed, FeedbackEdited, FeedbackExcluded,
    FeedbackReassigned, FeedbackReceived, FeedbackReopened, Origin, OwnerMessageReceived,
    ReplyBounced, ReplyWithdrawn, Subjects, Touchpoint, TouchpointRef, TouchpointRetracted, actor,
    dealer_replied, feedback_excluded,
};
use prost::Message;

/// One hour in nanoseconds.
pub(crate) const HOUR: i64 = 3_600_000_000_000;

/// A touchpoint of feedback `f`, reported by `crm`, that arrived and was recorded when it occurred.
#[derive(Debug, Clone)]
pub(crate) struct FeedbackTouchpoint {
    pub(crate) touchpoint: Touchpoint,
    pub(crate) occurred_at: i64,
    pub(crate) received_at: i64,
    pub(crate) recorded_at: i64,
}

impl FeedbackTouchpoint {
    pub(crate) fn new(id: &str, hour: i64, payload: Payload) -> Self {
        let at = hour * HOUR;
        Self {
            touchpoint: Touchpoint {
                id: id.to_owned(),
                source: "crm".to_owned(),
                subjects: Some(Subjects {
                    feedback_id: "f".to_owned(),
                    ..Subjects::default()
                }),
                origin: Origin::Live.into(),
                payload: Some(payload),
                ..Touchpoint::default()
            },
            occurred_at: at,
            received_at: at,
            recorded_at: at,
        }
    }

    /// Lets it reach the centre later, where it is recorded then.
    pub(crate) fn arrived(mut self, hour: i64) -> Self {
        self.received_at = hour * HOUR;
        self.recorded_at = hour * HOUR;
        self
    }

    pub(crate) fn imported(mut self, recorded: i64) -> Self {
        self.touchpoint.origin = Origin::Imported.into();
        self.recorded_at = recorded * HOUR;
        self
    }

    pub(crate) fn about(mut self, about: impl FnOnce(&mut Subjects)) -> Self {
        about(self.touchpoint.subjects.get_or_insert_default());
        self
    }

    pub(crate) fn at_dealer(self, dealer: &str) -> Self {
        self.about(|subjects| subjects.dealer_id = dealer.to_owned())
    }

    /// Moves it to the stream of a case.
    pub(crate) fn of_case(self, case: &str) -> Self {
        self.about(|subjects| {
            subjects.feedback_id = String::new();
            subjects.case_id = case.to_owned();
        })
    }

    /// Moves it to another feedback.
    pub(crate) fn of(self, feedback: &str) -> Self {
        self.about(|subjects| subjects.feedback_id = feedback.to_owned())
    }

    pub(crate) fn by(mut self, id: &str, dealer: &str) -> Self {
        self.touchpoint.actor = Some(Actor {
            id: id.to_owned(),
            kind: actor::Kind::Human.into(),
            dealer_id: dealer.to_owned(),
            ..Actor::default()
        });
        self
    }

    pub(crate) fn by_kind(mut self, kind: actor::Kind) -> Self {
        self.touchpoint.actor.get_or_insert_default().kind = kind.into();
        self
    }

    pub(crate) fn through(mut self, channel: Channel) -> Self {
        self.touchpoint.channel = channel.into();
        self
    }

    pub(crate) fn correcting(mut self, id: &str) -> Self {
        self.touchpoint.corrects = named(id);
        self
    }

    pub(crate) fn recorded(&self, position: Position) -> Recorded {
        let mut touchpoint = self.touchpoint.clone();
        touchpoint.occurred_at = Some(time::timestamp(self.occurred_at));
        touchpoint.received_at = Some(time::timestamp(self.received_at));
        let encoded = touchpoint.encode_to_vec();
        let kind = kind::of_encoded(&encoded).unwrap();
        let subjects = touchpoint.subjects.clone().unwrap_or_default();
        Recorded {
            position,
            stream: kind.stream(&subjects, &encoded).unwrap().into(),
            revision: position.0,
            recorded_at: self.recorded_at,
            occurred_at: self.occurred_at,
            kind,
            touchpoint,
        }
    }
}

pub(crate) fn named(id: &str) -> Option<TouchpointRef> {
    Some(TouchpointRef {
        source: String::new(),
        id: id.to_owned(),
    })
}

pub(crate) fn received(hour: i64) -> FeedbackTouchpoint {
    let payload = Payload::FeedbackReceived(FeedbackReceived {
        survey: "nps".to_owned(),
        score: Some(3),
        ..FeedbackReceived::default()
    });
    FeedbackTouchpoint::new("fb", hour, payload).at_dealer("d1")
}

pub(crate) fn reply(id: &str, hour: i64) -> FeedbackTouchpoint {
    let payload = Payload::DealerReplied(DealerReplied {
        kind: dealer_replied::Kind::Human.into(),
        visible_to_owner: true,
        ..DealerReplied::default()
    });
    FeedbackTouchpoint::new(id, hour, payload).by("amy", "d1")
}

/// A reply with other traits.
pub(crate) fn no_reply(
    id: &str,
    hour: i64,
    change: impl FnOnce(&mut DealerReplied),
) -> FeedbackTouchpoint {
    let mut touchpoints = reply(id, hour);
    if let Some(Payload::DealerReplied(replied)) = &mut touchpoints.touchpoint.payload {
        change(replied);
    }
    touchpoints
}

pub(crate) fn withdrawn(id: &str, hour: i64, reply: &str) -> FeedbackTouchpoint {
    let reply = named(reply);
    FeedbackTouchpoint::new(id, hour, Payload::ReplyWithdrawn(ReplyWithdrawn { reply }))
}

pub(crate) fn bounced(id: &str, hour: i64, reply: &str) -> FeedbackTouchpoint {
    let reply = named(reply);
    FeedbackTouchpoint::new(id, hour, Payload::ReplyBounced(ReplyBounced { reply }))
}

pub(crate) fn message(id: &str, hour: i64) -> FeedbackTouchpoint {
    let payload = Payload::OwnerMessageReceived(OwnerMessageReceived::default());
    FeedbackTouchpoint::new(id, hour, payload)
}

pub(crate) fn edited(id: &str, hour: i64, new_question: bool) -> FeedbackTouchpoint {
    let payload = Payload::FeedbackEdited(FeedbackEdited {
        new_question,
        ..FeedbackEdited::default()
    });
    FeedbackTouchpoint::new(id, hour, payload)
}

pub(crate) fn reassigned(id: &str, hour: i64, to: &str) -> FeedbackTouchpoint {
    let payload = Payload::FeedbackReassigned(FeedbackReassigned {
        to_dealer_id: to.to_owned(),
        ..FeedbackReassigned::default()
    });
    FeedbackTouchpoint::new(id, hour, payload)
}

pub(crate) fn closed(id: &str, hour: i64) -> FeedbackTouchpoint {
    FeedbackTouchpoint::new(id, hour, Payload::FeedbackClosed(FeedbackClosed::default()))
}

pub(crate) fn reopened(id: &str, hour: i64) -> FeedbackTouchpoint {
    FeedbackTouchpoint::new(id, hour, Payload::FeedbackReopened(FeedbackReopened {}))
}

pub(crate) fn excluded(id: &str, hour: i64) -> FeedbackTouchpoint {
    let payload = Payload::FeedbackExcluded(FeedbackExcluded {
        reason: feedback_excluded::Reason::Spam.into(),
    });
    FeedbackTouchpoint::new(id, hour, payload)
}

pub(crate) fn retracted(id: &str, hour: i64, of: &str) -> FeedbackTouchpoint {
    let payload = Payload::TouchpointRetracted(TouchpointRetracted {
        r#ref: named(of),
        ..TouchpointRetracted::default()
    });
    FeedbackTouchpoint::new(id, hour, payload)
}

/// The states of the views after a log.
#[derive(Debug, Clone)]
pub(crate) struct Folded {
    pub(crate) feedback: MemoryState,
    pub(crate) corrections: MemoryState,
    pub(crate) head: Position,
}

impl Folded {
    pub(crate) fn validity(&self) -> Validity<'_> {
        self.known_at(self.head)
    }

    pub(crate) fn known_at(&self, position: Position) -> Validity<'_> {
        Validity::new(&self.corrections, position).unwrap()
    }

    pub(crate) fn item(&self, id: &str) -> Option<Item> {
        load(&self.feedback, &self.validity(), id).unwrap()
    }
}

/// Folds touchpoints in the order of arrival.
pub(crate) fn folded(touchpoints: &[FeedbackTouchpoint]) -> Folded {
    let recorded: Vec<_> = (1..)
        .zip(touchpoints)
        .map(|(at, it)| it.recorded(Position(at)))
        .collect();
    folded_log(&recorded)
}

/// Folds a log.
pub(crate) fn folded_log(recorded: &[Recorded]) -> Folded {
    let entries = recorded
        .iter()
        .map(|it| LogEntry::new(it.clone(), &it.touchpoint.encode_to_vec()));
    let entries: Vec<_> = entries.collect();
    let mut driver = Driver::default();
    let views: [ViewDef; 2] = [feedback::VIEW, corrections::VIEW];
    for view in views {
        driver.add(view, MemoryState::default()).unwrap();
    }
    driver.apply(&entries).unwrap();
    let state = |lane: usize| {
        assert!(driver.lanes()[lane].stopped().is_none());
        driver.lanes()[lane].state().clone()
    };
    Folded {
        feedback: state(0),
        corrections: state(1),
        head: Position(recorded.len() as u64),
    }
}

/// One policy for everything.
#[derive(Debug, Clone)]
pub(crate) struct Rules(pub(crate) Arc<Terms>);

impl InForce for Rules {
    fn terms(&self, _: &str, _: i64) -> Arc<Terms> {
        Arc::clone(&self.0)
    }
}

pub(crate) fn term(kind: Kind, hours: i64) -> Term {
    Term {
        kind,
        budget: hours * HOUR,
        clock: BudgetClock::Elapsed,
        warning_shares: vec![0.5, 0.75, 0.9],
        responsible_only: false,
        pauses_on_owner: false,
        cases_only: false,
    }
}

pub(crate) fn rules(terms: Vec<Term>) -> Rules {
    Rules(Arc::new(Terms {
        policy: "sla".to_owned(),
        version: 1,
        terms,
    }))
}

/// A day for replies, two for the resolution, which pauses on the owner.
pub(crate) fn default_rules() -> Rules {
    let mut resolution = term(Kind::Resolution, 48);
    resolution.pauses_on_owner = true;
    rules(vec![
        term(Kind::FirstReply, 24),
        term(Kind::NextReply, 24),
        resolution,
    ])
}

/// The state of feedback `f` at an hour.
pub(crate) fn state(touchpoints: &[FeedbackTouchpoint], hour: i64) -> ItemState {
    by(&default_rules(), touchpoints, hour)
}

pub(crate) fn by(rules: &Rules, touchpoints: &[FeedbackTouchpoint], hour: i64) -> ItemState {
    let item = folded(touchpoints).item("f").unwrap();
    ItemState::at(&item, rules, hour * HOUR)
}

/// The obligations of a kind.
pub(crate) fn owed(state: &ItemState, kind: Kind) -> Vec<&Obligation> {
    let all = state.obligations.iter();
    all.filter(|it| it.kind == kind).collect()
}

/// The first reply of the first episode.
pub(crate) fn first(state: &ItemState) -> &Obligation {
    let all = owed(state, Kind::FirstReply);
    all.into_iter().find(|it| it.episode == 0).unwrap()
}
