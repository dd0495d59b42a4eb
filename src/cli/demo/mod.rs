//! `demo`: four journeys recorded over gRPC, and one of them told.
//!
//! Each journey is one situation that taught what the systems of such a brand must do. Owners, dealers
//! and brands are invented.

mod factory;
mod feedback_loop;
mod pen;
mod person;
mod repeated_fault;

use std::io::Write as _;

use ownerline_proto::time::timestamp;
use ownerline_proto::v1::get_timeline_request::Order;
use ownerline_proto::v1::touchpoint_service_client::TouchpointServiceClient;
use ownerline_proto::v1::{
    GetTimelineRequest, RecordBatchRequest, RecordRequest, Touchpoint, record_result,
};
use pbjson_types::Timestamp;

use super::args::DemoArgs;
use super::connect::connect;
use super::timeline::{Pages, tell};
use super::{CliError, Output, SUCCESS};
use crate::app;
use crate::config::Config;
use crate::runtime::signals::drain_on;
use crate::runtime::{Clock as _, Signals, SystemClock};

/// Whose story is told.
const TOLD: &str = repeated_fault::OWNER;
/// Touchpoints in a batch.
const BATCH: usize = 50;

/// Every touchpoint of the demo, journey by journey, all of them before the midnight (UTC) of `now`.
#[must_use]
pub fn journeys(now: Timestamp) -> Vec<Vec<Touchpoint>> {
    vec![
        feedback_loop::journey(now),
        factory::journey(now),
        repeated_fault::journey(now),
        person::journey(now),
    ]
}

/// Starts a server on a free port in a temporary directory, shows it at work, and removes everything.
pub(super) async fn run(args: &DemoArgs, output: &mut Output<'_>) -> Result<u8, CliError> {
    let directory = tempfile::tempdir().map_err(|source| CliError::Runtime { source })?;
    let flags = [
        ("store.data", directory.path().display().to_string()),
        ("server.listen", "127.0.0.1:0".to_owned()),
    ];
    let running = app::start(Config::load(None, [], &flags)?).await?;
    let tasks = running.tasks().clone();
    let server = format!("http://{}", running.addr());
    let now = timestamp(SystemClock.now());
    let told = tell_journeys(&server, now, output).await;
    if told.is_ok() && args.keep {
        say(
            output,
            &format!("\nThe server goes on at {server} until Ctrl-C.\n"),
        )?;
        output.out.flush().map_err(CliError::Output)?;
        let signals = Signals::install().map_err(|source| CliError::Runtime { source })?;
        tokio::select! {
            () = tasks.shutdown().cancelled_owned() => {}
            _ = drain_on(signals, &tasks) => {}
        }
    }
    running.stop().await?;
    told
}

/// Records the journeys at a server, tells the story of one owner, and says how to ask more.
/// Answers the exit code.
///
/// # Errors
/// If the server cannot be reached or refuses, or the output cannot be written.
pub async fn tell_journeys(
    server: &str,
    now: Timestamp,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let mut client = TouchpointServiceClient::new(connect(server).await?);
    let mut recorded = 0;
    let mut position = String::new();
    for journey in journeys(now) {
        recorded += journey.len();
        // The first of each journey alone, to show both doors.
        let mut rest = journey.into_iter();
        if let Some(first) = rest.next() {
            let request = RecordRequest {
                touchpoint: Some(first),
                ..RecordRequest::default()
            };
            position = client.record(request).await?.into_inner().position;
        }
        let rest: Vec<Touchpoint> = rest.collect();
        for touchpoints in rest.chunks(BATCH) {
            let touchpoints = touchpoints.to_vec();
            let answer = client
                .record_batch(RecordBatchRequest { touchpoints })
                .await?;
            let results = answer.into_inner().results;
            let results = results.into_iter().filter_map(|result| result.result);
            if let Some(last) = last_position(results)? {
                position = last;
            }
        }
    }
    say(output, &introduction(server, recorded))?;
    let request = GetTimelineRequest {
        owner_id: TOLD.to_owned(),
        order: Order::OldestFirst.into(),
        at_least: position,
        ..GetTimelineRequest::default()
    };
    tell(&mut Pages::open(server, request).await?, true, output).await?;
    say(output, &how_to_ask_more(server))?;
    Ok(SUCCESS)
}

/// The last position of a batch of which nothing may be refused.
fn last_position(
    results: impl Iterator<Item = record_result::Result>,
) -> Result<Option<String>, CliError> {
    let mut position = None;
    let mut refusals = Vec::new();
    for result in results {
        match result {
            record_result::Result::Recorded(recorded) => position = Some(recorded.position),
            record_result::Result::Refused(refusal) => refusals.push(refusal.message),
        }
    }
    let refused = refusals.len();
    match refusals.into_iter().next() {
        None => Ok(position),
        Some(first) => Err(CliError::DemoRefused { refused, first }),
    }
}

fn introduction(server: &str, recorded: usize) -> String {
    format!(
        "{recorded} touchpoints of four owners are recorded at {server}:\n  \
           {}  the feedback loop\n  \
           {}  the window into the factory\n  \
           {}  the repeated fault\n  \
           {}  the owner is the customer, not the car\n\n",
        feedback_loop::OWNER,
        factory::OWNER,
        repeated_fault::OWNER,
        person::OWNER,
    )
}

fn how_to_ask_more(server: &str) -> String {
    let at = format!("--server {server}");
    format!(
        "\nAsk more of this server while it runs (`ownerline demo --keep` leaves it running):\n  \
           ownerline timeline {} --oldest-first {at}\n  \
           ownerline timeline {} --visible-to owner {at}\n  \
           ownerline timeline {} --type feedback_received --type dealer_replied {at}\n  \
           ownerline timeline {TOLD} --all --json {at}\n  \
           ownerline context-pack {TOLD} --actor agent-7 {at}\n  \
           ownerline projections list {at}\n",
        person::OWNER,
        factory::OWNER,
        feedback_loop::OWNER,
    )
}

fn say(output: &mut Output<'_>, text: &str) -> Result<(), CliError> {
    output
        .out
        .write_all(text.as_bytes())
        .map_err(CliError::Output)
}

#[cfg(test)]
mod tests;
