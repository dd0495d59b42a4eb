//! Sends batches, settles their answers in order, and begins again where a connection broke.

use std::collections::VecDeque;

use indicatif::ProgressBar;
use ownerline_proto::v1::{
    ImportRequest, ImportResponse, RecordResponse, Refusal, Touchpoint, record_result,
};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Code;
use tonic_types::StatusExt as _;

use super::batch::Batch;
use super::lines::Line;
use super::refused::{Outcomes, Refused, Violated};
use super::summary::Summary;
use super::{Handed, WINDOW};
use crate::cli::retry::wait_before;
use crate::cli::terminal_text::count;
use crate::cli::{CliError, clients};
use crate::grpc::code_name;

/// Attempts without an answer in between.
const ATTEMPTS: u32 = 8;

/// What is done with what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Mode {
    /// It is stored.
    Store,
    /// It is checked only.
    Check,
}

/// The sending side of one import.
pub(super) struct Sender<'o> {
    server: String,
    batches: mpsc::Receiver<Handed>,
    /// Sent and not answered, oldest first; at most [`WINDOW`].
    unanswered: VecDeque<Batch>,
    /// No more batches will come.
    ended: bool,
    /// Why reading stopped early; told once everything sent is settled.
    unread: Option<CliError>,
    /// Attempts since the last answer.
    attempts: u32,
    outcomes: &'o mut dyn Outcomes,
    progress: ProgressBar,
    mode: Mode,
    summary: Summary,
    /// The line whose outcome is being booked.
    booking: Option<u64>,
    /// The line that could not be read.
    unread_line: Option<u64>,
}

impl<'o> Sender<'o> {
    pub(super) fn new(
        server: &str,
        batches: mpsc::Receiver<Handed>,
        outcomes: &'o mut dyn Outcomes,
        progress: ProgressBar,
        mode: Mode,
    ) -> Self {
        Self {
            server: server.to_owned(),
            batches,
            unanswered: VecDeque::with_capacity(WINDOW),
            ended: false,
            unread: None,
            attempts: 0,
            outcomes,
            progress,
            mode,
            summary: Summary {
                dry_run: mode == Mode::Check,
                ..Summary::default()
            },
            booking: None,
            unread_line: None,
        }
    }

    /// What became of the lines so far, and whether that is all of them; the first was this one.
    pub(super) fn into_summary(self, all: bool, first_line: u64) -> Summary {
        let sent = self.unanswered.front().map(Batch::first_line);
        let undecided = self.booking.or(sent).or(self.unread_line);
        Summary {
            undecided_from: (!all).then_some(undecided.unwrap_or(first_line)),
            ..self.summary
        }
    }

    /// Sends everything and settles every answer.
    pub(super) async fn run(&mut self) -> Result<(), CliError> {
        loop {
            // A connection is made when there is something to send.
            while self.unanswered.is_empty() && !self.ended {
                let next = self.batches.recv().await;
                self.take(next)?;
            }
            if self.unanswered.is_empty() {
                return self.unread.take().map_or(Ok(()), Err);
            }
            if let Err(error) = self.converse().await {
                if !may_pass(&error) {
                    return Err(error);
                }
                self.attempts += 1;
                if self.attempts >= ATTEMPTS {
                    let first = self.unanswered.front();
                    return Err(CliError::GaveUp {
                        attempts: self.attempts,
                        line: first.map(Batch::first_line).unwrap_or_default(),
                        source: Box::new(error),
                    });
                }
                tokio::time::sleep(wait_before(self.attempts)).await;
            }
        }
    }

