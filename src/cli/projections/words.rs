//! Rebuilds in words.

use ownerline_proto::v1::Rebuild;
use ownerline_proto::v1::comparison::Verdict;
use ownerline_proto::v1::rebuild::Phase;

use crate::cli::terminal_text::{count, one_line};

/// The beginning of a certificate, enough to compare by eye; the JSON has all of it.
pub(super) fn short(hash: &str) -> String {
    hash.chars().take(12).collect()
}

/// The rate of a rebuild, and the time that is left.
pub(super) fn pace(rebuild: &Rebuild) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate, never negative"
    )]
    let rate = count(rebuild.events_per_second as u64);
    match &rebuild.time_left {
        Some(left) if left.seconds > 0 => format!("{rate}/s, about {} s to go", left.seconds),
        _ => format!("{rate}/s"),
    }
}

/// How a rebuild ended.
pub(super) fn outcome(rebuild: &Rebuild) -> String {
    let generation = rebuild.generation;
    match (rebuild.phase(), &rebuild.comparison, &rebuild.failure) {
        (Phase::Done, Some(compared), _) => {
            let stands = format!(
                "generation {generation} serves, {} touchpoints, certificate {}",
                count(compared.count),
                short(&compared.hash)
            );
            let former = compared.former_generation;
            match compared.verdict() {
                Verdict::Equal => format!("{stands}, equal to that of generation {former}"),
                Verdict::FormerStopped => {
                    format!("{stands}; generation {former} had stopped")
                }
                Verdict::Different | Verdict::Unspecified => format!(
                    "{stands}; DIFFERS from generation {former} ({} touchpoints, {}), which was damaged",
                    count(compared.former_count),
                    short(&compared.former_hash)
                ),
            }
        }
        (Phase::Failed, _, Some(failure)) => format!(
            "failed at {}: {}; the previous generation keeps serving",
            failure.position,
            one_line(&failure.message)
        ),
        (Phase::Cancelled, _, _) => "cancelled; the previous generation keeps serving".to_owned(),
        _ => format!("generation {generation}: {}", pace(rebuild)),
    }
}

/// What `list` shows of a rebuild; `None` if it is over and did not fail, because its comparison is shown then.
pub(super) fn remark(rebuild: &Rebuild) -> Option<String> {
    let generation = rebuild.generation;
    match rebuild.phase() {
        Phase::Done | Phase::Cancelled | Phase::Unspecified => None,
        Phase::Failed => Some(format!("rebuild {}", outcome(rebuild))),
        Phase::Switching => Some(format!("generation {generation} is about to take over")),
        Phase::Building => Some(format!(
            "rebuilding generation {generation}: {:.0} %, {}",
            rebuild.share * 100.0,
            pace(rebuild)
        )),
    }
}
