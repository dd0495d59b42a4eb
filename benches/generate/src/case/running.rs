//! A case while it is written.

use ownerline_proto::v1::Subjects;

use crate::calendar::{DAY, HOUR};
use crate::journey::Journey;
use crate::words::Matter;

/// A case while it is written.
pub(super) struct Case {
    pub(super) id: String,
    pub(super) subjects: Subjects,
    pub(super) at: i64,
    pub(super) matter: Matter,
    pub(super) promises: u32,
    pub(super) steps: u32,
    pub(super) unmet: Vec<String>,
}

impl Case {
    /// Advances the case by some days (median) to a working time.
    pub(super) fn advance(&mut self, journey: &mut Journey<'_>, days: i64) -> i64 {
        let wait = journey.chance.heavy_tailed(days * DAY, 0.6);
        self.at = journey.working(self.at + wait.max(HOUR));
        self.at
    }
}
