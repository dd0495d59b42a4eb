//! The bound on lines from one place of the source, ours or a library's: whatever a client or a fault causes again and
//! again, the log stays readable.

use std::sync::Arc;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::repeats::{Kind, Repeats};

/// The lines of one place in a second. More than a start has views, of which each may have a line.
const LINES_A_SECOND: u64 = 50;

/// Leaves out lines beyond [`LINES_A_SECOND`] and counts them. Lines below INFO are written all: somebody asked for them.
pub(super) struct Flood {
    pub(super) repeats: Arc<Repeats>,
}

/// The target of lines that tell what was left out, which are never left out themselves.
const TELLING: &str = "ownerline::telemetry::repeats";

impl<S: Subscriber> Layer<S> for Flood {
    fn event_enabled(&self, event: &Event<'_>, _: Context<'_, S>) -> bool {
        let place = event.metadata();
        *place.level() > Level::INFO
            || place.target() == TELLING
            || self.repeats.allow(Kind::of_place(place), LINES_A_SECOND, 1)
    }
}
