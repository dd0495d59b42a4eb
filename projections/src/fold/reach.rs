//! Everything that can change an answer: touchpoints by the names that they touch, and time.

use crate::fold::footprint::Footprint;
use crate::fold::turns::Turns;

/// Everything that can change an answer.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// The names through which a touchpoint can change it.
    pub footprint: Footprint,
    /// When time alone changes it.
    pub turns: Turns,
}
