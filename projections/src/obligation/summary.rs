//! The little about an item that totals need, without terms, and how terms judge it.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::{Channel, feedback_excluded};
use prost::Message;

use super::course::{Course, Reply, Step};
use super::{Item, Name, Names, State};
use crate::calendar::Pause;
use crate::obligation::terms::{Term, Terms};

/// How an obligation stands as of an instant. Instants and spans are in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// How.
    pub state: State,
    /// When its budget is used up; `None` while its clock stands still for good.
    pub due_at: Option<i64>,
    /// The last instant at which meeting it is in time: see [`Term::in_time_until`].
    pub in_time_until: Option<i64>,
    /// When it was answered, closed or excluded, as told.
    pub ended_at: Option<i64>,
    /// How much of the budget was used up at its end, or is now, by the clock of the term.
    pub spent: i128,
    /// That as a share of the budget.
    pub share: f64,
    /// Whether it was met by its deadline as told (`occurred_at`); `None` while it is open inside its
    /// target, and if it is excluded: it is not due.
    pub in_time_as_told: Option<bool>,
    /// Whether by then the log knew of anything that met it (`recorded_at`, of imports `received_at`).
    pub in_time_as_known: Option<bool>,
}

impl Outcome {
    /// It was answered or closed, or is open past its target.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.in_time_as_told.is_some()
    }
}

/// When an obligation began and what ended it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends {
    pub(super) start: i64,
    /// What met it.
    pub(super) answered: Option<Met>,
    pub(super) closed: Option<i64>,
    pub(super) excluded: Option<i64>,
}

/// What met an obligation. Instants are in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Met {
    /// When, as told.
    pub(super) at: i64,
    /// By when the log knew of something that had met it, be it this or another: see [`Reply::known_by`].
    pub(super) known_by: i64,
}

impl Ends {
    /// The one judgement: of one item in detail, of summaries folded on read, and of kept ones.
    pub(super) fn judge(self, term: &Term, pauses: &[Pause], as_of: Instant) -> Outcome {
        let used_by = |at: Instant| term.clock.spent(self.start, at, pauses);
        let in_time = |at: Instant| term.is_within(used_by(at));
        let (state, ended_at, told, known) = match (self.excluded, self.answered, self.closed) {
            (Some(at), ..) => (State::Excluded, Some(at), None, None),
            (None, Some(Met { at, known_by }), _) => {
                let told = in_time(at.into());
                let state = if told {
                    State::AnsweredInTime
                } else {
                    State::AnsweredLate
                };
                (state, Some(at), Some(told), Some(in_time(known_by.into())))
            }
            (None, None, Some(at)) => (State::ClosedUnanswered, Some(at), Some(false), Some(false)),
            (None, None, None) => {
                let missed = (!in_time(as_of)).then_some(false);
                (State::Open, None, missed, missed)
            }
        };
        let spent = used_by(ended_at.map_or(as_of, Instant::from));
        let budget = term.budget();
        Outcome {
            state,
            due_at: term.clock.due(self.start, budget, pauses),
            in_time_until: term.in_time_until(self.start, pauses),
            ended_at,
            spent,
            share: spent as f64 / budget.max(1) as f64,
            in_time_as_told: told,
            in_time_as_known: known,
        }
    }
}

/// A reply, as a summary keeps it.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct SummaryAnswer {
    /// When, as told.
    #[prost(sfixed64, tag = "1")]
    pub occurred_at: i64,
    /// How much later the log knew that it, or another that met the same, had occurred; wraps around, see
    /// [`SummaryAnswer::known_by`].
    #[prost(sint64, tag = "2")]
    pub known_after: i64,
    /// Who gave it.
    #[prost(uint32, tag = "3")]
    pub actor: Name,
    /// For which dealer.
    #[prost(uint32, tag = "4")]
    pub dealer: Name,
    /// That dealer was responsible then.
    #[prost(bool, tag = "5")]
    pub by_responsible: bool,
}

impl SummaryAnswer {
    /// By when the log knew that it, or another that met the same, had occurred.
    #[must_use]
    pub fn known_by(&self) -> i64 {
        self.occurred_at.wrapping_add(self.known_after)
    }

    fn or_known_by(&mut self, known_by: i64) {
        let earliest = self.known_by().min(known_by);
        self.known_after = earliest.wrapping_sub(self.occurred_at);
    }

