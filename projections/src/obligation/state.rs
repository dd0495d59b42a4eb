//! Everything about one item as of an instant.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::feedback_excluded;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::course::{Course, Reply};
use super::dealers::Segment;
use super::resolution::resolution;
use super::summary::Met;
use super::walk::replies;
use super::{Fact, Item, Outcome, obligation_id};
use crate::calendar::Pause;
use crate::obligation::terms::InForce;

/// How an obligation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Somebody waits.
    Open,
    /// It was met by its deadline, as told.
    AnsweredInTime,
    /// It was met behind its deadline: a miss for ever.
    AnsweredLate,
    /// The item was closed before anybody met it: a miss.
    ClosedUnanswered,
    /// The item does not count.
    Excluded,
}

/// What was reported and had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flag {
    /// A second feedback of one id.
    ReceivedTwice,
    /// Closed while it was closed.
    ClosedTwice,
    /// Opened again while it was open.
    ReopenedWhileOpen,
}

/// The feedback itself. Instants are in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// (source, id) of the touchpoint.
    pub key: (String, String),
    /// When it happened, as told.
    pub occurred_at: i64,
    /// When it reached the centre: the clocks start.
    pub start: i64,
    /// Whom it is from; empty if nobody said.
    pub owner_id: String,
    /// Which vehicle it is about; empty if nobody said.
    pub vin: String,
    /// Which survey it answers, if any.
    pub survey: String,
    /// 0-10.
    pub score: Option<i32>,
    /// Where the owner said it: a number of `Channel`.
    pub channel: i32,
    /// It came by import.
    pub imported: bool,
}

/// What met an obligation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// (source, id) of the touchpoint.
    pub key: (String, String),
    /// When, as told.
    pub at: i64,
    /// Who.
    pub actor_id: String,
    /// For which dealer.
    pub dealer_id: String,
    /// That dealer was responsible then.
    pub by_responsible: bool,
}

/// One obligation. Instants and spans are in nanoseconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Obligation {
    /// Its name: see [`obligation_id`].
    pub obligation_id: String,
    /// From 0; a reopening begins a new one.
    pub episode: u32,
    /// What is owed.
    pub kind: Kind,
    /// (source, id) of the touchpoint that opened it.
    pub opened_by: (String, String),
    /// From when on it was owed.
    pub start: i64,
    /// Who owed it then, and whose terms hold; empty if nobody was named.
    pub dealer_at_start: String,
    /// Who owed it at its end, or owes it now.
    pub dealer_at_end: String,
    /// The policy and its version.
    pub policy: (String, i32),
    /// When its clock stood still.
    pub pauses: Vec<Pause>,
    /// How it stands.
    pub outcome: Outcome,
    /// What met it.
    pub answer: Option<Answer>,
    /// The first reply is told to be older than the start.
    pub reply_first: bool,
    /// What opened it reached the centre before it occurred, as told.
    pub received_first: bool,
    /// How many further messages wait, or waited, for the same reply.
    pub joined: u32,
}

/// A time from the feedback, or its reopening, until it is reopened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Episode {
    /// (source, id) of the feedback or the reopening.
    pub opened_by: (String, String),
    /// When that reached the centre.
    pub start: i64,
    /// (source, id) and instant of its closing.
    pub closed: Option<((String, String), i64)>,
    /// (source, id) and instant of the first reply that stops a clock, whoever gave it.
    pub first_reply: Option<((String, String), i64)>,
}

/// Everything about one item as of an instant. Nothing in it depends on the order of arrival.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemState {
    /// The item.
    pub feedback_id: String,
    /// The feedback itself; `None` if the item is held: there are facts, but it is not known.
    pub received: Option<Received>,
    /// Who was responsible when, from the start on. Empty while it is held.
    pub dealers: Vec<Segment>,
    /// Who is; empty if nobody was named.
    pub dealer_id: String,
    /// Why and since when it does not count.
    pub excluded: Option<(feedback_excluded::Reason, i64)>,
    /// From the first on.
    pub episodes: Vec<Episode>,
    /// What is or was owed, in the order in which it began.
    pub obligations: Vec<Obligation>,
    /// What had no effect, with the (source, id) of each, in history order.
    pub flags: Vec<(Flag, (String, String))>,
}

