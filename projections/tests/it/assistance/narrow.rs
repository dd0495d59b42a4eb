//! What a question does not concern is passed over: nothing is looked up about it.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use ownerline_projections::assistance::{AssistanceQuestion, VIEW, answer};
use ownerline_projections::civil::Period;
use ownerline_projections::fold::state::{ScanOrder, StateError, StateRead, Visit};
use ownerline_projections::{Driver, MemoryState, Position, Snapshots, VIEWS, Vantage, Viewer};

use super::{DAY, dealer, declined, vehicle, worked};
use crate::history::{TestTouchpoint, entries, log};

/// A state that counts what is read of it.
struct Counted<'s> {
    state: &'s MemoryState,
    reads: &'s AtomicUsize,
}

impl StateRead for Counted<'_> {
    fn get(&self, key: &[u8]) -> Result<Option<Vec<u8>>, StateError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.state.get(key)
    }

    fn scan(
        &self,
        range: Range<&[u8]>,
        order: ScanOrder,
        visit: &mut Visit<'_>,
    ) -> Result<(), StateError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.state.scan(range, order, visit)
    }
}

/// The number of reads of the views other than that of help, and the visits in which somebody helped.
fn reads(said: &[TestTouchpoint], question: &AssistanceQuestion) -> (usize, u64) {
    let log = log(said);
    let known_at = Position(log.len() as u64);
    let mut driver = Driver::default();
    for view in VIEWS {
        driver.add(view, MemoryState::default()).unwrap();
    }
    driver.apply(&entries(&log)).unwrap();
    let (reads, uncounted) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let counted: Vec<_> = driver
        .lanes()
        .iter()
        .map(|lane| {
            let name = lane.view().name;
            let reads = if name == VIEW.name {
                &uncounted
            } else {
                &reads
            };
            let state = lane.state();
            (name, Counted { state, reads })
        })
        .collect();
    let states = counted.iter();
    let snapshots = states.fold(Snapshots::default(), |snapshots, (name, state)| {
        snapshots.with(name, state, known_at)
    });
    let viewer = Viewer::unrestricted();
    let vantage = Vantage::new(&snapshots, (100 * DAY).into(), known_at, &viewer);
    let found = answer(&snapshots, &vantage, question).unwrap();
    let visits = found.total.help.unwrap().visits;
    (reads.load(Ordering::Relaxed), visits)
}

/// A refusal of the first dealer, and refusals and work of the second, each in a visit with a car and an owner of its own.
fn network(of_second: i64) -> Vec<TestTouchpoint> {
    let mut said = vec![
        dealer("d1", &[]),
        dealer("d2", &[]),
        vehicle("V", "A"),
        declined("away", 50 * DAY, "v", "d1", false),
        worked("work", 51 * DAY, "v", "d1"),
    ];
    for n in 0..of_second {
        let of = |said: TestTouchpoint, kind: &str| {
            said.about(|it| {
                it.visit_id = format!("{kind}-{n}");
                // The owner is that of the visit.
                it.owner_id.clear();
                it.vin = format!("W{n}");
            })
        };
        let at = (10 + n % 20) * DAY;
        said.push(of(declined(&format!("d{n}"), at, "", "d2", false), "d"));
        said.push(of(worked(&format!("w{n}"), at, "", "d2"), "w"));
    }
    // Something was corrected, so that it has to be looked up what is in force.
    said.push(worked("anew", 51 * DAY, "v", "d1").correcting("work"));
    said
}

#[test]
fn a_question_about_one_dealer_or_a_period_looks_nothing_up_about_others() {
    let mut of_dealer = AssistanceQuestion::default();
    of_dealer.scope.dealer_id = Some("d1".to_owned());
    let mut of_market = AssistanceQuestion::default();
    of_market.scope.market = Some("GB".to_owned());
    let mut of_period = AssistanceQuestion::default();
    of_period.scope.period = Period {
        from: Some(45 * DAY),
        ..Period::default()
    };
    for question in [&of_dealer, &of_period] {
        let few = reads(&network(5), question);
        assert_eq!(few.1, 1);
        assert_eq!(reads(&network(50), question), few, "{question:?}");
    }
    let (few, many) = (
        reads(&network(5), &of_market),
        reads(&network(50), &of_market),
    );
    assert_eq!((few.1, many.1), (6, 51));
    assert!(many.0 > few.0, "what counts is looked up");
}
