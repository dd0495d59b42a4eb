//! One item: how it stands, what is owed for it, and its history as the log tells it.

use ownerline_projections::feedback::item::{FeedbackAnswer, FeedbackQuestion, answer};
use ownerline_projections::timeline::headline;
use ownerline_projections::{HistoryKey, TouchpointKey, Validity, Viewer};
use ownerline_proto::field_class::FieldClasses;
use ownerline_proto::v1::Touchpoint;
use ownerline_proto::v1::touchpoint::Payload;

use super::reads::FeedbackReads;
use super::size::obligation_bytes;
use crate::query::answer_budget::AnswerBudget;
use crate::query::basis::{Answer, Bounds};
use crate::query::error::QueryError;
use crate::query::needs::FEEDBACK;
use crate::query::recorded::decode;
use crate::query::timeline::page::history_key;
use crate::store::{Direction, Position, ReadStream, Revision, StoredEvent, StreamName};

/// Touchpoints of a history at most.
const HISTORY: usize = 1_000;
/// More bytes than the position, the instant and the tags of an entry take.
const ENTRY_BYTES: usize = 256;
/// More bytes than the instants and the tags of a segment take.
const SEGMENT_BYTES: usize = 64;

/// One touchpoint of a history.
#[derive(Debug, Clone)]
pub struct HistoryEntry {
    /// What the log says.
    pub event: StoredEvent,
    /// Decoded.
    pub touchpoint: Touchpoint,
    /// In one line, for whoever may read everything.
    pub headline: String,
    /// It does not count.
    pub without_effect: bool,
}

/// One item.
#[derive(Debug, Clone)]
pub struct FeedbackItem {
    /// What the views know about it.
    pub found: FeedbackAnswer,
    /// The owner's own words.
    pub verbatim: String,
    /// The number of its oldest obligations that do not fit into an answer.
    pub obligations_left_out: usize,
    /// The number of its oldest segments that do not fit into an answer.
    pub segments_left_out: usize,
    /// Oldest first: the newest touchpoints of its history.
    pub history: Vec<HistoryEntry>,
}

impl FeedbackReads {
    /// One item.
    ///
    /// # Errors
    /// See [`QueryError`]; [`QueryError::Unknown`] if nothing of its stream is known.
    pub async fn item(
        &self,
        question: FeedbackQuestion,
        bounds: &Bounds,
        viewer: &Viewer,
    ) -> Result<Answer<FeedbackItem>, QueryError> {
        let stand = self.reads.stand(FEEDBACK, bounds, viewer).await?;
        let found = stand.ask(move |snapshots, vantage| answer(snapshots, vantage, &question));
        let found = found.await?;
        let basis = stand.basis;
        let events = self.events(&found, basis.known_at).await?;
        let mut told = Vec::with_capacity(events.len());
        for event in events {
            let touchpoint = decode(&event)?;
            let key = history_key(&event, touchpoint.clone());
            if key.occurred_at <= basis.as_of {
                told.push((key, event, touchpoint));
            }
        }
        let verbatim = self.verbatim(&found).await?;
        let mut budget = AnswerBudget::of_answer();
        // The first always fits.
        let _ = budget.takes(verbatim.len());
        let feedback_id = &found.state.feedback_id;
        let obligations = found.details.iter();
        let obligations = obligations.map(|detail| obligation_bytes(feedback_id, detail));
        let obligations_left_out = budget.newest(obligations);
        let segments = found.state.dealers.iter();
        let segments = segments.map(|segment| segment.dealer_id.len() + SEGMENT_BYTES);
        let segments_left_out = budget.newest(segments);
        let (found, history) = stand
            .ask(move |_, vantage| {
                let history = history(told, &found, &vantage.validity()?, budget)?;
                Ok((found, history))
            })
            .await?;
        let item = FeedbackItem {
            found,
            verbatim,
            obligations_left_out,
            segments_left_out,
            history,
        };
        Ok(self.reads.answer(basis, item))
    }

    /// The newest touchpoints of the stream of the item, and of those of cases that bear on it.
    async fn events(
        &self,
        found: &FeedbackAnswer,
        known_at: Position,
    ) -> Result<Vec<StoredEvent>, QueryError> {
        let store = &self.reads.store;
        let skipped = found.of_cases.len().saturating_sub(HISTORY);
        let of_cases = found.of_cases.iter().skip(skipped);
        let positions = of_cases.copied().collect();
        let mut events = store.read_positions(positions).await?;
        let mut read = ReadStream {
            stream: StreamName::new(format!("feedback-{}", found.state.feedback_id)),
            from: None,
            direction: Direction::Backward,
            max: HISTORY,
        };
        let mut own = 0;
        while own < HISTORY {
            let batch = store.read_stream(read.clone()).await?;
            let Some(last) = batch.last().map(|last| last.revision) else {
                break;
            };
            for event in batch {
                if own < HISTORY && event.position <= known_at {
                    own += 1;
                    events.push(event);
                }
            }
            match last.0.checked_sub(1) {
                Some(before) => read.from = Some(Revision(before)),
                None => break,
            }
        }
        Ok(events)
    }

    /// The owner's own words, as the feedback that counts says them.
    async fn verbatim(&self, found: &FeedbackAnswer) -> Result<String, QueryError> {
        let positions = found.received_at.into_iter().collect();
        let events = self.reads.store.read_positions(positions).await?;
        let Some(event) = events.first() else {
            return Ok(String::new());
        };
        Ok(match decode(event)?.payload {
            Some(Payload::FeedbackReceived(received)) => received.verbatim,
            _ => String::new(),
        })
    }
}

/// The newest touchpoints of a history that fit one answer, oldest first.
fn history(
    mut told: Vec<(HistoryKey, StoredEvent, Touchpoint)>,
    found: &FeedbackAnswer,
    validity: &Validity<'_>,
    mut budget: AnswerBudget,
) -> Result<Vec<HistoryEntry>, ownerline_projections::fold::state::StateError> {
    told.sort_by(|(a, ..), (b, ..)| a.cmp(b));
    let mut newest: Vec<HistoryEntry> = Vec::new();
    for (_, event, touchpoint) in told.into_iter().rev().take(HISTORY) {
        let headline = headline(&touchpoint, FieldClasses::ALL);
        let stream = event.stream.as_str().len();
        if !budget.takes(event.whole.len() + stream + headline.len() + ENTRY_BYTES) {
            break;
        }
        let standing = validity.standing(&touchpoint.source, &touchpoint.id)?;
        let key = TouchpointKey::new(&touchpoint.source, &touchpoint.id);
        newest.push(HistoryEntry {
            headline,
            without_effect: !standing.in_force()
                || standing.without_effect
                || found.without_effect.contains(&key),
            event,
            touchpoint,
        });
    }
    newest.reverse();
    Ok(newest)
}
