//! The reads of cases.

use crate::query::reads::Reads;

/// Reads cases. Cheap to clone.
#[derive(Clone)]
pub struct CaseReads {
    /// What they are read with.
    pub reads: Reads,
}
