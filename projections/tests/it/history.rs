//! Touchpoints and random histories for the tests.

use ownerline_projections::driver::LogEntry;
use ownerline_projections::view::timeline::Timeline;
use ownerline_projections::{Driver, MemoryState, Recorded};
use ownerline_proto::schema::Schema;
use ownerline_proto::time;
use ownerline_proto::v1::{Subjects, Touchpoint, TouchpointRef};
use proptest::prelude::*;
use prost::Message;
use std::sync::Arc;

/// What a test says about a touchpoint; the rest follows.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) source: String,
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) occurred_at: i64,
    pub(crate) subjects: Subjects,
    pub(crate) visibility: i32,
    pub(crate) visible_from: Option<i64>,
    pub(crate) cause: Option<(String, String)>,
}

impl Said {
    pub(crate) fn new(kind: &'static str, id: &str, occurred_at: i64) -> Self {
        Self {
            source: "crm".to_owned(),
            id: id.to_owned(),
            kind,
            occurred_at,
            subjects: Subjects::default(),
            visibility: 0,
            visible_from: None,
            cause: None,
        }
    }

    pub(crate) fn about(mut self, about: impl FnOnce(&mut Subjects)) -> Self {
        about(&mut self.subjects);
        self
    }

    pub(crate) fn caused_by(mut self, source: &str, id: &str) -> Self {
        self.cause = Some((source.to_owned(), id.to_owned()));
        self
    }

    fn recorded(&self, position: u64) -> Recorded {
        let kind = Schema::get().kind_by_name(self.kind).unwrap();
        let touchpoint = Touchpoint {
            id: self.id.clone(),
            source: self.source.clone(),
            occurred_at: Some(time::timestamp(self.occurred_at)),
            subjects: Some(self.subjects.clone()),
            visibility: self.visibility,
            visible_from: self.visible_from.map(time::timestamp),
            causation: self.cause.as_ref().map(|(source, id)| TouchpointRef {
                source: source.clone(),
                id: id.clone(),
            }),
            ..Touchpoint::default()
        };
        let encoded = touchpoint.encode_to_vec();
        Recorded {
            position,
            stream: kind.stream(&self.subjects, &encoded).unwrap().into(),
            revision: 0,
            recorded_at: 1_000 + i64::try_from(position).unwrap(),
            occurred_at: self.occurred_at,
            kind,
            touchpoint,
        }
    }
}

/// Records touchpoints in the order of arrival, at positions 1, 2, ...
pub(crate) fn log(said: &[Said]) -> Vec<Recorded> {
    (1..)
        .zip(said)
        .map(|(at, said)| said.recorded(at))
        .collect()
}

pub(crate) fn entries(log: &[Recorded]) -> Vec<LogEntry> {
    log.iter()
        .map(|recorded| LogEntry::new(recorded.clone(), &recorded.touchpoint.encode_to_vec()))
        .collect()
}

/// The state of the timeline behind a log.
pub(crate) fn folded(log: &[Recorded]) -> MemoryState {
    let mut driver = Driver::default();
    driver
        .add(Arc::new(Timeline), MemoryState::default())
        .unwrap();
    driver.apply(&entries(log)).unwrap();
    assert!(driver.lanes()[0].stopped().is_none());
    driver.lanes()[0].state().clone()
}

/// A small world, so that touchpoints meet: few owners, streams and instants.
pub(crate) fn histories() -> impl Strategy<Value = Vec<Said>> {
    prop::collection::vec(said(), 1..40).prop_map(|mut said| {
        for (number, touchpoint) in said.iter_mut().enumerate() {
            touchpoint.id = format!("{}{number}", touchpoint.id);
        }
        said
    })
}

const KINDS: [&str; 7] = [
    "order_changed",
    "work_performed",
    "feedback_edited",
    "case_note_added",
    "owner_message_received",
    "odometer_read",
    "news_sent",
];

fn said() -> impl Strategy<Value = Said> {
    let name = |names: &'static [&'static str]| prop::sample::select(names);
    (
        (
            name(&KINDS),
            name(&["crm", "dms", "c"]),
            name(&["", "x", "é"]),
        ),
        0_i64..12,
        (
            name(&["", "", "ann", "ben"]),
            name(&["", "V1", "V2"]),
            name(&["", "d1", "d2"]),
        ),
        name(&["1", "2"]),
        any::<bool>(),
        (0_i32..4, prop::option::of(0_i64..14)),
        prop::option::of((name(&["", "crm", "dms"]), name(&["", "x"]), 0_usize..12)),
    )
        .prop_map(|(what, occurred_at, names, number, both, sight, cause)| {
            let (kind, source, id) = what;
            let (owner, vin, dealer) = names;
            let mut said = Said::new(kind, id, occurred_at);
            said.source = source.to_owned();
            (said.visibility, said.visible_from) = sight;
            said.cause = cause.map(|(source, id, n)| (source.to_owned(), format!("{id}{n}")));
            let subjects = &mut said.subjects;
            subjects.owner_id = owner.to_owned();
            subjects.vin = vin.to_owned();
            subjects.dealer_id = dealer.to_owned();
            let id = || number.to_owned();
            match kind {
                "order_changed" => subjects.order_id = id(),
                "work_performed" => subjects.visit_id = id(),
                "feedback_edited" => subjects.feedback_id = id(),
                "odometer_read" => subjects.vin = "V1".to_owned(),
                "news_sent" if owner.is_empty() => subjects.owner_id = "ann".to_owned(),
                "news_sent" => {}
                _ => subjects.case_id = id(),
            }
            if both && kind == "owner_message_received" {
                subjects.feedback_id = "1".to_owned();
            }
            said
        })
}
