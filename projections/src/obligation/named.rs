//! What an obligation, and what is said about it, is called: the same whatever arrived first.

use ownerline_proto::v1::sla_policy::obligation::Kind;

use super::Obligation;

/// The name of an obligation: the first 16 bytes of BLAKE3, in lower hex, over the feedback, the name of
/// the kind, the episode (u32, little-endian) and source and id of the touchpoint that opened it, each
/// preceded by its length (u64, little-endian).
#[must_use]
pub fn obligation_id(
    feedback_id: &str,
    kind: Kind,
    episode: u32,
    opened_by: (&str, &str),
) -> String {
    hashed(&[
        feedback_id.as_bytes(),
        kind.as_str_name().as_bytes(),
        &episode.to_le_bytes(),
        opened_by.0.as_bytes(),
        opened_by.1.as_bytes(),
    ])
}

/// The id of the event of a level: of the obligation, its episode and kind, of what is said, the share (f64,
/// little-endian), and of the policy and its version, hashed as [`obligation_id`] is. So a level has one
/// event, whoever issues it.
pub(super) fn level_id(obligation: &Obligation, breach: bool, share: f64) -> String {
    let says: &[u8] = if breach { b"breached" } else { b"warned" };
    hashed(&[
        obligation.obligation_id.as_bytes(),
        &obligation.episode.to_le_bytes(),
        obligation.kind.as_str_name().as_bytes(),
        says,
        &share.to_le_bytes(),
        obligation.policy.0.as_bytes(),
        &obligation.policy.1.to_le_bytes(),
    ])
}

/// The id of a revision: like that of a level, with what it says now, what changed it, and the id of what
/// was said before, so that the same cause can turn an outcome twice.
pub(super) fn revision_id(
    obligation: &Obligation,
    now: &str,
    because: (&str, &str),
    said_before: &str,
) -> String {
    hashed(&[
        obligation.obligation_id.as_bytes(),
        &obligation.episode.to_le_bytes(),
        obligation.kind.as_str_name().as_bytes(),
        b"revised",
        now.as_bytes(),
        because.0.as_bytes(),
        because.1.as_bytes(),
        said_before.as_bytes(),
        obligation.policy.0.as_bytes(),
        &obligation.policy.1.to_le_bytes(),
    ])
}

/// The first 16 bytes of BLAKE3, in lower hex, over parts that are each preceded by their length.
fn hashed(parts: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let hex = hasher.finalize().to_hex();
    hex.chars().take(32).collect()
}
