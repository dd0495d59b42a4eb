//! Streams of answers that nobody can hold open by not reading them.

use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::{Stream, StreamExt as _, stream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::task::AbortOnDropHandle;
use tonic::Status;

use super::advice::Resume;
use super::problem::Problem;
use super::status::status;
use crate::config::LimitsConfig;

/// A stream of answers.
pub(super) type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send + 'static>>;

/// Leave to run one more subscription or watch.
pub(super) fn permit(
    subscriptions: &Arc<Semaphore>,
    limits: &LimitsConfig,
) -> Result<OwnedSemaphorePermit, Problem> {
    let limit = limits.subscriptions;
    let permit = subscriptions.clone().try_acquire_owned();
    permit.map_err(|_| {
        Problem::busy(
            "limits.subscriptions",
            limit,
            format!("{limit} subscriptions are running"),
        )
    })
}

/// Lets go of `answers`, and of all they hold, as soon as one of them was not taken for `patience`. At
/// most one waits to be taken; the reader finds it, and then why there are no more and how to `resume`.
pub(super) fn paced<T: Send + 'static>(
    answers: impl Stream<Item = Result<T, Status>> + Send + 'static,
    patience: Duration,
    resume: Resume,
) -> Answers<T> {
    let (sender, receiver) = mpsc::channel(1);
    let too_slow = Arc::new(OnceLock::new());
    let verdict = too_slow.clone();
    let driving = tokio::spawn(async move {
        let mut answers = std::pin::pin!(answers);
        while let Some(answer) = answers.next().await {
            match sender.send_timeout(answer, patience).await {
                Ok(()) => {}
                Err(mpsc::error::SendTimeoutError::Timeout(_)) => {
                    let _ = verdict.set(());
                    break;
                }
                Err(mpsc::error::SendTimeoutError::Closed(_)) => break,
            }
        }
    });
    let state = (receiver, too_slow, AbortOnDropHandle::new(driving));
    Box::pin(stream::unfold(Some(state), move |state| async move {
        let (mut receiver, too_slow, driving) = state?;
        if let Some(answer) = receiver.recv().await {
            return Some((answer, Some((receiver, too_slow, driving))));
        }
        // A panic of the driving task ends the stream like any other fault of the server.
        let problem = match (too_slow.get(), driving.await) {
            (Some(()), _) => Problem::slow_reader(patience, resume),
            (None, Err(_)) => Problem::internal(),
            (None, Ok(())) => return None,
        };
        Some((Err(status(problem)), None))
    }))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tonic::Code;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    fn counted(until: usize) -> (Arc<AtomicUsize>, impl Stream<Item = Result<usize, Status>>) {
        let made = Arc::new(AtomicUsize::new(0));
        let counter = made.clone();
        let numbers = stream::iter(0..until).map(move |number| {
            counter.fetch_add(1, Ordering::SeqCst);
            Ok(number)
        });
        (made, numbers)
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_keeps_up_gets_everything() {
        let (_, numbers) = counted(100);
        let read: Vec<_> = paced(numbers, PATIENCE, Resume::FromPosition)
            .map(Result::unwrap)
            .collect()
            .await;
        assert_eq!(read, (0..100).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_stops_is_ended_and_told_so_when_it_reads_again() {
        let (made, numbers) = counted(100);
        let mut answers = paced(numbers, PATIENCE, Resume::FromPosition);
        assert_eq!(answers.next().await.unwrap().unwrap(), 0);
        tokio::time::sleep(2 * PATIENCE).await;
        let held = made.load(Ordering::SeqCst);
        assert!(held <= 3, "{held} answers were made for one that was read");
        let rest: Vec<_> = answers.collect().await;
        let (last, before) = rest.split_last().unwrap();
        assert!(before.iter().all(Result::is_ok));
        assert!(rest.len() < 5);
        assert_eq!(last.as_ref().unwrap_err().code(), Code::ResourceExhausted);
    }

    #[tokio::test(start_paused = true)]
    async fn what_the_stream_holds_is_let_go_with_the_reader() {
        let semaphore = Arc::new(Semaphore::new(1));
        let permit = semaphore.clone().try_acquire_owned().unwrap();
        let endless = stream::unfold(permit, |permit| async move { Some((Ok(()), permit)) });
        let answers = paced(endless, PATIENCE, Resume::FromPosition);
        assert_eq!(semaphore.available_permits(), 0);
        drop(answers);
        let again = tokio::time::timeout(PATIENCE, semaphore.acquire()).await;
        assert!(again.is_ok(), "the permit is not given back");
    }
}
