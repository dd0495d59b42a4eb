//! The figures that are looked at when somebody asks for them, rather than kept.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use crate::projector::{ProjectorHandle, ViewState, ViewStatus};
use crate::runtime::Clock;
use crate::store::embedded::EmbeddedStore;
use crate::store::{EventStore as _, StoreState};
use crate::telemetry::metrics::{Sample, ViewSample};

/// What is looked at.
pub(super) struct Sampled {
    pub(super) store: Arc<EmbeddedStore>,
    pub(super) projector: ProjectorHandle,
    pub(super) clock: Arc<dyn Clock>,
    /// How many files the process may open.
    pub(super) open_files_limit: usize,
}

impl Sampled {
    /// How it is now. Reads some small files, and nothing of the log.
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
            poisoned: matches!(&*self.store.state().borrow(), StoreState::Poisoned { .. }),
            views: views.into_iter().map(view).collect(),
            resident_bytes: resident_bytes(),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "nanoseconds of a lag in a floating-point figure"
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
        lag_seconds: status.lag_nanos as f64 / 1e9,
        applied: status.applied_count,
    }
}

/// What Linux says about this process; nothing elsewhere.
fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string(Path::new("/proc/self/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// How many files the process has open, as Linux says; nothing elsewhere.
fn open_files() -> Option<u64> {
    let open = fs::read_dir(Path::new("/proc/self/fd")).ok()?;
    Some(open.count() as u64)
}
