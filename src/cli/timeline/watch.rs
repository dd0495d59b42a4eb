//! `timeline --watch`: the newest page, then its changes until stopped.

use ownerline_proto::v1::timeline_change::Change;
use ownerline_proto::v1::{
    GetTimelineRequest, TimelineChange, WatchTimelineRequest, WatchTimelineResponse,
};
use pbjson_types::Timestamp;
use tonic::{Status, Streaming};

use super::story::Story;
use crate::cli::terminal_text::one_line;
use crate::cli::watch_loop::{Changes, Watched, watch};
use crate::cli::{CliError, Output, clients};

/// Prints the newest page, its oldest entry first, then the changes.
pub(super) async fn run(
    server: &str,
    page: GetTimelineRequest,
    json: bool,
    most: Option<u64>,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let mut client = clients::timelines(server).await?;
    let mut story = Story::new(&page, output.width);
    let (owner_id, filter) = (page.owner_id.clone(), page.filter.clone());
    let answer = client.get_timeline(page).await?.into_inner();
    if !json {
        for entry in answer.entries.iter().rev() {
            let text = story.entry(entry);
            output.write(&text)?;
        }
        output.write("\nWatching; stop with Ctrl-C.\n")?;
    }
    output.flush()?;
    let request = WatchTimelineRequest {
        owner_id,
        filter,
        after: answer.position,
        after_as_of: answer.as_of,
        ..WatchTimelineRequest::default()
    };
    let mut timeline = Timeline {
        client,
        request,
        story,
    };
    watch(&mut timeline, json, most, output).await
}

struct Timeline {
    client: clients::Timelines,
    request: WatchTimelineRequest,
    story: Story,
}

impl Watched for Timeline {
    type Message = WatchTimelineResponse;
    type Change = TimelineChange;

    async fn open(&mut self) -> Result<Streaming<Self::Message>, Status> {
        let opened = self.client.watch_timeline(self.request.clone()).await?;
        Ok(opened.into_inner())
    }

    fn changes(message: Self::Message) -> Changes<Self::Change> {
        Changes {
            changes: message.changes,
            position: message.position,
            as_of: message.as_of,
            more: message.more,
        }
    }

    fn in_words(&mut self, change: TimelineChange, _: &Timestamp) -> String {
        match &change.change {
            Some(Change::Added(entry)) => self.story.entry(entry),
            Some(Change::Revised(entry)) => {
                let entry = self.story.entry(entry);
                format!("\n(revised)\n{entry}")
            }
            Some(Change::Removed(removed)) => {
                let touchpoint = removed.touchpoint.clone().unwrap_or_default();
                let (source, id) = (one_line(&touchpoint.source), one_line(&touchpoint.id));
                format!("\n(no longer on this timeline: {source} {id})\n")
            }
            None => String::new(),
        }
    }

    fn resume_after(&mut self, position: String, as_of: Option<Timestamp>) {
        self.request.after = position;
        self.request.after_as_of = as_of;
    }
}