    fn of(reply: &Reply<'_>) -> Self {
        let occurred_at = reply.fact.occurred_at;
        Self {
            occurred_at,
            known_after: reply.known_by().wrapping_sub(occurred_at),
            actor: reply.fact.actor,
            dealer: reply.dealer,
            by_responsible: reply.by_responsible,
        }
    }
}

/// Why and since when an item does not count.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct SummaryExclusion {
    /// Since when.
    #[prost(sfixed64, tag = "1")]
    pub occurred_at: i64,
    /// Why.
    #[prost(enumeration = "feedback_excluded::Reason", tag = "2")]
    pub reason: i32,
}

/// What totals need of an item: what became of its first reply. An item counts once; later episodes and
/// next replies are its detail. Names are numbers into the table it comes with; instants are in
/// nanoseconds since the Unix epoch.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Summary {
    /// When the feedback reached the centre: it counts in the period of this instant.
    #[prost(sfixed64, tag = "1")]
    pub start: i64,
    /// How much later than it happened; wraps around.
    #[prost(sint64, tag = "2")]
    pub received_after: i64,
    /// It came by import.
    #[prost(bool, tag = "3")]
    pub imported: bool,
    /// Where the owner said it.
    #[prost(enumeration = "Channel", tag = "4")]
    pub channel: i32,
    /// The survey it answers.
    #[prost(uint32, tag = "5")]
    pub survey: Name,
    /// The dealer responsible at the start, whose terms hold.
    #[prost(uint32, tag = "6")]
    pub dealer_at_start: Name,
    /// The dealer responsible at the end, if any dealer may answer.
    #[prost(uint32, tag = "7")]
    pub dealer: Name,
    /// The dealer responsible at the end, if only the responsible one may; `None` if that is the same.
    #[prost(uint32, optional, tag = "8")]
    pub dealer_if_responsible_only: Option<Name>,
    /// The first reply of the first episode.
    #[prost(message, optional, tag = "9")]
    pub first: Option<SummaryAnswer>,
    /// The first one by the responsible dealer, where that is another or was known later.
    #[prost(message, optional, tag = "10")]
    pub first_by_responsible: Option<SummaryAnswer>,
    /// The first reply of a later episode.
    #[prost(message, optional, tag = "11")]
    pub later: Option<SummaryAnswer>,
    /// The first one by the responsible dealer, where that is another or was known later.
    #[prost(message, optional, tag = "12")]
    pub later_by_responsible: Option<SummaryAnswer>,
    /// When the first episode was closed.
    #[prost(sfixed64, optional, tag = "13")]
    pub closed_at: Option<i64>,
    /// Why and since when it does not count.
    #[prost(message, optional, tag = "14")]
    pub excluded: Option<SummaryExclusion>,
    /// How often it was reopened.
    #[prost(uint32, tag = "15")]
    pub reopenings: u32,
    /// It was reassigned: more than one dealer had time of it.
    #[prost(bool, tag = "16")]
    pub reassigned: bool,
    /// The greatest `occurred_at` in its stream: for an earlier `as_of` it says too much.
    #[prost(sfixed64, tag = "17")]
    pub latest: i64,
}

impl Summary {
    /// The summary of an item as of an instant; `None` while it is held.
    #[must_use]
    pub fn of(item: &Item, as_of: Instant) -> Option<Self> {
        Self::of_course(&Course::of(item, as_of))
    }

    pub(crate) fn of_course(course: &Course<'_>) -> Option<Self> {
        let received = course.received?;
        let start = received.received_at();
        let mut told = Self {
            start,
            received_after: received.received_after,
            imported: received.imported,
            channel: received.channel,
            survey: received.survey,
            dealer_at_start: course.dealers.at(start),
            latest: course.latest,
            ..Self::default()
        };
        for step in &course.steps {
            told.takes(step);
        }
        for (any, responsible) in [
            (&told.first, &mut told.first_by_responsible),
            (&told.later, &mut told.later_by_responsible),
        ] {
            responsible.take_if(|responsible| any.as_ref() == Some(responsible));
        }
        told.excluded = course.excluded.map(|fact| SummaryExclusion {
            occurred_at: fact.occurred_at,
            reason: fact.excluded_because,
        });
        // Without an end it is whoever is responsible at the end of all that occurred.
        let dealer = |only| course.dealers.at(told.ends(only).end().unwrap_or(i64::MAX));
        let (any, responsible) = (dealer(false), dealer(true));
        told.dealer = any;
        if any != responsible {
            told.dealer_if_responsible_only = Some(responsible);
        }
        told.reassigned = course.dealers.changed_after(start);
        Some(told)
    }

