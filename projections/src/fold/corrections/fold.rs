//! The fold that records which touchpoint corrects or retracts which.

use ownerline_proto::kind::Category;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Subjects, TouchpointRef};
use prost::Message;

use super::rows::{FACTS, Fact, LINKS, Link, MARKS, Mark, Ref};
use crate::Recorded;
use crate::fold::key::KeyWriter;
use crate::fold::state::StateMap;
use crate::fold::{FoldError, Kinds, ViewDef, history_tail};
use crate::sight::Sight;

/// The view. See the [module documentation](super).
pub const VIEW: ViewDef = ViewDef {
    name: "corrections",
    version: 3,
    kinds: Kinds::All,
    apply: &apply,
};

fn apply(recorded: &Recorded, state: &mut dyn StateMap) -> Result<(), FoldError> {
    let touchpoint = &recorded.touchpoint;
    let (source, id) = (touchpoint.source.as_str(), touchpoint.id.as_str());
    let retracts = match &touchpoint.payload {
        Some(Payload::TouchpointRetracted(retracted)) => retracted.r#ref.as_ref(),
        _ => None,
    };
    let corrects = touchpoint.corrects.as_ref().map(|to| absolute(to, source));
    let retracts = retracts.map(|to| absolute(to, source));
    let named: Vec<&str> = [&corrects, &retracts]
        .into_iter()
        .flatten()
        .flat_map(|to| [to.source.as_str(), to.id.as_str()])
        .collect();
    let tail = history_tail(recorded, &named)?;
    let sight = Sight::of(touchpoint);
    let fact = Fact {
        position: recorded.position.0,
        occurred_at: recorded.occurred_at,
        kind: recorded.kind.number,
        stream: recorded.stream.to_string(),
        subjects: subjects_besides_stream(recorded),
        visibility: sight.visibility,
        visible_from: sight.visible_from,
        rank: recorded.rank().byte().into(),
    };
    state.put(key(FACTS, source, id), fact.encode_to_vec());
    if corrects.is_none() && retracts.is_none() {
        return Ok(());
    }
    for (to, retracts) in [(&corrects, false), (&retracts, true)] {
        let Some(to) = to else { continue };
        let link = Link {
            retracts,
            kind: recorded.kind.number,
            stream: recorded.stream.to_string(),
            visibility: sight.visibility,
            visible_from: sight.visible_from,
        };
        // A touchpoint that both corrects and retracts another has one link, and the retraction wins.
        LINKS.put(state, [&to.source, &to.id], &tail, &link);
        let mark = key(MARKS, &to.source, &to.id);
        if state.get(&mark)?.is_none() {
            state.put(mark, Mark::default().encode_to_vec());
        }
    }
    let mark = Mark { corrects, retracts };
    state.put(key(MARKS, source, id), mark.encode_to_vec());
    Ok(())
}

/// Returns the subjects of a touchpoint without the one that names its stream, which every correction of it names, too.
fn subjects_besides_stream(recorded: &Recorded) -> Option<Subjects> {
    let mut subjects = recorded.touchpoint.subjects.clone()?;
    let of_stream = match Category::of_stream(&recorded.stream) {
        Some(Category::Owner) => Some(&mut subjects.owner_id),
        Some(Category::Vehicle) => Some(&mut subjects.vin),
        Some(Category::Order) => Some(&mut subjects.order_id),
        Some(Category::Visit) => Some(&mut subjects.visit_id),
        Some(Category::Feedback) => Some(&mut subjects.feedback_id),
        Some(Category::Case) => Some(&mut subjects.case_id),
        Some(Category::Dealer) => Some(&mut subjects.dealer_id),
        _ => None,
    };
    if let Some(of_stream) = of_stream {
        of_stream.clear();
    }
    (subjects != Subjects::default()).then_some(subjects)
}

/// Returns the key of one touchpoint's row.
pub(super) fn key(table: u8, source: &str, id: &str) -> Vec<u8> {
    KeyWriter::table(table).text(source).text(id).finish()
}

/// Completes a reference: without a source, it means the source of the touchpoint itself.
fn absolute(to: &TouchpointRef, own: &str) -> Ref {
    let source = if to.source.is_empty() {
        own
    } else {
        &to.source
    };
    Ref {
        source: source.to_owned(),
        id: to.id.clone(),
    }
}
