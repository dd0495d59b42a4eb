//! Feedback and inboxes as the contract shows them.

use ownerline_projections::feedback::inbox::Owed;
use ownerline_projections::obligation::{Detail, Segment};
use ownerline_proto::time::{self, Instant};
use ownerline_proto::v1::feedback::{Entry, Exclusion, Segment as WireSegment};
use ownerline_proto::v1::sla_policy::obligation::Kind;
use ownerline_proto::v1::{Feedback, OwedItem};

use crate::grpc::obligation::{Matter, duration, obligation};
use crate::query::{FeedbackItem, HistoryEntry, PositionText, around};

/// An obligation as an inbox shows it.
pub(super) fn owed(owed: &Owed, as_of: Instant) -> OwedItem {
    let age = as_of.since(owed.detail.obligation.start);
    let matter = match owed.case_id.as_str() {
        "" => Matter::Feedback(&owed.feedback_id),
        case_id => Matter::Case(case_id),
    };
    OwedItem {
        obligation: Some(obligation(matter, &owed.detail, as_of)),
        owner_id: owed.owner_id.clone(),
        channel: owed.channel,
        survey: owed.survey.clone(),
        // An import may have been received behind the instant that is asked about.
        age: Some(duration(age.max(0))),
    }
}

/// One item.
pub(super) fn feedback(text: PositionText, item: FeedbackItem, as_of: Instant) -> Feedback {
    let found = item.found;
    let state = &found.state;
    let feedback_id = &state.feedback_id;
    let details = found.details.iter().skip(item.obligations_left_out);
    let segments = state.dealers.iter().skip(item.segments_left_out);
    let exclusion = state.excluded.map(|(reason, at)| Exclusion {
        reason: reason.into(),
        at: Some(time::timestamp(at)),
        by: found.excluded_by.clone().map(Into::into),
    });
    let closed = state.episodes.iter().filter(|it| it.closed.is_some());
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let told = Feedback {
        feedback_id: feedback_id.clone(),
        held: state.received.is_none(),
        owner_id: found.owner_id,
        vin: found.vin,
        verbatim: item.verbatim,
        segments: segments.map(segment).collect(),
        obligations: details
            .map(|detail| obligation(Matter::Feedback(feedback_id), detail, as_of))
            .collect(),
        obligations_left_out: left_out(item.obligations_left_out),
        segments_left_out: left_out(item.segments_left_out),
        first_reply_in_total: first_reply(&found.details).map(duration),
        exclusion,
        closings: count(closed.count()),
        reopenings: count(state.episodes.len().saturating_sub(1)),
        history: item
            .history
            .into_iter()
            .map(|told| entry(text, told))
            .collect(),
        ..Feedback::default()
    };
    let Some(received) = &state.received else {
        return told;
    };
    Feedback {
        occurred_at: Some(time::timestamp(received.occurred_at)),
        received_at: Some(time::timestamp(received.start)),
        channel: received.channel,
        survey: received.survey.clone(),
        score: received.score,
        imported: received.imported,
        ..told
    }
}

fn left_out(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// From the first receipt to the first reply that met a first reply, of any episode.
fn first_reply(details: &[Detail]) -> Option<i64> {
    let firsts = || {
        let owed = details.iter().map(|detail| &detail.obligation);
        owed.filter(|owed| owed.kind == Kind::FirstReply)
    };
    let start = firsts().find(|owed| owed.episode == 0)?.start;
    let answers = firsts().filter_map(|owed| owed.answer.as_ref());
    let first = answers.map(|answer| answer.at).min()?;
    Some(first.saturating_sub(start).max(0))
}

fn segment(segment: &Segment) -> WireSegment {
    WireSegment {
        dealer_id: segment.dealer_id.clone(),
        from: Some(time::timestamp(segment.from)),
        until: segment.until.map(time::timestamp),
    }
}

fn entry(text: PositionText, told: HistoryEntry) -> Entry {
    Entry {
        headline: told.headline,
        without_effect: told.without_effect,
        recorded: Some(around(text, &told.event, told.touchpoint)),
    }
}
