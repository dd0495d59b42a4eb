//! The limits of the touchpoints that are accepted.

use std::time::Duration;

use crate::config::Schemes;

/// The limits of a touchpoint.
#[derive(Debug, Clone)]
pub struct RecorderLimits {
    /// Maximum size of the encoded touchpoint, in bytes.
    pub touchpoint_bytes: u64,
    /// Maximum number of characters of a text field.
    pub text_characters: usize,
    /// How far `occurred_at` may be ahead of the server's clock.
    pub future_tolerance: Duration,
    /// The schemes that addresses of photographs may have, besides https.
    pub photograph_schemes: Schemes,
}
