//! The replies that are owed: which message waits for which reply.

use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::Fact;
use super::course::Step;
use super::known::KnownReplies;
use super::reply::Reply;
use super::running::{Obligation, Ruled, Running};

/// The first and the next replies that are or were owed.
pub(super) fn replies(ruled: &Ruled<'_, '_>) -> Vec<Obligation> {
    let Some(received) = ruled.course.received else {
        return Vec::new();
    };
    let mut walk = Walk {
        ruled,
        episode: 0,
        first: ruled.begin(Kind::FirstReply, received, 0),
        next: Vec::new(),
        done: Vec::new(),
        known: KnownReplies::of(&ruled.course.steps),
        step: 0,
        is_closed: false,
    };
    for (at, step) in ruled.course.steps.iter().enumerate() {
        walk.step = at;
        match step {
            Step::Replied(reply) => walk.replied(reply),
            Step::OwnerMessage(fact) => walk.owner_message(fact),
            Step::NewQuestion(fact) => walk.new_question(fact),
            Step::Closed(fact) => walk.closed(fact),
            Step::Reopened(fact) => walk.reopened(fact),
        }
    }
    let Walk { first, next, .. } = walk;
    let running = walk.done.into_iter().chain(first).chain(next);
    running.map(|running| ruled.end(running)).collect()
}

struct Walk<'r, 'i> {
    ruled: &'r Ruled<'r, 'i>,
    episode: u32,
    /// The first reply of the episode.
    first: Option<Running<'i>>,
    /// The next replies that a reply can still end: one that is open, and one that was closed in this episode.
    next: Vec<Running<'i>>,
    done: Vec<Running<'i>>,
    known: KnownReplies,
    /// The current step.
    step: usize,
    /// The item is closed.
    is_closed: bool,
}

impl<'i> Walk<'_, 'i> {
    fn replied(&mut self, reply: &Reply<'i>) {
        if let Some(first) = &mut self.first
            && first.answer.is_none()
            && first.owed.is_met_by(reply)
        {
            first.answer = Some(*reply);
            let only = first.owed.term.responsible_only;
            first.known_by = self.known.in_episode(self.step, only);
        }
        for running in &mut self.next {
            if running.owed.is_met_by(reply) {
                running.answer = Some(*reply);
                let only = running.owed.term.responsible_only;
                // An obligation that begins after a closing outlives the reopening that follows.
                running.known_by = match running.begun_closed && running.episode == self.episode {
                    true => self.known.in_two_episodes(self.step, only),
                    false => self.known.in_episode(self.step, only),
                };
            }
        }
        let ended = self.next.extract_if(.., |it| it.answer.is_some());
        self.done.extend(ended);
    }

    fn owner_message(&mut self, fact: &'i Fact) {
        match &mut self.first {
            Some(first) if first.answer.is_none() && first.closed.is_none() => first.joined += 1,
            _ => self.new_question(fact),
        }
    }

    fn new_question(&mut self, fact: &'i Fact) {
        match self.next.iter_mut().find(|it| it.closed.is_none()) {
            Some(open) => open.joined += 1,
            None => {
                let next = self.ruled.begin(Kind::NextReply, fact, self.episode);
                self.next.extend(next.map(|next| Running {
                    begun_closed: self.is_closed,
                    ..next
                }));
            }
        }
    }

    fn closed(&mut self, fact: &'i Fact) {
        self.is_closed = true;
        for running in self.first.iter_mut().chain(&mut self.next) {
            if running.answer.is_none() {
                running.closed = Some(fact);
            }
        }
    }

    fn reopened(&mut self, fact: &'i Fact) {
        self.episode += 1;
        self.is_closed = false;
        let first = self.ruled.begin(Kind::FirstReply, fact, self.episode);
        self.done.extend(std::mem::replace(&mut self.first, first));
        // A closed obligation keeps its outcome; an open one goes on.
        let ended = self.next.extract_if(.., |it| it.closed.is_some());
        self.done.extend(ended);
    }
}
