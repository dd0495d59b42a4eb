//! Arbitrary touchpoints: every recorded one is answered unchanged, replays, and folds.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use ownerline::command::{Door, Outcome, Recorder, RecorderLimits};
use ownerline::config::Schemes;
use ownerline::projector::Decoder;
use ownerline::query::decode;
use ownerline::runtime::SystemClock;
use ownerline::store::memory::{MemoryOptions, MemoryStore};
use ownerline::store::{EventStore as _, Expected};
use ownerline_projections::{Driver, MemoryState};
use ownerline_proto::v1::Touchpoint;
use prost::Message as _;

use super::stored::{fold, views};
use super::{fuzz, samples};

/// After so many touchpoints it begins with an empty log.
const HISTORY: u64 = 500;

struct World {
    store: Arc<MemoryStore>,
    recorder: Recorder,
    decoder: Decoder,
    driver: Driver<MemoryState>,
}

impl World {
    fn new() -> Self {
        let clock = Arc::new(SystemClock);
        let store = Arc::new(MemoryStore::new(MemoryOptions::default(), clock.clone()));
        let limits = RecorderLimits {
            touchpoint_bytes: 65_536,
            text_characters: 10_000,
            future_tolerance: Duration::from_secs(60),
            photograph_schemes: Schemes::none(),
        };
        Self {
            recorder: Recorder::new(store.clone(), clock, limits),
            store,
            decoder: Decoder::new(),
            driver: views(),
        }
    }

    /// `None` if it is refused.
    fn record(&self, touchpoint: &Touchpoint, door: Door) -> Option<Outcome> {
        let prepared = self.recorder.prepare(touchpoint.clone(), door).ok()?;
        let appending = self.recorder.append(prepared, Expected::Any);
        appending.now_or_never().expect("in memory").ok()
    }

    fn validate(&self, touchpoint: &Touchpoint, door: Door) -> Option<Outcome> {
        let validating = self
            .recorder
            .validate(touchpoint.clone(), Expected::Any, door);
        validating.now_or_never().expect("in memory").ok()
    }

    fn take(&mut self, touchpoint: &Touchpoint, door: Door) -> bool {
        let validated = self.validate(touchpoint, door);
        let recorded = self.record(touchpoint, door);
        assert_eq!(
            validated.is_some(),
            recorded.is_some(),
            "validated as recorded"
        );
        let (Some(validated), Some(recorded)) = (validated, recorded) else {
            return false;
        };
        assert_eq!(validated.stream, recorded.stream);
        let appended = recorded.appended.expect("it was to be stored");
        assert_eq!(validated.appended.is_some(), appended.replayed);
        let again = self
            .record(touchpoint, door)
            .expect("what was taken replays");
        let again = again.appended.expect("it is stored");
        assert!(again.replayed);
        assert_eq!(
            (again.first, again.revision),
            (appended.first, appended.revision)
        );

        let positions = vec![appended.first];
        let stored = self.store.read_positions(positions).now_or_never();
        let stored = stored.expect("in memory").expect("it is there").remove(0);
        let mut answered = decode(&stored).expect("what was taken is answered");
        let mut came = touchpoint.clone();
        for stamped in [&mut answered, &mut came] {
            (stamped.received_at, stamped.origin) = (None, 0);
        }
        // Nothing at all and an empty message of subjects mean the same.
        came.subjects = came
            .subjects
            .filter(|subjects| *subjects != Default::default());
        assert_eq!(answered, came, "answered as it came");
        if !appended.replayed {
            let entry = self.decoder.decode(&stored).expect("views take it");
            assert!(
                fold(&mut self.driver, entry),
                "a view stopped at what was taken"
            );
        }
        true
    }
}

#[test]
fn a_touchpoint_is_refused_or_answered_as_it_came_and_replays_and_folds() {
    let corpus = samples().iter().map(Touchpoint::encode_to_vec).collect();
    let mut world = World::new();
    fuzz("touchpoints", corpus, 2_000, |bytes| {
        let Ok(touchpoint) = Touchpoint::decode(bytes) else {
            return false;
        };
        let door = match bytes.len() % 2 {
            0 => Door::Live,
            _ => Door::Import,
        };
        let taken = world.take(&touchpoint, door);
        if world.store.head().borrow().position.0 >= HISTORY {
            world = World::new();
        }
        taken
    });
}
