//! Random histories for the tests: a small world, so that touchpoints meet.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::vehicle_acquired::Role;
use ownerline_proto::v1::{Subjects, VehicleDroppedOff};
use proptest::prelude::*;

use crate::history::TestTouchpoint;

/// A small world, so that touchpoints meet: few owners, streams and instants.
pub(crate) fn histories() -> impl Strategy<Value = Vec<TestTouchpoint>> {
    history_of(said().boxed())
}

/// A history in which ids are linked and vehicles change hands.
pub(crate) fn lives() -> impl Strategy<Value = Vec<TestTouchpoint>> {
    let said = prop_oneof![3 => said(), 2 => change_of_life(), 2 => about_vehicle()];
    history_of(said.boxed())
}

/// A life with visits whose touchpoints read odometers without naming the car.
pub(crate) fn watched_lives() -> impl Strategy<Value = Vec<TestTouchpoint>> {
    let said = prop_oneof![8 => said(), 2 => change_of_life(), 4 => about_vehicle(), 2 => visit()];
    history_of(said.boxed())
}

/// A car is dropped off, or booked in.
fn visit() -> impl Strategy<Value = TestTouchpoint> {
    let name = |names: &'static [&'static str]| prop::sample::select(names);
    let about = (name(&["", "", "V1", "V2"]), name(&["1", "2", "3"]));
    (0_i64..12, about, any::<bool>(), 0_i64..3).prop_map(|(at, (vin, number), reads, metres)| {
        let said = match reads {
            true => {
                let dropped_off = VehicleDroppedOff {
                    odometer_metres: Some(metres),
                    ..VehicleDroppedOff::default()
                };
                TestTouchpoint::with_payload("", at, Payload::VehicleDroppedOff(dropped_off))
            }
            false => TestTouchpoint::new("appointment_booked", "", at),
        };
        said.about(|subjects| {
            vin.clone_into(&mut subjects.vin);
            number.clone_into(&mut subjects.visit_id);
        })
    })
}

/// A life without corrections and identity links.
pub(crate) fn plain_lives() -> impl Strategy<Value = Vec<TestTouchpoint>> {
    let said = prop_oneof![3 => said(), 2 => change_of_holder(), 2 => about_vehicle()];
    prop::collection::vec(said, 1..40).prop_map(|mut said| {
        for (number, touchpoint) in said.iter_mut().enumerate() {
            touchpoint.id = format!("{number}");
        }
        said
    })
}

pub(crate) fn history_of(
    said: BoxedStrategy<TestTouchpoint>,
) -> impl Strategy<Value = Vec<TestTouchpoint>> {
    prop::collection::vec((said, names_another()), 1..40).prop_map(|made| {
        let (mut said, links): (Vec<TestTouchpoint>, Vec<_>) = made.into_iter().unzip();
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

pub(crate) fn change_of_life() -> impl Strategy<Value = TestTouchpoint> {
    prop_oneof![3 => change_of_identity(), 7 => change_of_holder()]
}

fn some_person() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&["ann", "ben", "eve", "ann2"][..])
}

/// A link of two persons, or its end.
fn change_of_identity() -> impl Strategy<Value = TestTouchpoint> {
    (0_i64..12, some_person(), some_person(), 0_u8..3).prop_map(|(at, one, other, what)| {
        let said = TestTouchpoint::new("news_sent", "", at).about(|s| s.owner_id = one.to_owned());
        match what {
            0..2 => said.linking(other),
            _ => said.unlinking(other),
        }
    })
}

/// Somebody acquires a car, as its owner or its driver, or releases it.
pub(crate) fn change_of_holder() -> impl Strategy<Value = TestTouchpoint> {
    let car = prop::sample::select(&["V1", "V2"][..]);
    (0_i64..12, some_person(), car, 0_u8..8).prop_map(|(at, one, vin, what)| {
        let said = TestTouchpoint::new("news_sent", "", at).about(|s| s.vin = vin.to_owned());
        match what {
            0..4 => said.acquired(one, true),
            4 => said.acquired(one, false),
            5 => said.acquired_as(one, Role::CoOwner),
            _ => said.released(one),
        }
    })
}

/// A touchpoint that names a vehicle and no owner.
fn about_vehicle() -> impl Strategy<Value = TestTouchpoint> {
    let name = |names: &'static [&'static str]| prop::sample::select(names);
    let about = (
        name(&["V1", "V2"]),
        name(&["", "1", "2", "3"]),
        name(&["", "", "", "ann", "ben"]),
    );
    (0_i64..12, about, 0_u8..5, 0_i64..3).prop_map(|(at, (vin, number, owner), what, metres)| {
        let kind = match (number, what) {
            ("", _) => "odometer_read",
            (_, 0) => "appointment_booked",
            (_, 1) => "vin_assigned",
            (_, 2) => "case_opened",
            (_, 3) => "vin_withdrawn",
            _ => "work_performed",
        };
        let said = match kind {
            "odometer_read" => TestTouchpoint::read(metres, at),
            _ => TestTouchpoint::new(kind, "", at),
        };
        said.about(|subjects| {
            vin.clone_into(&mut subjects.vin);
            let id = match kind {
                "odometer_read" => return,
                "vin_assigned" | "vin_withdrawn" => &mut subjects.order_id,
                "case_opened" => &mut subjects.case_id,
                _ => &mut subjects.visit_id,
            };
            number.clone_into(id);
            owner.clone_into(&mut subjects.owner_id);
        })
    })
}

/// The kinds whose stream or payload may name the owner.
const KEEPS_OWNER: [&str; 18] = [
    "contact_made",
    "context_pack_served",
    "goodwill_granted",
    "vehicle_acquired",
    "vehicle_released",
    "news_sent",
    "owner_notified",
    "update_viewed",
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
    fn put(&self, said: &mut TestTouchpoint, target: &TestTouchpoint) {
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

fn said() -> impl Strategy<Value = TestTouchpoint> {
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
            let mut said = TestTouchpoint::new(kind, id, occurred_at);
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
