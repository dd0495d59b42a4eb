//! The facts of a car's repairs, as touchpoints tell them.

use std::collections::BTreeMap;

use ownerline_proto::v1::Touchpoint;
use ownerline_proto::v1::repair_attempted::Outcome;
use ownerline_proto::v1::touchpoint::Payload;

use super::status::Notice;
use crate::{HistoryKey, Position};

/// What a touchpoint tells of a visit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Event {
    DroppedOff {
        metres: Option<i64>,
        goodwill: bool,
    },
    PickedUp,
    /// An empty id: the report names no defect.
    Reported {
        defect_id: String,
        safety: bool,
    },
    Attempted {
        defect_id: String,
        fixed: bool,
    },
}

/// What is known of one visit, in history order.
#[derive(Debug, Clone, Default)]
pub(super) struct VisitFacts {
    pub(super) dealer_id: String,
    pub(super) events: BTreeMap<HistoryKey, Event>,
}

/// What a registration states of a car.
#[derive(Debug, Clone)]
pub(super) struct Registration {
    pub(super) jurisdiction: String,
    pub(super) first_delivered_on: String,
}

/// A touchpoint to be read.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) key: HistoryKey,
    /// The visit or the case; empty for a registration.
    pub(super) matter_id: String,
    /// The dealer of the visit.
    pub(super) dealer_id: String,
    /// The defect that a correction takes from what it corrects.
    pub(super) defect_id: String,
}

/// Folds the touchpoints that tell of the repairs of one car.
#[derive(Debug, Clone, Default)]
pub struct RepairFold {
    pub(super) vin: String,
    /// More is told of the car than was to be gathered.
    pub(super) is_cut: bool,
    pub(super) wanted: BTreeMap<Position, Wanted>,
    /// By visit.
    pub(super) visits: BTreeMap<String, VisitFacts>,
    pub(super) notices: BTreeMap<HistoryKey, Notice>,
    pub(super) registrations: BTreeMap<HistoryKey, Registration>,
}

impl RepairFold {
    /// Whether more is told of the car than was to be gathered: then nothing can be said about it.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The positions of the touchpoints to read, ascending.
    #[must_use]
    pub fn positions(&self) -> Vec<Position> {
        self.wanted.keys().copied().collect()
    }

    /// Takes one of the touchpoints at [`Self::positions`], in any order.
    pub fn apply(&mut self, position: Position, touchpoint: &Touchpoint) {
        let Some(wanted) = self.wanted.remove(&position) else {
            return;
        };
        let subjects = touchpoint.subjects.as_ref();
        let mut defect_id = subjects.map_or_else(String::new, |it| it.defect_id.clone());
        if defect_id.is_empty() {
            defect_id = wanted.defect_id;
        }
        let event = match &touchpoint.payload {
            Some(Payload::VehicleDroppedOff(it)) => Event::DroppedOff {
                metres: it.odometer_metres,
                goodwill: it.goodwill,
            },
            Some(Payload::VehiclePickedUp(_)) => Event::PickedUp,
            Some(Payload::DefectReported(it)) => Event::Reported {
                defect_id,
                safety: it.safety,
            },
            Some(Payload::RepairAttempted(it)) => Event::Attempted {
                defect_id,
                fixed: it.outcome() == Outcome::Fixed,
            },
            Some(Payload::ManufacturerNotified(it)) => {
                let notice = Notice {
                    key: wanted.key.clone(),
                    means: it.means.clone(),
                    case_id: wanted.matter_id,
                    defect_id,
                };
                self.notices.insert(wanted.key, notice);
                return;
            }
            Some(Payload::VehicleRegistered(it)) => {
                let registration = Registration {
                    jurisdiction: it.jurisdiction.clone(),
                    first_delivered_on: it.first_delivered_on.clone(),
                };
                self.registrations.insert(wanted.key, registration);
                return;
            }
            _ => return,
        };
        let visit = self.visits.entry(wanted.matter_id).or_default();
        visit.dealer_id = wanted.dealer_id;
        visit.events.insert(wanted.key, event);
    }
}
