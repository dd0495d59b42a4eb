//! What a server acknowledged: the count of it all, and a sample to ask for afterwards.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use ownerline_proto::v1::record_result::Result as ItemResult;
use ownerline_proto::v1::{RecordResponse, RecordResult};

use super::BenchError;

/// One acknowledgement in so many is kept.
const APART: u64 = 97;

/// One touchpoint that must be found at its position from now on.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    pub(super) source: String,
    pub(super) id: String,
    pub(super) position: String,
}

/// What was acknowledged by one log, over all loads.
#[derive(Debug, Default)]
pub struct Acked {
    count: AtomicU64,
    samples: Mutex<Vec<Sample>>,
}

impl Acked {
    /// How many touchpoints were acknowledged as stored.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// Books the answer to a touchpoint.
    pub(super) fn book(&self, source: &str, id: &str, recorded: RecordResponse) {
        // What a series makes is made once: a replay would be a fault, and makes the counts differ.
        if recorded.replayed {
            return;
        }
        let before = self.count.fetch_add(1, Ordering::Relaxed);
        if before.is_multiple_of(APART) {
            let sample = Sample {
                source: source.to_owned(),
                id: id.to_owned(),
                position: recorded.position,
            };
            let mut samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
            samples.push(sample);
        }
    }

    /// Books one result of several.
    pub(super) fn book_result(
        &self,
        source: &str,
        id: &str,
        result: RecordResult,
    ) -> Result<(), BenchError> {
        match result.result {
            Some(ItemResult::Recorded(recorded)) => {
                self.book(source, id, recorded);
                Ok(())
            }
            Some(ItemResult::Refused(refusal)) => {
                let message = format!("{}: {}", refusal.reason, refusal.message);
                Err(BenchError::Touchpoint { message })
            }
            None => Err(BenchError::Touchpoint {
                message: "no result".to_owned(),
            }),
        }
    }

    pub(super) fn samples(&self) -> Vec<Sample> {
        let samples = self.samples.lock().unwrap_or_else(PoisonError::into_inner);
        samples.clone()
    }
}
