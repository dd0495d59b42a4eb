//! `inbox --watch`: the inbox, then its changes until stopped.

use std::collections::BTreeMap;

use ownerline_proto::v1::obligation_change::Change;
use ownerline_proto::v1::{
    ListObligationsRequest, ObligationChange, OwedItem, WatchObligationsRequest,
    WatchObligationsResponse,
};
use pbjson_types::Timestamp;
use tonic::{Code, Status, Streaming};

use super::pages::pages;
use super::table::{matter, report};
use crate::cli::feedback::words::{kind, state};
use crate::cli::pages::Extent;
use crate::cli::report::FormatArgs;
use crate::cli::terminal_text::one_line;
use crate::cli::time::minute;
use crate::cli::watch_loop::{Changes, Watched, watch};
use crate::cli::{CliError, Output, clients};

/// Prints the whole inbox, then its changes.
pub(super) async fn run(
    mut client: clients::Feedback,
    page: ListObligationsRequest,
    json: bool,
    most: Option<u64>,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let answer = match pages(&mut client, &page, Extent::Everything).await {
        // An unknown dealer may be watched: its first obligation arrives as a change.
        Err(CliError::Server(status)) if status.code() == Code::NotFound => Default::default(),
        answer => answer?,
    };
    if !json {
        let inbox = report(&page, &answer);
        output.report(&inbox, FormatArgs::table())?;
        output.write("\nWatching; stop with Ctrl-C.\n")?;
    }
    output.flush()?;
    let request = WatchObligationsRequest {
        dealer_id: page.dealer_id,
        filter: page.filter,
        after: answer.position,
        after_as_of: answer.as_of,
        ..WatchObligationsRequest::default()
    };
    let known = answer.items.into_iter().map(|item| (id(&item), item));
    let mut inbox = Inbox {
        client,
        request,
        known: known.collect(),
    };
    watch(&mut inbox, json, most, output).await
}

struct Inbox {
    client: clients::Feedback,
    request: WatchObligationsRequest,
    /// Its obligations, by id.
    known: BTreeMap<String, OwedItem>,
}

impl Watched for Inbox {
    type Message = WatchObligationsResponse;
    type Change = ObligationChange;

    async fn open(&mut self) -> Result<Streaming<Self::Message>, Status> {
        let opened = self.client.watch_obligations(self.request.clone()).await?;
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

    fn in_words(&mut self, change: ObligationChange, as_of: &Timestamp) -> String {
        let at = minute(as_of);
        match change.change {
            Some(Change::Added(item)) => {
                let text = format!("{at}  new      {}\n", line(&item, as_of));
                self.known.insert(id(&item), item);
                text
            }
            Some(Change::Revised(item)) => {
                let text = format!("{at}  changed  {}\n", line(&item, as_of));
                self.known.insert(id(&item), item);
                text
            }
            Some(Change::Removed(id)) => match self.known.remove(&id) {
                Some(item) => format!("{at}  gone     {}\n", summary(&item)),
                None => format!("{at}  gone     {}\n", one_line(&id)),
            },
            None => String::new(),
        }
    }

    fn resume_after(&mut self, position: String, as_of: Option<Timestamp>) {
        self.request.after = position;
        self.request.after_as_of = as_of;
    }
}

fn id(item: &OwedItem) -> String {
    let obligation = item.obligation.as_ref();
    obligation.map_or_else(String::new, |it| it.obligation_id.clone())
}

fn summary(item: &OwedItem) -> String {
    let obligation = item.obligation.clone().unwrap_or_default();
    let owner = match item.owner_id.as_str() {
        "" => String::new(),
        owner => format!(" to {}", one_line(owner)),
    };
    let matter = one_line(&matter(&obligation));
    format!("{}{owner} for {matter}", kind(&obligation))
}

fn line(item: &OwedItem, as_of: &Timestamp) -> String {
    let obligation = item.obligation.clone().unwrap_or_default();
    format!("{}: {}", summary(item), state(&obligation, as_of))
}
