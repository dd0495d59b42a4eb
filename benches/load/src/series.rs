//! The touchpoints of a load: journeys as `generate` makes them, as if they were reported now, each at
//! least as large as the messages that other stores were measured with.

use std::collections::BTreeSet;

use ownerline_generate::{Network, Settings};
use ownerline_proto::v1::Touchpoint;
use prost::Message as _;

/// As many as a country has.
const DEALERS: u32 = 80;
/// A touchpoint is filled up to about so many bytes: with the stamps, and source, id and stream beside it,
/// a row of the log then has about 520.
const BYTES: usize = 400;
/// The longest label.
const LABEL: usize = 256;
/// One owner in so many is remembered, up to [`OWNERS`], to ask for later.
const OWNERS_APART: u64 = 3;
const OWNERS: usize = 4_096;

/// Journeys, owner by owner, without end and without repeats.
pub struct Series {
    network: Network,
    next_owner: u64,
    /// What is made and not taken yet.
    ready: std::vec::IntoIter<Touchpoint>,
    owners: Vec<String>,
}

impl Series {
    /// A series that ends before `until` (seconds since the Unix epoch); another seed makes other owners.
    #[must_use]
    pub fn new(seed: u64, until: i64) -> Self {
        Self {
            network: Network::new(Settings {
                owners: u64::MAX,
                seed,
                months: 18,
                dealers: DEALERS,
                until,
            }),
            next_owner: 0,
            ready: Vec::new().into_iter(),
            owners: Vec::new(),
        }
    }

    /// The next `count` touchpoints.
    pub fn take(&mut self, count: usize) -> Vec<Touchpoint> {
        let mut taken = Vec::with_capacity(count);
        while taken.len() < count {
            match self.ready.next() {
                Some(touchpoint) => taken.push(touchpoint),
                None => self.make(),
            }
        }
        taken
    }

    /// Some of the owners whose journeys were begun.
    #[must_use]
    pub fn owners(&self) -> &[String] {
        &self.owners
    }

    fn make(&mut self) {
        let mut journey = self.network.owner(self.next_owner);
        // Reported twice is stored once: what is counted must be told apart from retries.
        let mut seen = BTreeSet::new();
        journey.retain(|it| seen.insert((it.source.clone(), it.id.clone())));
        for touchpoint in &mut journey {
            // What is recorded live is stamped by the server.
            touchpoint.received_at = None;
            touchpoint.origin = 0;
            fill(touchpoint);
        }
        let owner = journey
            .iter()
            .filter_map(|it| it.subjects.as_ref())
            .find(|subjects| !subjects.owner_id.is_empty());
        if let Some(owner) = owner
            && self.next_owner.is_multiple_of(OWNERS_APART)
            && self.owners.len() < OWNERS
        {
            self.owners.push(owner.owner_id.clone());
        }
        self.next_owner += 1;
        self.ready = journey.into_iter();
    }
}

/// Generated touchpoints are terse. Real ones carry traces and long correlation ids; so do these.
fn fill(touchpoint: &mut Touchpoint) {
    let digest = blake3::hash(touchpoint.id.as_bytes()).to_hex();
    if let (Some(trace), Some(span)) = (digest.get(..32), digest.get(32..48)) {
        touchpoint.traceparent = format!("00-{trace}-{span}-01");
    }
    let missing = BYTES.saturating_sub(touchpoint.encoded_len());
    let repeats = digest.chars().cycle();
    let room = LABEL.saturating_sub(touchpoint.correlation_id.len());
    touchpoint
        .correlation_id
        .extend(repeats.take(missing.min(room)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_repeats_nothing_and_is_stamped_by_nobody() {
        let mut series = Series::new(7, 1_767_225_600);
        let mut taken = series.take(1_000);
        taken.extend(series.take(2_000));
        assert_eq!(taken.len(), 3_000);
        let keys: BTreeSet<_> = taken.iter().map(|it| (&it.source, &it.id)).collect();
        assert_eq!(keys.len(), 3_000);
        assert!(taken.iter().all(|it| it.received_at.is_none()));
        assert!(!series.owners().is_empty());
        let bytes: usize = taken.iter().map(|it| it.encoded_len()).sum();
        assert!((380..480).contains(&(bytes / 3_000)), "{}", bytes / 3_000);
    }
}
