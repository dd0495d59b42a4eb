//! When a call that failed is tried again.

use std::time::Duration;

use tonic::Code;

use super::error::CliError;
use super::proxies;

/// How often a stream is opened again before its end is reported as an error.
pub(super) const ATTEMPTS: u32 = 6;
const FIRST_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How long to wait before the next attempt, after this many have failed: twice as long each time, at most five
/// seconds.
pub(super) fn wait_before(failures: u32) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT)
}

/// Whether a stream that ended this way may be opened again where it stood.
pub(super) fn can_resume(ended: &CliError) -> bool {
    match ended {
        CliError::EndedEarly { .. } => true,
        CliError::Server(status) => proxies::may_pass(status).unwrap_or(matches!(
            status.code(),
            Code::Unavailable | Code::Unknown | Code::Cancelled | Code::ResourceExhausted
        )),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_and_are_bounded() {
        let waits: Vec<u128> = (1..=8).map(|n| wait_before(n).as_millis()).collect();
        assert_eq!(waits, [200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000]);
        assert_eq!(wait_before(u32::MAX), LONGEST_WAIT);
    }
}