    /// One connection, until everything is settled or it breaks.
    async fn converse(&mut self) -> Result<(), CliError> {
        let mut client = clients::touchpoints(&self.server).await?;
        // Never more than the window is unanswered, so this queue never blocks.
        let (queue, requests) = mpsc::channel(WINDOW);
        for batch in &self.unanswered {
            let _ = queue.try_send(self.request(batch));
        }
        let mut queue = Some(queue);
        let mut answers = client
            .import(ReceiverStream::new(requests))
            .await?
            .into_inner();
        loop {
            if self.ended {
                // Closes our half, so that the server ends its half after the last answer.
                queue = None;
            }
            tokio::select! {
                next = self.batches.recv(), if !self.ended && self.unanswered.len() < WINDOW => {
                    let taken = self.take(next)?;
                    if let (true, Some(batch), Some(queue)) = (taken, self.unanswered.back(), &queue) {
                        let _ = queue.try_send(self.request(batch));
                    }
                }
                answer = answers.message() => match answer? {
                    Some(answer) => self.settle(answer)?,
                    None if self.ended && self.unanswered.is_empty() => return Ok(()),
                    None => return Err(CliError::EndedEarly { what: "import" }),
                },
            }
        }
    }

    /// Takes what the reader hands over; answers whether there is a new batch to send.
    fn take(&mut self, next: Option<Handed>) -> Result<bool, CliError> {
        let mut batch = match next {
            Some(Ok(Some(batch))) => batch,
            Some(Err(error)) => {
                if let CliError::Unreadable { source, .. } = &error {
                    self.unread_line = Some(source.line);
                }
                self.unread = Some(error);
                self.ended = true;
                return Ok(false);
            }
            Some(Ok(None)) => {
                self.ended = true;
                return Ok(false);
            }
            None => return Err(CliError::ReaderStopped),
        };
        for refused in batch.refused.drain(..) {
            self.refuse(&refused)?;
        }
        if batch.touchpoints.is_empty() {
            return Ok(false);
        }
        self.unanswered.push_back(batch);
        Ok(true)
    }

    /// Books the answer to the oldest batch.
    fn settle(&mut self, answer: ImportResponse) -> Result<(), CliError> {
        let batch = self.unanswered.pop_front().unwrap_or_default();
        if answer.results.len() != batch.lines.len() {
            return Err(CliError::WrongAnswer {
                asked: batch.lines.len(),
                answered: answer.results.len(),
            });
        }
        let mut results = answer.results.into_iter();
        let mut sent = batch.lines.into_iter().zip(batch.touchpoints);
        while let (Some((line, touchpoint)), Some(result)) = (sent.next(), results.next()) {
            self.booking = Some(line.number);
            match result.result {
                Some(record_result::Result::Recorded(recorded)) => {
                    self.recorded(&line, &touchpoint, recorded)?;
                }
                Some(record_result::Result::Refused(refusal)) if is_outage(&refusal) => {
                    // The line is as good as before: it is sent again with all behind it, or stays undecided.
                    let (lines, touchpoints) =
                        std::iter::once((line, touchpoint)).chain(sent).unzip();
                    self.unanswered.push_front(Batch {
                        lines,
                        touchpoints,
                        refused: Vec::new(),
                    });
                    self.booking = None;
                    return Err(outage(refusal));
                }
                Some(record_result::Result::Refused(refusal)) => {
                    self.attempts = 0;
                    self.refuse(&refused(line, touchpoint.id, refusal))?;
                }
                None => {
                    return Err(CliError::WrongAnswer {
                        asked: 1,
                        answered: 0,
                    });
                }
            }
        }
        self.booking = None;
        let done = self.summary.stored + self.summary.replayed;
        self.progress.set_message(format!(
            "{} stored, {} refused",
            count(done),
            count(self.summary.refused)
        ));
        Ok(())
    }

    fn recorded(
        &mut self,
        line: &Line,
        touchpoint: &Touchpoint,
        recorded: RecordResponse,
    ) -> Result<(), CliError> {
        self.attempts = 0;
        self.outcomes.recorded(line.number, touchpoint, &recorded)?;
        if recorded.replayed {
            self.summary.replayed += 1;
        } else {
            self.summary.stored += 1;
        }
        self.summary.warned += u64::from(!recorded.warnings.is_empty());
        // Positions of one log compare as text.
        let greatest = self.summary.position.as_ref();
        if self.mode == Mode::Store && greatest < Some(&recorded.position) {
            self.summary.position = Some(recorded.position);
        }
        Ok(())
    }

