//! A transient fault of the views' database.

use super::ProjectorOptions;
use crate::derived::Backoff;

/// The reason why the views cannot be written for the moment.
pub(super) struct Trouble {
    pub(super) reason: String,
    pub(super) backoff: Backoff,
}

impl Trouble {
    pub(super) fn new(reason: String, options: &ProjectorOptions) -> Self {
        Self {
            reason,
            backoff: Backoff::new(options.retry_from, options.retry_up_to),
        }
    }
}
