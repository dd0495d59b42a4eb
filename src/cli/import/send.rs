//! Sends batches, books their results in order, and continues on a new connection when one breaks.

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
use super::line::Line;
use super::reader::Handed;
use super::refused::{Outcomes, Refused, Violated};
use super::summary::Summary;
use crate::cli::retry::wait_before;
use crate::cli::terminal_text::count;
use crate::cli::{CliError, clients};
use crate::grpc::code_name;

/// The number of batches that are sent and not answered at the same time.
const WINDOW: usize = 4;
/// The number of attempts without an answer before giving up.
const ATTEMPTS: u32 = 8;

/// What the server does with touchpoints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Mode {
    /// It stores them.
    Store,
    /// It only checks them.
    Check,
}

/// The sending side of one import.
pub(super) struct Sender<'o> {
    server: String,
    batches: mpsc::Receiver<Handed>,
    /// The batches that were sent and not answered, oldest first; at most [`WINDOW`].
    unanswered: VecDeque<Batch>,
    /// Whether no more batches will come.
    ended: bool,
    /// The error that ended the input; returned once everything sent was answered.
    unread: Option<CliError>,
    /// The attempts since the last answer.
    attempts: u32,
    outcomes: &'o mut dyn Outcomes,
    progress: ProgressBar,
    mode: Mode,
    summary: Summary,
    /// The line whose result is being booked.
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

    /// Returns the summary; `all` says whether the run was finished, and `first_line` where it started.
    pub(super) fn into_summary(self, all: bool, first_line: u64) -> Summary {
        let sent = self.unanswered.front().map(Batch::first_line);
        let undecided = self.booking.or(sent).or(self.unread_line);
        Summary {
            undecided_from: (!all).then_some(undecided.unwrap_or(first_line)),
            ..self.summary
        }
    }

    /// Sends everything and books every result.
    pub(super) async fn run(&mut self) -> Result<(), CliError> {
        loop {
            // A connection is opened only when there is something to send.
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

    /// Uses one connection until everything is answered or it breaks.
    async fn converse(&mut self) -> Result<(), CliError> {
        let mut client = clients::touchpoints(&self.server).await?;
        // No more batches than the window are unanswered, so this queue never blocks.
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
                // Closes this half, so that the server ends its half after the last answer.
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
                    Some(answer) => self.book(answer)?,
                    None if self.ended && self.unanswered.is_empty() => return Ok(()),
                    None => return Err(CliError::EndedEarly { what: "import" }),
                },
            }
        }
    }

    /// Takes what the reader hands over; returns whether there is a new batch to send.
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

    /// Books the results of the oldest batch.
    fn book(&mut self, answer: ImportResponse) -> Result<(), CliError> {
        let batch = self.unanswered.pop_front().unwrap_or_default();
        if answer.results.len() != batch.lines.len() {
            return Err(CliError::WrongAnswer {
                sent: batch.lines.len(),
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
                    // Nothing is wrong with the line: it and all after it are sent again, or stay undecided.
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
                        sent: 1,
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

/// Returns whether a refusal is not about the touchpoint: the server cannot store anything, or not at present.
fn is_outage(refusal: &Refusal) -> bool {
    match Code::from(refusal.code) {
        Code::InvalidArgument
        | Code::FailedPrecondition
        | Code::AlreadyExists
        | Code::NotFound
        | Code::OutOfRange
        | Code::Aborted
        | Code::PermissionDenied => false,
        // A touchpoint beyond a limit will always be beyond it.
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
        // The log refuses all writes until a restart.
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

/// Returns whether another attempt may succeed. A deliberate error of the server carries a reason, and then only its
/// advice counts; the others are broken connections.
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
    fn a_deliberate_error_of_the_server_is_retried_only_on_its_advice() {
        let retried = |delay| {
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
        assert!(!retried(None));
        assert!(retried(Some(Duration::from_secs(1))));
        assert!(may_pass(&Status::unavailable("connection reset").into()));
        assert!(!may_pass(&Status::unauthenticated("who are you").into()));
        assert!(!may_pass(&CliError::ReaderStopped));
    }
}