    fn request(&self, batch: &Batch) -> ImportRequest {
        ImportRequest {
            touchpoints: batch.touchpoints.clone(),
            validate_only: self.mode == Mode::Check,
        }
    }

    fn refuse(&mut self, refused: &Refused) -> Result<(), CliError> {
        self.summary.refused += 1;
        self.outcomes.refused(refused)
    }
}

fn refused(line: Line, id: String, refusal: Refusal) -> Refused {
    let reason = reason_of(&refusal);
    let violations = refusal.violations.into_iter().map(|it| Violated {
        field: it.field,
        reason: it.reason,
        description: it.description,
    });
    Refused {
        number: line.number,
        id: Some(id),
        reason,
        message: refusal.message,
        violations: violations.collect(),
        line: line.text,
    }
}

/// Whether a refusal says nothing about the touchpoint: the server cannot store, or cannot now.
fn is_outage(refusal: &Refusal) -> bool {
    match Code::from(refusal.code) {
        Code::InvalidArgument
        | Code::FailedPrecondition
        | Code::AlreadyExists
        | Code::NotFound
        | Code::OutOfRange
        | Code::Aborted
        | Code::PermissionDenied => false,
        // A touchpoint beyond a limit stays beyond it.
        Code::ResourceExhausted => refusal.reason != "LIMIT_EXCEEDED",
        _ => true,
    }
}

fn outage(refusal: Refusal) -> CliError {
    let code = Code::from(refusal.code);
    let lasting = matches!(
        code,
        Code::DataLoss | Code::Unauthenticated | Code::Unimplemented
    );
    CliError::Outage {
        // What no wait mends says so with its reason: the log refuses all writes until a restart.
        lasting: lasting || refusal.reason == "STORE_POISONED",
        reason: reason_of(&refusal),
        message: refusal.message,
    }
}

fn reason_of(refusal: &Refusal) -> String {
    if refusal.reason.is_empty() {
        code_name(Code::from(refusal.code)).to_owned()
    } else {
        refusal.reason.clone()
    }
}

/// Whether the same may go well another time. What the server says on purpose carries a reason, and
/// then only its advice counts; the rest are broken connections.
fn may_pass(error: &CliError) -> bool {
    match error {
        CliError::Connect { .. } | CliError::EndedEarly { .. } => true,
        CliError::Outage { lasting, .. } => !lasting,
        CliError::Server(status) => {
            let details = status.get_error_details();
            if details.error_info().is_some() {
                return details.retry_info().is_some();
            }
            matches!(
                status.code(),
                Code::Unavailable
                    | Code::Unknown
                    | Code::Internal
                    | Code::Cancelled
                    | Code::DeadlineExceeded
            )
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tonic::Status;
    use tonic_types::ErrorDetails;

    use super::*;

    #[test]
    fn what_the_server_says_on_purpose_is_tried_again_only_on_its_advice() {
        let told = |delay| {
            let mut details = ErrorDetails::new();
            details.set_error_info(
                "STORE_POISONED",
                "ownerline",
                std::collections::HashMap::new(),
            );
            if let Some(delay) = delay {
                details.set_retry_info(Some(delay));
            }
            let status = Status::with_error_details(Code::Unavailable, "x", details);
            may_pass(&status.into())
        };
        assert!(!told(None));
        assert!(told(Some(Duration::from_secs(1))));
        assert!(may_pass(&Status::unavailable("connection reset").into()));
        assert!(!may_pass(&Status::unauthenticated("who are you").into()));
        assert!(!may_pass(&CliError::ReaderStopped));
    }
}