impl ItemState {
    /// The state as of an instant (nanoseconds since the Unix epoch), by what is known to the item.
    #[must_use]
    pub fn at(item: &Item, in_force: &dyn InForce, as_of: impl Into<Instant>) -> Self {
        let as_of = as_of.into();
        let course = Course::of(item, as_of);
        let ruled = Ruled {
            item,
            course: &course,
            in_force,
            as_of,
        };
        let mut obligations = replies(&ruled);
        obligations.extend(resolution(&ruled));
        obligations.sort_by_key(|it| (it.start, it.kind, it.episode));
        let flags = course.flags.iter();
        let mut flags: Vec<_> = flags.map(|(flag, fact)| (*flag, item.key(fact))).collect();
        flags.sort();
        Self {
            feedback_id: item.feedback_id.clone(),
            received: course.received.map(|fact| received(item, fact, as_of)),
            dealers: course.received.map_or_else(Vec::new, |fact| {
                course.dealers.segments(fact.received_at(), item)
            }),
            dealer_id: item.text(course.dealers.at(as_of.nearest())).to_owned(),
            excluded: course
                .excluded
                .map(|fact| (fact.excluded_because(), fact.occurred_at)),
            episodes: super::walk::episodes(item, &course),
            obligations,
            flags,
        }
    }
}

fn received(item: &Item, fact: &Fact, as_of: Instant) -> Received {
    let subjects = item.subjects(as_of);
    Received {
        key: item.key(fact),
        occurred_at: fact.occurred_at,
        start: fact.received_at(),
        owner_id: subjects.owner_id.to_owned(),
        vin: subjects.vin.to_owned(),
        survey: item.text(fact.survey).to_owned(),
        score: fact.score,
        channel: fact.channel,
        imported: fact.imported,
    }
}

/// What a course is judged by.
pub(super) struct Ruled<'r, 'i> {
    pub(super) item: &'i Item,
    pub(super) course: &'r Course<'i>,
    pub(super) in_force: &'r dyn InForce,
    pub(super) as_of: Instant,
}

/// An obligation and what ended it.
pub(super) struct Running<'i> {
    pub(super) episode: u32,
    pub(super) opener: &'i Fact,
    pub(super) start: i64,
    pub(super) owed: Owed,
    pub(super) answer: Option<Reply<'i>>,
    /// By when the log knew of any reply that met it.
    pub(super) known_by: Option<i64>,
    pub(super) closed: Option<&'i Fact>,
    /// The item was closed when it began.
    pub(super) begun_closed: bool,
    pub(super) joined: u32,
    pub(super) pauses: Vec<Pause>,
}

/// By which rules.
pub(super) struct Owed {
    pub(super) policy: (String, i32),
    pub(super) term: crate::obligation::terms::Term,
}

impl Owed {
    pub(super) fn is_met_by(&self, reply: &Reply<'_>) -> bool {
        reply.by_responsible || !self.term.responsible_only
    }
}

impl<'i> Ruled<'_, 'i> {
    /// What is owed of a kind for what the opener began, if anything.
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
        let course = super::summary::Ends {
            start: running.start,
            answered: running.answer.map(|reply| Met {
                at: reply.fact.occurred_at,
                known_by: running.known_by.unwrap_or_else(|| reply.known_by()),
            }),
            closed: running.closed.map(|it| it.occurred_at),
            excluded: self.course.excluded.map(|it| it.occurred_at),
        };
        let outcome = course.judge(term, &running.pauses, self.as_of);
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
            outcome,
        }
    }
}
