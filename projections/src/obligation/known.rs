//! The instant by which the log knew of any reply that meets what is owed, whichever reply meets it now.

use super::course::Step;
use super::reply::Reply;

/// The earliest instants by which the log knew of a reply that had occurred, in nanoseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, Default)]
struct Earliest {
    by_anybody: Option<i64>,
    by_responsible: Option<i64>,
}

impl Earliest {
    fn takes(&mut self, reply: &Reply<'_>) {
        let known_by = Some(reply.known_by());
        self.by_anybody = earlier(self.by_anybody, known_by);
        if reply.by_responsible {
            self.by_responsible = earlier(self.by_responsible, known_by);
        }
    }

    fn of(self, responsible_only: bool) -> Option<i64> {
        if responsible_only {
            self.by_responsible
        } else {
            self.by_anybody
        }
    }
}

/// The earlier of two instants, as far as there are any.
fn earlier(one: Option<i64>, other: Option<i64>) -> Option<i64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// When replies became known, by the step of a course from which they count.
pub(super) struct KnownReplies {
    /// For each step, the replies from it on until the item is opened again.
    from_step: Vec<Earliest>,
    /// For each step, the first one after the next reopening, if there is one.
    after_reopening: Vec<Option<usize>>,
}

impl KnownReplies {
    /// Reads steps in history order.
    pub(super) fn of(steps: &[Step<'_>]) -> Self {
        let mut from_step = Vec::with_capacity(steps.len());
        let mut after_reopening = Vec::with_capacity(steps.len());
        let mut earliest = Earliest::default();
        let mut after = None;
        for (at, step) in steps.iter().enumerate().rev() {
            match step {
                Step::Replied(reply) => earliest.takes(reply),
                Step::Reopened(_) => {
                    earliest = Earliest::default();
                    after = Some(at + 1);
                }
                Step::OwnerMessage(_) | Step::NewQuestion(_) | Step::Closed(_) => {}
            }
            from_step.push(earliest);
            after_reopening.push(after);
        }
        from_step.reverse();
        after_reopening.reverse();
        Self {
            from_step,
            after_reopening,
        }
    }

    /// The instant by which the log knew of a reply of one episode, from a step on.
    pub(super) fn in_episode(&self, step: usize, responsible_only: bool) -> Option<i64> {
        let earliest = self.from_step.get(step)?;
        earliest.of(responsible_only)
    }

    /// As [`Self::in_episode`], or of the episode after it.
    pub(super) fn in_two_episodes(&self, step: usize, responsible_only: bool) -> Option<i64> {
        let next = self.after_reopening.get(step).copied().flatten();
        let next = next.and_then(|step| self.in_episode(step, responsible_only));
        earlier(self.in_episode(step, responsible_only), next)
    }
}
