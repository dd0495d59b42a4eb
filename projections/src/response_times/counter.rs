//! Counts items: which of them count, in which group, and for which dealer.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::Channel;
use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::tallied::{Judged, Tallied};
use super::{GroupBy, Scope};
use crate::civil::CivilCalendar;
use crate::fold::groups::Groups;
use crate::network::Network;
use crate::obligation::terms::InForce;
use crate::obligation::{FirstReply, Names, Segment};

/// The question that every item is counted for.
#[derive(Clone, Copy)]
pub struct Question<'q> {
    /// The items that count.
    pub scope: &'q Scope,
    /// The dimension to group by.
    pub group_by: Option<GroupBy>,
    /// The instant of the answer.
    pub as_of: Instant,
    /// The terms in force.
    pub terms: &'q dyn InForce,
    /// The dealers' markets and zones.
    pub network: &'q Network,
}

/// One item to count.
#[derive(Debug, Clone, Copy)]
pub struct One<'o> {
    /// The names of the first reply.
    pub names: &'o Names,
    /// The course of its first reply as of the instant of the question.
    pub summary: &'o FirstReply,
    /// Its dealers over time; may be left out where [`Counter::needs_segments`] says so.
    pub segments: Option<&'o [Segment]>,
    /// Whether its owner booked work soon after; `None` if that is not known.
    pub booked: Option<bool>,
}

/// The counts of all items and of each group.
#[derive(Debug, Default)]
pub struct Counted {
    pub(super) total: Tallied,
    pub(super) groups: Groups<Tallied>,
}

/// Counts items.
pub struct Counter<'q> {
    question: Question<'q>,
    calendar: CivilCalendar,
    counted: Counted,
}

/// The dealer and market for which an item counts.
#[derive(Clone, Copy)]
struct Owed<'o> {
    dealer_id: &'o str,
    market: &'o str,
}

impl<'q> Counter<'q> {
    /// A counter of zero items.
    #[must_use]
    pub fn new(question: Question<'q>) -> Self {
        Self {
            question,
            calendar: CivilCalendar::default(),
            counted: Counted::default(),
        }
    }

    /// Whether an item needs its dealers over time to be counted: it had several, and dealers matter to the question.
    #[must_use]
    pub fn needs_segments(&self, one: &One<'_>) -> bool {
        one.summary.reassigned && self.tells_dealers_apart() && self.is_asked_for(one)
    }

    /// The counts.
    #[must_use]
    pub fn finish(self) -> Counted {
        self.counted
    }

    /// Counts an item, if it is in the scope.
    pub fn add(&mut self, one: &One<'_>) {
        if !self.is_asked_for(one) {
            return;
        }
        let (summary, question) = (one.summary, self.question);
        let dealer_at_start = one.names.text(summary.dealer_at_start);
        let terms = question.terms.terms(dealer_at_start, summary.start);
        let term = terms.of(Kind::FirstReply);
        let only = term.is_some_and(|term| term.responsible_only);
        let answer = summary.answer(only);
        let responder = answer.map_or("", |answer| one.names.text(answer.actor));
        let asked = question.scope.responder_id.as_deref();
        if asked.is_some_and(|asked| answer.is_none() || asked != responder) {
            return;
        }
        let dealer_id = one.names.text(summary.dealer_at_end(only));
        let zone = question.network.time_zone(dealer_id, summary.start);
        let period = &question.scope.period;
        if !period.holds(summary.start, &mut self.calendar, || zone) {
            return;
        }
        let owed = self.owed(dealer_id, summary.start);
        let judged = term.and_then(|term| {
            Some(Judged {
                summary,
                term,
                outcome: summary.outcome(&terms, question.as_of)?,
                booked: one.booked,
            })
        });
        if question.scope.admits(owed) {
            let key = self.key(one, owed, zone, responder);
            let count = |tallied: &mut Tallied| match &judged {
                Some(judged) => tallied.add(judged),
                None => tallied.not_owed(),
            };
            count(&mut self.counted.total);
            if let Some(group) = key.and_then(|key| self.counted.groups.group(&key)) {
                count(group);
            }
        }
        if let Some(judged) = &judged {
            self.waited(one, judged, owed, (zone, responder));
        }
    }

