//! The touchpoints that recorders make: kinds that every view has something to do with.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    OwnerIdentityLinked, Subjects, Touchpoint, TouchpointRef, TouchpointRetracted,
};

use crate::support::{Dice, NOW, feedback};
use crate::timeline::persons::{acquired, read};

/// How many owners the recorders write about: few, so that their histories meet.
const OWNERS: usize = 40;

/// The owner whose timeline is watched.
pub(super) const WATCHED: &str = "owner-0";

/// The touchpoint of this number of a client.
pub(super) fn made(
    client: usize,
    number: usize,
    last: Option<&Touchpoint>,
    dice: &mut Dice,
) -> Touchpoint {
    let id = number.to_string();
    let owner_number = dice.below(OWNERS);
    let owner = format!("owner-{owner_number}");
    // Late reports and early ones, as life brings them.
    let at = NOW - i64::try_from(dice.below(10_000_000)).unwrap();
    let mut touchpoint = match (dice.below(20), last) {
        (0, Some(last)) => corrected(last, &id),
        (1, Some(last)) => retracted(last, &id),
        (2, _) => linked(&owner, &format!("owner-{}", owner_number ^ 1), &id),
        (3, _) => acquired(&id, at, &owner),
        (4, _) => read(&id, at),
        _ => {
            let mut touchpoint = feedback(&owner, &id, at);
            // Streams that several clients write to.
            let stream = format!("f-{owner}-{}", dice.below(5));
            touchpoint.subjects.as_mut().unwrap().feedback_id = stream;
            touchpoint
        }
    };
    touchpoint.source = format!("//load/{client}");
    let again = touchpoint.corrects.is_some()
        || matches!(touchpoint.payload, Some(Payload::TouchpointRetracted(_)));
    if !again
        && let Some(subjects) = &mut touchpoint.subjects
        && !subjects.vin.is_empty()
    {
        // Everybody has a car, which changes hands within the family.
        subjects.vin = format!("chassis~load~{}", 1_000 + owner_number / 2);
    }
    touchpoint
}

fn refers_to(last: &Touchpoint) -> Option<TouchpointRef> {
    Some(TouchpointRef {
        source: String::new(),
        id: last.id.clone(),
    })
}

/// The last one again, as it should have been.
fn corrected(last: &Touchpoint, id: &str) -> Touchpoint {
    Touchpoint {
        id: id.to_owned(),
        corrects: refers_to(last),
        ..last.clone()
    }
}

fn retracted(last: &Touchpoint, id: &str) -> Touchpoint {
    Touchpoint {
        id: id.to_owned(),
        corrects: None,
        payload: Some(Payload::TouchpointRetracted(TouchpointRetracted {
            r#ref: refers_to(last),
            reason: "by mistake".to_owned(),
            ..TouchpointRetracted::default()
        })),
        ..last.clone()
    }
}

fn linked(owner: &str, other: &str, id: &str) -> Touchpoint {
    Touchpoint {
        subjects: Some(Subjects {
            owner_id: owner.to_owned(),
            ..Subjects::default()
        }),
        payload: Some(Payload::OwnerIdentityLinked(OwnerIdentityLinked {
            other_owner_id: other.to_owned(),
        })),
        ..feedback(owner, id, NOW)
    }
}
