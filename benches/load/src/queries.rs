//! Queries, one call at a time: timelines, response times and scores.

use std::time::{Duration, Instant};

use ownerline_proto::v1::advocacy_service_client::AdvocacyServiceClient;
use ownerline_proto::v1::get_response_times_request::GroupBy;
use ownerline_proto::v1::response_time_service_client::ResponseTimeServiceClient;
use ownerline_proto::v1::timeline_service_client::TimelineServiceClient;
use ownerline_proto::v1::{
    GetOwnerAdvocacyRequest, GetResponseTimesRequest, GetResponseTimesResponse, GetTimelineRequest,
    ListAdvocatesRequest, ListAdvocatesResponse, ResponseTimeFilter,
};

use crate::connection::connect;
use crate::error::{LoadError, wrong_answer};
use crate::latencies::Latencies;
use crate::run::Run;

/// Entries of a queried page of a timeline.
const PAGE: u32 = 50;

/// Queries the newest page of one owner's timeline after another, `count` times in all.
///
/// # Errors
/// If the server cannot be reached or fails, or a timeline is empty.
pub async fn query_timelines(url: &str, owners: &[String], count: usize) -> Result<Run, LoadError> {
    let mut client = TimelineServiceClient::new(connect(url).await?);
    let call = async |owner: &String| {
        let request = GetTimelineRequest {
            owner_id: owner.clone(),
            page_size: PAGE,
            ..GetTimelineRequest::default()
        };
        Ok(client.get_timeline(request).await?.into_inner())
    };
    let fault = |owner: &String| format!("the timeline of {owner} is empty");
    query_in_turns(owners, count, call, |it| !it.entries.is_empty(), fault).await
}

/// Queries the current response times of one filter after another, `count` times in all.
///
/// # Errors
/// If the server cannot be reached or fails, or an answer counts no feedback.
pub async fn query_response_times(
    url: &str,
    filters: &[ResponseTimeFilter],
    count: usize,
) -> Result<Run, LoadError> {
    let mut client = ResponseTimeServiceClient::new(connect(url).await?);
    let call = async |filter: &ResponseTimeFilter| {
        let request = GetResponseTimesRequest {
            filter: Some(filter.clone()),
            ..GetResponseTimesRequest::default()
        };
        Ok(client.get_response_times(request).await?.into_inner())
    };
    let fault = |filter: &ResponseTimeFilter| format!("no feedback is counted for {filter:?}");
    query_in_turns(filters, count, call, |it| received(it) > 0, fault).await
}

/// Queries the current score of one owner after another with its explanation, `count` times in all.
///
/// # Errors
/// If the server cannot be reached or fails, or an answer has no score.
pub async fn query_scores(url: &str, owners: &[String], count: usize) -> Result<Run, LoadError> {
    let mut client = AdvocacyServiceClient::new(connect(url).await?);
    let call = async |owner: &String| {
        let answer = client.get_owner_advocacy(score_request(owner)).await?;
        Ok(answer.into_inner())
    };
    let fault = |owner: &String| format!("the score of {owner} is not explained");
    query_in_turns(owners, count, call, |it| !it.components.is_empty(), fault).await
}

/// Calls for one subject after another, and measures each call without the check of its answer.
pub(crate) async fn query_in_turns<S, A>(
    subjects: &[S],
    count: usize,
    mut call: impl AsyncFnMut(&S) -> Result<A, LoadError>,
    is_right: impl Fn(&A) -> bool,
    fault: impl Fn(&S) -> String,
) -> Result<Run, LoadError> {
    let mut latencies = Latencies::new()?;
    let started = Instant::now();
    for subject in subjects.iter().cycle().take(count) {
        let called = Instant::now();
        let answer = call(subject).await?;
        latencies.record(called.elapsed());
        if !is_right(&answer) {
            return wrong_answer(fault(subject));
        }
    }
    Ok(Run::of_calls(latencies, started))
}

/// The dealers for whom feedback was received, and the number of feedback items.
///
/// # Errors
/// If the server cannot be reached or fails.
pub async fn dealers_with_feedback(url: &str) -> Result<(Vec<String>, u64), LoadError> {
    let mut client = ResponseTimeServiceClient::new(connect(url).await?);
    let request = GetResponseTimesRequest {
        group_by: GroupBy::Dealer.into(),
        ..GetResponseTimesRequest::default()
    };
    let answer = client.get_response_times(request).await?.into_inner();
    let received = received(&answer);
    let keys = answer.groups.into_iter().map(|group| group.key);
    Ok((keys.filter(|key| !key.is_empty()).collect(), received))
}

fn received(answer: &GetResponseTimesResponse) -> u64 {
    answer.total.as_ref().map_or(0, |total| total.received)
}

/// The owners with evidence for a score, and the number of pieces of evidence.
///
/// # Errors
/// If the server cannot be reached or fails.
pub async fn owners_with_evidence(
    url: &str,
    owners: &[String],
) -> Result<(Vec<String>, u64), LoadError> {
    let mut client = AdvocacyServiceClient::new(connect(url).await?);
    let (mut with_evidence, mut total) = (Vec::new(), 0);
    for owner in owners {
        let answer = client.get_owner_advocacy(score_request(owner)).await?;
        let components = answer.into_inner().components;
        let pieces: usize = components.iter().map(|it| it.contributions.len()).sum();
        if pieces > 0 {
            with_evidence.push(owner.clone());
            total += pieces as u64;
        }
    }
    Ok((with_evidence, total))
}

fn score_request(owner: &str) -> GetOwnerAdvocacyRequest {
    GetOwnerAdvocacyRequest {
        owner_id: owner.to_owned(),
        ..GetOwnerAdvocacyRequest::default()
    }
}

/// Queries the distribution of all persons' scores once, for which the server reads all evidence. Returns
/// the latency and the answer.
///
/// # Errors
/// If the server cannot be reached or fails.
pub async fn query_all_scores(url: &str) -> Result<(Duration, ListAdvocatesResponse), LoadError> {
    let mut client = AdvocacyServiceClient::new(connect(url).await?);
    let called = Instant::now();
    let answer = client
        .list_advocates(ListAdvocatesRequest::default())
        .await?;
    Ok((called.elapsed(), answer.into_inner()))
}
