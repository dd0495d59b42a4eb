//! Directories: which owners and which dealers there are.

mod dealers;
mod owners;

pub use dealers::{DealerEntry, DealerFilter, DealersPage, DealersQuestion, dealers};
pub use owners::{OwnersQuestion, owners};

use crate::feedback;
use crate::fold::corrections;
use crate::network;
use crate::timeline;

/// The views that owners are listed from.
pub const OWNER_VIEWS: [&str; 4] = [
    timeline::VIEW.name,
    corrections::VIEW.name,
    network::VIEW.name,
    feedback::VIEW.name,
];

/// The views that dealers are listed from.
pub const DEALER_VIEWS: [&str; 3] = [
    network::VIEW.name,
    feedback::VIEW.name,
    corrections::VIEW.name,
];
