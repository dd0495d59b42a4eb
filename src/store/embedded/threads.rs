//! The threads of an open store, which are joined within a bound.

use std::convert::Infallible;
use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Threads that end by themselves once their channels are closed.
pub(super) struct Threads {
    handles: Vec<JoinHandle<()>>,
    /// Each thread holds a clone until it ends; nothing is ever sent.
    alive: Sender<Infallible>,
    ended: Receiver<Infallible>,
}

impl Threads {
    pub(super) fn new() -> Self {
        let (alive, ended) = mpsc::channel();
        Self {
            handles: Vec::new(),
            alive,
            ended,
        }
    }

    pub(super) fn start(
        &mut self,
        name: &str,
        body: impl FnOnce() + Send + 'static,
    ) -> io::Result<()> {
        let alive = self.alive.clone();
        let handle = Builder::new().name(name.to_owned()).spawn(move || {
            body();
            drop(alive);
        })?;
        self.handles.push(handle);
        Ok(())
    }

    /// Waits for all threads, at most this long. Returns whether all have ended.
    pub(super) fn join(self, bound: Duration) -> bool {
        let Self {
            handles,
            alive,
            ended,
        } = self;
        drop(alive);
        if ended.recv_timeout(bound) == Err(RecvTimeoutError::Timeout) {
            return false;
        }
        for handle in handles {
            if handle.join().is_err() {
                tracing::error!("store thread panicked");
            }
        }
        true
    }
}
