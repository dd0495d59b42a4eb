//! One episode of a case: from the opening or a reopening to the closing.

use super::fact::CaseFact;
use super::kind::CaseFactKind;

/// An outcome that was reached.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome<'h> {
    /// The `CaseResolved`.
    pub by: &'h CaseFact,
    /// The rejection that voided it.
    pub rejected_by: Option<&'h CaseFact>,
}

/// A span in which a case waited for its owner.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pause<'h> {
    /// The `CasePausedOnOwner`.
    pub by: &'h CaseFact,
    /// What ended it: a resumption, words of the owner, the closing, or a reopening. `None` if it goes on.
    pub ended_by: Option<&'h CaseFact>,
}

impl Pause<'_> {
    /// Its first instant, in nanoseconds since the Unix epoch.
    #[must_use]
    pub fn from(&self) -> i64 {
        self.by.at()
    }

    /// The instant at which it ended.
    #[must_use]
    pub fn until(&self) -> Option<i64> {
        self.ended_by.map(CaseFact::at)
    }
}

/// What the owner says about the outcome of an episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Unconfirmed,
    /// It is accepted.
    Confirmed,
    /// It is not.
    Rejected,
}

/// An episode of a case.
#[derive(Debug, Clone, PartialEq)]
pub struct Episode<'h> {
    /// Its number, from 0.
    pub number: u32,
    /// What began it: the opening, or the first touchpoint where that is missing, or a reopening.
    pub opened_by: &'h CaseFact,
    /// When it began, in nanoseconds since the Unix epoch; never before the opening of the case.
    pub from: i64,
    /// When word of that reached the centre: the start of its clocks.
    pub started_at: i64,
    /// The outcomes that were reached, in history order.
    pub outcomes: Vec<Outcome<'h>>,
    /// What the owner said last about the outcome.
    pub verdict_by: Option<&'h CaseFact>,
    /// The rejections of an outcome, in history order.
    pub rejections: Vec<&'h CaseFact>,
    /// The closing, and further ones while it was closed.
    pub closings: Vec<&'h CaseFact>,
    /// The reopening that ended it without a closing: it was resolved.
    pub reopened_by: Option<&'h CaseFact>,
    /// The spans in which it waited for the owner, in history order.
    pub pauses: Vec<Pause<'h>>,
}

impl<'h> Episode<'h> {
    pub(super) fn begin(number: u32, opened_by: &'h CaseFact, opening: &CaseFact) -> Self {
        Self {
            number,
            opened_by,
            from: opened_by.at().max(opening.at()),
            started_at: opened_by.received_at.max(match number {
                0 => i64::MIN,
                _ => opening.received_at,
            }),
            outcomes: Vec::new(),
            verdict_by: None,
            rejections: Vec::new(),
            closings: Vec::new(),
            reopened_by: None,
            pauses: Vec::new(),
        }
    }

    /// The closing.
    #[must_use]
    pub fn closed_by(&self) -> Option<&'h CaseFact> {
        self.closings.first().copied()
    }

    /// When it ended, in nanoseconds since the Unix epoch; never before it began. `None` if it goes on.
    #[must_use]
    pub fn until(&self) -> Option<i64> {
        let ended_by = self.closed_by().or(self.reopened_by)?;
        Some(ended_by.at().max(self.from))
    }

    /// Whether it was closed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        !self.closings.is_empty()
    }

    /// The last outcome that no rejection voided.
    #[must_use]
    pub fn resolved_by(&self) -> Option<&'h CaseFact> {
        let standing = self.outcomes.iter().rfind(|it| it.rejected_by.is_none());
        standing.map(|it| it.by)
    }

    /// What the owner says about the outcome.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.verdict_by.map(CaseFact::kind) {
            None => Verdict::Unconfirmed,
            Some(CaseFactKind::ResolutionRejected) => Verdict::Rejected,
            Some(_) => Verdict::Confirmed,
        }
    }

    /// The pause that goes on.
    #[must_use]
    pub fn paused(&self) -> Option<&Pause<'h>> {
        self.pauses.last().filter(|pause| pause.ended_by.is_none())
    }
}
