//! The owner of all tasks: each has a name, none ends unnoticed, and none outlives the process's shutdown.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt as _;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// All tasks of a process. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Tasks {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    tracker: TaskTracker,
    shutdown: CancellationToken,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next: u64,
    running: BTreeMap<u64, Running>,
    failures: Vec<TaskFailure>,
}

#[derive(Debug, Clone)]
struct Running {
    name: String,
    /// `None` between registering and spawning.
    abort: Option<AbortHandle>,
}

/// An essential task that ended before the shutdown, or with an error.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("task {task} {end}")]
pub struct TaskFailure {
    /// The name of the task.
    pub task: String,
    /// The way it ended.
    pub end: TaskEnd,
}

/// The way in which an essential task ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TaskEnd {
    /// It returned although no shutdown had begun.
    #[error("ended early")]
    Early,
    /// It returned an error.
    #[error("failed: {message}")]
    Failed {
        /// The message of the error.
        message: String,
    },
    /// It panicked.
    #[error("panicked: {message}")]
    Panicked {
        /// The message of the panic.
        message: String,
    },
}

/// The result of closing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ended {
    /// The failed essential tasks; the first one began the shutdown.
    pub failures: Vec<TaskFailure>,
    /// The names of the tasks that still ran at the deadline and were aborted, in the order of their start.
    pub cut_off: Vec<String>,
}

impl Ended {
    /// Returns whether every task ended by itself and without failure.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.failures.is_empty() && self.cut_off.is_empty()
    }
}

impl Tasks {
    /// An owner without tasks.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The token that is cancelled when the shutdown begins. Every task watches it.
    #[must_use]
    pub fn shutdown(&self) -> CancellationToken {
        self.shared.shutdown.clone()
    }

    /// Begins the shutdown. Tasks end by themselves; [`close`](Self::close) waits for them.
    pub fn begin_shutdown(&self) {
        self.shared.shutdown.cancel();
    }

    /// Spawns a task that may end at any time. A panic is logged, and has no other effect.
    pub fn spawn(&self, name: &str, task: impl Future<Output = ()> + Send + 'static) {
        let name = name.to_owned();
        self.track(name.clone(), async move {
            if let Err(panic) = AssertUnwindSafe(task).catch_unwind().await {
                let message = panic_message(panic.as_ref());
                tracing::error!(task = name, panic = message, "task panicked");
            }
        });
    }

    /// Spawns a task that the process cannot do without. If it panics, fails, or ends before the shutdown, the
    /// failure is logged and recorded, and the shutdown begins.
    pub fn spawn_essential<E: Display>(
        &self,
        name: &str,
        task: impl Future<Output = Result<(), E>> + Send + 'static,
    ) {
        let name = name.to_owned();
        let shared = Arc::clone(&self.shared);
        self.track(name.clone(), async move {
            let end = match AssertUnwindSafe(task).catch_unwind().await {
                Ok(Ok(())) if shared.shutdown.is_cancelled() => return,
                Ok(Ok(())) => TaskEnd::Early,
                Ok(Err(error)) => TaskEnd::Failed {
                    message: error.to_string(),
                },
                Err(panic) => TaskEnd::Panicked {
                    message: panic_message(panic.as_ref()),
                },
            };
            tracing::error!(task = name, %end, "essential task is gone, shutting down");
            shared
                .state()
                .failures
                .push(TaskFailure { task: name, end });
            shared.shutdown.cancel();
        });
    }

    /// The names of the running tasks, in the order of their start.
    #[must_use]
    pub fn running(&self) -> Vec<String> {
        let state = self.shared.state();
        state.running.values().map(|run| run.name.clone()).collect()
    }

    /// Begins the shutdown if it has not begun, and waits at most `deadline` for every task to end. Tasks that
    /// still run then are reported and aborted.
    pub async fn close(&self, deadline: Duration) -> Ended {
        self.begin_shutdown();
        self.shared.tracker.close();
        let in_time = tokio::time::timeout(deadline, self.shared.tracker.wait())
            .await
            .is_ok();
        // Copied, so that the lock is not held while an aborted task drops its values.
        let (failures, left) = {
            let state = self.shared.state();
            let left: Vec<Running> = state.running.values().cloned().collect();
            (state.failures.clone(), left)
        };
        let mut cut_off = Vec::new();
        if !in_time {
            for run in left {
                cut_off.push(run.name);
                if let Some(abort) = run.abort {
                    abort.abort();
                }
            }
            tracing::error!(tasks = ?cut_off, ?deadline, "tasks were cut off at the drain deadline");
        }
        Ended { failures, cut_off }
    }

