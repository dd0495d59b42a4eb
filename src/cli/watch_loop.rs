//! The loop of `--watch`: prints changes until it is stopped, and resumes where it was when the server comes back.

use ownerline_proto::json::to_json;
use pbjson_types::Timestamp;
use prost::{Message, Name};
use tonic::{Status, Streaming};

use super::error::CliError;
use super::exit_code::SUCCESS;
use super::output::Output;
use super::retry::{ATTEMPTS, can_resume, wait_before};

/// One message of a watch.
pub(super) struct Changes<C> {
    pub(super) changes: Vec<C>,
    /// The position to resume after once all changes were taken.
    pub(super) position: String,
    pub(super) as_of: Option<Timestamp>,
    /// Whether the next message belongs to the same set of changes.
    pub(super) more: bool,
}

/// An answer whose changes are printed.
pub(super) trait Watched {
    type Message;
    type Change: Message + Name;

    /// Opens the stream of changes after the position reached so far.
    async fn open(&mut self) -> Result<Streaming<Self::Message>, Status>;

    /// Returns the changes in a message.
    fn changes(message: Self::Message) -> Changes<Self::Change>;

    /// Returns a change as text for people.
    fn in_words(&mut self, change: Self::Change, as_of: &Timestamp) -> String;

    /// Sets the position and instant to resume after.
    fn resume_after(&mut self, position: String, as_of: Option<Timestamp>);
}

/// Prints changes until it is stopped, or until `most` were printed.
pub(super) async fn watch(
    watched: &mut impl Watched,
    json: bool,
    most: Option<u64>,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let mut printer = Printer {
        json,
        left: most,
        output,
    };
    let mut failures = 0;
    while printer.left != Some(0) {
        let Some(ended) = printer.follow(watched, &mut failures).await? else {
            break;
        };
        failures += 1;
        if failures > ATTEMPTS || !can_resume(&ended) {
            return Err(ended);
        }
        tokio::time::sleep(wait_before(failures)).await;
    }
    Ok(SUCCESS)
}

struct Printer<'o, 'w> {
    json: bool,
    left: Option<u64>,
    output: &'o mut Output<'w>,
}

impl Printer<'_, '_> {
    /// Prints changes until the stream ends, and returns how it ended; `None` if all changes that were asked for were
    /// printed.
    async fn follow<W: Watched>(
        &mut self,
        watched: &mut W,
        failures: &mut u32,
    ) -> Result<Option<CliError>, CliError> {
        let mut stream = match watched.open().await {
            Ok(stream) => stream,
            Err(ended) => return Ok(Some(ended.into())),
        };
        let mut pending: Vec<W::Change> = Vec::new();
        loop {
            let message = match stream.message().await {
                Ok(Some(message)) => message,
                Ok(None) => return Ok(Some(CliError::EndedEarly { what: "watch" })),
                Err(ended) => return Ok(Some(ended.into())),
            };
            *failures = 0;
            let Changes {
                changes,
                position,
                as_of,
                more,
            } = W::changes(message);
            pending.extend(changes);
            if more {
                continue;
            }
            for change in std::mem::take(&mut pending) {
                self.print(watched, change, &as_of.unwrap_or_default())?;
                self.left = self.left.map(|left| left.saturating_sub(1));
                if self.left == Some(0) {
                    self.output.flush()?;
                    return Ok(None);
                }
            }
            self.output.flush()?;
            watched.resume_after(position, as_of);
        }
    }

    fn print<W: Watched>(
        &mut self,
        watched: &mut W,
        change: W::Change,
        as_of: &Timestamp,
    ) -> Result<(), CliError> {
        let text = match self.json {
            true => to_json(&change).map_err(CliError::Json)? + "\n",
            false => watched.in_words(change, as_of),
        };
        self.output.write(&text)
    }
}
