//! `case --watch`: one case as it stands, then again whenever it stands differently, until stopped.

use ownerline_proto::v1::{GetCaseRequest, GetCaseResponse, WatchCaseRequest, WatchCaseResponse};
use pbjson_types::Timestamp;
use tonic::{Status, Streaming};

use super::sheet;
use crate::cli::watch_loop::{Changes, Watched, watch};
use crate::cli::{CliError, Output, clients};

/// Prints the case, then each change of it.
pub(super) async fn run(
    server: &str,
    request: GetCaseRequest,
    json: bool,
    most: Option<u64>,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let mut client = clients::cases(server).await?;
    let case_id = request.case_id.clone();
    let answer = client.get_case(request).await?.into_inner();
    if !json {
        output.write(&sheet::sheet(&answer, output.width))?;
        output.write("\nWatching; stop with Ctrl-C.\n")?;
    }
    output.flush()?;
    let mut case = WatchedCase {
        client,
        request: WatchCaseRequest {
            case_id,
            after: answer.position,
            after_as_of: answer.as_of,
            ..WatchCaseRequest::default()
        },
        width: output.width,
    };
    watch(&mut case, json, most, output).await
}

struct WatchedCase {
    client: clients::Cases,
    request: WatchCaseRequest,
    width: usize,
}

impl Watched for WatchedCase {
    type Message = WatchCaseResponse;
    /// The case as a whole, with the position and instant that it reflects.
    type Change = WatchCaseResponse;

    async fn open(&mut self) -> Result<Streaming<Self::Message>, Status> {
        let opened = self.client.watch_case(self.request.clone()).await?;
        Ok(opened.into_inner())
    }

    fn changes(message: Self::Message) -> Changes<Self::Change> {
        let (position, as_of) = (message.position.clone(), message.as_of);
        // A message without a case only says that the watch is alive.
        let changes = match message.case {
            Some(_) => vec![message],
            None => Vec::new(),
        };
        Changes {
            changes,
            position,
            as_of,
            more: false,
        }
    }

    fn in_words(&mut self, change: Self::Change, _: &Timestamp) -> String {
        let answer = GetCaseResponse {
            case: change.case,
            as_of: change.as_of,
            position: change.position,
            stale: false,
        };
        format!("\n{}", sheet::sheet(&answer, self.width))
    }

    fn resume_after(&mut self, position: String, as_of: Option<Timestamp>) {
        self.request.after = position;
        self.request.after_as_of = as_of;
    }
}
