//! One case: what follows from its history, and the texts of the log that it shows.

use std::collections::BTreeMap;

use ownerline_projections::Viewer;
use ownerline_projections::cases::{CaseAnswer, CaseQuestion, CaseSheet, answer};
use ownerline_proto::v1::Touchpoint;

use super::reads::CaseReads;
use crate::query::basis::{Answer, Bounds};
use crate::query::error::QueryError;
use crate::query::needs::CASES;
use crate::query::recorded::decode;
use crate::store::Position;

/// Touchpoints that are read from the log at once.
const TOUCHPOINTS: usize = 256;

/// One case.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// What follows from its history.
    pub answer: CaseAnswer,
    /// The touchpoints that it shows, by position.
    pub touchpoints: BTreeMap<Position, Touchpoint>,
}

impl CaseReads {
    /// One case.
    ///
    /// # Errors
    /// See [`QueryError`]; [`QueryError::Unknown`] if nothing of it is known.
    pub async fn get(
        &self,
        question: CaseQuestion,
        bounds: &Bounds,
        viewer: &Viewer,
    ) -> Result<Answer<CaseFile>, QueryError> {
        let stand = self.reads.stand(CASES, bounds, viewer).await?;
        let found = stand.ask(move |snapshots, vantage| answer(snapshots, vantage, &question));
        let file = self.file(found.await?).await?;
        Ok(self.reads.answer(stand.basis, file))
    }

    /// A case with the touchpoints that it shows.
    pub(super) async fn file(&self, answer: CaseAnswer) -> Result<CaseFile, QueryError> {
        let shown = answer.positions(&CaseSheet::of(&answer.history));
        let shown: Vec<Position> = shown.into_iter().collect();
        let mut touchpoints = BTreeMap::new();
        for positions in shown.chunks(TOUCHPOINTS) {
            let events = self.reads.store.read_positions(positions.to_vec()).await?;
            for event in events {
                touchpoints.insert(event.position, decode(&event)?);
            }
        }
        Ok(CaseFile {
            answer,
            touchpoints,
        })
    }
}
