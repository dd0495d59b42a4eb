//! One figure of a run: the measured value of a bar, beside its yardstick, and whether the bar holds.

use ownerline_load::Latencies;
use serde::Serialize;

/// A measured value.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Figure {
    /// The bar, B1 to B22, as in docs/performance.md.
    pub(super) bar: &'static str,
    /// What was measured.
    pub(super) what: String,
    pub(super) value: Option<f64>,
    pub(super) unit: &'static str,
    /// The value of the yardstick, in the same unit.
    pub(super) yardstick: Option<f64>,
    /// The value divided by that of the yardstick.
    pub(super) ratio: Option<f64>,
    /// The target.
    pub(super) target: &'static str,
    /// Whether the target is reached; `None` if the run is too small to say.
    pub(super) holds: Option<bool>,
    pub(super) p50_ms: Option<f64>,
    pub(super) p99_ms: Option<f64>,
    /// Further remarks.
    pub(super) note: String,
}

impl Figure {
    pub(super) fn new(
        bar: &'static str,
        what: impl Into<String>,
        value: Option<f64>,
        unit: &'static str,
        target: &'static str,
    ) -> Self {
        Self {
            bar,
            what: what.into(),
            value,
            unit,
            yardstick: None,
            ratio: None,
            target,
            holds: None,
            p50_ms: None,
            p99_ms: None,
            note: String::new(),
        }
    }

    /// The number of the bar.
    pub(super) fn number(&self) -> u32 {
        let number = self.bar.trim_start_matches('B').parse();
        number.unwrap_or(u32::MAX)
    }

    pub(super) fn beside(mut self, yardstick: f64) -> Self {
        self.yardstick = Some(yardstick);
        self.ratio = self.value.map(|value| value / yardstick);
        self
    }

    pub(super) fn latencies(mut self, latencies: &Latencies) -> Self {
        self.p50_ms = latencies.millis(0.5);
        self.p99_ms = latencies.millis(0.99);
        self
    }

    pub(super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Decides whether the bar holds, if the run `judges` bars.
    pub(super) fn judged(mut self, judges: bool, holds: impl FnOnce(&Self) -> bool) -> Self {
        self.holds = (judges && self.value.is_some()).then(|| holds(&self));
        self
    }

    pub(super) fn at_least(&self, least: f64) -> bool {
        self.value.is_some_and(|value| value >= least)
    }

    pub(super) fn at_most(&self, most: f64) -> bool {
        self.value.is_some_and(|value| value <= most)
    }

    pub(super) fn ratio_at_least(&self, least: f64) -> bool {
        self.ratio.is_some_and(|ratio| ratio >= least)
    }

    pub(super) fn p99_at_most(&self, most: f64) -> bool {
        self.p99_ms.is_some_and(|millis| millis <= most)
    }
}
