//! Directories: which owners and which dealers there are.

mod dealers;
mod owners;

pub use dealers::{DealerEntry, DealerFilter, DealersPage, DealersQuestion, dealers};
pub use owners::{OwnersQuestion, owners};

use crate::feedback::Feedback;
use crate::fold::corrections::Corrections;
use crate::network::NetworkView;
use crate::timeline::Timeline;

/// The views that owners are listed from.
pub const OWNER_VIEWS: [&str; 4] = [
    Timeline::NAME,
    Corrections::NAME,
    NetworkView::NAME,
    Feedback::NAME,
];

/// The views that dealers are listed from.
pub const DEALER_VIEWS: [&str; 3] = [NetworkView::NAME, Feedback::NAME, Corrections::NAME];
