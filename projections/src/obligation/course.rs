//! The course of an item as of an instant, independent of any policy: one walk over its history.

use std::collections::BTreeMap;

use super::dealers::{Dealers, Segment};
use super::reply::{Reply, TakenBack};
use super::{Fact, FactKind, Item, Name};
use ownerline_proto::time::Instant;

/// A report that had no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flag {
    /// A second feedback of one id.
    ReceivedTwice,
    /// Closed while it was closed.
    ClosedTwice,
    /// Opened again while it was open.
    ReopenedWhileOpen,
}

/// One step in the course of an item that has a bearing on who waits for a reply.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Step<'i> {
    Replied(Reply<'i>),
    /// The owner wrote again.
    OwnerMessage(&'i Fact),
    /// An edit asks something new.
    NewQuestion(&'i Fact),
    /// The item was closed while it was open.
    Closed(&'i Fact),
    /// The item was opened again while it was closed.
    Reopened(&'i Fact),
}

/// The course of an item.
#[derive(Debug)]
pub(crate) struct Course<'i> {
    /// The feedback itself. Without it nothing is owed.
    pub(crate) received: Option<&'i Fact>,
    pub(crate) dealers: Dealers,
    /// In history order.
    pub(crate) steps: Vec<Step<'i>>,
    /// What met the resolution, and the instant by which the log knew of anything that met it.
    pub(crate) resolved: Option<(&'i Fact, i64)>,
    pub(crate) excluded: Option<&'i Fact>,
    pub(crate) flags: Vec<(Flag, &'i Fact)>,
    /// Somebody waits for a reply of the responsible dealer.
    pub(crate) waits_for_reply: bool,
    /// The greatest `occurred_at` of its own facts.
    pub(crate) latest: i64,
}

impl<'i> Course<'i> {
    /// The course by what occurred at or before `as_of`.
    pub(crate) fn of(item: &'i Item, as_of: Instant) -> Self {
        let facts = item.until(as_of);
        let mut of_kind = facts
            .iter()
            .filter(|fact| fact.kind() == FactKind::Received);
        let received = of_kind.next();
        let second = of_kind.map(|fact| (Flag::ReceivedTwice, fact));
        let mut own = facts.iter().filter(|fact| fact.case == 0);
        let mut walk = Walk {
            taken_back: TakenBack::of(facts),
            closed: false,
            course: Self {
                received,
                dealers: Dealers::of(facts, received),
                steps: Vec::new(),
                resolved: None,
                excluded: None,
                flags: second.collect(),
                waits_for_reply: true,
                latest: own.next_back().map_or(i64::MIN, |fact| fact.occurred_at),
            },
        };
        let linked = item.linked_cases(as_of);
        for fact in facts {
            if fact.case == 0 || linked.contains(&fact.case) {
                walk.takes(fact);
            }
        }
        walk.course
    }

    fn resolved_by(&mut self, fact: &'i Fact) {
        let known_by = fact.known_from().max(fact.occurred_at);
        let (_, earliest) = self.resolved.get_or_insert((fact, known_by));
        *earliest = known_by.min(*earliest);
    }

    /// Whether an obligation to reply is open, or would be if only the responsible dealer may answer.
    pub(crate) fn is_reply_open(&self) -> bool {
        self.received.is_some() && self.excluded.is_none() && self.waits_for_reply
    }

    /// Whether a resolution is open if one is owed, or may be because it may have been undone in another stream.
    pub(crate) fn is_resolution_open(&self, may_be_undone: bool) -> bool {
        let is_open = self.resolved.is_none() || may_be_undone;
        self.received.is_some() && self.excluded.is_none() && is_open
    }
}

struct Walk<'i> {
    taken_back: TakenBack<'i>,
    closed: bool,
    course: Course<'i>,
}

impl<'i> Walk<'i> {
    fn takes(&mut self, fact: &'i Fact) {
        let course = &mut self.course;
        match fact.kind() {
            FactKind::Replied => self.replied(fact),
            FactKind::Message if fact.case == 0 => {
                course.steps.push(Step::OwnerMessage(fact));
                course.waits_for_reply = true;
            }
            FactKind::Edited if fact.new_question => {
                course.steps.push(Step::NewQuestion(fact));
                course.waits_for_reply = true;
            }
            FactKind::Closed if self.closed => course.flags.push((Flag::ClosedTwice, fact)),
            FactKind::Closed => {
                self.closed = true;
                course.steps.push(Step::Closed(fact));
                course.waits_for_reply = false;
                course.resolved_by(fact);
            }
            FactKind::Reopened if !self.closed => {
                course.flags.push((Flag::ReopenedWhileOpen, fact))
            }
            FactKind::Reopened => {
                self.closed = false;
                course.steps.push(Step::Reopened(fact));
                course.waits_for_reply = true;
                course.resolved = None;
            }
            FactKind::Confirmed | FactKind::CaseResolved | FactKind::CaseClosed => {
                course.resolved_by(fact)
            }
            FactKind::Rejected | FactKind::CaseReopened => course.resolved = None,
            FactKind::Excluded => {
                course.excluded.get_or_insert(fact);
            }
            _ => {}
        }
    }

    fn replied(&mut self, fact: &'i Fact) {
        if !fact.stops_a_clock() || self.taken_back.has(fact) {
            return;
        }
        let course = &mut self.course;
        let reply = course.dealers.reply(fact);
        course.waits_for_reply &= !reply.by_responsible;
        course.steps.push(Step::Replied(reply));
    }
}

/// The responsible dealers of an item one after the other, from its start on, by what occurred at or before `as_of`;
/// empty while it is held.
#[must_use]
pub fn segments(item: &Item, as_of: Instant) -> Vec<Segment> {
    let course = Course::of(item, as_of);
    course.received.map_or_else(Vec::new, |received| {
        course.dealers.segments(received.received_at(), item)
    })
}

/// The spans in which a linked case waited for the owner: until it was resumed, or the owner wrote anywhere. In order,
/// not overlapping.
pub(super) fn pauses(item: &Item, as_of: Instant) -> Vec<(i64, Option<i64>)> {
    let mut waits: BTreeMap<Name, i64> = BTreeMap::new();
    let mut spans = Vec::new();
    let linked = item.linked_cases(as_of);
    let facts = item.until(as_of).iter();
    for fact in facts.filter(|it| it.case == 0 || linked.contains(&it.case)) {
        let at = fact.occurred_at;
        match fact.kind() {
            FactKind::CasePaused => {
                waits.entry(fact.case).or_insert(at);
            }
            FactKind::CaseResumed => {
                spans.extend(waits.remove(&fact.case).map(|from| (from, Some(at))));
            }
            FactKind::Message | FactKind::Edited => {
                let ended = std::mem::take(&mut waits);
                spans.extend(ended.into_values().map(|from| (from, Some(at))));
            }
            _ => {}
        }
    }
    spans.extend(waits.into_values().map(|from| (from, None)));
    spans.sort_by_key(|(from, until)| (*from, until.unwrap_or(i64::MAX)));
    let mut merged: Vec<(i64, Option<i64>)> = Vec::new();
    for (from, until) in spans {
        match merged.last_mut() {
            Some((_, last)) if last.is_none_or(|last| from <= last) => {
                *last = last.and_then(|last| until.map(|until| until.max(last)));
            }
            _ => merged.push((from, until)),
        }
    }
    merged.retain(|(from, until)| until.is_none_or(|until| *from < until));
    merged
}
