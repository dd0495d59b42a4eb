//! The metrics of computations of answers.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// The metrics of computations of answers from the read models, looks of watches among them.
#[derive(Debug, Clone, Default)]
pub struct AnswerMetrics {
    /// Computations that run or wait for a thread.
    pub running: Gauge,
    /// Computations that ended early because nobody waited for them any more.
    pub abandoned: Counter,
}

impl AnswerMetrics {
    /// Registers them.
    pub(super) fn register(&self, registry: &mut Registry) {
        let (running, abandoned) = (self.running.clone(), self.abandoned.clone());
        registry.register(
            "ownerline_answers_running",
            "Answers being computed",
            running,
        );
        let help = "Computations of answers that nobody waited for any more";
        registry.register("ownerline_answers_abandoned", help, abandoned);
    }
}
