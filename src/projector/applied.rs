//! Announces what each commit of the views touched, to watches whose footprint it may touch.

use std::sync::Arc;

use ownerline_projections::Recorded;
use ownerline_projections::fold::footprint::{self, Footprint};
use tokio::sync::broadcast;

use crate::store::Position;

/// The most commits that a listener may be behind; then it only learns that it missed some.
const BACKLOG: usize = 64;

/// One commit of the views.
#[derive(Debug)]
pub struct Applied {
    /// The last position applied by every view that has not stopped.
    pub through: Position,
    /// Every `occurred_at` in the commit that was ahead of the clock, in nanoseconds since the Unix epoch.
    pub ahead: Vec<i64>,
    /// The touched names, sorted; `None` if they were not collected, so that everything counts as touched.
    names: Option<Vec<u64>>,
}

impl Applied {
    /// Whether an answer with this footprint may have changed.
    #[must_use]
    pub fn touches(&self, footprint: &Footprint) -> bool {
        match &self.names {
            Some(names) => footprint.is_touched_by(names),
            None => true,
        }
    }
}

/// Collects the names that a batch touches, while it is folded.
#[derive(Debug, Default)]
pub(super) struct Touched {
    names: Option<Vec<u64>>,
    listening: bool,
    now: i64,
    ahead: Vec<i64>,
}

impl Touched {
    /// Collects names only if somebody is listening.
    pub(super) fn new(listening: bool, now: i64) -> Self {
        Self {
            names: listening.then(Vec::new),
            listening,
            now,
            ahead: Vec::new(),
        }
    }

    /// Counts everything as touched, for more touchpoints than are worth the effort.
    pub(super) fn everything(now: i64) -> Self {
        Self {
            listening: true,
            now,
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, recorded: &Recorded) {
        if self.listening && recorded.occurred_at > self.now {
            self.ahead.push(recorded.occurred_at);
        }
        if let Some(names) = &mut self.names {
            footprint::touched(recorded, |name| names.push(name.bits()));
        }
    }
}

/// The sending end.
#[derive(Clone)]
pub(super) struct Announcer(broadcast::Sender<Arc<Applied>>);

impl Announcer {
    pub(super) fn new() -> Self {
        Self(broadcast::Sender::new(BACKLOG))
    }

    pub(super) fn listen(&self) -> broadcast::Receiver<Arc<Applied>> {
        self.0.subscribe()
    }

    pub(super) fn is_heard(&self) -> bool {
        self.0.receiver_count() > 0
    }

    /// Announces a commit: everything up to `through` is applied, or never will be.
    pub(super) fn announce(&self, through: Position, touched: Touched) {
        let Touched { names, ahead, .. } = touched;
        let names = names.map(|mut names| {
            names.sort_unstable();
            names.dedup();
            names
        });
        // Sending fails only without listeners.
        let _ = self.0.send(Arc::new(Applied {
            through,
            ahead,
            names,
        }));
    }
}
