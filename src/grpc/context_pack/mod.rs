//! GetContextPack: reads the pack, records that it is served, and only then answers. For readers who only audit,
//! nothing is recorded.

mod wire;

use ownerline_projections::Viewer;
use ownerline_proto::field_class::FieldClasses;
use ownerline_proto::redaction::redact;
use ownerline_proto::schema::{Limits, Schema};
use ownerline_proto::time::Instant;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Actor, ContextPackServed, ContextPackServing, GetContextPackRequest, GetContextPackResponse,
    Subjects, Touchpoint, TouchpointRef, Visibility, actor,
};
use ownerline_proto::{Reason, Violation, time};
use prost::{Message as _, Name as _};

use self::wire::Shown;
use super::asking::{based, bounds};
use super::problem::Problem;
use super::timeline::TimelineApi;
use crate::command::{CommandError, Door};
use crate::query::{Answer, ContextPackReads, KnownAt, PackAsk, PackFound, decode};
use crate::store::{EventKey, Expected, Position};

/// The source of servings whose caller chose none.
const SOURCE: &str = "//ownerline/context-pack";

/// A pack that is to be served, or was.
struct Serving {
    key: EventKey,
    /// What the pack stood on when it was served first.
    first: Option<First>,
}

/// The serving that an earlier attempt of the same request recorded.
struct First {
    position: Position,
    occurred_at: i64,
    known_at: Position,
    as_of: Option<Instant>,
}

impl TimelineApi {
    /// One pack, after its serving is on stable storage.
    pub(super) async fn context_pack(
        &self,
        request: GetContextPackRequest,
        viewer: &Viewer,
    ) -> Result<GetContextPackResponse, Problem> {
        check(&request)?;
        let ask = PackAsk {
            owner_id: request.owner_id.clone(),
            visible_to: Some(request.visible_to()),
            bounds: bounds(self.parts.text, &request)?,
        };
        if request.audit_only {
            return self.audited(ask, viewer).await;
        }
        let Some(chosen) = &request.served_as else {
            let key = EventKey {
                source: SOURCE.into(),
                id: uuid::Uuid::now_v7().to_string().into(),
            };
            let serving = Serving { key, first: None };
            return Ok(self.serve(&request, ask, serving, viewer).await??);
        };
        let key = EventKey {
            source: chosen.source.as_str().into(),
            id: chosen.id.as_str().into(),
        };
        let first = self.first(&key).await?;
        let may_race = first.is_none();
        let serving = Serving { key, first };
        let key = serving.key.clone();
        match self.serve(&request, ask.clone(), serving, viewer).await? {
            // Another attempt of the same request may have been recorded since it was looked up.
            Err(CommandError::IdReused { .. }) if may_race => {
                let first = self.first(&key).await?;
                let again = Serving { key, first };
                Ok(self.serve(&request, ask, again, viewer).await??)
            }
            served => Ok(served?),
        }
    }

    /// One pack for somebody who only audits: nothing is recorded.
    async fn audited(
        &self,
        ask: PackAsk,
        viewer: &Viewer,
    ) -> Result<GetContextPackResponse, Problem> {
        let packs = ContextPackReads {
            timelines: self.parts.timelines.clone(),
        };
        let mut answer = packs.get(ask, viewer).await?;
        leave_readable(&mut answer.value, viewer.readable);
        let (text, as_of) = (self.parts.text, answer.basis.as_of);
        Ok(based(text, answer, |found| GetContextPackResponse {
            pack: Some(Shown::of(text, &found, as_of).pack()),
            audit_only: true,
            ..GetContextPackResponse::default()
        }))
    }

    /// The serving recorded under this key, as far as it is one.
    async fn first(&self, key: &EventKey) -> Result<Option<First>, Problem> {
        let Some(event) = self.parts.timelines.reads.store.find(key.clone()).await? else {
            return Ok(None);
        };
        let touchpoint = decode(&event)?;
        let Some(Payload::ContextPackServed(served)) = touchpoint.payload else {
            return Ok(None);
        };
        let known_at = self.parts.text.read(&served.pack_position).ok();
        Ok(known_at.map(|known_at| First {
            position: event.position,
            occurred_at: touchpoint
                .occurred_at
                .as_ref()
                .map(time::nanos_clamped)
                .unwrap_or_default(),
            known_at,
            as_of: served.as_of.as_ref().map(Instant::from),
        }))
    }

