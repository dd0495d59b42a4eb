//! The signals of the process. The first SIGINT or SIGTERM begins the drain, the second ends the process at once.
//! SIGHUP never ends it, but makes it reload its configuration.
//!
//! The exit code is 0 if the drain completes. After a second signal it is 130 (128 + SIGINT) or 143
//! (128 + SIGTERM), according to that signal.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::{Stream, StreamExt as _};
use tokio::signal::unix;

use super::tasks::Tasks;

/// A signal that asks the process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT, from a terminal.
    Interrupt,
    /// SIGTERM, from a supervisor.
    Terminate,
}

impl Signal {
    /// The exit code of a process that this signal ends.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Interrupt => 130,
            Self::Terminate => 143,
        }
    }

    /// The name of the signal.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        }
    }
}

/// SIGINT and SIGTERM, as a stream that never ends.
#[derive(Debug)]
pub struct Signals {
    interrupt: unix::Signal,
    terminate: unix::Signal,
}

impl Signals {
    /// Installs handlers for both signals. From now on neither ends the process by itself.
    ///
    /// # Errors
    /// If the system refuses a handler.
    pub fn install() -> io::Result<Self> {
        Ok(Self {
            interrupt: unix::signal(unix::SignalKind::interrupt())?,
            terminate: unix::signal(unix::SignalKind::terminate())?,
        })
    }
}

impl Stream for Signals {
    type Item = Signal;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Signal>> {
        if self.interrupt.poll_recv(cx).is_ready() {
            return Poll::Ready(Some(Signal::Interrupt));
        }
        if self.terminate.poll_recv(cx).is_ready() {
            return Poll::Ready(Some(Signal::Terminate));
        }
        Poll::Pending
    }
}

/// SIGHUP, as a stream that never ends.
#[derive(Debug)]
pub struct Hangups {
    hangup: unix::Signal,
}

impl Hangups {
    /// Installs a handler for SIGHUP. From now on it does not end the process.
    ///
    /// # Errors
    /// If the system refuses the handler.
    pub fn install() -> io::Result<Self> {
        let hangup = unix::signal(unix::SignalKind::hangup())?;
        Ok(Self { hangup })
    }
}

impl Stream for Hangups {
    type Item = ();

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<()>> {
        self.hangup.poll_recv(cx).map(|_| Some(()))
    }
}

/// Begins the shutdown of `tasks` at the first signal, and returns the second, upon which the caller must exit at
/// once, without waiting for any task. Never returns if there is no second signal.
pub async fn drain_on(mut signals: impl Stream<Item = Signal> + Unpin, tasks: &Tasks) -> Signal {
    if let Some(first) = signals.next().await {
        tasks.begin_shutdown();
        tracing::info!(signal = first.name(), "draining, a second signal exits");
        if let Some(second) = signals.next().await {
            tracing::warn!(signal = second.name(), "exiting without waiting");
            return second;
        }
    }
    std::future::pending().await
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use futures::FutureExt as _;
    use tokio::sync::mpsc;
    use tokio_stream::wrappers::UnboundedReceiverStream;

    use super::*;

    #[tokio::test]
    async fn the_first_signal_begins_the_drain_and_the_second_ends_it() {
        let tasks = Tasks::new();
        let (send, signals) = mpsc::unbounded_channel();
        let mut drain = Box::pin(drain_on(UnboundedReceiverStream::new(signals), &tasks));

        assert!((&mut drain).now_or_never().is_none());
        assert!(!tasks.shutdown().is_cancelled());

        send.send(Signal::Terminate).unwrap();
        assert!((&mut drain).now_or_never().is_none());
        assert!(tasks.shutdown().is_cancelled());

        send.send(Signal::Interrupt).unwrap();
        let second = drain.await;
        assert_eq!(second.exit_code(), 130);
    }

    #[tokio::test]
    async fn one_signal_alone_never_ends_the_drain() {
        let tasks = Tasks::new();
        let one = futures::stream::iter([Signal::Interrupt]);
        let mut drain = Box::pin(drain_on(one, &tasks));
        assert!((&mut drain).now_or_never().is_none());
        assert!(tasks.shutdown().is_cancelled());
    }

    #[tokio::test]
    async fn signals_sent_to_the_process_are_seen_by_their_kind() {
        let mut signals = Signals::install().unwrap();
        for (flag, expected) in [("-TERM", Signal::Terminate), ("-INT", Signal::Interrupt)] {
            let own = std::process::id().to_string();
            assert!(
                Command::new("kill")
                    .args([flag, &own])
                    .status()
                    .unwrap()
                    .success()
            );
            assert_eq!(signals.next().await, Some(expected));
        }
    }
}
