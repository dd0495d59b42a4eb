//! Who follows the log, and how far each has come. Bounded by the limit of subscriptions.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Those who follow the log now. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Followers {
    shared: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    open: BTreeMap<u64, Arc<AtomicU64>>,
}

/// One of them; gone when dropped.
#[derive(Debug)]
pub struct Follower {
    followers: Followers,
    number: u64,
    position: Arc<AtomicU64>,
}

/// How far they are behind, in events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lag {
    /// How many there are.
    pub count: u64,
    /// The one furthest behind.
    pub most: u64,
    /// All of them.
    pub together: u64,
}

impl Followers {
    /// One more, from this position on.
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

    /// How far they are behind a head.
    #[must_use]
    pub fn lag(&self, head: u64) -> Lag {
        let state = self.state();
        let positions = state.open.values();
        positions.fold(Lag::default(), |lag, position| {
            let behind = head.saturating_sub(position.load(Ordering::Relaxed));
            Lag {
                count: lag.count + 1,
                most: lag.most.max(behind),
                together: lag.together.saturating_add(behind),
            }
        })
    }

    /// No code panics while it holds the lock, so a poisoned one is still whole.
    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Follower {
    /// Everything up to here was sent.
    pub fn is_at(&self, position: u64) {
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
        let lag = |count, most, together| Lag {
            count,
            most,
            together,
        };
        assert_eq!(followers.lag(10), lag(2, 8, 10));
        far.is_at(7);
        assert_eq!(followers.lag(10), lag(2, 3, 5));
        drop(far);
        assert_eq!(followers.lag(7), lag(1, 0, 0), "never less than nothing");
        drop(near);
        assert_eq!(followers.lag(10), lag(0, 0, 0));
    }
}
