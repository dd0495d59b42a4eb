//! Announces what each commit of the views touched, to watches whose footprint it may touch.

use std::sync::Arc;

use ownerline_projections::Recorded;
use ownerline_projections::fold::footprint::Footprint;
use ownerline_projections::fold::touches::{Touches, Touching};
use tokio::sync::broadcast;

use crate::store::Position;

/// The most commits that a listener may be behind; then it only learns that it missed some.
const BACKLOG: usize = 64;

/// One commit of the views.
#[derive(Debug)]
pub struct Applied {
    /// The last position applied by every view that has not stopped.
    pub through: Position,
    /// What each touchpoint touches; `None` if that was not collected, so that everything counts as touched.
    touches: Option<Touches>,
}

impl Applied {
    /// The touchpoints recorded after a position that may change the answer with this footprint, in position order, by
    /// [`Touches::touching`]; `None` if that is not known.
    #[must_use]
    pub fn touching(&self, footprint: &mut Footprint, after: Position) -> Option<Vec<Touching>> {
        let touches = self.touches.as_ref()?;
        Some(touches.touching(footprint, after))
    }

    /// The number of touchpoints of which it says what they touch.
    #[must_use]
    pub fn len(&self) -> usize {
        self.touches.as_ref().map_or(0, Touches::len)
    }

    /// Whether it says that of none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Collects the names that a batch touches, while it is folded.
#[derive(Debug, Default)]
pub(super) struct Touched(Option<Touches>);

impl Touched {
    /// Collects names only if somebody is listening.
    pub(super) fn new(listening: bool) -> Self {
        Self(listening.then(Touches::default))
    }

    /// Counts everything as touched, for more touchpoints than are worth the effort.
    pub(super) fn everything() -> Self {
        Self::default()
    }

    pub(super) fn add(&mut self, recorded: &Recorded) {
        if let Some(touches) = &mut self.0 {
            touches.add(recorded);
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
        let touches = touched.0.map(|mut touches| {
            touches.finish();
            touches
        });
        // Sending fails only without listeners.
        let _ = self.0.send(Arc::new(Applied { through, touches }));
    }
}
