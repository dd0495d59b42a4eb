//! `inbox`: what a dealer owes, most urgent first; at once, or as it changes.

mod args;
pub(super) mod table;
mod watch;
pub(super) mod words;

use std::path::Path;

use ownerline_proto::v1::feedback_service_client::FeedbackServiceClient;
use ownerline_proto::v1::policy_published::Body;
use ownerline_proto::v1::{ListObligationsRequest, ListObligationsResponse, SlaPolicy};
use tonic::transport::Channel;

pub(super) use self::args::{FeedbackArgs, InboxArgs};
use super::connect::{LARGEST_ANSWER, connect};
use super::{CliError, Output, policy};

pub(super) const FEEDBACK_EXAMPLES: &str = "Examples:\n  \
    ownerline feedback feedback-1\n  \
    ownerline feedback feedback-1 --as-of 2026-03-01 --known-at 2026-03-01\n  \
    ownerline feedback feedback-1 --policy sla.json --json";
pub(super) const INBOX_EXAMPLES: &str = "Examples:\n  \
    ownerline inbox dealer-7\n  \
    ownerline inbox dealer-7 --watch\n  \
    ownerline inbox --unassigned\n  \
    ownerline inbox dealer-7 --state answered-late --state closed-unanswered --all\n  \
    ownerline inbox dealer-7 --min-share 0.75 --json | jq '.items[].obligation.dueAt'";

pub(super) type Client = FeedbackServiceClient<Channel>;

pub(super) async fn run(
    server: &str,
    args: &InboxArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let mut request = args.request();
    request.what_if = supposed(args.answer.policy.as_deref())?;
    let mut client = client(server).await?;
    if args.watch {
        let json = args.answer.format.as_json_lines()?;
        return watch::run(client, request, json, args.changes, output).await;
    }
    let answer = pages(&mut client, request.clone(), args.all).await?;
    output.answer(&answer, args.answer.format, |answer, _| {
        table::inbox(&request, answer)
    })
}

pub(super) async fn client(server: &str) -> Result<Client, CliError> {
    let client = FeedbackServiceClient::new(connect(server).await?);
    Ok(client.max_decoding_message_size(LARGEST_ANSWER))
}

/// The SLA of a file, if one is named.
pub(super) fn supposed(path: Option<&Path>) -> Result<Option<SlaPolicy>, CliError> {
    let Some(path) = path else {
        return Ok(None);
    };
    match policy::read_policy(path)?.body {
        Some(Body::Sla(sla)) => Ok(Some(sla)),
        _ => Err(CliError::OtherPolicy {
            path: path.to_owned(),
            wanted: "sla",
        }),
    }
}

/// The first page, or all of them put together.
pub(super) async fn pages(
    client: &mut Client,
    mut request: ListObligationsRequest,
    all: bool,
) -> Result<ListObligationsResponse, CliError> {
    let mut whole = client.list_obligations(request.clone()).await?.into_inner();
    while all && !whole.next_page_token.is_empty() {
        request.page_token = std::mem::take(&mut whole.next_page_token);
        let page = client.list_obligations(request.clone()).await?.into_inner();
        whole.items.extend(page.items);
        whole.next_page_token = page.next_page_token;
        whole.stale = page.stale;
    }
    Ok(whole)
}
