//! Touchpoints and random histories for the tests.

use ownerline_projections::driver::LogEntry;
use ownerline_projections::view::View;
use ownerline_projections::view::identity::Identity;
use ownerline_projections::view::ownership::Ownership;
use ownerline_projections::view::timeline::{Timeline, TimelineStates};
use ownerline_projections::{Corrections, Driver, MemoryState, Recorded, Validity};
use ownerline_proto::kind;
use ownerline_proto::schema::Schema;
use ownerline_proto::time;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;
use ownerline_proto::v1::{
    Actor, OwnerIdentityLinked, OwnerIdentityUnlinked, Subjects, Touchpoint, TouchpointRef,
    TouchpointRetracted, VehicleAcquired, VehicleReleased, actor,
};
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
    pub(crate) corrects: Option<(String, String)>,
    pub(crate) payload: Option<Payload>,
    pub(crate) actor: Option<Actor>,
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
            corrects: None,
            payload: None,
            actor: None,
        }
    }

    /// What a payload says.
    pub(crate) fn saying(id: &str, occurred_at: i64, payload: Payload) -> Self {
        let touchpoint = Touchpoint {
            payload: Some(payload),
            ..Touchpoint::default()
        };
        let kind = kind::of_encoded(&touchpoint.encode_to_vec()).unwrap();
        Self {
            payload: touchpoint.payload,
            ..Self::new(&kind.name, id, occurred_at)
        }
    }

    /// Somebody did it.
    pub(crate) fn by(mut self, id: &str, kind: actor::Kind) -> Self {
        self.actor = Some(Actor {
            id: id.to_owned(),
            kind: kind.into(),
            ..Actor::default()
        });
        self
    }

    pub(crate) fn about(mut self, about: impl FnOnce(&mut Subjects)) -> Self {
        about(&mut self.subjects);
        self
    }

    pub(crate) fn caused_by(mut self, source: &str, id: &str) -> Self {
        self.cause = Some((source.to_owned(), id.to_owned()));
        self
    }

    pub(crate) fn correcting(mut self, id: &str) -> Self {
        self.corrects = Some((String::new(), id.to_owned()));
        self
    }

    /// A retraction of a touchpoint of this one's source, in the stream of these subjects.
    pub(crate) fn retracting(mut self, source: &str, id: &str) -> Self {
        self.kind = "touchpoint_retracted";
        let retracted = TouchpointRetracted {
            r#ref: Some(TouchpointRef {
                source: source.to_owned(),
                id: id.to_owned(),
            }),
            ..TouchpointRetracted::default()
        };
        self.payload = Some(Payload::TouchpointRetracted(retracted));
        self
    }

    /// The subject's id and another are one person.
    pub(crate) fn linking(mut self, other: &str) -> Self {
        self.kind = "owner_identity_linked";
        self.payload = Some(Payload::OwnerIdentityLinked(OwnerIdentityLinked {
            other_owner_id: other.to_owned(),
        }));
        self
    }

    /// They are not after all.
    pub(crate) fn unlinking(mut self, other: &str) -> Self {
        self.kind = "owner_identity_unlinked";
        self.payload = Some(Payload::OwnerIdentityUnlinked(OwnerIdentityUnlinked {
            other_owner_id: other.to_owned(),
        }));
        self
    }

    /// Somebody acquires the vehicle, to own or to drive it.
    pub(crate) fn acquired(self, owner: &str, owns: bool) -> Self {
        self.acquired_as(owner, if owns { Role::Owner } else { Role::Driver })
    }

    /// Somebody acquires the vehicle.
    pub(crate) fn acquired_as(mut self, owner: &str, role: Role) -> Self {
        self.kind = "vehicle_acquired";
        owner.clone_into(&mut self.subjects.owner_id);
        self.payload = Some(Payload::VehicleAcquired(VehicleAcquired {
            owner_id: owner.to_owned(),
            role: role.into(),
        }));
        self
    }

    /// Somebody releases the vehicle.
    pub(crate) fn released(mut self, owner: &str) -> Self {
        self.kind = "vehicle_released";
        owner.clone_into(&mut self.subjects.owner_id);
        self.payload = Some(Payload::VehicleReleased(VehicleReleased {
            owner_id: owner.to_owned(),
        }));
        self
    }

    /// The same, told under ann's id if it was told under this one.
    pub(crate) fn under_one_id(&self, other: &str) -> Self {
        let mut said = self.clone();
        let of_payload = match &mut said.payload {
            Some(Payload::VehicleAcquired(it)) => Some(&mut it.owner_id),
            Some(Payload::VehicleReleased(it)) => Some(&mut it.owner_id),
            _ => None,
        };
        for id in of_payload.into_iter().chain([&mut said.subjects.owner_id]) {
            if id == other {
                "ann".clone_into(id);
            }
        }
        said
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
            causation: self.cause.as_ref().map(reference),
            corrects: self.corrects.as_ref().map(reference),
            payload: self.payload.clone(),
            actor: self.actor.clone(),
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

fn reference((source, id): &(String, String)) -> TouchpointRef {
    TouchpointRef {
        source: source.clone(),
        id: id.clone(),
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

/// The states of all views behind a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct World {
    pub(crate) timeline: MemoryState,
    pub(crate) corrections: MemoryState,
    pub(crate) identity: MemoryState,
    pub(crate) ownership: MemoryState,
}

impl World {
    pub(crate) fn states(&self) -> TimelineStates<'_> {
        TimelineStates {
            timeline: &self.timeline,
            corrections: &self.corrections,
            identity: &self.identity,
            ownership: &self.ownership,
        }
    }

    /// One of the states, to damage it.
    pub(crate) fn any_state(&mut self, which: u8) -> &mut MemoryState {
        let all = [
            &mut self.timeline,
            &mut self.corrections,
            &mut self.identity,
            &mut self.ownership,
        ];
        let which = usize::from(which) % all.len();
        all.into_iter().nth(which).unwrap()
    }

    pub(crate) fn validity(&self, known_at: u64) -> Validity<'_> {
        Validity::new(&self.corrections, known_at).unwrap()
    }
}

