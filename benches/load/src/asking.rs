//! Asking for figures: response times and scores, one call at a time.

use std::time::{Duration, Instant};

use ownerline_proto::v1::advocacy_service_client::AdvocacyServiceClient;
use ownerline_proto::v1::get_response_times_request::GroupBy;
use ownerline_proto::v1::response_time_service_client::ResponseTimeServiceClient;
use ownerline_proto::v1::{
    GetOwnerAdvocacyRequest, GetResponseTimesRequest, GetResponseTimesResponse,
    ListAdvocatesRequest, ListAdvocatesResponse, ResponseTimeFilter,
};

use super::{BenchError, Run, Spread, connect};

/// Asks for the response times of these, in turns, as of now.
///
/// # Errors
/// If the server cannot be reached or fails, there is nothing to ask for, or an answer is of no items.
pub async fn response_times(
    url: &str,
    filters: &[ResponseTimeFilter],
    count: usize,
) -> Result<Run, BenchError> {
    let mut client = ResponseTimeServiceClient::new(connect(url).await?);
    let mut spread = Spread::new()?;
    let begun = Instant::now();
    for filter in filters.iter().cycle().take(count) {
        let request = GetResponseTimesRequest {
            filter: Some(filter.clone()),
            ..GetResponseTimesRequest::default()
        };
        let asked = Instant::now();
        let answer = client.get_response_times(request).await?.into_inner();
        spread.record(asked.elapsed());
        if received(&answer) == 0 {
            let what = format!("no feedback is counted of {filter:?}");
            return Err(BenchError::Lost { what });
        }
    }
    Ok(run(spread, begun))
}

/// The dealers that feedback was received for, and how much of it there is.
///
/// # Errors
/// If the server cannot be reached or fails.
pub async fn dealers(url: &str) -> Result<(Vec<String>, u64), BenchError> {
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

/// Those of whom there is evidence, and how many pieces of it.
///
/// # Errors
/// If the server cannot be reached or fails.
pub async fn with_evidence(url: &str, owners: &[String]) -> Result<(Vec<String>, u64), BenchError> {
    let mut client = AdvocacyServiceClient::new(connect(url).await?);
    let (mut found, mut pieces) = (Vec::new(), 0);
    for owner in owners {
        let answer = client.get_owner_advocacy(score_of(owner)).await?;
        let components = answer.into_inner().components;
        let theirs: usize = components.iter().map(|it| it.contributions.len()).sum();
        if theirs > 0 {
            found.push(owner.clone());
            pieces += theirs as u64;
        }
    }
    Ok((found, pieces))
}

/// Asks for the scores of these, in turns, as of now, each with its explanation.
///
/// # Errors
/// If the server cannot be reached or fails, or an answer has no score.
pub async fn scores(url: &str, owners: &[String], count: usize) -> Result<Run, BenchError> {
    let mut client = AdvocacyServiceClient::new(connect(url).await?);
    let mut spread = Spread::new()?;
    let begun = Instant::now();
    for owner in owners.iter().cycle().take(count) {
        let asked = Instant::now();
        let answer = client
            .get_owner_advocacy(score_of(owner))
            .await?
            .into_inner();
        spread.record(asked.elapsed());
        if answer.components.is_empty() {
            let what = format!("the score of {owner} is not explained");
            return Err(BenchError::Lost { what });
        }
    }
    Ok(run(spread, begun))
}

fn score_of(owner: &str) -> GetOwnerAdvocacyRequest {
    GetOwnerAdvocacyRequest {
        owner_id: owner.to_owned(),
        ..GetOwnerAdvocacyRequest::default()
    }
}

/// Asks how the scores of everybody are distributed, which reads all evidence once.
///
/// # Errors
/// If the server cannot be reached or fails.
pub async fn everybody(url: &str) -> Result<(Duration, ListAdvocatesResponse), BenchError> {
    let mut client = AdvocacyServiceClient::new(connect(url).await?);
    let begun = Instant::now();
    let answer = client
        .list_advocates(ListAdvocatesRequest::default())
        .await?;
    Ok((begun.elapsed(), answer.into_inner()))
}

fn run(spread: Spread, begun: Instant) -> Run {
    Run {
        count: spread.count(),
        took: begun.elapsed(),
        spread,
    }
}
