//! One obligation from its beginning to its end.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::course::Course;
use super::outcome::{Ends, Met};
use super::reply::Reply;
use super::{Fact, Item, Outcome, Remark, obligation_id};
use crate::TouchpointKey;
use crate::calendar::Pause;
use crate::obligation::terms::{InForce, Term, is_dated};

/// What met an obligation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The key of the touchpoint.
    pub key: TouchpointKey,
    /// When, as told.
    pub at: i64,
    /// The actor.
    pub actor_id: String,
    /// The dealer for whom they acted.
    pub dealer_id: String,
    /// That dealer was responsible then.
    pub by_responsible: bool,
}

/// One obligation. Instants and spans are in nanoseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Obligation {
    /// Its id: see [`obligation_id`].
    pub obligation_id: String,
    /// The episode, from 0. A reopening begins a new one.
    pub episode: u32,
    /// What is owed.
    pub kind: Kind,
    /// The key of the touchpoint that opened it.
    pub opened_by: TouchpointKey,
    /// The instant from which it was owed.
    pub start: i64,
    /// The dealer who owed it then, whose terms hold; empty if none was named.
    pub dealer_at_start: String,
    /// The dealer who owed it at its end, or owes it now.
    pub dealer_at_end: String,
    /// The policy and its version.
    pub policy: (String, i32),
    /// The spans in which its clock stood still.
    pub pauses: Vec<Pause>,
    /// The outcome.
    pub outcome: Outcome,
    /// What met it.
    pub answer: Option<Answer>,
    /// The first reply occurred before the start, as told.
    pub reply_first: bool,
    /// The touchpoint that opened it reached the centre before it occurred, as told.
    pub received_first: bool,
    /// The number of further messages that wait, or waited, for the same reply.
    pub joined: u32,
    /// The commitment or task of a case; empty for other kinds.
    pub subject_id: String,
    /// The remarks of its own that an obligation of a case has; sorted.
    pub notes: Vec<Remark>,
}

impl Obligation {
    /// The term it is owed by: that of its policy, or for a promise or a task the one that its own date makes of it.
    pub(crate) fn term(&self, of_policy: &Term) -> Term {
        match self.outcome.in_time_until.filter(|_| is_dated(self.kind)) {
            Some(deadline) => of_policy.by_date(self.start, deadline),
            None => of_policy.clone(),
        }
    }
}

/// A course with the rules that it is judged by.
pub(super) struct Ruled<'r, 'i> {
    pub(super) item: &'i Item,
    pub(super) course: &'r Course<'i>,
    pub(super) in_force: &'r dyn InForce,
    pub(super) as_of: Instant,
}

/// An obligation while the course is walked.
pub(super) struct Running<'i> {
    pub(super) episode: u32,
    pub(super) opener: &'i Fact,
    pub(super) start: i64,
    pub(super) owed: Owed,
    pub(super) answer: Option<Reply<'i>>,
    /// The instant by which the log knew of any reply that met it.
    pub(super) known_by: Option<i64>,
    pub(super) closed: Option<&'i Fact>,
    /// The item was closed when it began.
    pub(super) begun_closed: bool,
    pub(super) joined: u32,
    pub(super) pauses: Vec<Pause>,
}

/// The rules of one obligation.
pub(super) struct Owed {
    pub(super) policy: (String, i32),
    pub(super) term: Term,
}

impl Owed {
    pub(super) fn is_met_by(&self, reply: &Reply<'_>) -> bool {
        reply.by_responsible || !self.term.responsible_only
    }
}

impl<'i> Ruled<'_, 'i> {
    /// The obligation of a kind that the opener began, if the terms owe one.
    pub(super) fn begin(&self, kind: Kind, opener: &'i Fact, episode: u32) -> Option<Running<'i>> {
        let start = opener.received_at();
        let dealer = self.item.text(self.course.dealers.at(start));
        let terms = self.in_force.terms(dealer, start);
        let term = terms.of(kind)?.clone();
        Some(Running {
            episode,
            opener,
            start,
            owed: Owed {
                policy: (terms.policy.clone(), terms.version),
                term,
            },
            answer: None,
            known_by: None,
            closed: None,
            begun_closed: false,
            joined: 0,
            pauses: Vec::new(),
        })
    }

    pub(super) fn end(&self, running: Running<'i>) -> Obligation {
        let (item, dealers) = (self.item, &self.course.dealers);
        let term = &running.owed.term;
        let answered = running.answer.map(|it| it.fact);
        let ends = Ends {
            start: running.start,
            answered: running.answer.map(|reply| Met {
                at: reply.fact.occurred_at,
                known_by: running.known_by.unwrap_or_else(|| reply.known_by()),
            }),
            closed: running.closed.map(|it| it.occurred_at),
            excluded: self.course.excluded.map(|it| it.occurred_at),
        };
        let outcome = Outcome::of(ends, term, &running.pauses, self.as_of);
        let end = outcome.ended_at.unwrap_or(self.as_of.nearest());
        let name = item.first_key(running.opener);
        let is_first = term.kind == Kind::FirstReply;
        Obligation {
            obligation_id: obligation_id(&item.feedback_id, term.kind, running.episode, name),
            episode: running.episode,
            kind: term.kind,
            opened_by: item.key(running.opener),
            start: running.start,
            dealer_at_start: item.text(dealers.at(running.start)).to_owned(),
            dealer_at_end: item.text(dealers.at(end)).to_owned(),
            policy: running.owed.policy,
            pauses: running.pauses,
            reply_first: is_first && answered.is_some_and(|it| it.occurred_at < running.start),
            answer: running.answer.map(|reply| Answer {
                key: item.key(reply.fact),
                at: reply.fact.occurred_at,
                actor_id: item.text(reply.fact.actor).to_owned(),
                dealer_id: item.text(reply.dealer).to_owned(),
                by_responsible: reply.by_responsible,
            }),
            received_first: running.start < running.opener.occurred_at,
            joined: running.joined,
            subject_id: String::new(),
            notes: Vec::new(),
            outcome,
        }
    }
}