pub(crate) fn folded(log: &[Recorded]) -> World {
    let mut driver = Driver::default();
    let views: [Arc<dyn View>; 4] = [
        Arc::new(Timeline),
        Arc::new(Corrections),
        Arc::new(Identity),
        Arc::new(Ownership),
    ];
    for view in views {
        driver.add(view, MemoryState::default()).unwrap();
    }
    driver.apply(&entries(log)).unwrap();
    let state = |lane: usize| {
        assert!(driver.lanes()[lane].stopped().is_none());
        driver.lanes()[lane].state().clone()
    };
    World {
        timeline: state(0),
        corrections: state(1),
        identity: state(2),
        ownership: state(3),
    }
}

/// A small world, so that touchpoints meet: few owners, streams and instants.
pub(crate) fn histories() -> impl Strategy<Value = Vec<Said>> {
    history_of(said().boxed())
}

/// A history in which ids are linked and vehicles change hands.
pub(crate) fn lives() -> impl Strategy<Value = Vec<Said>> {
    let said = prop_oneof![3 => said(), 2 => change_of_life(), 2 => about_vehicle()];
    history_of(said.boxed())
}

/// A life without corrections, and without a word on who is whom.
pub(crate) fn plain_lives() -> impl Strategy<Value = Vec<Said>> {
    let said = prop_oneof![3 => said(), 2 => change_of_holder(), 2 => about_vehicle()];
    prop::collection::vec(said, 1..40).prop_map(|mut said| {
        for (number, touchpoint) in said.iter_mut().enumerate() {
            touchpoint.id = format!("{number}");
        }
        said
    })
}

pub(crate) fn history_of(said: BoxedStrategy<Said>) -> impl Strategy<Value = Vec<Said>> {
    prop::collection::vec((said, names_another()), 1..40).prop_map(|made| {
        let (mut said, links): (Vec<Said>, Vec<_>) = made.into_iter().unzip();
        for (number, touchpoint) in said.iter_mut().enumerate() {
            touchpoint.id = format!("{}{number}", touchpoint.id);
        }
        for (number, link) in links.into_iter().enumerate() {
            if let Some(link) = link {
                let target = said[link.target % said.len()].clone();
                link.put(&mut said[number], &target);
            }
        }
        said
    })
}

pub(crate) fn change_of_life() -> impl Strategy<Value = Said> {
    prop_oneof![3 => change_of_identity(), 7 => change_of_holder()]
}

fn some_person() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&["ann", "ben", "eve", "ann2"][..])
}

