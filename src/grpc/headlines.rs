//! Headlines of timelines, of the histories of feedback and of traces, for a viewer who may not read every class: redaction clears
//! them, and they are made again of what it leaves of each touchpoint.

use ownerline_projections::timeline::headline;
use ownerline_proto::field_class::FieldClasses;
use ownerline_proto::v1::timeline_change::Change;
use ownerline_proto::v1::{
    GetFeedbackResponse, GetTimelineResponse, RecordedTouchpoint, TraceCaseResponse,
    WatchTimelineResponse,
};

/// A page of a timeline with its headlines.
pub(super) fn of_page(
    mut page: GetTimelineResponse,
    readable: FieldClasses,
) -> GetTimelineResponse {
    for entry in &mut page.entries {
        make(&mut entry.headline, entry.recorded.as_ref(), readable);
    }
    page
}

/// Changes of a timeline with their headlines.
pub(super) fn of_changes(
    mut step: WatchTimelineResponse,
    readable: FieldClasses,
) -> WatchTimelineResponse {
    for change in &mut step.changes {
        if let Some(Change::Added(entry) | Change::Revised(entry)) = &mut change.change {
            make(&mut entry.headline, entry.recorded.as_ref(), readable);
        }
    }
    step
}

/// A feedback with the headlines of its history.
pub(super) fn of_feedback(
    mut answer: GetFeedbackResponse,
    readable: FieldClasses,
) -> GetFeedbackResponse {
    for entry in answer.feedback.iter_mut().flat_map(|it| &mut it.history) {
        make(&mut entry.headline, entry.recorded.as_ref(), readable);
    }
    answer
}

/// A part of a trace with its headlines.
pub(super) fn of_trace(mut part: TraceCaseResponse, readable: FieldClasses) -> TraceCaseResponse {
    for entry in &mut part.entries {
        make(&mut entry.headline, entry.recorded.as_ref(), readable);
    }
    part
}

fn make(line: &mut String, recorded: Option<&RecordedTouchpoint>, readable: FieldClasses) {
    let touchpoint = recorded.and_then(|it| it.touchpoint.as_ref());
    if let Some(touchpoint) = touchpoint.filter(|_| !readable.is_all()) {
        *line = headline(touchpoint, readable);
    }
}

#[cfg(test)]
mod tests {
    use ownerline_projections::Viewer;
    use ownerline_proto::field_class::FieldClass;
    use ownerline_proto::v1::feedback::Entry;
    use ownerline_proto::v1::touchpoint::Payload;
    use ownerline_proto::v1::{
        Feedback, FeedbackReceived, TimelineChange, TimelineEntry, Touchpoint,
    };

    use super::*;
    use crate::grpc::asking::answered;

    const WHOLE: &str = "Feedback received: 2 of 10, \"never again\"";

    fn recorded() -> Option<RecordedTouchpoint> {
        Some(RecordedTouchpoint {
            touchpoint: Some(Touchpoint {
                payload: Some(Payload::FeedbackReceived(FeedbackReceived {
                    verbatim: "never again".to_owned(),
                    score: Some(2),
                    ..FeedbackReceived::default()
                })),
                ..Touchpoint::default()
            }),
            ..RecordedTouchpoint::default()
        })
    }

    fn entry() -> TimelineEntry {
        TimelineEntry {
            recorded: recorded(),
            headline: WHOLE.to_owned(),
            ..TimelineEntry::default()
        }
    }

    /// The headline on a page, of a change, and in the history of a feedback.
    fn read_by(viewer: &Viewer) -> [String; 3] {
        let readable = viewer.readable;
        let page = GetTimelineResponse {
            entries: vec![entry()],
            ..GetTimelineResponse::default()
        };
        let page = of_page(answered(viewer, Ok(page)).unwrap().into_inner(), readable);
        let step = WatchTimelineResponse {
            changes: vec![TimelineChange {
                change: Some(Change::Added(entry())),
            }],
            ..WatchTimelineResponse::default()
        };
        let step = of_changes(answered(viewer, Ok(step)).unwrap().into_inner(), readable);
        let added = match step.changes.into_iter().next().unwrap().change {
            Some(Change::Added(entry)) => entry.headline,
            other => panic!("{other:?}"),
        };
        let feedback = Feedback {
            history: vec![Entry {
                recorded: recorded(),
                headline: WHOLE.to_owned(),
                ..Entry::default()
            }],
            ..Feedback::default()
        };
        let item = GetFeedbackResponse {
            feedback: Some(feedback),
            ..GetFeedbackResponse::default()
        };
        let item = of_feedback(answered(viewer, Ok(item)).unwrap().into_inner(), readable);
        let told = item.feedback.unwrap().history.remove(0).headline;
        [page.entries[0].headline.clone(), added, told]
    }

    #[test]
    fn a_viewer_without_a_class_reads_headlines_of_what_is_left() {
        let without = |class| Viewer {
            readable: FieldClasses::ALL.without(FieldClasses::NONE.with(class)),
            ..Viewer::unrestricted()
        };
        assert_eq!(read_by(&Viewer::unrestricted()), [WHOLE; 3]);
        for (class, headline) in [
            (FieldClass::Words, "Feedback received: 2 of 10"),
            (FieldClass::Score, "Feedback received: \"never again\""),
            (FieldClass::Fact, ""),
        ] {
            assert_eq!(read_by(&without(class)), [headline; 3]);
        }
    }
}
