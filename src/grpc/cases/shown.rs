//! The facts of a case as the contract shows them: each with its touchpoint and its words.

use std::collections::BTreeMap;

use ownerline_projections::TouchpointKey;
use ownerline_projections::cases::CaseFact as Fact;
use ownerline_projections::context_pack::{remedy, words};
use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{CaseFact, Touchpoint};

use crate::grpc::text_room::TextRoom;
use crate::query::{CaseFile, PositionText};

/// A case with what it takes to show it.
pub(super) struct Shown<'a> {
    text: PositionText,
    pub(super) file: &'a CaseFile,
    by_key: BTreeMap<TouchpointKey, &'a Fact>,
    texts: TextRoom,
}

impl<'a> Shown<'a> {
    pub(super) fn of(text: PositionText, file: &'a CaseFile) -> Self {
        Self {
            text,
            file,
            by_key: file
                .answer
                .history
                .facts
                .iter()
                .map(|fact| (fact.touchpoint(), fact))
                .collect(),
            texts: TextRoom::new(),
        }
    }

    pub(super) fn texts_left_out(&self) -> usize {
        self.texts.left_out()
    }

    fn touchpoint(&self, fact: &Fact) -> Option<&'a Touchpoint> {
        self.file.touchpoints.get(&fact.position())
    }

    /// The fact of a touchpoint.
    pub(super) fn by_key(&self, key: &TouchpointKey) -> Option<&'a Fact> {
        self.by_key.get(key).copied()
    }

    pub(super) fn payload(&self, fact: &Fact) -> Option<&'a Payload> {
        self.touchpoint(fact)?.payload.as_ref()
    }

    /// A text, as far as there is room.
    pub(super) fn shortened(&self, text: String) -> String {
        self.texts.shortened(text)
    }

    pub(super) fn fact(&self, fact: &Fact) -> CaseFact {
        let text = self.payload(fact).map(words).unwrap_or_default();
        CaseFact {
            touchpoint: Some(fact.touchpoint().into()),
            position: self.text.write(fact.position()),
            occurred_at: Some(time::timestamp(fact.at())),
            received_at: Some(time::timestamp(fact.received_at)),
            actor: self.touchpoint(fact).and_then(|it| it.actor.clone()),
            text: self.shortened(text),
        }
    }

    pub(super) fn any(&self, fact: Option<&Fact>) -> Option<CaseFact> {
        fact.map(|fact| self.fact(fact))
    }

    pub(super) fn facts(&self, facts: &[&Fact]) -> Vec<CaseFact> {
        facts.iter().map(|fact| self.fact(fact)).collect()
    }

    /// The remedy that the owner asked for at the opening.
    pub(super) fn remedy(&self, opening: Option<&Fact>) -> String {
        let payload = opening.and_then(|fact| self.payload(fact));
        self.shortened(payload.map(remedy).unwrap_or_default().to_owned())
    }
}