    fn takes(&mut self, step: &Step<'_>) {
        match step {
            Step::Replied(reply) => {
                let (any, responsible) = match self.reopenings {
                    0 => (&mut self.first, &mut self.first_by_responsible),
                    _ => (&mut self.later, &mut self.later_by_responsible),
                };
                let told = SummaryAnswer::of(reply);
                any.get_or_insert(told).or_known_by(reply.known_by());
                if reply.by_responsible {
                    let responsible = responsible.get_or_insert(told);
                    responsible.or_known_by(reply.known_by());
                }
            }
            Step::Closed(fact) if self.reopenings == 0 => {
                self.closed_at = Some(fact.occurred_at);
            }
            Step::Reopened(_) => self.reopenings += 1,
            Step::Closed(_) | Step::Wrote(_) | Step::Asked(_) => {}
        }
    }

    /// When the feedback happened, as told.
    #[must_use]
    pub fn occurred_at(&self) -> i64 {
        self.start.wrapping_sub(self.received_after)
    }

    /// The reply that answers the first episode.
    #[must_use]
    pub fn answer(&self, responsible_only: bool) -> Option<&SummaryAnswer> {
        pick(&self.first, &self.first_by_responsible, responsible_only)
    }

    /// The first reply of any episode: what the total time ends with.
    #[must_use]
    pub fn answer_of_any_episode(&self, responsible_only: bool) -> Option<&SummaryAnswer> {
        let later = pick(&self.later, &self.later_by_responsible, responsible_only);
        self.answer(responsible_only).or(later)
    }

    /// The dealer it counts for.
    #[must_use]
    pub fn dealer_at_end(&self, responsible_only: bool) -> Name {
        match self.dealer_if_responsible_only {
            Some(dealer) if responsible_only => dealer,
            _ => self.dealer,
        }
    }

    /// How its first reply stands as of an instant, which is not before `latest`; `None` if the terms
    /// owe none.
    #[must_use]
    pub fn outcome(&self, terms: &Terms, as_of: Instant) -> Option<Outcome> {
        let term = terms.of(Kind::FirstReply)?;
        Some(self.ends(term.responsible_only).judge(term, &[], as_of))
    }

    /// Gives every name its number in another table.
    #[must_use]
    pub fn renamed(&self, from: &Names, to: &mut Names) -> Self {
        let mut told = self.clone();
        let answers = [
            &mut told.first,
            &mut told.first_by_responsible,
            &mut told.later,
            &mut told.later_by_responsible,
        ];
        let mut rename = |name: &mut Name| *name = to.number(from.text(*name));
        for answer in answers.into_iter().flatten() {
            rename(&mut answer.actor);
            rename(&mut answer.dealer);
        }
        rename(&mut told.survey);
        rename(&mut told.dealer_at_start);
        rename(&mut told.dealer);
        told.dealer_if_responsible_only.iter_mut().for_each(rename);
        told
    }

    fn ends(&self, responsible_only: bool) -> Ends {
        let answer = self.answer(responsible_only);
        Ends {
            start: self.start,
            answered: answer.map(|it| Met {
                at: it.occurred_at,
                known_by: it.known_by(),
            }),
            closed: self.closed_at,
            excluded: self.excluded.map(|it| it.occurred_at),
        }
    }
}

impl Ends {
    fn end(self) -> Option<i64> {
        let answered = self.answered.map(|met| met.at);
        self.excluded.or(answered).or(self.closed)
    }
}

fn pick<'s>(
    any: &'s Option<SummaryAnswer>,
    responsible: &'s Option<SummaryAnswer>,
    responsible_only: bool,
) -> Option<&'s SummaryAnswer> {
    match any {
        Some(first) if responsible_only => {
            let same = || Some(first).filter(|first| first.by_responsible);
            responsible.as_ref().or_else(same)
        }
        any => any.as_ref(),
    }
}
