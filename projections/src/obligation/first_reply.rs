//! The course of the first reply to an item: the little that totals need, without terms, and how terms judge it.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::{Channel, feedback_excluded};
use prost::Message;

use super::course::{Course, Step};
use super::outcome::{Ends, Met};
use super::reply::Reply;
use super::{Item, Name, Names, Outcome};
use crate::obligation::terms::Terms;

/// A reply that may be the first.
#[derive(Clone, Copy, PartialEq, Eq, Message)]
pub struct FirstReplyAnswer {
    /// When, as told.
    #[prost(sfixed64, tag = "1")]
    pub occurred_at: i64,
    /// How much later the log knew of it, or of another reply that met the same; wraps around, see
    /// [`FirstReplyAnswer::known_by`].
    #[prost(sint64, tag = "2")]
    pub known_after: i64,
    /// The person who replied.
    #[prost(uint32, tag = "3")]
    pub actor: Name,
    /// The dealer for whom.
    #[prost(uint32, tag = "4")]
    pub dealer: Name,
    /// That dealer was responsible then.
    #[prost(bool, tag = "5")]
    pub by_responsible: bool,
}

impl FirstReplyAnswer {
    /// The instant by which the log knew of it, or of another reply that met the same.
    #[must_use]
    pub fn known_by(&self) -> i64 {
        self.occurred_at.wrapping_add(self.known_after)
    }

    fn takes_known_by(&mut self, known_by: i64) {
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
pub struct Exclusion {
    /// Since when.
    #[prost(sfixed64, tag = "1")]
    pub occurred_at: i64,
    /// Why.
    #[prost(enumeration = "feedback_excluded::Reason", tag = "2")]
    pub reason: i32,
}

/// What became of the first reply to an item. This is all that totals need: an item counts once, and later episodes and
/// next replies are details. Names are numbers into the table that comes with it; instants are in nanoseconds since the
/// Unix epoch.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct FirstReply {
    /// When the feedback reached the centre. The item counts in the period of this instant.
    #[prost(sfixed64, tag = "1")]
    pub start: i64,
    /// How much later than it occurred; wraps around.
    #[prost(sint64, tag = "2")]
    pub received_after: i64,
    /// It came by import.
    #[prost(bool, tag = "3")]
    pub imported: bool,
    /// The channel by which the owner gave the feedback.
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
    pub first: Option<FirstReplyAnswer>,
    /// The first one by the responsible dealer, where that is another or was known later.
    #[prost(message, optional, tag = "10")]
    pub first_by_responsible: Option<FirstReplyAnswer>,
    /// The first reply of a later episode.
    #[prost(message, optional, tag = "11")]
    pub later: Option<FirstReplyAnswer>,
    /// The first one by the responsible dealer, where that is another or was known later.
    #[prost(message, optional, tag = "12")]
    pub later_by_responsible: Option<FirstReplyAnswer>,
    /// When the first episode was closed.
    #[prost(sfixed64, optional, tag = "13")]
    pub closed_at: Option<i64>,
    /// Why and since when it does not count.
    #[prost(message, optional, tag = "14")]
    pub excluded: Option<Exclusion>,
    /// How often it was reopened.
    #[prost(uint32, tag = "15")]
    pub reopenings: u32,
    /// It was reassigned: more than one dealer had it for a time.
    #[prost(bool, tag = "16")]
    pub reassigned: bool,
    /// The greatest `occurred_at` in its stream. For an earlier `as_of` this record must not be used.
    #[prost(sfixed64, tag = "17")]
    pub latest: i64,
}

impl FirstReply {
    /// The course of an item's first reply as of an instant; `None` while the item is held.
    #[must_use]
    pub fn of(item: &Item, as_of: Instant) -> Option<Self> {
        Self::of_course(&Course::of(item, as_of))
    }

