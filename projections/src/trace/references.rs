//! The touchpoints that a touchpoint names: its cause, and every reference in its payload. What it corrects is no
//! reference of this kind, because a correction takes the place of the other.

use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Touchpoint, TouchpointRef};

use crate::TouchpointKey;

/// Returns the references in the payload of a touchpoint. A test derives them from the schema, so that none is forgotten.
pub fn payload_references(touchpoint: &Touchpoint) -> Vec<&TouchpointRef> {
    let one = match &touchpoint.payload {
        Some(Payload::OwnerNotified(it)) => &it.about,
        Some(Payload::UpdateViewed(it)) => &it.about,
        Some(Payload::ReplyWithdrawn(it)) => &it.reply,
        Some(Payload::ReplyBounced(it)) => &it.reply,
        Some(Payload::OwnerMessageReceived(it)) => &it.in_reply_to,
        Some(Payload::ObligationOutcomeRevised(it)) => &it.because,
        Some(Payload::TouchpointRetracted(it)) => &it.r#ref,
        Some(Payload::IntegritySignalRaised(it)) => return it.evidence.iter().collect(),
        _ => &None,
    };
    one.iter().collect()
}

/// Returns the keys of everything that a touchpoint names, its cause first, each once.
pub(super) fn named_by(touchpoint: &Touchpoint) -> Vec<TouchpointKey> {
    let mut keys: Vec<TouchpointKey> = Vec::new();
    let payload = payload_references(touchpoint);
    for reference in touchpoint.causation.iter().chain(payload) {
        let key = TouchpointKey::of_reference(reference, &touchpoint.source);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}
