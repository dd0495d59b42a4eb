//! The id of an obligation: the same in whichever order touchpoints arrive.

use ownerline_proto::v1::sla_policy::obligation::Kind;

/// The id of an obligation: the first 16 bytes of BLAKE3, in lower hex, over the feedback, the name of
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

/// The first 16 bytes of BLAKE3, in lower hex, over parts that are each preceded by their length.
pub(super) fn hashed(parts: &[&[u8]]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let hex = hasher.finalize().to_hex();
    hex.chars().take(32).collect()
}
