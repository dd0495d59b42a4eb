//! The calls that are open, on one connection and on the whole server, so that a drain knows what it waits for and no
//! connection fills itself with streams.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Counts what is open, and tells whoever waits when nothing is any more.
#[derive(Debug, Default)]
pub(super) struct Open {
    count: AtomicUsize,
    none: Notify,
}

/// One thing that is open until this is dropped.
#[derive(Debug)]
pub(super) struct OpenCall(Arc<Open>);

impl Open {
    /// One more is open.
    pub(super) fn enter(self: &Arc<Self>) -> OpenCall {
        self.count.fetch_add(1, Ordering::SeqCst);
        OpenCall(Arc::clone(self))
    }

    /// One more is open, unless `limit` are.
    pub(super) fn enter_below(self: &Arc<Self>, limit: usize) -> Option<OpenCall> {
        let more = |open| (open < limit).then_some(open + 1);
        let entered = self
            .count
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, more);
        entered.ok().map(|_| OpenCall(Arc::clone(self)))
    }

    /// How many are open.
    pub(super) fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// Waits until nothing is open.
    pub(super) async fn none(&self) {
        loop {
            // Registered before the look, so that no end is missed in between.
            let mut ended = std::pin::pin!(self.none.notified());
            ended.as_mut().enable();
            if self.count() == 0 {
                return;
            }
            ended.await;
        }
    }
}

impl Drop for OpenCall {
    fn drop(&mut self) {
        if self.0.count.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.none.notify_waiters();
        }
    }
}

/// What is open on one connection; every request on it carries a clone.
#[derive(Debug, Clone, Default)]
pub(super) struct OpenOnConnection {
    /// The other end.
    pub(super) peer: Option<SocketAddr>,
    /// Calls of every kind.
    pub(super) calls: Arc<Open>,
    /// Those of them that are streams.
    pub(super) streams: Arc<Open>,
    /// Those of them whose next step is the server's: not those whose answer waits for its client to read on.
    pub(super) at_work: Arc<Open>,
    /// Whether the connection was opened after the drain had begun.
    pub(super) is_late: bool,
}

#[cfg(test)]
mod tests {
    use futures::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn who_waits_is_told_when_the_last_call_has_ended() {
        let open = Arc::new(Open::default());
        assert!(open.none().now_or_never().is_some());
        let (one, two) = (open.enter(), open.enter());
        let mut waiting = Box::pin(open.none());
        assert!((&mut waiting).now_or_never().is_none());
        drop(one);
        assert!((&mut waiting).now_or_never().is_none());
        drop(two);
        assert!(waiting.now_or_never().is_some());
    }

    #[test]
    fn no_more_than_the_limit_are_open_at_once() {
        let open = Arc::new(Open::default());
        let held: Vec<_> = (0..3).map_while(|_| open.enter_below(2)).collect();
        assert_eq!(held.len(), 2);
        drop(held);
        assert!(open.enter_below(2).is_some());
    }
}
