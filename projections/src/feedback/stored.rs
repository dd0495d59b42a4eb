//! The stored part of a feedback or a case that the fold reads and writes.

use ownerline_proto::v1::touchpoint::Payload;
use prost::Message;

use super::fact::fact;
use super::rows::{CASES, FACTS, Head, Segment, decode, segment_key};
use crate::Recorded;
use crate::fold::state::{StateError, StateMap, StateRead};
use crate::obligation::{Fact, FactKind, Names};

/// The first and the last segment of a feedback or a case, while it is folded.
pub(super) struct StoredItem {
    table: u8,
    pub(super) id: String,
    pub(super) names: Names,
    pub(super) facts: Vec<Fact>,
    head: Head,
    /// The last segment, unless that is the first.
    last: Option<(Names, Vec<Fact>)>,
}

impl StoredItem {
    pub(super) fn read(state: &dyn StateRead, table: u8, id: &str) -> Result<Self, StateError> {
        let read = |number: u32| {
            let bytes = state.get(&segment_key(table, id, number))?;
            decode::<Segment>(&bytes.unwrap_or_default())
        };
        let first = read(0)?;
        let head = first.head.unwrap_or_default();
        let last = match head.more {
            0 => None,
            number => {
                let last = read(number)?;
                Some((Names(last.names), last.facts))
            }
        };
        Ok(Self {
            table,
            id: id.to_owned(),
            names: Names(first.names),
            facts: first.facts,
            head,
            last,
        })
    }

    pub(super) fn head(&self) -> &Head {
        &self.head
    }

    pub(super) fn head_mut(&mut self) -> &mut Head {
        &mut self.head
    }

    /// The names of the last added fact.
    pub(super) fn last_names(&self) -> &Names {
        self.last.as_ref().map_or(&self.names, |(names, _)| names)
    }

    /// Adds the fact of a touchpoint and returns it.
    pub(super) fn push(&mut self, recorded: &Recorded) -> Fact {
        let last = self.last.as_ref().map_or(&self.facts, |(_, facts)| facts);
        if last.len() >= FACTS {
            self.head.more += 1;
            self.last = Some((Names::default(), Vec::new()));
        }
        let (names, facts) = match &mut self.last {
            Some((names, facts)) => (names, facts),
            None => (&mut self.names, &mut self.facts),
        };
        let mut added = fact(recorded, names);
        if self.table == CASES {
            added.feedback = names.number(feedback_named_by(recorded));
        }
        facts.push(added.clone());
        self.head.last_revision = recorded.revision;
        self.head.amended |= added.kind() == FactKind::Retracted || !added.corrects_id.is_empty();
        added
    }

    pub(super) fn write(self, state: &mut dyn StateMap) {
        if let Some((names, facts)) = self.last {
            let last = Segment {
                names: names.0,
                facts,
                head: None,
            };
            let key = segment_key(self.table, &self.id, self.head.more);
            state.put(key, last.encode_to_vec());
        }
        let first = Segment {
            names: self.names.0,
            facts: self.facts,
            head: Some(self.head),
        };
        state.put(segment_key(self.table, &self.id, 0), first.encode_to_vec());
    }
}

/// Returns the feedback that an event of a case names.
pub(super) fn feedback_named_by(recorded: &Recorded) -> &str {
    let touchpoint = &recorded.touchpoint;
    let subjects = touchpoint.subjects.as_ref();
    match &touchpoint.payload {
        Some(Payload::CaseOpened(opened)) if !opened.origin_feedback_id.is_empty() => {
            &opened.origin_feedback_id
        }
        _ => subjects.map_or("", |subjects| &subjects.feedback_id),
    }
}
