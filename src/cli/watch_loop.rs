//! `--watch`: shows what changes until it is stopped, and goes on where it stood when the server comes back.

use ownerline_proto::json::to_json;
use pbjson_types::Timestamp;
use prost::{Message, Name};
use tonic::{Status, Streaming};

use super::retry::{ATTEMPTS, can_resume, wait_before};
use super::{CliError, Output, SUCCESS};

/// One message of a watch.
pub(super) struct Changes<C> {
    pub(super) changes: Vec<C>,
    /// Where one stands when all of it was taken.
    pub(super) position: String,
    pub(super) as_of: Option<Timestamp>,
    /// What belongs to these changes follows.
    pub(super) more: bool,
}

/// Something whose changes are shown.
pub(super) trait Watched {
    type Message;
    type Change: Message + Name;

    /// Opens the stream of what changed behind where one stands.
    async fn open(&mut self) -> Result<Streaming<Self::Message>, Status>;

    /// What a message says.
    fn changes(message: Self::Message) -> Changes<Self::Change>;

    /// A change for people.
    fn told(&mut self, change: Self::Change, as_of: &Timestamp) -> String;

    /// From here on is watched.
    fn stand(&mut self, position: String, as_of: Option<Timestamp>);
}

/// Shows changes, at most so many, until stopped.
pub(super) async fn watch(
    watched: &mut impl Watched,
    json: bool,
    most: Option<u64>,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let mut shown = Shown {
        json,
        left: most,
        output,
    };
    let mut failures = 0;
    while shown.left != Some(0) {
        let Some(ended) = shown.follow(watched, &mut failures).await? else {
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

struct Shown<'o, 'w> {
    json: bool,
    left: Option<u64>,
    output: &'o mut Output<'w>,
}

impl Shown<'_, '_> {
    /// Shows changes until the stream ends; says how, or nothing if everything asked for was shown.
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
                self.show(watched, change, &as_of.unwrap_or_default())?;
                self.left = self.left.map(|left| left.saturating_sub(1));
                if self.left == Some(0) {
                    self.output.flush()?;
                    return Ok(None);
                }
            }
            self.output.flush()?;
            watched.stand(position, as_of);
        }
    }

    fn show<W: Watched>(
        &mut self,
        watched: &mut W,
        change: W::Change,
        as_of: &Timestamp,
    ) -> Result<(), CliError> {
        let text = match self.json {
            true => to_json(&change).map_err(CliError::Json)? + "\n",
            false => watched.told(change, as_of),
        };
        self.output.write(&text)
    }
}