    pub(crate) fn of_course(course: &Course<'_>) -> Option<Self> {
        let received = course.received?;
        let start = received.received_at();
        let mut reply = Self {
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
            reply.takes(step);
        }
        for (any, responsible) in [
            (&reply.first, &mut reply.first_by_responsible),
            (&reply.later, &mut reply.later_by_responsible),
        ] {
            responsible.take_if(|responsible| any.as_ref() == Some(responsible));
        }
        reply.excluded = course.excluded.map(|fact| Exclusion {
            occurred_at: fact.occurred_at,
            reason: fact.excluded_because,
        });
        // Without an end, the dealer who is responsible after everything that occurred.
        let dealer = |only| {
            course
                .dealers
                .at(reply.ends(only).end().unwrap_or(i64::MAX))
        };
        let (any, responsible) = (dealer(false), dealer(true));
        reply.dealer = any;
        if any != responsible {
            reply.dealer_if_responsible_only = Some(responsible);
        }
        reply.reassigned = course.dealers.changed_after(start);
        Some(reply)
    }

    fn takes(&mut self, step: &Step<'_>) {
        match step {
            Step::Replied(reply) => {
                let (any, responsible) = match self.reopenings {
                    0 => (&mut self.first, &mut self.first_by_responsible),
                    _ => (&mut self.later, &mut self.later_by_responsible),
                };
                let answer = FirstReplyAnswer::of(reply);
                any.get_or_insert(answer).takes_known_by(reply.known_by());
                if reply.by_responsible {
                    let responsible = responsible.get_or_insert(answer);
                    responsible.takes_known_by(reply.known_by());
                }
            }
            Step::Closed(fact) if self.reopenings == 0 => {
                self.closed_at = Some(fact.occurred_at);
            }
            Step::Reopened(_) => self.reopenings += 1,
            Step::Closed(_) | Step::OwnerMessage(_) | Step::NewQuestion(_) => {}
        }
    }

    /// When the feedback occurred, as told.
    #[must_use]
    pub fn occurred_at(&self) -> i64 {
        self.start.wrapping_sub(self.received_after)
    }

    /// The reply that answers the first episode.
    #[must_use]
    pub fn answer(&self, responsible_only: bool) -> Option<&FirstReplyAnswer> {
        pick(&self.first, &self.first_by_responsible, responsible_only)
    }

    /// The first reply of any episode. The total time ends with it.
    #[must_use]
    pub fn answer_of_any_episode(&self, responsible_only: bool) -> Option<&FirstReplyAnswer> {
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

    /// How the first reply stands as of an instant that is not before `latest`; `None` if the terms do not owe one.
    #[must_use]
    pub fn outcome(&self, terms: &Terms, as_of: Instant) -> Option<Outcome> {
        let term = terms.of(Kind::FirstReply)?;
        let ends = self.ends(term.responsible_only);
        Some(Outcome::of(ends, term, &[], as_of))
    }

    /// The same record with its names renumbered for another table.
    #[must_use]
    pub fn renamed(&self, from: &Names, to: &mut Names) -> Self {
        let mut reply = self.clone();
        let answers = [
            &mut reply.first,
            &mut reply.first_by_responsible,
            &mut reply.later,
            &mut reply.later_by_responsible,
        ];
        let mut rename = |name: &mut Name| *name = to.number(from.text(*name));
        for answer in answers.into_iter().flatten() {
            rename(&mut answer.actor);
            rename(&mut answer.dealer);
        }
        rename(&mut reply.survey);
        rename(&mut reply.dealer_at_start);
        rename(&mut reply.dealer);
        reply.dealer_if_responsible_only.iter_mut().for_each(rename);
        reply
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

fn pick<'s>(
    any: &'s Option<FirstReplyAnswer>,
    responsible: &'s Option<FirstReplyAnswer>,
    responsible_only: bool,
) -> Option<&'s FirstReplyAnswer> {
    match any {
        Some(first) if responsible_only => {
            let same = || Some(first).filter(|first| first.by_responsible);
            responsible.as_ref().or_else(same)
        }
        any => any.as_ref(),
    }
}
