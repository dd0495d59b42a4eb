//! `retract`: takes a wrong import back, as retractions. The log is followed from its beginning to its end and
//! what matches is sent as it is found, so that memory does not grow with either.

pub(super) mod args;
mod retraction;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use indicatif::{ProgressBar, ProgressStyle};
use ownerline_proto::v1::subscribe_request::Start;
use ownerline_proto::v1::subscribe_response::Item;
use ownerline_proto::v1::{
    RecordResponse, RecordedTouchpoint, SubscribeRequest, Touchpoint, TouchpointFilter,
};
use pbjson_types::Timestamp;
use serde::Serialize;
use tokio::sync::mpsc;

use self::args::RetractArgs;
use self::retraction::{Kept, Retracting};
use crate::cli::import::{Mode, Outcomes, Refused, send_made, visible};
use crate::cli::retry::{ATTEMPTS, can_resume, wait_before};
use crate::cli::terminal_text::count;
use crate::cli::{CliError, Output, SOME_REFUSED, SUCCESS, clients};

/// Retractions on their way from the reading to the sending side.
const QUEUE: usize = 1_000;
/// How the server refuses a retraction that an earlier run recorded, at another time or for another reason.
const RECORDED_BEFORE: &str = "ID_REUSED";

/// What became of what matches.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    /// Touchpoints of the source and the period.
    found: u64,
    /// Taken back by this run; of a dry run: that would be.
    retracted: u64,
    /// Taken back before.
    retracted_before: u64,
    /// Reported live and therefore left.
    left_live: u64,
    /// Retractions, and what is in streams without any.
    not_retractable: u64,
    /// Refused by the server.
    refused: u64,
    /// Why the first of them was.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_refusal: Option<String>,
    dry_run: bool,
    #[serde(skip)]
    position: String,
}

pub(super) async fn run(
    server: &str,
    args: &RetractArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let retracting = Retracting {
        reason: args.reason.clone(),
        now: now(),
        live: args.live,
        recorded: (args.recorded_from, args.recorded_to),
    };
    let found = Arc::new(Mutex::new(Counts::default()));
    let (queue, mut retractions) = mpsc::channel(QUEUE);
    let reading = Reading {
        server: server.to_owned(),
        request: request(args),
        retracting,
        counts: found.clone(),
        queue,
    };
    // Ends with the last retraction, or when the sending side is gone.
    let reading = tokio::spawn(reading.finish());
    let mode = if args.dry_run {
        Mode::Check
    } else {
        Mode::Store
    };
    let progress = progress();
    let mut sent = Counts::default();
    let made = std::iter::from_fn(move || retractions.blocking_recv());
    let ended = send_made(server, made, &mut sent, &progress, mode).await;
    let read = match reading.await {
        Ok(read) => read,
        Err(_) => Err(CliError::ReaderStopped),
    };
    let unseen = match (&ended, &read) {
        (Ok(_), Ok(())) if !sent.position.is_empty() => {
            visible(server, &sent.position, &progress).await
        }
        _ => None,
    };
    progress.finish_and_clear();
    let found = std::mem::take(&mut *found.lock().unwrap_or_else(PoisonError::into_inner));
    let counts = Counts {
        found: found.found,
        left_live: found.left_live,
        not_retractable: found.not_retractable,
        dry_run: args.dry_run,
        ..sent
    };
    let told = told(&counts, args);
    if let Err(error) = ended.and(read) {
        // What was done before a failure was done, and is told on the side.
        output
            .err
            .write_all(told.as_bytes())
            .map_err(CliError::Output)?;
        return Err(error);
    }
    output.own_answer(&counts, args.format, told)?;
    let unseen = unseen.unwrap_or_default();
    output
        .err
        .write_all(unseen.as_bytes())
        .map_err(CliError::Output)?;
    Ok(match counts.refused + counts.not_retractable {
        0 => SUCCESS,
        _ => SOME_REFUSED,
    })
}

fn request(args: &RetractArgs) -> SubscribeRequest {
    SubscribeRequest {
        start: None,
        filter: Some(TouchpointFilter {
            sources: vec![args.source.clone()],
            from: args.from,
            until: args.to,
            ..TouchpointFilter::default()
        }),
    }
}

