//! The ids of the clock-keeper's events: the same whoever issues them, and when.

use super::super::Obligation;
use super::super::id::hashed;

/// The id of the event of a level: over the obligation, its episode and kind, the sort of event, the share (f64,
/// little-endian), and the policy and its version, hashed like an obligation's id. So a level has one event, whoever
/// issues it.
pub(super) fn level_id(obligation: &Obligation, breach: bool, share: f64) -> String {
    let sort: &[u8] = if breach { b"breached" } else { b"warned" };
    hashed(&[
        obligation.obligation_id.as_bytes(),
        &obligation.episode.to_le_bytes(),
        obligation.kind.as_str_name().as_bytes(),
        sort,
        &share.to_le_bytes(),
        obligation.policy.0.as_bytes(),
        &obligation.policy.1.to_le_bytes(),
    ])
}

/// The id of a revision: like that of a level, over the new outcome, its cause, and the id of the event before, so that
/// the same cause can change an outcome twice.
pub(super) fn revision_id(
    obligation: &Obligation,
    now: &str,
    because: (&str, &str),
    event_before: &str,
) -> String {
    hashed(&[
        obligation.obligation_id.as_bytes(),
        &obligation.episode.to_le_bytes(),
        obligation.kind.as_str_name().as_bytes(),
        b"revised",
        now.as_bytes(),
        because.0.as_bytes(),
        because.1.as_bytes(),
        event_before.as_bytes(),
        obligation.policy.0.as_bytes(),
        &obligation.policy.1.to_le_bytes(),
    ])
}
