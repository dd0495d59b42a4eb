//! The touchpoints of a load: generated journeys, as if they were reported now, each at least as large as the
//! messages that other stores were measured with.

use std::collections::BTreeSet;

use ownerline_generate::{Network, Settings};
use ownerline_proto::v1::Touchpoint;
use prost::Message as _;

/// The number of dealers, about that of a country.
const DEALERS: u32 = 80;
/// The number of bytes to which a touchpoint is padded. With the server's stamps, source, id and stream, a row of
/// the log then has about 520.
const PADDED_BYTES: usize = 400;
/// The longest correlation id that the schema allows.
const LONGEST_LABEL: usize = 256;
/// One owner in this many is remembered for later queries, up to [`REMEMBERED_OWNERS`].
const REMEMBER_EVERY: u64 = 3;
const REMEMBERED_OWNERS: usize = 4_096;

/// An endless feed of journeys, owner by owner, without repeated reports.
pub struct JourneyFeed {
    network: Network,
    next_owner: u64,
    /// Touchpoints that are made and not yet taken.
    ready: std::vec::IntoIter<Touchpoint>,
    owners: Vec<String>,
}

impl JourneyFeed {
    /// A feed whose journeys end before `until` (seconds since the Unix epoch). Another seed makes other owners.
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
                None => self.make_journey(),
            }
        }
        taken
    }

    /// Some of the owners whose journeys have begun.
    #[must_use]
    pub fn owners(&self) -> &[String] {
        &self.owners
    }

    fn make_journey(&mut self) {
        let mut journey = self.network.owner(self.next_owner);
        // A report that comes twice is stored once, and would be counted as a retry.
        let mut seen = BTreeSet::new();
        journey.retain(|it| seen.insert((it.source.clone(), it.id.clone())));
        for touchpoint in &mut journey {
            // The server stamps live records itself.
            touchpoint.received_at = None;
            touchpoint.origin = 0;
            pad(touchpoint);
        }
        let owner = journey
            .iter()
            .filter_map(|it| it.subjects.as_ref())
            .find(|subjects| !subjects.owner_id.is_empty());
        if let Some(owner) = owner
            && self.next_owner.is_multiple_of(REMEMBER_EVERY)
            && self.owners.len() < REMEMBERED_OWNERS
        {
            self.owners.push(owner.owner_id.clone());
        }
        self.next_owner += 1;
        self.ready = journey.into_iter();
    }
}

/// Adds a trace and a long correlation id, which real touchpoints carry and generated ones lack.
fn pad(touchpoint: &mut Touchpoint) {
    let digest = blake3::hash(touchpoint.id.as_bytes()).to_hex();
    if let (Some(trace), Some(span)) = (digest.get(..32), digest.get(32..48)) {
        touchpoint.traceparent = format!("00-{trace}-{span}-01");
    }
    let missing = PADDED_BYTES.saturating_sub(touchpoint.encoded_len());
    let repeats = digest.chars().cycle();
    let room = LONGEST_LABEL.saturating_sub(touchpoint.correlation_id.len());
    touchpoint
        .correlation_id
        .extend(repeats.take(missing.min(room)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feed_repeats_nothing_and_stamps_nothing() {
        let mut feed = JourneyFeed::new(7, 1_767_225_600);
        let mut taken = feed.take(1_000);
        taken.extend(feed.take(2_000));
        assert_eq!(taken.len(), 3_000);
        let keys: BTreeSet<_> = taken.iter().map(|it| (&it.source, &it.id)).collect();
        assert_eq!(keys.len(), 3_000);
        assert!(taken.iter().all(|it| it.received_at.is_none()));
        assert!(!feed.owners().is_empty());
        let bytes: usize = taken.iter().map(|it| it.encoded_len()).sum();
        assert!((380..480).contains(&(bytes / 3_000)), "{}", bytes / 3_000);
    }
}
