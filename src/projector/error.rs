//! Why the projector cannot start, or a view cannot be read.

use ownerline_projections::fold::state::StateError;
use thiserror::Error;

use crate::store::Position;

/// Why the projector could not be started.
#[derive(Debug, Clone, Error)]
pub enum ProjectorError {
    /// An option is below its bound.
    #[error("{option} is {given}, but must be at least {least}")]
    OptionTooSmall {
        /// The option.
        option: &'static str,
        /// What it is.
        given: u64,
        /// The bound.
        least: u64,
    },
    /// Two views have one name.
    #[error("two views are called {name}")]
    NameTaken {
        /// The name.
        name: &'static str,
    },
    /// Another process, or a projector that has not ended, has the views open.
    #[error("views in {path} are in use")]
    InUse {
        /// The directory.
        path: String,
    },
    /// The directory of the views cannot be opened, and building it anew would not help.
    #[error("cannot open views in {path}: {reason}")]
    Open {
        /// The directory.
        path: String,
        /// Why.
        reason: String,
    },
    /// They cannot be opened for the moment, and can be later.
    #[error("views in {path} cannot be opened for the moment: {reason}")]
    Waiting {
        /// The directory.
        path: String,
        /// What they wait for.
        reason: String,
    },
    /// The log has lost what a view has already seen: restore from a backup.
    #[error(
        "the log ends at {head} but view {view} has seen {seen}: acknowledged events are lost, restore from a backup"
    )]
    LostEvents {
        /// The generation of a view, for example `timeline.v1`.
        view: String,
        /// Position it has seen.
        seen: Position,
        /// Last position in the log.
        head: Position,
    },
    /// Opening panicked or was cut off by the end of the runtime.
    #[error("opening the views was interrupted")]
    Interrupted,
}

impl ProjectorError {
    /// Whether it goes away by itself.
    pub(super) fn is_passing(&self) -> bool {
        // In use: a query that has not ended.
        matches!(self, Self::Waiting { .. } | Self::InUse { .. })
    }
}

/// Why a view gave no snapshot.
#[derive(Debug, Clone, Error)]
pub enum SnapshotError {
    /// There is no such view.
    #[error("there is no view called {name}")]
    UnknownView {
        /// The name.
        name: String,
    },
    /// Its checkpoint cannot be read.
    #[error(transparent)]
    State(#[from] StateError),
}

/// Why a rebuild was not begun, or not cancelled.
#[derive(Debug, Clone, Error)]
pub enum RebuildError {
    /// There is no such view.
    #[error("there is no view called {name}")]
    UnknownView {
        /// Its place among the names.
        index: usize,
        /// The name.
        name: String,
    },
    /// The projector is ending.
    #[error("projector is closing")]
    Closing,
}
