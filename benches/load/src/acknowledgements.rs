//! What a server acknowledged: how many touchpoints, and a sample of them to read back later.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use ownerline_proto::v1::record_result::Result as ItemResult;
use ownerline_proto::v1::{RecordResponse, RecordResult};

use crate::error::LoadError;

/// One acknowledgement in this many is sampled.
const SAMPLE_EVERY: u64 = 97;

/// A touchpoint that must be found at its position from now on.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) source: String,
    pub(crate) id: String,
    pub(crate) position: String,
}

/// What one log acknowledged, over all loads.
#[derive(Debug, Default)]
pub struct Acknowledgements {
    count: AtomicU64,
    samples: Mutex<Vec<Sample>>,
}

impl Acknowledgements {
    /// How many touchpoints were acknowledged as stored.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Counts the acknowledgement of one touchpoint.
    pub(crate) fn add(&self, source: &str, id: &str, recorded: RecordResponse) {
        // A load sends each touchpoint once, so a replay would be a fault: left out here, it makes the counts differ.
        if recorded.replayed {
            return;
        }
        let before = self.count.fetch_add(1, Ordering::Relaxed);
        if before.is_multiple_of(SAMPLE_EVERY) {
            let sample = Sample {
                source: source.to_owned(),
                id: id.to_owned(),
                position: recorded.position,
            };
            let mut samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
            samples.push(sample);
        }
    }

    /// Counts the result of one touchpoint of a message.
    pub(crate) fn add_result(
        &self,
        source: &str,
        id: &str,
        result: RecordResult,
    ) -> Result<(), LoadError> {
        match result.result {
            Some(ItemResult::Recorded(recorded)) => {
                self.add(source, id, recorded);
                Ok(())
            }
            Some(ItemResult::Refused(refusal)) => {
                let message = format!("{}: {}", refusal.reason, refusal.message);
                Err(LoadError::TouchpointRefused { message })
            }
            None => Err(LoadError::TouchpointRefused {
                message: "no result".to_owned(),
            }),
        }
    }

    pub(crate) fn samples(&self) -> Vec<Sample> {
        let samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        samples.clone()
    }
}