fn now() -> Timestamp {
    // A clock before 1970 is of no use to anybody here; the server refuses what is ahead of its own.
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp {
        seconds: i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(since.subsec_nanos()).unwrap_or_default(),
    }
}

/// The side that reads the log.
struct Reading {
    server: String,
    request: SubscribeRequest,
    retracting: Retracting,
    counts: Arc<Mutex<Counts>>,
    queue: mpsc::Sender<Touchpoint>,
}

impl Reading {
    /// Follows the log to its present end, over as many connections as it takes.
    async fn finish(mut self) -> Result<(), CliError> {
        let mut failures = 0;
        loop {
            match self.follow(&mut failures).await {
                Err(error) if can_resume(&error) && failures < ATTEMPTS => {
                    failures += 1;
                    tokio::time::sleep(wait_before(failures)).await;
                }
                ended => return ended,
            }
        }
    }

    async fn follow(&mut self, failures: &mut u32) -> Result<(), CliError> {
        let mut client = clients::touchpoints(&self.server).await?;
        let request = self.request.clone();
        let mut answers = client.subscribe(request).await?.into_inner();
        while let Some(answer) = answers.message().await? {
            *failures = 0;
            let position = match answer.item {
                Some(Item::Batch(batch)) => {
                    let mut last = String::new();
                    for recorded in batch.touchpoints {
                        last.clone_from(&recorded.position);
                        if !self.take(recorded).await {
                            // The other side gave up; its own error is the one to tell.
                            return Ok(());
                        }
                    }
                    last
                }
                Some(Item::Checkpoint(checkpoint)) => checkpoint.position,
                Some(Item::CaughtUp(_)) => return Ok(()),
                None => continue,
            };
            self.request.start = Some(Start::AfterPosition(position));
        }
        Err(CliError::EndedEarly { what: "log" })
    }

    /// Hands the retraction on; false if nobody takes it.
    async fn take(&self, recorded: RecordedTouchpoint) -> bool {
        let retraction = self.retracting.of(recorded);
        {
            let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            counts.found += u64::from(retraction != Err(Kept::OtherTime));
            counts.left_live += u64::from(retraction == Err(Kept::Live));
            counts.not_retractable += u64::from(retraction == Err(Kept::NotRetractable));
        }
        match retraction {
            Ok(retraction) => self.queue.send(retraction).await.is_ok(),
            Err(_) => true,
        }
    }
}

impl Outcomes for Counts {
    fn recorded(
        &mut self,
        _: u64,
        _: &Touchpoint,
        recorded: &RecordResponse,
    ) -> Result<(), CliError> {
        if recorded.replayed {
            self.retracted_before += 1;
        } else {
            self.retracted += 1;
        }
        // Positions of one log compare as text; a dry run has none.
        if recorded.position > self.position {
            self.position.clone_from(&recorded.position);
        }
        Ok(())
    }

    fn refused(&mut self, refused: &Refused) -> Result<(), CliError> {
        if refused.reason == RECORDED_BEFORE {
            self.retracted_before += 1;
        } else {
            self.refused += 1;
            self.first_refusal
                .get_or_insert_with(|| refused.message.clone());
        }
        Ok(())
    }
}

fn told(counts: &Counts, args: &RetractArgs) -> String {
    let mut text = format!(
        "{} touchpoints of {} found; {} {}, {} taken back before\n",
        count(counts.found),
        args.source,
        count(counts.retracted),
        if counts.dry_run {
            "would be taken back"
        } else {
            "taken back"
        },
        count(counts.retracted_before),
    );
    for (number, what) in [
        (
            counts.left_live,
            "were reported live and are left; --live takes them back, too",
        ),
        (
            counts.not_retractable,
            "are retractions or in streams that have none, and are left",
        ),
        (counts.refused, "were refused by the server"),
    ] {
        if number > 0 {
            text += &format!("{} {what}\n", count(number));
        }
    }
    if let Some(first) = &counts.first_refusal {
        text += &format!("the first: {first}\n");
    }
    text
}

/// On standard error, and hidden where that is no terminal.
fn progress() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner}  {msg}  {elapsed}");
    let progress = ProgressBar::no_length();
    progress.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    progress.enable_steady_tick(Duration::from_millis(200));
    progress
}
