//! Queries for cases, one call at a time.

use std::time::{Duration, Instant};

use ownerline_proto::v1::case_service_client::CaseServiceClient;
use ownerline_proto::v1::{GetCaseRequest, ListCasesRequest, ListCasesResponse};

use crate::connection::connect;
use crate::error::LoadError;
use crate::queries::query_in_turns;
use crate::run::Run;

/// Queries the first page of all open cases once, for which the server looks at every open case. Returns the latency
/// and the answer.
///
/// # Errors
/// If the server cannot be reached or fails.
pub async fn query_open_cases(
    url: &str,
    page_size: u32,
) -> Result<(Duration, ListCasesResponse), LoadError> {
    let mut client = CaseServiceClient::new(connect(url).await?);
    let request = ListCasesRequest {
        page_size,
        ..ListCasesRequest::default()
    };
    let called = Instant::now();
    let answer = client.list_cases(request).await?.into_inner();
    Ok((called.elapsed(), answer))
}

/// Queries one case after another, `count` times in all.
///
/// # Errors
/// If the server cannot be reached or fails, or a case has no episode.
pub async fn query_cases(url: &str, cases: &[String], count: usize) -> Result<Run, LoadError> {
    let mut client = CaseServiceClient::new(connect(url).await?);
    let call = async |case_id: &String| {
        let request = GetCaseRequest {
            case_id: case_id.clone(),
            ..GetCaseRequest::default()
        };
        let answer = client.get_case(request).await?.into_inner();
        Ok(answer.case.unwrap_or_default())
    };
    let fault = |case_id: &String| format!("case {case_id} has no episode");
    query_in_turns(cases, count, call, |it| !it.episodes.is_empty(), fault).await
}
