//! A cache of answers that take long and never change: each is computed once, concurrent callers wait for that one
//! computation, and the least recently used answer is dropped first.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::query::error::QueryError;

/// A bounded number of answers, the most recently used at the end.
pub(super) struct Cache<K, T> {
    slots: Mutex<Vec<Slot<K, T>>>,
    capacity: usize,
    at_once: usize,
}

struct Slot<K, T> {
    key: K,
    answer: Answer<T>,
}

/// `None`: it is being computed.
type Answer<T> = watch::Receiver<Option<Result<T, QueryError>>>;

impl<K, T> Cache<K, T>
where
    K: Copy + PartialEq,
    T: Clone + Send + Sync + 'static,
{
    /// At most `capacity` answers, of which at most `at_once`, which is less, are being computed.
    pub(super) fn new(capacity: usize, at_once: usize) -> Self {
        Self {
            slots: Mutex::default(),
            capacity,
            at_once,
        }
    }

    /// Whether an answer is here or on its way.
    pub(super) fn has(&self, key: &K) -> bool {
        self.slots().iter().any(|slot| slot.key == *key)
    }

    /// The answer, computed on a blocking thread if it is not cached. The computation goes on when its caller goes away,
    /// so that the next one finds it. Failures are not cached.
    ///
    /// # Errors
    /// [`QueryError::Busy`] if too many are being computed; what `compute` says.
    pub(super) async fn get(
        &self,
        key: K,
        compute: impl FnOnce() -> Result<T, QueryError> + Send + 'static,
    ) -> Result<T, QueryError> {
        let mut answer = self.slot(key, compute)?;
        let found = match answer.wait_for(Option::is_some).await {
            Ok(found) => found.clone(),
            Err(_) => None,
        };
        let found = found.unwrap_or_else(|| {
            Err(QueryError::of_view(
                "advocacy",
                &"a computation was interrupted",
            ))
        });
        if found.is_err() {
            self.slots().retain(|slot| slot.key != key);
        }
        found
    }

    fn slot(
        &self,
        key: K,
        compute: impl FnOnce() -> Result<T, QueryError> + Send + 'static,
    ) -> Result<Answer<T>, QueryError> {
        let mut slots = self.slots();
        if let Some(place) = slots.iter().position(|slot| slot.key == key) {
            let slot = slots.remove(place);
            let answer = slot.answer.clone();
            slots.push(slot);
            return Ok(answer);
        }
        let running = slots.iter().filter(|slot| slot.is_running()).count();
        if running >= self.at_once {
            return Err(QueryError::Busy {
                what: "models and months of scores",
                limit: self.at_once,
            });
        }
        if slots.len() >= self.capacity
            && let Some(oldest) = slots.iter().position(|slot| !slot.is_running())
        {
            slots.remove(oldest);
        }
        let (sender, answer) = watch::channel(None);
        tokio::task::spawn_blocking(move || sender.send_replace(Some(compute())));
        slots.push(Slot {
            key,
            answer: answer.clone(),
        });
        Ok(answer)
    }

    /// Nothing is left half done under this lock.
    fn slots(&self) -> MutexGuard<'_, Vec<Slot<K, T>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, T> Slot<K, T> {
    fn is_running(&self) -> bool {
        // A computation that panicked has let go of its end.
        self.answer.borrow().is_none() && self.answer.has_changed().is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc;

    use super::*;

    fn unreadable(reason: impl std::fmt::Display) -> QueryError {
        QueryError::of_view("advocacy", &reason.to_string())
    }

    #[tokio::test]
    async fn concurrent_callers_wait_for_one_computation() {
        let cache = Cache::new(4, 2);
        let (go, wait) = mpsc::channel::<()>();
        let first = cache.get(1, move || {
            wait.recv().map_err(unreadable)?;
            Ok("computed")
        });
        let second = cache.get(1, || Ok("computed again"));
        let (first, second, ()) = tokio::join!(first, second, async { go.send(()).unwrap() });
        assert_eq!((first.unwrap(), second.unwrap()), ("computed", "computed"));
    }

    #[tokio::test]
    async fn an_answer_that_nobody_waits_for_is_cached_all_the_same() {
        let cache = Cache::new(4, 2);
        let (go, wait) = mpsc::channel::<()>();
        let abandoned = cache.slot(1, move || {
            wait.recv().map_err(unreadable)?;
            Ok("computed")
        });
        drop(abandoned.unwrap());
        go.send(()).unwrap();
        assert_eq!(cache.get(1, || Ok("again")).await.unwrap(), "computed");
    }

    #[tokio::test]
    async fn more_at_once_than_the_limit_are_refused() {
        let cache: Cache<i32, i32> = Cache::new(4, 2);
        let mut held = Vec::new();
        for key in [1, 2] {
            let (go, wait) = mpsc::channel::<()>();
            let slot = cache.slot(key, move || wait.recv().map(|()| key).map_err(unreadable));
            held.push((go, slot.unwrap()));
        }
        let refused = cache.get(3, || Ok(3)).await.unwrap_err();
        assert!(matches!(refused, QueryError::Busy { limit: 2, .. }));
        let (go, mut slot) = held.pop().unwrap();
        go.send(()).unwrap();
        slot.wait_for(Option::is_some).await.unwrap();
        assert_eq!(cache.get(3, || Ok(3)).await.unwrap(), 3);
        drop(held);
    }

    #[tokio::test]
    async fn the_least_recently_used_is_dropped_and_failures_are_not_cached() {
        let cache = Cache::new(2, 1);
        let computed = Arc::new(AtomicUsize::new(0));
        let ask = |key: i32| {
            let computed = Arc::clone(&computed);
            cache.get(key, move || Ok(computed.fetch_add(1, Ordering::Relaxed)))
        };
        for key in [1, 2, 1, 3, 1] {
            ask(key).await.unwrap();
        }
        assert_eq!(computed.load(Ordering::Relaxed), 3, "1 was kept");
        ask(2).await.unwrap();
        assert_eq!(computed.load(Ordering::Relaxed), 4, "2 was not");
        cache
            .get(9, || Err(unreadable("damaged")))
            .await
            .unwrap_err();
        assert_eq!(cache.get(9, || Ok(7)).await.unwrap(), 7);
    }
}
