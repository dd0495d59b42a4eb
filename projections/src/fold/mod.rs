//! The parts that every read model shares: the fold itself, its state and keys, corrections and the driver.

pub mod abandonable;
pub(crate) mod checkpoint;
pub mod corrections;
pub mod driver;
pub(crate) mod excerpt;
pub mod footprint;
pub(crate) mod groups;
mod in_force;
pub mod key;
pub(crate) mod memory;
pub(crate) mod numbering;
pub(crate) mod overlay;
pub(crate) mod pairs;
pub(crate) mod rank;
pub mod reach;
pub mod recorded;
pub mod state;
pub(crate) mod table;
pub mod touches;
pub mod turns;
mod view;

use thiserror::Error;

use crate::Recorded;
use crate::fold::key::{KeyWriter, is_plain};
use crate::fold::state::StateError;

pub use view::{Apply, Kinds, ViewDef};

/// Why a fold stopped. The touchpoint it stopped at is never skipped.
#[derive(Debug, Clone, Error)]
pub enum FoldError {
    /// The state could not be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// The touchpoint is something this version of the fold cannot handle.
    #[error("cannot handle the touchpoint: {reason}")]
    Unsupported {
        /// The reason, for the operator.
        reason: String,
    },
}

/// Returns the encoded history key of a touchpoint, which a view appends to the texts of a row's key. `named` are the
/// other identifiers in that key.
///
/// # Errors
/// [`FoldError::Unsupported`] if an identifier holds a NUL; the validation of requests lets none through.
pub(crate) fn history_tail(recorded: &Recorded, named: &[&str]) -> Result<Vec<u8>, FoldError> {
    let (source, id) = (&recorded.touchpoint.source, &recorded.touchpoint.id);
    let own = [source.as_str(), id.as_str()];
    if !own.iter().chain(named).all(|text| is_plain(text)) {
        return Err(FoldError::Unsupported {
            reason: "an identifier holds a NUL character".to_owned(),
        });
    }
    let (occurred_at, position) = (recorded.occurred_at, recorded.position);
    let rank = recorded.rank();
    Ok(KeyWriter::history_tail(
        occurred_at,
        rank,
        source,
        id,
        position,
    ))
}
