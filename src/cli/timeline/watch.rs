//! `timeline --watch`: the newest page, then what changes, until stopped; continues when the server does.

use std::io::Write as _;

use ownerline_proto::v1::timeline_change::Change;
use ownerline_proto::v1::timeline_service_client::TimelineServiceClient;
use ownerline_proto::v1::{
    GetTimelineRequest, TimelineChange, WatchTimelineRequest, WatchTimelineResponse,
};
use tonic::transport::Channel;

use super::story::Story;
use crate::cli::connect::{ATTEMPTS, LARGEST_ANSWER, connect, is_worth_another, wait_before};
use crate::cli::text::one_line;
use crate::cli::{CliError, Output, SUCCESS};

pub(super) async fn run(
    server: &str,
    page: GetTimelineRequest,
    json: bool,
    most: Option<u64>,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let channel = connect(server).await?;
    let mut client = TimelineServiceClient::new(channel).max_decoding_message_size(LARGEST_ANSWER);
    let mut watching = Watching {
        request: WatchTimelineRequest {
            owner_id: page.owner_id.clone(),
            filter: page.filter.clone(),
            ..WatchTimelineRequest::default()
        },
        story: Story::new(&page, output.width),
        json,
        left: most,
        output,
    };
    watching.begin(&mut client, page).await?;
    let mut failures = 0;
    while watching.left != Some(0) {
        let ended = match watching.follow(&mut client, &mut failures).await? {
            Some(ended) => ended,
            None => break,
        };
        failures += 1;
        if failures > ATTEMPTS || !is_worth_another(&ended) {
            return Err(ended);
        }
        tokio::time::sleep(wait_before(failures)).await;
    }
    Ok(SUCCESS)
}

struct Watching<'o, 'w> {
    request: WatchTimelineRequest,
    story: Story,
    json: bool,
    left: Option<u64>,
    output: &'o mut Output<'w>,
}

impl Watching<'_, '_> {
    /// Shows the newest page, its oldest entry first, and stands on it.
    async fn begin(
        &mut self,
        client: &mut TimelineServiceClient<Channel>,
        page: GetTimelineRequest,
    ) -> Result<(), CliError> {
        let page = client.get_timeline(page).await?.into_inner();
        self.request.after = page.position;
        self.request.after_as_of = page.as_of;
        if !self.json {
            for entry in page.entries.iter().rev() {
                let text = self.story.entry(entry);
                self.write(&text)?;
            }
            self.write("\nWatching; end with Ctrl-C.\n")?;
        }
        self.flush()
    }

    /// Shows changes until the stream ends; says how, or nothing if everything asked for was shown.
    async fn follow(
        &mut self,
        client: &mut TimelineServiceClient<Channel>,
        failures: &mut u32,
    ) -> Result<Option<CliError>, CliError> {
        let mut stream = match client.watch_timeline(self.request.clone()).await {
            Ok(stream) => stream.into_inner(),
            Err(ended) => return Ok(Some(ended.into())),
        };
        let mut pending: Vec<TimelineChange> = Vec::new();
        loop {
            let message = match stream.message().await {
                Ok(Some(message)) => message,
                Ok(None) => return Ok(Some(CliError::EndedEarly { what: "watch" })),
                Err(ended) => return Ok(Some(ended.into())),
            };
            *failures = 0;
            let WatchTimelineResponse {
                changes,
                position,
                as_of,
                more,
            } = message;
            pending.extend(changes);
            if more {
                continue;
            }
            for change in std::mem::take(&mut pending) {
                self.show(&change)?;
                self.left = self.left.map(|left| left.saturating_sub(1));
                if self.left == Some(0) {
                    self.flush()?;
                    return Ok(None);
                }
            }
            self.flush()?;
            self.request.after = position;
            self.request.after_as_of = as_of;
        }
    }

    fn show(&mut self, change: &TimelineChange) -> Result<(), CliError> {
        if self.json {
            let line = serde_json::to_string(change).map_err(CliError::Json)?;
            return self.write(&format!("{line}\n"));
        }
        let text = match &change.change {
            Some(Change::Added(entry)) => self.story.entry(entry),
            Some(Change::Revised(entry)) => {
                let entry = self.story.entry(entry);
                format!("\n(revised)\n{entry}")
            }
            Some(Change::Removed(removed)) => {
                let touchpoint = removed.touchpoint.clone().unwrap_or_default();
                let (source, id) = (one_line(&touchpoint.source), one_line(&touchpoint.id));
                format!("\n(no longer part of this story: {source} {id})\n")
            }
            None => String::new(),
        };
        self.write(&text)
    }

    fn write(&mut self, text: &str) -> Result<(), CliError> {
        let written = self.output.out.write_all(text.as_bytes());
        written.map_err(CliError::Output)
    }

    fn flush(&mut self) -> Result<(), CliError> {
        self.output.out.flush().map_err(CliError::Output)
    }
}