/// A link of two persons, or its end.
fn change_of_identity() -> impl Strategy<Value = Said> {
    (0_i64..12, some_person(), some_person(), 0_u8..3).prop_map(|(at, one, other, what)| {
        let said = Said::new("news_sent", "", at).about(|s| s.owner_id = one.to_owned());
        match what {
            0..2 => said.linking(other),
            _ => said.unlinking(other),
        }
    })
}

/// Somebody acquires a car, as its owner or its driver, or releases it.
pub(crate) fn change_of_holder() -> impl Strategy<Value = Said> {
    let car = prop::sample::select(&["V1", "V2"][..]);
    (0_i64..12, some_person(), car, 0_u8..8).prop_map(|(at, one, vin, what)| {
        let said = Said::new("news_sent", "", at).about(|s| s.vin = vin.to_owned());
        match what {
            0..4 => said.acquired(one, true),
            4 => said.acquired(one, false),
            5 => said.acquired_as(one, Role::CoOwner),
            _ => said.released(one),
        }
    })
}

/// What names a vehicle and nobody.
fn about_vehicle() -> impl Strategy<Value = Said> {
    let name = |names: &'static [&'static str]| prop::sample::select(names);
    let about = (
        name(&["V1", "V2"]),
        name(&["", "1", "2", "3"]),
        name(&["", "", "", "ann", "ben"]),
    );
    (0_i64..12, about, 0_u8..4).prop_map(|(at, (vin, number, owner), what)| {
        let kind = match (number, what) {
            ("", _) => "odometer_read",
            (_, 0) => "appointment_booked",
            (_, 1) => "vin_assigned",
            (_, 2) => "case_opened",
            _ => "work_performed",
        };
        Said::new(kind, "", at).about(|subjects| {
            vin.clone_into(&mut subjects.vin);
            let id = match kind {
                "odometer_read" => return,
                "vin_assigned" => &mut subjects.order_id,
                "case_opened" => &mut subjects.case_id,
                _ => &mut subjects.visit_id,
            };
            number.clone_into(id);
            owner.clone_into(&mut subjects.owner_id);
        })
    })
}

/// Kinds whose stream or payload may name the owner.
const KEEPS_OWNER: [&str; 13] = [
    "vehicle_acquired",
    "vehicle_released",
    "news_sent",
    "touchpoint_retracted",
    "owner_identity_linked",
    "owner_identity_unlinked",
    "advocacy_observed",
    "owner_registered",
    "prior_brand_recorded",
    "referral_made",
    "repurchased",
    "defected",
    "acquisition_source_stated",
];

/// One touchpoint that corrects or retracts another of the history.
#[derive(Debug, Clone)]
pub(crate) struct NamesAnother {
    target: usize,
    retracts: bool,
    fits: bool,
}

impl NamesAnother {
    fn put(&self, said: &mut Said, target: &Said) {
        if self.fits {
            let own = said.subjects.clone();
            said.subjects = target.subjects.clone();
            said.kind = target.kind;
            said.payload = target.payload.clone();
            // It says something else, but stays in the stream.
            if !is_of_dealer(&said.subjects) {
                said.subjects.dealer_id = own.dealer_id;
            }
            if target.kind == "vehicle_acquired" && !own.owner_id.is_empty() {
                *said = said.clone().acquired(&own.owner_id, true);
            }
            if !KEEPS_OWNER.contains(&target.kind) && !is_of_dealer(&said.subjects) {
                said.subjects.owner_id = own.owner_id;
            }
        }
        let (source, id) = (&target.source, &target.id);
        if self.retracts {
            *said = said.clone().retracting(source, id);
        } else {
            said.corrects = Some((source.clone(), id.clone()));
        }
    }
}

/// The dealer alone says which stream it is.
fn is_of_dealer(subjects: &Subjects) -> bool {
    let dealer_id = subjects.dealer_id.clone();
    *subjects
        == Subjects {
            dealer_id,
            ..Subjects::default()
        }
}

fn names_another() -> impl Strategy<Value = Option<NamesAnother>> {
    let link = (
        0_usize..40,
        prop::bool::weighted(0.4),
        prop::bool::weighted(0.85),
    );
    prop::option::weighted(
        0.4,
        link.prop_map(|(target, retracts, fits)| NamesAnother {
            target,
            retracts,
            fits,
        }),
    )
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
