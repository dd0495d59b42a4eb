//! The metrics that are sampled when they are requested, rather than counted.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::parts::Parts;
use crate::projector::{ProjectorHandle, ViewState, ViewStatus};
use crate::runtime::Clock;
use crate::store::embedded::EmbeddedStore;
use crate::store::{EventStore as _, StoreState};
use crate::telemetry;
use crate::telemetry::metrics::{Sample, ViewSample};

/// The parts of a server that are sampled.
pub(super) struct Sampled {
    store: Arc<EmbeddedStore>,
    projector: ProjectorHandle,
    clock: Arc<dyn Clock>,
    /// The number of files that the process may open.
    open_files_limit: usize,
}

impl Sampled {
    /// Samples these parts.
    pub(super) fn of(parts: &Parts, open_files_limit: usize) -> Self {
        Self {
            store: parts.log.clone(),
            projector: parts.projector.clone(),
            clock: parts.clock.clone(),
            open_files_limit,
        }
    }

    /// Takes a sample. Reads some small files, and nothing of the log.
    pub(super) fn now(&self) -> Sample {
        let head = self.store.head().borrow().position.0;
        let sizes = self.store.sizes();
        let views = self.projector.status(self.clock.now());
        Sample {
            head,
            queue_events: self.store.queued() as u64,
            index_lag_events: head.saturating_sub(self.store.indexed().0),
            log_bytes: sizes.log,
            wal_bytes: sizes.wal,
            index_retrying: self.store.index_trouble().borrow().is_some(),
            full: matches!(&*self.store.state().borrow(), StoreState::Full { .. }),
            open_files: open_files(),
            open_files_limit: self.open_files_limit as u64,
            lost_lines: telemetry::lost_lines(),
            poisoned: matches!(&*self.store.state().borrow(), StoreState::Poisoned { .. }),
            views: views.into_iter().map(view).collect(),
            resident_bytes: resident_bytes(),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a metric is a floating-point number"
)]
fn view(status: ViewStatus) -> ViewSample {
    ViewSample {
        view: status.name,
        state: match status.state {
            ViewState::CatchingUp => "catching_up",
            ViewState::Live => "live",
            ViewState::Failed => "failed",
            ViewState::Retrying => "retrying",
        },
        lag_events: status.lag_events,
        catch_up_events: status.catch_up_events(),
        lag_seconds: status.lag_nanos as f64 / 1e9,
        applied: status.applied_count,
    }
}

/// The resident memory of this process, as Linux reports it; `None` on other systems.
fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string(Path::new("/proc/self/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// The number of files that the process has open, as Linux reports it; `None` on other systems.
fn open_files() -> Option<u64> {
    let open = fs::read_dir(Path::new("/proc/self/fd")).ok()?;
    Some(open.count() as u64)
}
