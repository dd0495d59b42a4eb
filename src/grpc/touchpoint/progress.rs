//! When a subscription says how far it is although there are no touchpoints to send: at least once in a silence, so that
//! nothing on the way takes it for dead, and at most once a second, so that touchpoints which do not pass its filter
//! cost next to nothing.

use std::time::Duration;

use tokio::time::Instant;

/// The shortest time between a message and one that only says how far the subscription is.
const SPACING: Duration = Duration::from_secs(1);

/// What was said, and when.
#[derive(Debug)]
pub(super) struct Progress {
    silence: Duration,
    /// When the last message was sent; before the first, when the subscription began.
    sent_at: Instant,
    /// Something was sent.
    has_begun: bool,
    /// The subscription is further than the last message said.
    has_advanced: bool,
    /// Touchpoints were sent, or nothing, since it was said that it has caught up.
    owes_caught_up: bool,
}

impl Progress {
    /// Of a subscription that begins now, and is never silent for longer than `silence`.
    pub(super) fn begin(silence: Duration) -> Self {
        Self {
            silence,
            sent_at: Instant::now(),
            has_begun: false,
            has_advanced: false,
            owes_caught_up: true,
        }
    }

    /// When to say how far the subscription is, unless something else is sent before.
    pub(super) fn due(&self) -> Instant {
        let wait = match self.has_advanced {
            true if !self.has_begun => Duration::ZERO,
            true => SPACING.min(self.silence),
            false => self.silence,
        };
        self.sent_at + wait
    }

    /// Touchpoints are sent now.
    pub(super) fn sends(&mut self) {
        self.sends_position();
        self.owes_caught_up = true;
    }

    /// It is said now how far the subscription is.
    pub(super) fn sends_position(&mut self) {
        self.sent_at = Instant::now();
        self.has_begun = true;
        self.has_advanced = false;
    }

    /// The subscription is further, with nothing to send. Returns whether to say so now.
    pub(super) fn advances(&mut self) -> bool {
        self.has_advanced = true;
        let is_due = self.due() <= Instant::now();
        if is_due {
            self.sends_position();
        }
        is_due
    }

    /// The subscription has caught up. Returns whether to say so: the first time, and again after touchpoints. In
    /// between it says nothing that a position does not.
    pub(super) fn catches_up(&mut self) -> bool {
        let owed = std::mem::take(&mut self.owes_caught_up);
        if owed {
            self.sends_position();
        }
        owed
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const SILENCE: Duration = Duration::from_secs(15);
    const MOMENT: Duration = Duration::from_millis(1);

    fn live() -> Progress {
        let mut progress = Progress::begin(SILENCE);
        assert!(progress.catches_up());
        progress
    }

    fn waits(progress: &Progress) -> Duration {
        progress.due() - Instant::now()
    }

    #[tokio::test(start_paused = true)]
    async fn a_silence_ends_with_a_position_each_time() {
        let mut progress = live();
        for _ in 0..3 {
            assert_eq!(waits(&progress), SILENCE);
            advance(SILENCE).await;
            progress.sends_position();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_does_not_pass_is_told_at_most_once_a_second() {
        let mut progress = live();
        let mut told = 0;
        for _ in 0..10_000 {
            advance(MOMENT).await;
            told += u32::from(progress.advances());
        }
        assert_eq!(told, 10);
        advance(MOMENT).await;
        assert!(!progress.advances());
        assert_eq!(
            waits(&progress),
            SPACING - MOMENT,
            "and soon after the last"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_while_without_news_the_first_is_told_at_once() {
        let mut progress = live();
        advance(2 * SPACING).await;
        assert!(progress.advances());
        let mut fresh = Progress::begin(SILENCE);
        assert!(fresh.advances(), "and so is the very first");
    }

    #[tokio::test(start_paused = true)]
    async fn a_silence_shorter_than_a_second_is_kept() {
        let mut progress = Progress::begin(10 * MOMENT);
        assert!(progress.catches_up());
        assert!(!progress.advances());
        assert_eq!(waits(&progress), 10 * MOMENT);
    }

    #[tokio::test(start_paused = true)]
    async fn catching_up_is_told_first_and_after_touchpoints_only() {
        let mut progress = live();
        assert!(!progress.catches_up());
        progress.sends();
        assert!(progress.catches_up());
        assert!(!progress.catches_up());
        assert_eq!(waits(&progress), SILENCE);
    }
}
