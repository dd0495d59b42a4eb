//! `inbox --watch`: the inbox, then what changes, until stopped; continues when the server does.

use std::collections::BTreeMap;

use ownerline_proto::v1::obligation_change::Change;
use ownerline_proto::v1::{
    ListObligationsRequest, ObligationChange, OwedItem, WatchObligationsRequest,
    WatchObligationsResponse,
};
use pbjson_types::Timestamp;

use super::words::{minute, owed, standing};
use super::{Client, pages, table};
use crate::cli::connect::{ATTEMPTS, is_worth_another, wait_before};
use crate::cli::text::one_line;
use crate::cli::{CliError, Output, SUCCESS};

pub(super) async fn run(
    mut client: Client,
    page: ListObligationsRequest,
    json: bool,
    most: Option<u64>,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let mut watching = Watching {
        request: WatchObligationsRequest {
            dealer_id: page.dealer_id.clone(),
            filter: page.filter.clone(),
            ..WatchObligationsRequest::default()
        },
        known: BTreeMap::new(),
        json,
        left: most,
        output,
    };
    watching.begin(&mut client, page).await?;
    let mut failures = 0;
    while watching.left != Some(0) {
        let Some(ended) = watching.follow(&mut client, &mut failures).await? else {
            break;
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
    request: WatchObligationsRequest,
    /// What is in the inbox, by the name of the obligation.
    known: BTreeMap<String, OwedItem>,
    json: bool,
    left: Option<u64>,
    output: &'o mut Output<'w>,
}

impl Watching<'_, '_> {
    /// Shows the whole inbox, and stands on it.
    async fn begin(
        &mut self,
        client: &mut Client,
        page: ListObligationsRequest,
    ) -> Result<(), CliError> {
        let answer = pages(client, page.clone(), true).await?;
        if !self.json {
            let text = table::inbox(&page, &answer, self.output.width);
            self.write(&text)?;
            self.write("\nWatching; end with Ctrl-C.\n")?;
        }
        self.request.after = answer.position;
        self.request.after_as_of = answer.as_of;
        let named = answer.items.into_iter().map(|item| (name(&item), item));
        self.known.extend(named);
        self.flush()
    }

    /// Shows changes until the stream ends; says how, or nothing if everything asked for was shown.
    async fn follow(
        &mut self,
        client: &mut Client,
        failures: &mut u32,
    ) -> Result<Option<CliError>, CliError> {
        let mut stream = match client.watch_obligations(self.request.clone()).await {
            Ok(stream) => stream.into_inner(),
            Err(ended) => return Ok(Some(ended.into())),
        };
        let mut pending: Vec<ObligationChange> = Vec::new();
        loop {
            let message = match stream.message().await {
                Ok(Some(message)) => message,
                Ok(None) => return Ok(Some(CliError::EndedEarly { what: "watch" })),
                Err(ended) => return Ok(Some(ended.into())),
            };
            *failures = 0;
            let WatchObligationsResponse {
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
                self.show(change, &as_of.unwrap_or_default())?;
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

    fn show(&mut self, change: ObligationChange, as_of: &Timestamp) -> Result<(), CliError> {
        if self.json {
            let line = serde_json::to_string(&change).map_err(CliError::Json)?;
            return self.write(&format!("{line}\n"));
        }
        let at = minute(as_of);
        let text = match change.change {
            Some(Change::Added(item)) => {
                let text = format!("{at}  new      {}\n", line(&item, as_of));
                self.known.insert(name(&item), item);
                text
            }
            Some(Change::Revised(item)) => {
                let text = format!("{at}  changed  {}\n", line(&item, as_of));
                self.known.insert(name(&item), item);
                text
            }
            Some(Change::Removed(name)) => match self.known.remove(&name) {
                Some(item) => format!("{at}  gone     {}\n", what(&item)),
                None => format!("{at}  gone     {}\n", one_line(&name)),
            },
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

fn name(item: &OwedItem) -> String {
    let obligation = item.obligation.as_ref();
    obligation.map_or_else(String::new, |it| it.obligation_id.clone())
}

fn what(item: &OwedItem) -> String {
    let obligation = item.obligation.clone().unwrap_or_default();
    let of = match item.owner_id.as_str() {
        "" => String::new(),
        owner => format!(" to {}", one_line(owner)),
    };
    let feedback = one_line(&obligation.feedback_id);
    format!("{}{of} for {feedback}", owed(&obligation))
}

fn line(item: &OwedItem, as_of: &Timestamp) -> String {
    let obligation = item.obligation.clone().unwrap_or_default();
    format!("{}: {}", what(item), standing(&obligation, as_of))
}