    /// Whether the conditions that need no terms hold for it.
    pub(super) fn is_asked_for(&self, one: &One<'_>) -> bool {
        let (scope, summary) = (self.question.scope, one.summary);
        scope.period.may_hold(summary.start)
            && scope
                .channel
                .is_none_or(|channel| summary.channel() == channel)
            && scope
                .survey
                .as_ref()
                .is_none_or(|survey| one.names.text(summary.survey) == survey)
    }

    fn tells_dealers_apart(&self) -> bool {
        let by = self.question.group_by;
        matches!(by, Some(GroupBy::Dealer | GroupBy::Market)) || self.question.scope.is_of_dealers()
    }

    fn owed<'o>(&self, dealer_id: &'o str, at: i64) -> Owed<'o>
    where
        'q: 'o,
    {
        let asked =
            self.question.group_by == Some(GroupBy::Market) || self.question.scope.market.is_some();
        let dealer = asked.then(|| self.question.network.dealer(dealer_id, at));
        Owed {
            dealer_id,
            market: dealer.flatten().map_or("", |dealer| &dealer.market),
        }
    }

    /// The group of an item. Its month is in the zone of the dealer for whom it counts, whichever dealers had it meanwhile.
    fn key(
        &mut self,
        one: &One<'_>,
        owed: Owed<'_>,
        zone: &str,
        responder: &str,
    ) -> Option<String> {
        let summary = one.summary;
        let key = match self.question.group_by? {
            GroupBy::Dealer => owed.dealer_id,
            GroupBy::Market => owed.market,
            GroupBy::Channel => return Some(channel(summary.channel())),
            GroupBy::Survey => one.names.text(summary.survey),
            GroupBy::Responder => responder,
            GroupBy::Month => self.calendar.month(zone, summary.start),
        };
        Some(key.to_owned())
    }

    /// Counts the time for which each dealer had the item while it waited.
    fn waited(&mut self, one: &One<'_>, judged: &Judged<'_>, owed: Owed<'_>, group: (&str, &str)) {
        let Judged { term, outcome, .. } = judged;
        if outcome.state == crate::obligation::State::Excluded {
            return;
        }
        let start = one.summary.start;
        let end = outcome.ended_at.map_or(self.question.as_of, Instant::from);
        let spent = |from: i64, until: Instant| term.clock.spent(from, until, &[]);
        match one.segments {
            Some(segments) if self.tells_dealers_apart() => {
                for segment in segments {
                    let from = segment.from.max(start);
                    let until = segment.until.map_or(end, |until| end.min(until.into()));
                    let owed = self.owed(&segment.dealer_id, start);
                    if from < until {
                        self.has_waited(one, owed, group, spent(from, until));
                    }
                }
            }
            _ => self.has_waited(one, owed, group, spent(start, end)),
        }
    }

    fn has_waited(
        &mut self,
        one: &One<'_>,
        owed: Owed<'_>,
        (zone, responder): (&str, &str),
        spent: i128,
    ) {
        if spent == 0 || !self.question.scope.admits(owed) {
            return;
        }
        self.counted.total.waited += spent;
        let key = self.key(one, owed, zone, responder);
        if let Some(group) = key.and_then(|key| self.counted.groups.group(&key)) {
            group.waited += spent;
        }
    }
}

impl Scope {
    fn admits(&self, owed: Owed<'_>) -> bool {
        let is = |asked: &Option<String>, found: &str| {
            asked.as_deref().is_none_or(|asked| asked == found)
        };
        is(&self.dealer_id, owed.dealer_id) && is(&self.market, owed.market)
    }
}

impl Counted {
    /// Adds the items of another part.
    pub fn merge(&mut self, other: Self) {
        self.total.merge(other.total);
        self.groups.merge(other.groups, Tallied::merge);
    }
}

/// The name of a channel in lower case; empty if unspecified.
pub(super) fn channel(channel: Channel) -> String {
    match channel {
        Channel::Unspecified => String::new(),
        channel => {
            let name = channel.as_str_name();
            name.trim_start_matches("CHANNEL_").to_ascii_lowercase()
        }
    }
}
