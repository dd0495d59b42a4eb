//! Queries for cases, one call at a time.

use std::time::{Duration, Instant};

use ownerline_proto::v1::case_service_client::CaseServiceClient;
use ownerline_proto::v1::{GetCaseRequest, ListCasesRequest, ListCasesResponse, TraceCaseRequest};

use crate::connection::connect;
use crate::error::{LoadError, wrong_answer};
use crate::latencies::Latencies;
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

/// Traces one case after another, `count` times in all. A latency is that of the first message; the rest of a trace is
/// received before the next call. Returns the number of touchpoints of all traces, too.
///
/// # Errors
/// If the server cannot be reached or fails, or a trace has no entry.
pub async fn query_traces(
    url: &str,
    cases: &[String],
    count: usize,
) -> Result<(Run, u64), LoadError> {
    let mut client = CaseServiceClient::new(connect(url).await?);
    let mut latencies = Latencies::new()?;
    let mut touchpoints = 0;
    let started = Instant::now();
    for case_id in cases.iter().cycle().take(count) {
        let request = TraceCaseRequest {
            case_id: case_id.clone(),
            ..TraceCaseRequest::default()
        };
        let called = Instant::now();
        let mut trace = client.trace_case(request).await?.into_inner();
        let first = trace.message().await?.unwrap_or_default();
        latencies.record(called.elapsed());
        if first.entries.is_empty() {
            return wrong_answer(format!("the trace of case {case_id} is empty"));
        }
        touchpoints += u64::from(first.total);
        while trace.message().await?.is_some() {}
    }
    Ok((Run::of_calls(latencies, started), touchpoints))
}
