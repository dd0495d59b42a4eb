//! The parts of a server that its services and tasks share.

use std::sync::Arc;

use crate::command::{Recorder, RecorderLimits};
use crate::config::Config;
use crate::keeper::{Keeper, KeeperOptions};
use crate::projector::ProjectorHandle;
use crate::runtime::Clock;
use crate::store::SharedStore;
use crate::store::embedded::EmbeddedStore;
use crate::telemetry::metrics::Metrics;

/// An open log with its views, and what they were opened with.
pub(super) struct Parts {
    pub(super) config: Config,
    pub(super) metrics: Metrics,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) log: Arc<EmbeddedStore>,
    pub(super) projector: ProjectorHandle,
}

impl Parts {
    /// The log, as the port shows it.
    pub(super) fn store(&self) -> SharedStore {
        self.log.clone()
    }

    /// A recorder into the log.
    pub(super) fn recorder(&self) -> Recorder {
        let limits = &self.config.limits;
        let limits = RecorderLimits {
            touchpoint_bytes: limits.touchpoint_bytes,
            text_characters: limits.text_characters,
            future_tolerance: limits.future_tolerance,
            photograph_schemes: limits.photograph_schemes.clone(),
        };
        let recorder = Recorder::new(self.store(), self.clock.clone(), limits);
        recorder.measured(self.metrics.appends.clone())
    }

    /// The clock-keeper, not yet running.
    pub(super) fn keeper(&self) -> Keeper {
        Keeper {
            store: self.store(),
            projector: self.projector.clone(),
            recorder: self.recorder(),
            options: KeeperOptions {
                events_per_second: self.config.keeper.events_per_second,
                ..KeeperOptions::default()
            },
        }
    }
}
