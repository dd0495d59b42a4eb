//! `retract`: retracts what a wrong import brought in. The log is read from its beginning to its end and retractions
//! are sent as touchpoints match, so that memory grows with neither.

mod args;
mod retraction;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use ownerline_proto::v1::subscribe_request::Start;
use ownerline_proto::v1::subscribe_response::Item;
use ownerline_proto::v1::{
    RecordResponse, RecordedTouchpoint, SubscribeRequest, Touchpoint, TouchpointFilter,
};
use pbjson_types::Timestamp;
use serde::Serialize;
use tokio::sync::mpsc;

pub(super) use self::args::{ABOUT, EXAMPLES, RetractArgs};
use self::retraction::{NotRetracted, Retractions};
use crate::cli::import::{Mode, Outcomes, Refused, send_made, until_visible};
use crate::cli::progress::bar;
use crate::cli::retry::{ATTEMPTS, can_resume, wait_before};
use crate::cli::terminal_text::count;
use crate::cli::{CliError, Output, SOME_REFUSED, SUCCESS, clients};

/// The number of retractions between the reading and the sending side.
const QUEUE: usize = 1_000;
/// The reason for which the server refuses a retraction that an earlier run recorded with another time or reason.
const RECORDED_BEFORE: &str = "ID_REUSED";

/// The counts of a run.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Counts {
    /// Touchpoints of the source and the period.
    found: u64,
    /// Retracted by this run or, in a dry run, to be retracted.
    retracted: u64,
    /// Retracted before.
    retracted_before: u64,
    /// Reported live and therefore not retracted.
    left_live: u64,
    /// Retractions themselves, and touchpoints in streams that cannot have any.
    not_retractable: u64,
    /// Refused by the server.
    refused: u64,
    /// The message about the first of them.
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
    let retractions = Retractions {
        reason: args.reason.clone(),
        now: now(),
        live: args.live,
        recorded: (args.recorded_from, args.recorded_to),
    };
    let read_counts = Arc::new(Mutex::new(Counts::default()));
    let (queue, mut made) = mpsc::channel(QUEUE);
    let reading = Reading {
        server: server.to_owned(),
        request: request(args),
        retractions,
        counts: read_counts.clone(),
        queue,
    };
    // It ends with the last retraction, or when the sending side is gone.
    let reading = tokio::spawn(reading.finish());
    let mode = if args.dry_run {
        Mode::Check
    } else {
        Mode::Store
    };
    let progress = bar(None, "{spinner}  {msg}  {elapsed}");
    let mut sent = Counts::default();
    let made = std::iter::from_fn(move || made.blocking_recv());
    let ended = send_made(server, made, &mut sent, &progress, mode).await;
    let read = match reading.await {
        Ok(read) => read,
        Err(_) => Err(CliError::ReaderStopped),
    };
    let not_visible = match (&ended, &read) {
        (Ok(_), Ok(())) if !sent.position.is_empty() => {
            until_visible(server, &sent.position, &progress).await
        }
        _ => None,
    };
    progress.finish_and_clear();
    let read_counts =
        std::mem::take(&mut *read_counts.lock().unwrap_or_else(PoisonError::into_inner));
    let counts = Counts {
        found: read_counts.found,
        left_live: read_counts.left_live,
        not_retractable: read_counts.not_retractable,
        dry_run: args.dry_run,
        ..sent
    };
    let summary = summary(&counts, args);
    if let Err(error) = ended.and(read) {
        // What was done before a failure is reported beside it.
        output.remark(&summary)?;
        return Err(error);
    }
    output.own_answer(&counts, args.format, summary)?;
    output.remark(&not_visible.unwrap_or_default())?;
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
    // The server refuses what is ahead of its own clock.
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp {
        seconds: i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(since.subsec_nanos()).unwrap_or_default(),
    }
}

/// The reading side.
struct Reading {
    server: String,
    request: SubscribeRequest,
    retractions: Retractions,
    counts: Arc<Mutex<Counts>>,
    queue: mpsc::Sender<Touchpoint>,
}

impl Reading {
    /// Reads the log to its present end, over as many connections as it takes.
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
                            // The sending side gave up and has an error of its own to report.
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

    /// Hands the retraction to the sending side; returns whether that is still there.
    async fn take(&self, recorded: RecordedTouchpoint) -> bool {
        let retraction = self.retractions.of(recorded);
        {
            let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
            counts.found += u64::from(retraction != Err(NotRetracted::OtherTime));
            counts.left_live += u64::from(retraction == Err(NotRetracted::Live));
            counts.not_retractable += u64::from(retraction == Err(NotRetracted::NotRetractable));
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

fn summary(counts: &Counts, args: &RetractArgs) -> String {
    let mut text = format!(
        "{} touchpoints of {} found; {} {}, {} retracted before\n",
        count(counts.found),
        args.source,
        count(counts.retracted),
        if counts.dry_run {
            "would be retracted"
        } else {
            "retracted"
        },
        count(counts.retracted_before),
    );
    for (number, what) in [
        (
            counts.left_live,
            "were reported live and not retracted; use --live to retract them, too",
        ),
        (
            counts.not_retractable,
            "are retractions themselves or in streams that cannot have any",
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
