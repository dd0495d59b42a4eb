//! Touchpoints for the tests, and logs of them.

pub(crate) use crate::random_histories::{
    change_of_holder, change_of_life, histories, history_of, lives, plain_lives, watched_lives,
};
use ownerline_projections::fold::ViewDef;
use ownerline_projections::fold::driver::LogEntry;
use ownerline_projections::person::identity;
use ownerline_projections::person::ownership;
use ownerline_projections::timeline::{self, TimelineStates};
use ownerline_projections::{
    AnswerError, Driver, MemoryState, Position, Recorded, Snapshots, VIEWS, Validity, Vantage,
    Viewer, corrections, vehicles,
};
use ownerline_proto::kind;
use ownerline_proto::schema::Schema;
use ownerline_proto::time;
use ownerline_proto::v1::OdometerRead;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;
use ownerline_proto::v1::{
    Actor, Origin, OwnerIdentityLinked, OwnerIdentityUnlinked, Subjects, Touchpoint, TouchpointRef,
    TouchpointRetracted, VehicleAcquired, VehicleReleased, actor,
};
use prost::Message;

/// A touchpoint as a test describes it; the rest follows.
#[derive(Debug, Clone)]
pub(crate) struct TestTouchpoint {
    pub(crate) source: String,
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) occurred_at: i64,
    /// When it reached the centre; `None`: when it was recorded.
    pub(crate) received_at: Option<i64>,
    /// When the log took it; `None`: by its position.
    pub(crate) recorded_at: Option<i64>,
    pub(crate) subjects: Subjects,
    pub(crate) visibility: i32,
    pub(crate) visible_from: Option<i64>,
    pub(crate) cause: Option<(String, String)>,
    pub(crate) corrects: Option<(String, String)>,
    pub(crate) payload: Option<Payload>,
    pub(crate) actor: Option<Actor>,
    pub(crate) operated_by: &'static str,
    pub(crate) correlation_id: &'static str,
    /// It came by import.
    pub(crate) imported: bool,
}

impl TestTouchpoint {
    pub(crate) fn new(kind: &'static str, id: &str, occurred_at: i64) -> Self {
        Self {
            source: "crm".to_owned(),
            id: id.to_owned(),
            kind,
            occurred_at,
            received_at: None,
            recorded_at: None,
            subjects: Subjects::default(),
            visibility: 0,
            visible_from: None,
            cause: None,
            corrects: None,
            payload: None,
            actor: None,
            operated_by: "",
            correlation_id: "",
            imported: false,
        }
    }

    /// A touchpoint with this payload.
    pub(crate) fn with_payload(id: &str, occurred_at: i64, payload: Payload) -> Self {
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

    pub(crate) fn imported(mut self) -> Self {
        self.imported = true;
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

    /// An odometer shows a distance.
    pub(crate) fn read(distance_metres: i64, occurred_at: i64) -> Self {
        Self {
            payload: Some(Payload::OdometerRead(OdometerRead { distance_metres })),
            ..Self::new("odometer_read", "", occurred_at)
        }
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

    /// The same, under ann's id if it was under this one.
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

    fn recorded(&self, position: Position) -> Recorded {
        let kind = Schema::get().kind_by_name(self.kind).unwrap();
        let touchpoint = Touchpoint {
            id: self.id.clone(),
            source: self.source.clone(),
            occurred_at: Some(time::timestamp(self.occurred_at)),
            received_at: self.received_at.map(time::timestamp),
            subjects: Some(self.subjects.clone()),
            visibility: self.visibility,
            visible_from: self.visible_from.map(time::timestamp),
            causation: self.cause.as_ref().map(reference),
            corrects: self.corrects.as_ref().map(reference),
            payload: self.payload.clone(),
            actor: self.actor.clone(),
            operated_by: self.operated_by.to_owned(),
            correlation_id: self.correlation_id.to_owned(),
            origin: match self.imported {
                true => Origin::Imported.into(),
                false => Origin::Unspecified.into(),
            },
            ..Touchpoint::default()
        };
        let encoded = touchpoint.encode_to_vec();
        Recorded {
            position,
            stream: kind.stream(&self.subjects, &encoded).unwrap().into(),
            revision: 0,
            recorded_at: self
                .recorded_at
                .unwrap_or(1_000 + i64::try_from(position.0).unwrap()),
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

/// The same touchpoints in another order of arrival.
pub(crate) fn shuffled(said: &[TestTouchpoint], seed: u64) -> Vec<TestTouchpoint> {
    let mut other = said.to_vec();
    let mut random = seed;
    for place in (1..other.len()).rev() {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        other.swap(place, usize::try_from(random >> 33).unwrap() % (place + 1));
    }
    other
}

/// Records touchpoints in the order of arrival, at positions 1, 2, ...
pub(crate) fn log(said: &[TestTouchpoint]) -> Vec<Recorded> {
    (1..)
        .zip(said)
        .map(|(at, said)| said.recorded(Position(at)))
        .collect()
}

pub(crate) fn entries(log: &[Recorded]) -> Vec<LogEntry> {
    log.iter()
        .map(|recorded| LogEntry::new(recorded.clone(), &recorded.touchpoint.encode_to_vec()))
        .collect()
}

/// The states of all views at the end of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct World {
    pub(crate) timeline: MemoryState,
    pub(crate) corrections: MemoryState,
    pub(crate) identity: MemoryState,
    pub(crate) ownership: MemoryState,
    pub(crate) vehicles: MemoryState,
}

impl World {
    pub(crate) fn states(&self) -> TimelineStates<'_> {
        TimelineStates {
            timeline: &self.timeline,
            corrections: &self.corrections,
            identity: &self.identity,
            ownership: &self.ownership,
            vehicles: &self.vehicles,
        }
    }

    /// One of the states, to damage it.
    pub(crate) fn any_state(&mut self, which: u8) -> &mut MemoryState {
        let all = [
            &mut self.timeline,
            &mut self.corrections,
            &mut self.identity,
            &mut self.ownership,
            &mut self.vehicles,
        ];
        let which = usize::from(which) % all.len();
        all.into_iter().nth(which).unwrap()
    }

    pub(crate) fn validity(&self, known_at: Position) -> Validity<'_> {
        Validity::new(&self.corrections, known_at).unwrap()
    }
}

pub(crate) fn folded(log: &[Recorded]) -> World {
    let mut driver = Driver::default();
    let views: [ViewDef; 5] = [
        timeline::VIEW,
        corrections::VIEW,
        identity::VIEW,
        ownership::VIEW,
        vehicles::VIEW,
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
        vehicles: state(4),
    }
}

/// Answers a question from the states of every view behind a log, as known at a position.
pub(crate) fn answered<A>(
    log: &[Recorded],
    known_at: Position,
    as_of: i64,
    viewer: &Viewer,
    answer: impl FnOnce(&Snapshots<'_>, &Vantage<'_>) -> Result<A, AnswerError>,
) -> Result<A, AnswerError> {
    let mut driver = Driver::default();
    for view in VIEWS {
        driver.add(view, MemoryState::default()).unwrap();
    }
    driver.apply(&entries(log)).unwrap();
    let lanes = driver.lanes().iter();
    let snapshots = lanes.fold(Snapshots::default(), |snapshots, lane| {
        snapshots.with(lane.view().name, lane.state(), Position(log.len() as u64))
    });
    let vantage = Vantage::new(&snapshots, as_of.into(), known_at, viewer);
    answer(&snapshots, &vantage)
}
