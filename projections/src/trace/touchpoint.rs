//! A touchpoint as the search for a trace reads it.

use ownerline_proto::v1::actor::Kind as ActorKind;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Subjects, Touchpoint};

use super::references::named_by;
use crate::contacts::Party;
use crate::fold::corrections::Standing;
use crate::vehicles::same_defect::DefectLink;
use crate::{HistoryKey, Recorded, TouchpointKey};

/// The role of an actor who is the owner.
const OWNER_ROLE: &str = "owner";

/// A touchpoint with what corrections make of it.
#[derive(Debug, Clone)]
pub(super) struct Traced {
    /// Its place in the history.
    pub key: HistoryKey,
    /// Its stream.
    pub stream: String,
    /// Its subjects, inherited ones included.
    pub subjects: Subjects,
    /// Empty if it has none.
    pub correlation_id: String,
    /// The feedback that a case says it springs from; empty for any other touchpoint.
    pub origin_feedback_id: String,
    /// The keys of the touchpoints that it names, its cause first.
    pub references: Vec<TouchpointKey>,
    /// Two defects that it says are, or are not, the same.
    pub link: Option<DefectLink>,
    /// Who acts for the brand in it; `None` if nobody is known to.
    pub party: Option<Party>,
    /// Whether it is the serving of a context pack.
    pub is_serving: bool,
    /// Whether it is in force, and why not.
    pub standing: Standing,
}

impl Traced {
    /// Reads a recorded touchpoint whose standing is known.
    pub(super) fn of(recorded: &Recorded, standing: Standing) -> Self {
        let touchpoint = &recorded.touchpoint;
        let mut subjects = touchpoint.subjects.clone().unwrap_or_default();
        if let Some(inherited) = &standing.inherited {
            inherited.fill_subjects(&mut subjects);
        }
        let origin_feedback_id = match &touchpoint.payload {
            Some(Payload::CaseOpened(opened)) => opened.origin_feedback_id.clone(),
            _ => String::new(),
        };
        Self {
            key: recorded.key(),
            stream: recorded.stream.to_string(),
            correlation_id: touchpoint.correlation_id.clone(),
            origin_feedback_id,
            references: named_by(touchpoint),
            link: DefectLink::of(touchpoint),
            party: acts_for_brand(touchpoint).then(|| Party::of(touchpoint, &subjects.dealer_id)),
            is_serving: matches!(touchpoint.payload, Some(Payload::ContextPackServed(_))),
            standing,
            subjects,
        }
    }

    /// The keys of its chain of corrections, itself among them: a reference to any of them means it.
    pub(super) fn chain(&self) -> Vec<TouchpointKey> {
        let chain = self.standing.chain.iter().map(TouchpointKey::from);
        let chain: Vec<TouchpointKey> = chain.collect();
        match chain.is_empty() {
            true => vec![TouchpointKey::from(&self.key)],
            false => chain,
        }
    }

    /// The touchpoints that took its place: the correction in force, and the retraction.
    pub(super) fn replacements(&self) -> impl Iterator<Item = TouchpointKey> {
        let Standing {
            corrected_by,
            retracted_by,
            ..
        } = &self.standing;
        let replacements = [corrected_by, retracted_by].into_iter().flatten();
        replacements.map(|it| TouchpointKey::from(&it.key))
    }

    pub(super) fn is_in_force(&self) -> bool {
        self.standing.in_force()
    }
}

/// Whether somebody acts who may have been served a pack: neither the owner, nor a car, nor a program that follows rules.
fn acts_for_brand(touchpoint: &Touchpoint) -> bool {
    touchpoint.actor.as_ref().is_some_and(|actor| {
        let is_automatic = matches!(actor.kind(), ActorKind::System | ActorKind::Vehicle);
        !actor.id.is_empty() && actor.role != OWNER_ROLE && !is_automatic
    })
}
