//! The errors of the projector: of its start, of reading a view, and of a rebuild.

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
        /// Its value.
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
    /// The directory of the views cannot be opened, and a rebuild would not help.
    #[error("cannot open views in {path}: {reason}")]
    Open {
        /// The directory.
        path: String,
        /// Why.
        reason: String,
    },
    /// The views cannot be opened for the moment.
    #[error("views in {path} cannot be opened for the moment: {reason}")]
    Waiting {
        /// The directory.
        path: String,
        /// What the opening waits for.
        reason: String,
    },
    /// The log has lost positions that a view has already applied: restore from a backup.
    #[error(
        "the log ends at {head} but view {view} has seen {seen}: acknowledged events are lost, restore from a backup"
    )]
    LostEvents {
        /// The generation of a view, for example `timeline.v1`.
        view: String,
        /// The last position that the view has applied.
        seen: Position,
        /// The last position in the log.
        head: Position,
    },
    /// Opening panicked, or the runtime ended meanwhile.
    #[error("opening the views was interrupted")]
    Interrupted,
}

impl ProjectorError {
    /// Whether the fault is transient.
    pub(super) fn is_passing(&self) -> bool {
        // In use, for example by a query that has not ended.
        matches!(self, Self::Waiting { .. } | Self::InUse { .. })
    }
}

/// A snapshot of a view cannot be taken.
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
    /// It does not hold what its reader requires, for example because it was opened anew since the reader waited.
    #[error("view {view} stands at {reached}, not yet at {wanted}")]
    Behind {
        /// The name of the view.
        view: String,
        /// Its position.
        reached: Position,
        /// The position that it should have.
        wanted: Position,
    },
}

/// A rebuild cannot be begun or cancelled.
#[derive(Debug, Clone, Error)]
pub enum RebuildError {
    /// There is no such view.
    #[error("there is no view called {name}")]
    UnknownView {
        /// Its index among the names.
        index: usize,
        /// The name.
        name: String,
    },
    /// The projector is ending.
    #[error("projector is closing")]
    Closing,
}
