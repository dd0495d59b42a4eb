//! Touchpoints for the tests of traces.

use std::fmt;

use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Actor, CaseNoteAdded, CaseOpened, ContactMade, DealerReplied, DefectLinked, DefectReported,
    DefectUnlinked, FeedbackReceived, GoodwillGranted, OwnerNotified, RepairAttempted, Subjects,
    Touchpoint, TouchpointRef, TouchpointRetracted, UpdateViewed, VehicleDroppedOff, actor,
};

pub(super) const HOUR: i64 = 3_600 * 1_000_000_000;
pub(super) const DAY: i64 = 24 * HOUR;

/// A touchpoint as a test describes it.
#[derive(Clone, Default)]
pub(super) struct Said(pub(super) Touchpoint);

/// Without what is absent, so that a failing history can be read.
impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_string(&self.0).map_err(|_| fmt::Error)?;
        f.write_str(&json)
    }
}

impl Said {
    pub(super) fn new(id: &str, occurred_at: i64, payload: impl Into<Payload>) -> Self {
        Self(Touchpoint {
            id: id.to_owned(),
            source: "crm".to_owned(),
            occurred_at: Some(time::timestamp(occurred_at)),
            subjects: Some(Subjects::default()),
            payload: Some(payload.into()),
            actor: Some(Actor {
                id: "advocate-1".to_owned(),
                kind: actor::Kind::Human.into(),
                ..Actor::default()
            }),
            ..Touchpoint::default()
        })
    }

    pub(super) fn about(mut self, about: impl FnOnce(&mut Subjects)) -> Self {
        about(self.0.subjects.get_or_insert_default());
        self
    }

    pub(super) fn of_case(self, case_id: &str) -> Self {
        self.about(|it| it.case_id = case_id.to_owned())
    }

    pub(super) fn of_owner(self, owner_id: &str) -> Self {
        self.about(|it| it.owner_id = owner_id.to_owned())
    }

    pub(super) fn of_visit(self, visit_id: &str) -> Self {
        self.about(|it| it.visit_id = visit_id.to_owned())
    }

    pub(super) fn of_defect(self, defect_id: &str) -> Self {
        self.about(|it| it.defect_id = defect_id.to_owned())
    }

    pub(super) fn of_feedback(self, feedback_id: &str) -> Self {
        self.about(|it| it.feedback_id = feedback_id.to_owned())
    }

    pub(super) fn caused_by(mut self, id: &str) -> Self {
        self.0.causation = reference(id);
        self
    }

    pub(super) fn correcting(mut self, id: &str) -> Self {
        self.0.corrects = reference(id);
        self
    }

    pub(super) fn correlated(mut self, correlation_id: &str) -> Self {
        correlation_id.clone_into(&mut self.0.correlation_id);
        self
    }

    pub(super) fn by(mut self, kind: actor::Kind) -> Self {
        self.0.actor.get_or_insert_default().kind = kind.into();
        self
    }
}

/// A touchpoint of the same source.
pub(super) fn reference(id: &str) -> Option<TouchpointRef> {
    Some(TouchpointRef {
        id: id.to_owned(),
        ..TouchpointRef::default()
    })
}

pub(super) fn opened(id: &str, at: i64, case_id: &str, origin_feedback_id: &str) -> Said {
    let opened = CaseOpened {
        origin_feedback_id: origin_feedback_id.to_owned(),
        ..CaseOpened::default()
    };
    Said::new(id, at, Payload::CaseOpened(opened)).of_case(case_id)
}

pub(super) fn note(id: &str, at: i64, case_id: &str) -> Said {
    let note = Payload::CaseNoteAdded(CaseNoteAdded::default());
    Said::new(id, at, note).of_case(case_id)
}

pub(super) fn linked(id: &str, at: i64, case_id: &str, defects: [&str; 2]) -> Said {
    let [defect_id, same_as] = defects.map(str::to_owned);
    let link = DefectLinked {
        defect_id: defect_id.clone(),
        same_as,
    };
    let said = Said::new(id, at, Payload::DefectLinked(link));
    said.of_case(case_id).of_defect(&defect_id)
}

pub(super) fn unlinked(id: &str, at: i64, case_id: &str, defects: [&str; 2]) -> Said {
    let [defect_id, same_as] = defects.map(str::to_owned);
    let link = DefectUnlinked {
        defect_id: defect_id.clone(),
        same_as,
    };
    let said = Said::new(id, at, Payload::DefectUnlinked(link));
    said.of_case(case_id).of_defect(&defect_id)
}

pub(super) fn dropped_off(id: &str, at: i64, visit_id: &str) -> Said {
    let dropped_off = Payload::VehicleDroppedOff(VehicleDroppedOff::default());
    Said::new(id, at, dropped_off).of_visit(visit_id)
}

pub(super) fn defect(id: &str, at: i64, visit_id: &str, defect_id: &str) -> Said {
    let reported = Payload::DefectReported(DefectReported::default());
    let said = Said::new(id, at, reported).of_visit(visit_id);
    said.of_defect(defect_id)
}

pub(super) fn attempt(id: &str, at: i64, visit_id: &str, defect_id: &str) -> Said {
    let attempted = Payload::RepairAttempted(RepairAttempted::default());
    let said = Said::new(id, at, attempted).of_visit(visit_id);
    said.of_defect(defect_id)
}

pub(super) fn feedback(id: &str, at: i64, feedback_id: &str) -> Said {
    let received = Payload::FeedbackReceived(FeedbackReceived::default());
    Said::new(id, at, received).of_feedback(feedback_id)
}

pub(super) fn replied(id: &str, at: i64, feedback_id: &str) -> Said {
    let replied = Payload::DealerReplied(DealerReplied::default());
    Said::new(id, at, replied).of_feedback(feedback_id)
}

pub(super) fn contact(id: &str, at: i64) -> Said {
    let contact = Payload::ContactMade(ContactMade::default());
    Said::new(id, at, contact).of_owner("ann")
}

pub(super) fn goodwill(id: &str, at: i64) -> Said {
    let granted = Payload::GoodwillGranted(GoodwillGranted::default());
    Said::new(id, at, granted).of_owner("ann")
}

pub(super) fn notified(id: &str, at: i64, about: &str) -> Said {
    let notified = OwnerNotified {
        about: reference(about),
        delivered: true,
    };
    Said::new(id, at, Payload::OwnerNotified(notified)).of_owner("ann")
}

pub(super) fn viewed(id: &str, at: i64, about: &str) -> Said {
    let viewed = UpdateViewed {
        about: reference(about),
    };
    Said::new(id, at, Payload::UpdateViewed(viewed)).of_owner("ann")
}

/// A retraction; the subjects still have to name the stream.
pub(super) fn retracted(id: &str, at: i64, what: &str) -> Said {
    let retracted = TouchpointRetracted {
        r#ref: reference(what),
        ..TouchpointRetracted::default()
    };
    Said::new(id, at, Payload::TouchpointRetracted(retracted))
}

/// A log in the order of arrival.
pub(super) fn log(said: impl IntoIterator<Item = Said>) -> Vec<ownerline_projections::Recorded> {
    let touchpoints = said.into_iter().map(|said| said.0);
    crate::invented::recorded(touchpoints.collect())
}
