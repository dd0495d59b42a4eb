//! The followers of the log, with the position of each. Their number is bounded by the limit of subscriptions.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The open followers of the log. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Followers {
    shared: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    open: BTreeMap<u64, Arc<AtomicU64>>,
}

/// A follower, which is removed when it is dropped.
#[derive(Debug)]
pub struct Follower {
    followers: Followers,
    number: u64,
    position: Arc<AtomicU64>,
}

/// The lag of all followers, in events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lag {
    /// The number of followers.
    pub count: u64,
    /// The largest lag.
    pub max: u64,
    /// The sum of all lags.
    pub sum: u64,
}

impl Followers {
    /// Adds a follower at this position.
    #[must_use]
    pub fn join(&self, position: u64) -> Follower {
        let position = Arc::new(AtomicU64::new(position));
        let mut state = self.state();
        let number = state.next;
        state.next += 1;
        state.open.insert(number, position.clone());
        drop(state);
        Follower {
            followers: self.clone(),
            number,
            position,
        }
    }

    /// The lag behind a head.
    #[must_use]
    pub fn lag(&self, head: u64) -> Lag {
        let state = self.state();
        let positions = state.open.values();
        positions.fold(Lag::default(), |lag, position| {
            let behind = head.saturating_sub(position.load(Ordering::Relaxed));
            Lag {
                count: lag.count + 1,
                max: lag.max.max(behind),
                sum: lag.sum.saturating_add(behind),
            }
        })
    }

    /// Locks the state. No code panics while it holds the lock, so that a poisoned one is still consistent.
    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Follower {
    /// Records that everything up to this position was sent.
    pub fn advance(&self, position: u64) {
        self.position.store(position, Ordering::Relaxed);
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.followers.state().open.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn followers_count_while_they_live_and_lag_behind_the_head() {
        let followers = Followers::default();
        let (near, far) = (followers.join(8), followers.join(2));
        let lag = |count, max, sum| Lag { count, max, sum };
        assert_eq!(followers.lag(10), lag(2, 8, 10));
        far.advance(7);
        assert_eq!(followers.lag(10), lag(2, 3, 5));
        drop(far);
        assert_eq!(followers.lag(7), lag(1, 0, 0), "never negative");
        drop(near);
        assert_eq!(followers.lag(10), lag(0, 0, 0));
    }
}
