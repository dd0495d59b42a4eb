//! What each commit of the views touched, told to those who wait for something that touches them.

use std::sync::Arc;

use ownerline_projections::Recorded;
use ownerline_projections::fold::footprint::{self, Footprint};
use tokio::sync::broadcast;

use crate::store::Position;

/// Commits that a listener may be behind before it only hears that it missed some.
const BACKLOG: usize = 64;

/// One commit of the views.
#[derive(Debug)]
pub struct Applied {
    /// Everything up to here is applied, by every view that could.
    pub through: Position,
    /// Every `occurred_at` in it that was ahead of the clock, in nanoseconds since the Unix epoch.
    pub ahead: Vec<i64>,
    /// Sorted; `None` if nobody was listening when it was folded, so that it was not looked at.
    names: Option<Vec<u64>>,
}

impl Applied {
    /// Whether an answer with this footprint may be another one now.
    #[must_use]
    pub fn touches(&self, footprint: &Footprint) -> bool {
        match &self.names {
            Some(names) => footprint.is_touched_by(names),
            None => true,
        }
    }
}

/// What a batch touched, while it is folded.
#[derive(Debug, Default)]
pub(super) struct Touched {
    names: Option<Vec<u64>>,
    listening: bool,
    now: i64,
    ahead: Vec<i64>,
}

impl Touched {
    /// Looks at touchpoints only if somebody is listening.
    pub(super) fn new(listening: bool, now: i64) -> Self {
        Self {
            names: listening.then(Vec::new),
            listening,
            now,
            ahead: Vec::new(),
        }
    }

    /// For more touchpoints than are worth telling apart: everybody is touched.
    pub(super) fn by_all(now: i64) -> Self {
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

/// The end that tells.
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

    /// Everything up to `through` is applied, or will not be.
    pub(super) fn announce(&self, through: Position, touched: Touched) {
        let Touched { names, ahead, .. } = touched;
        let names = names.map(|mut names| {
            names.sort_unstable();
            names.dedup();
            names
        });
        // Without listeners there is nobody to miss it.
        let _ = self.0.send(Arc::new(Applied {
            through,
            ahead,
            names,
        }));
    }
}