    /// Registers and spawns a task. Its entry is removed when the task ends in any way.
    fn track(&self, name: String, task: impl Future<Output = ()> + Send + 'static) {
        let number = {
            let mut state = self.shared.state();
            let number = state.next;
            state.next += 1;
            state.running.insert(number, Running { name, abort: None });
            number
        };
        let entry = Entry {
            shared: Arc::clone(&self.shared),
            number,
        };
        let handle = self.shared.tracker.spawn(async move {
            let _entry = entry;
            task.await;
        });
        if let Some(run) = self.shared.state().running.get_mut(&number) {
            run.abort = Some(handle.abort_handle());
        }
    }
}

impl Shared {
    /// Locks the state. No code panics while it holds the lock, so that a poisoned one is still consistent.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Entry {
    shared: Arc<Shared>,
    number: u64,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.shared.state().running.remove(&self.number);
    }
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::pending;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn failure(task: &str, end: TaskEnd) -> TaskFailure {
        TaskFailure {
            task: task.to_owned(),
            end,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn tasks_that_heed_the_shutdown_end_cleanly() {
        let tasks = Tasks::new();
        let shutdown = tasks.shutdown();
        tasks.spawn_essential("server", async move {
            shutdown.cancelled().await;
            Ok::<(), Infallible>(())
        });
        tasks.spawn("done at once", async {});
        assert!(tasks.close(SECOND).await.is_clean());
        assert_eq!(tasks.running(), Vec::<String>::new());
    }

    #[tokio::test(start_paused = true)]
    async fn tasks_still_running_at_the_deadline_are_named_and_cut_off() {
        let tasks = Tasks::new();
        let (held, released) = tokio::sync::oneshot::channel::<()>();
        tasks.spawn("deaf", async move {
            let _held = held;
            pending::<()>().await;
        });
        tasks.spawn("also deaf", pending());
        let started = tokio::time::Instant::now();
        let ended = tasks.close(SECOND).await;
        assert_eq!(ended.cut_off, ["deaf", "also deaf"]);
        assert_eq!(started.elapsed(), SECOND);
        assert!(
            released.await.is_err(),
            "cutting off drops what the task held"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_of_an_essential_task_is_reported_and_begins_the_shutdown() {
        let tasks = Tasks::new();
        tasks.spawn_essential("writer", async {
            panic!("disk on {}", "fire");
            #[expect(unreachable_code, reason = "gives the future its type")]
            Ok::<(), Infallible>(())
        });
        tasks.shutdown().cancelled().await;
        let message = "disk on fire".to_owned();
        assert_eq!(
            tasks.close(SECOND).await.failures,
            [failure("writer", TaskEnd::Panicked { message })]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_early_end_of_an_essential_task_is_reported_and_begins_the_shutdown() {
        let tasks = Tasks::new();
        tasks.spawn_essential("projector", async { Ok::<(), Infallible>(()) });
        tasks.shutdown().cancelled().await;
        assert_eq!(
            tasks.close(SECOND).await.failures,
            [failure("projector", TaskEnd::Early)]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_of_an_essential_task_is_reported_also_during_the_shutdown() {
        let tasks = Tasks::new();
        let shutdown = tasks.shutdown();
        tasks.spawn_essential("server", async move {
            shutdown.cancelled().await;
            Err("socket gone")
        });
        let message = "socket gone".to_owned();
        assert_eq!(
            tasks.close(SECOND).await.failures,
            [failure("server", TaskEnd::Failed { message })]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_panic_of_an_ordinary_task_stops_nothing_else() {
        let tasks = Tasks::new();
        tasks.spawn("request", async { panic!("bug") });
        while !tasks.running().is_empty() {
            tokio::task::yield_now().await;
        }
        assert!(!tasks.shutdown().is_cancelled());
        assert!(tasks.close(SECOND).await.is_clean());
    }
}
