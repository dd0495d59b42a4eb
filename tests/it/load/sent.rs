//! The account of what was sent and answered, against which the log is checked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use ownerline_proto::v1::{Origin, RecordResponse, RecordedTouchpoint, Touchpoint};
use prost::Message as _;

use super::following::number;

/// (source, id)
type Key = (String, String);

pub(super) fn key(touchpoint: &Touchpoint) -> Key {
    (touchpoint.source.clone(), touchpoint.id.clone())
}

/// Where the log has a touchpoint: position, stream and revision.
type Place = (String, String, u64);

/// One touchpoint that somebody sent.
struct One {
    client: usize,
    /// Its number among those of its client.
    number: u64,
    content: Vec<u8>,
    /// Where the first answer said that it is.
    acknowledged: Option<Place>,
    /// The last answer said that it is certainly not stored.
    refused: bool,
    /// An earlier sending may have stored it.
    may_be_stored: bool,
    /// It was seen in the log.
    stored: bool,
}

/// Everything that was ever sent to one log.
#[derive(Default)]
pub(super) struct Sent {
    by_key: BTreeMap<Key, One>,
    numbers: BTreeMap<usize, u64>,
    /// Acknowledged since the log was last held against this.
    fresh: Vec<Key>,
}

/// [`Sent`] in the hands of many clients.
pub(super) type SharedSent = Arc<Mutex<Sent>>;

pub(super) fn locked(sent: &SharedSent) -> MutexGuard<'_, Sent> {
    sent.lock().expect("no client failed")
}

impl Sent {
    /// Before it goes out, for the first time or again.
    pub(super) fn send(&mut self, client: usize, touchpoint: &Touchpoint) {
        let numbers = &mut self.numbers;
        if let Some(one) = self.by_key.get_mut(&key(touchpoint)) {
            // Of its last sending nothing certain is known, or that it was stored.
            one.may_be_stored |= !one.refused;
        }
        let one = self.by_key.entry(key(touchpoint)).or_insert_with(|| {
            let number = numbers.entry(client).or_default();
            *number += 1;
            One {
                client,
                number: *number,
                content: content(touchpoint.clone()),
                acknowledged: None,
                refused: false,
                may_be_stored: false,
                stored: false,
            }
        });
        assert_eq!(one.content, content(touchpoint.clone()), "a test bug");
        one.refused = false;
    }

    pub(super) fn knows(&self, touchpoint: &Touchpoint) -> bool {
        self.by_key.contains_key(&key(touchpoint))
    }

    /// An answer: the first says where it is, every other says the same.
    pub(super) fn acknowledge(&mut self, touchpoint: &Touchpoint, answer: RecordResponse) {
        let key = key(touchpoint);
        let one = self.by_key.get_mut(&key).expect("it was sent");
        let before = one.stored || one.acknowledged.is_some();
        assert_eq!(answer.replayed, before, "replayed: {key:?} {answer:?}");
        let place = (answer.position, answer.stream, answer.revision);
        match &one.acknowledged {
            Some(first) => assert_eq!(first, &place, "{key:?} is somewhere else now"),
            None => {
                one.acknowledged = Some(place);
                self.fresh.push(key);
            }
        }
    }

    /// An answer that says that this sending certainly stored nothing. An earlier one may have.
    pub(super) fn refuse(&mut self, touchpoint: &Touchpoint) {
        let one = self.by_key.get_mut(&key(touchpoint));
        let one = one.expect("it was sent");
        one.refused = !one.may_be_stored;
    }

    pub(super) fn is_acknowledged(&self, key: &Key) -> bool {
        let one = self.by_key.get(key);
        one.is_some_and(|one| one.acknowledged.is_some())
    }

    /// Every id under which the log names an owner.
    pub(super) fn owners(&self) -> Vec<String> {
        let stored = self.by_key.values().filter(|one| one.stored);
        let subjects = stored.filter_map(|one| {
            let touchpoint = Touchpoint::decode(&*one.content).unwrap();
            Some(touchpoint.subjects?.owner_id)
        });
        let owners: std::collections::BTreeSet<String> = subjects.collect();
        owners.into_iter().filter(|id| !id.is_empty()).collect()
    }

    pub(super) fn acknowledged(&self) -> usize {
        let ones = self.by_key.values();
        ones.filter(|one| one.acknowledged.is_some()).count()
    }
}

/// The part of a touchpoint that the client supplied, without the server's stamps.
fn content(mut touchpoint: Touchpoint) -> Vec<u8> {
    touchpoint.received_at = None;
    touchpoint.set_origin(Origin::Unspecified);
    touchpoint.encode_to_vec()
}

/// A log as it is read, position by position.
#[derive(Default)]
pub(super) struct Audit {
    /// The next revision of each stream.
    streams: BTreeMap<String, u64>,
    /// The last of each client, and of each client in a stream.
    order: BTreeMap<(usize, String), u64>,
    recorded_at: Option<(i64, i32)>,
    stored: BTreeMap<Key, Place>,
}

impl Audit {
    /// The next touchpoint of the log: sent, not there before, unchanged, and in order.
    pub(super) fn take(&mut self, recorded: &RecordedTouchpoint, sent: &mut Sent) {
        let touchpoint = recorded.touchpoint.clone().unwrap();
        let key = key(&touchpoint);
        let one = sent.by_key.get_mut(&key);
        let one = one.unwrap_or_else(|| panic!("nobody sent {recorded:?}"));
        assert_eq!(content(touchpoint), one.content, "{key:?} was changed");
        assert!(!one.refused, "{key:?} was refused for certain");
        one.stored = true;
        let place = (
            recorded.position.clone(),
            recorded.stream.clone(),
            recorded.revision,
        );
        let before = self.stored.insert(key.clone(), place);
        assert_eq!(before, None, "{key:?} is there twice");
        let revision = self.streams.entry(recorded.stream.clone()).or_default();
        assert_eq!(recorded.revision, *revision, "{recorded:?}");
        *revision += 1;
        let at = recorded.recorded_at.map(|at| (at.seconds, at.nanos));
        assert!(at >= self.recorded_at, "time goes back at {recorded:?}");
        self.recorded_at = at;
        // A client that imports has many streams under way at once.
        let mut orders = vec![(one.client, recorded.stream.clone())];
        if one.client != super::IMPORTER {
            orders.push((one.client, String::new()));
        }
        for order in orders {
            let last = self.order.entry(order).or_default();
            assert!(one.number > *last, "{key:?} is out of order");
            *last = one.number;
        }
    }

    /// Checks that newly acknowledged touchpoints are at their positions.
    pub(super) fn hold(&self, sent: &mut Sent) {
        for key in std::mem::take(&mut sent.fresh) {
            let place = sent.by_key[&key].acknowledged.as_ref();
            assert_eq!(self.stored.get(&key), place, "{key:?} was acknowledged");
        }
    }

    /// Everything ever acknowledged is where the answer said.
    pub(super) fn hold_all(&self, sent: &Sent) {
        for (key, one) in &sent.by_key {
            let stored = self.stored.get(key);
            assert_eq!(stored.is_some(), one.stored, "{key:?} was stored");
            if let Some(place) = &one.acknowledged {
                assert_eq!(stored, Some(place), "{key:?} was acknowledged");
            }
        }
        let positions = self.stored.values().map(|place| number(&place.0));
        assert_eq!(positions.max().unwrap_or(0), self.stored.len() as u64);
    }
}
