//! TraceCase: the trace of a case, message by message.

mod wire;

use futures::stream;
use ownerline_projections::Viewer;
use ownerline_proto::v1::{TraceCaseRequest, TraceCaseResponse};

use super::advice::Resume;
use super::asking::{based, bounds};
use super::cases::CaseApi;
use super::convert;
use super::paced::{Answers, paced, permit};
use super::problem::Problem;
use super::status::status;
use crate::query::{Answer, TraceAsk, TraceParts, TraceReads};

/// Traces a case, at the pace of whoever reads it.
pub(super) async fn trace(
    api: &CaseApi,
    request: TraceCaseRequest,
    viewer: &Viewer,
) -> Result<Answers<TraceCaseResponse>, Problem> {
    convert::check(&request)?;
    let text = api.text;
    let ask = TraceAsk {
        bounds: bounds(text, &request)?,
        limit: match request.limit {
            0 => None,
            limit => Some(usize::try_from(limit).unwrap_or(usize::MAX)),
        },
        case_id: request.case_id,
    };
    let permit = permit(&api.subscriptions, &api.limits)?;
    let reads = TraceReads {
        reads: api.reads.reads.clone(),
        entries: api.limits.trace_entries,
        touchpoints: api.limits.trace_touchpoints,
    };
    let answer = reads.trace(ask, viewer).await?;
    let Answer {
        value,
        basis,
        stale,
    } = answer;
    let sending = Sending {
        parts: value,
        is_first: true,
    };
    let drain = api.drain.clone();
    let messages = stream::try_unfold((sending, permit), move |(mut sending, permit)| {
        let drain = drain.clone();
        async move {
            // A trace without entries is one message.
            if sending.parts.is_over() && !std::mem::take(&mut sending.is_first) {
                return Ok(None);
            }
            sending.is_first = false;
            if drain.is_cancelled() {
                return Err(status(Problem::stopping()));
            }
            let entries = sending.parts.next().await;
            let entries = entries.map_err(status)?;
            let answer = Answer {
                value: entries,
                basis,
                stale,
            };
            let figures = sending.parts.figures();
            let message = based(text, answer, |entries| wire::part(text, figures, entries));
            Ok(Some((message, (sending, permit))))
        }
    });
    Ok(paced(messages, api.limits.slow_reader, Resume::FromStart))
}

/// A trace that is being sent.
struct Sending {
    parts: TraceParts,
    is_first: bool,
}
