//! From one touchpoint to the rows of its feedback or case.

use ownerline_proto::kind::Category;
use ownerline_proto::v1::touchpoint::Payload;
use prost::Message;

use super::fact::fact;
use super::index;
use super::rows::{AHEAD, CASES, FACTS, Head, ITEMS, LINKS, Segment};
use super::rows::{decode, pair_key, segment_key};
use crate::Recorded;
use crate::fold::key::{KeyWriter, is_plain};
use crate::fold::state::{StateError, StateMap, StateRead};
use crate::fold::{FoldError, Kinds, ViewDef};
use crate::obligation::{Fact, Names, What};

/// The view. See the [module documentation](super).
pub const VIEW: ViewDef = ViewDef {
    name: "feedback",
    version: 4,
    kinds: Kinds::InStreams(&[Category::Feedback, Category::Case]),
    apply: &apply,
};

fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let Some((category, id)) = recorded.stream.split_once('-') else {
        return Ok(());
    };
    plain(id)?;
    match Category::from_name(category) {
        Some(Category::Feedback) => fold_feedback(recorded, id, state),
        Some(Category::Case) => fold_case(recorded, id, state),
        _ => Ok(()),
    }
}

fn fold_feedback(
    recorded: &Recorded,
    feedback_id: &str,
    state: &mut dyn StateMap,
) -> Result<(), FoldError> {
    let mut kept = Kept::read(state, ITEMS, feedback_id)?;
    let before = kept.head().clone();
    let added = kept.push(recorded);
    for name in [added.dealer, added.from_dealer, added.to_dealer] {
        plain(kept.last_names().text(name))?;
    }
    if added.occurred_at > recorded.recorded_at {
        let key = KeyWriter::table(AHEAD).instant(added.occurred_at);
        state.put(key.text(feedback_id).finish(), Vec::new());
    }
    index::update(&mut kept, &before, &added, state)?;
    kept.write(state);
    Ok(())
}

/// Of a case only what bears on a feedback is kept.
fn fold_case(
    recorded: &Recorded,
    case_id: &str,
    state: &mut dyn StateMap,
) -> Result<(), FoldError> {
    let feedback_id = named_feedback(recorded);
    let bears = !feedback_id.is_empty()
        || amends(recorded)
        || matches!(
            &recorded.touchpoint.payload,
            Some(
                Payload::CaseOpened(_)
                    | Payload::CasePausedOnOwner(_)
                    | Payload::CaseResumed(_)
                    | Payload::OwnerMessageReceived(_)
                    | Payload::CaseResolved(_)
                    | Payload::CaseClosed(_)
                    | Payload::CaseReopened(_)
            )
        );
    if !bears {
        return Ok(());
    }
    plain(feedback_id)?;
    let mut kept = Kept::read(state, CASES, case_id)?;
    kept.push(recorded);
    kept.write(state);
    let link = pair_key(LINKS, feedback_id, case_id);
    if !feedback_id.is_empty() && state.get(&link)?.is_none() {
        state.put(link, Vec::new());
        let mut kept = Kept::read(state, ITEMS, feedback_id)?;
        kept.head_mut().has_cases = true;
        if !kept.head().is_particular() {
            index::stand(&mut kept, state)?;
        }
        kept.write(state);
    }
    Ok(())
}

/// The feedback that an event of a case names.
fn named_feedback(recorded: &Recorded) -> &str {
    let touchpoint = &recorded.touchpoint;
    let named = touchpoint.subjects.as_ref().map(|it| &it.feedback_id);
    match &touchpoint.payload {
        Some(Payload::CaseOpened(opened)) if !opened.origin_feedback_id.is_empty() => {
            &opened.origin_feedback_id
        }
        _ => named.map_or("", String::as_str),
    }
}

fn amends(recorded: &Recorded) -> bool {
    let touchpoint = &recorded.touchpoint;
    touchpoint.corrects.is_some()
        || matches!(touchpoint.payload, Some(Payload::TouchpointRetracted(_)))
}

fn plain(text: &str) -> Result<(), FoldError> {
    if is_plain(text) {
        return Ok(());
    }
    Err(FoldError::Unsupported {
        reason: "an identifier holds a NUL character".to_owned(),
    })
}

/// The first and the last segment of a feedback or a case.
pub(super) struct Kept {
    table: u8,
    pub(super) id: String,
    pub(super) names: Names,
    pub(super) facts: Vec<Fact>,
    head: Head,
    /// The last segment, if that is another.
    last: Option<(Names, Vec<Fact>)>,
}

impl Kept {
    fn read(state: &dyn StateRead, table: u8, id: &str) -> Result<Self, StateError> {
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

    /// The names of the fact that was added last.
    pub(super) fn last_names(&self) -> &Names {
        self.last.as_ref().map_or(&self.names, |(names, _)| names)
    }

    /// Adds what a touchpoint says and answers with it.
    fn push(&mut self, recorded: &Recorded) -> Fact {
        let is_full = self.last.as_ref().map_or(&self.facts, |(_, facts)| facts);
        if is_full.len() >= FACTS {
            self.head.more += 1;
            self.last = Some((Names::default(), Vec::new()));
        }
        let (names, facts) = match &mut self.last {
            Some((names, facts)) => (names, facts),
            None => (&mut self.names, &mut self.facts),
        };
        let mut added = fact(recorded, names);
        if self.table == CASES {
            added.feedback = names.number(named_feedback(recorded));
        }
        facts.push(added.clone());
        self.head.last_revision = recorded.revision;
        self.head.amended |= added.what() == What::Retracted || !added.corrects_id.is_empty();
        added
    }

    fn write(self, state: &mut dyn StateMap) {
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