    /// Reads, records, answers. A problem of the reading is one of the request; one of the recording may
    /// be that of a race.
    async fn serve(
        &self,
        request: &GetContextPackRequest,
        ask: PackAsk,
        serving: Serving,
        viewer: &Viewer,
    ) -> Result<Result<GetContextPackResponse, CommandError>, Problem> {
        let asks_for_now = ask.bounds.known_at == KnownAt::Now;
        let Serving { key, first } = serving;
        let ask = match &first {
            Some(first) => ask.on_basis(first.known_at, first.as_of),
            None => ask,
        };
        let packs = ContextPackReads {
            timelines: self.parts.timelines.clone(),
        };
        let mut answer = packs.get(ask, viewer).await?;
        leave_readable(&mut answer.value, viewer.readable);
        let head = self.parts.timelines.reads.store.head().borrow().position;
        let newest = first.as_ref().map(|first| first.position);
        let stale = asks_for_now && head > newest.unwrap_or(answer.basis.known_at);
        let occurred_at = first.map(|first| first.occurred_at);
        let occurred_at = occurred_at.unwrap_or_else(|| self.parts.timelines.reads.clock.now());
        let touchpoint = self.serving(request, &answer, &key, occurred_at);
        let prepared = match self.parts.recorder.prepare(touchpoint, Door::Live) {
            Ok(prepared) => prepared,
            Err(refused) => return Ok(Err(refused)),
        };
        let outcome = match self.parts.recorder.append(prepared, Expected::Any).await {
            Ok(outcome) => outcome,
            Err(refused) => return Ok(Err(refused)),
        };
        let served = outcome.appended.map(|appended| ContextPackServing {
            touchpoint: Some(TouchpointRef {
                source: key.source.to_string(),
                id: key.id.to_string(),
            }),
            position: self.parts.text.write(appended.last),
            recorded_at: Some(time::timestamp(appended.recorded_at)),
            replayed: appended.replayed,
        });
        Ok(Ok(GetContextPackResponse {
            pack: Some(Shown::of(self.parts.text, &answer.value, answer.basis.as_of).pack()),
            as_of: Some(time::timestamp(answer.basis.as_of)),
            position: self.parts.text.write(answer.basis.known_at),
            stale,
            served,
            audit_only: false,
        }))
    }

    /// That a pack is served. A retry makes the same one.
    fn serving(
        &self,
        request: &GetContextPackRequest,
        answer: &Answer<PackFound>,
        key: &EventKey,
        occurred_at: i64,
    ) -> Touchpoint {
        let visibility = match request.visible_to() {
            Visibility::Unspecified | Visibility::Internal => Visibility::Internal,
            of_who_asks => of_who_asks,
        };
        Touchpoint {
            id: key.id.to_string(),
            source: key.source.to_string(),
            occurred_at: Some(time::timestamp(occurred_at)),
            subjects: Some(Subjects {
                owner_id: request.owner_id.clone(),
                ..Subjects::default()
            }),
            actor: request.actor.clone(),
            operated_by: request.operated_by.clone(),
            on_behalf_of: request.on_behalf_of.clone(),
            visibility: visibility.into(),
            payload: Some(Payload::ContextPackServed(ContextPackServed {
                pack_position: self.parts.text.write(answer.basis.known_at),
                as_of: Some(time::timestamp(answer.basis.as_of)),
            })),
            ..Touchpoint::default()
        }
    }
}

/// Leaves in the touchpoints of a pack what its viewer may read, before texts are made of them.
fn leave_readable(found: &mut PackFound, readable: FieldClasses) {
    for touchpoint in found.touchpoints.values_mut() {
        redact(touchpoint, readable);
    }
}

/// The rules of the schema, and what they cannot say about an actor who is more than a part of others.
fn check(request: &GetContextPackRequest) -> Result<(), Problem> {
    let name = GetContextPackRequest::full_name();
    let encoded = request.encode_to_vec();
    let checked = Schema::get().check(&name, &encoded, "", Limits::default());
    let mut violations = checked.violations;
    if let Some(Actor { id, kind, .. }) = &request.actor {
        let unset = [
            ("actor.id", id.is_empty()),
            ("actor.kind", *kind == i32::from(actor::Kind::Unspecified)),
        ];
        for (field, _) in unset.into_iter().filter(|(_, unset)| *unset) {
            violations.push(Violation::new(field, Reason::Required, "must be set"));
        }
    }
    if request.audit_only && request.served_as.is_some() {
        let why = "must be unset where audit_only is set: nothing is recorded";
        violations.push(Violation::new("served_as", Reason::Disagrees, why));
    }
    if violations.is_empty() {
        Ok(())
    } else {
        Err(Problem::malformed(violations))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use ownerline_projections::context_pack::{ContextPack, Fact};
    use ownerline_proto::field_class::FieldClass;
    use ownerline_proto::v1::CaseEscalated;

    use super::*;
    use crate::query::PositionText;
    use crate::store::Epoch;

    /// The text of an escalation, of which the reason is internal.
    fn text_for(readable: FieldClasses) -> String {
        let mut pack = ContextPack::default();
        pack.contacts.last = Some(Fact {
            turn: 0,
            occurred_at: 0,
            position: Position(1),
        });
        let escalated = Touchpoint {
            payload: Some(Payload::CaseEscalated(CaseEscalated {
                to: "director".to_owned(),
                reason: "he knows the press".to_owned(),
            })),
            ..Touchpoint::default()
        };
        let touchpoints = BTreeMap::from([(Position(1), escalated)]);
        let mut found = PackFound {
            pack,
            cases: BTreeMap::new(),
            repairs: Vec::new(),
            not_judged: Vec::new(),
            touchpoints,
        };
        leave_readable(&mut found, readable);
        let shown = Shown::of(PositionText(Epoch(1)), &found, Instant::default()).pack();
        shown.contacts.unwrap().last.unwrap().text
    }

    #[test]
    fn texts_are_made_of_what_the_viewer_may_read() {
        let whole = text_for(FieldClasses::ALL);
        assert_eq!(whole, "director: he knows the press");
        let internal = FieldClasses::NONE.with(FieldClass::Internal);
        assert_eq!(text_for(FieldClasses::ALL.without(internal)), "director");
    }
}
