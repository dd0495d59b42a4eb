//! Orders: one with the texts of the log that it shows.

use std::collections::BTreeMap;

use ownerline_projections::Viewer;
use ownerline_projections::orders::{OrderAnswer, OrderQuestion, answer};
use ownerline_proto::v1::Touchpoint;

use super::basis::{Answer, Bounds};
use super::error::QueryError;
use super::needs::ORDERS;
use super::reads::Reads;
use super::recorded::decode;
use crate::store::Position;

/// Touchpoints that are read from the log at once: at most 16 MiB at the default limit of one.
const TOUCHPOINTS: usize = 256;

/// Reads orders. Cheap to clone.
#[derive(Clone)]
pub struct OrderReads {
    /// The seam.
    pub reads: Reads,
}

/// One order.
#[derive(Debug, Clone)]
pub struct OrderFile {
    /// What follows from its history.
    pub answer: OrderAnswer,
    /// The touchpoints that it shows, by position.
    pub touchpoints: BTreeMap<Position, Touchpoint>,
}

impl OrderReads {
    /// One order.
    ///
    /// # Errors
    /// See [`QueryError`]; [`QueryError::Unknown`] if there is none that whoever asks may see.
    pub async fn get(
        &self,
        question: OrderQuestion,
        bounds: &Bounds,
        viewer: &Viewer,
    ) -> Result<Answer<OrderFile>, QueryError> {
        let stand = self.reads.stand(ORDERS, bounds, viewer).await?;
        let found = stand.ask(move |snapshots, vantage| answer(snapshots, vantage, &question));
        let answer = found.await?;
        let shown: Vec<Position> = answer.sheet().positions().into_iter().collect();
        let mut touchpoints = BTreeMap::new();
        for positions in shown.chunks(TOUCHPOINTS) {
            let events = self.reads.store.read_positions(positions.to_vec()).await?;
            for event in events {
                touchpoints.insert(event.position, decode(&event)?);
            }
        }
        let file = OrderFile {
            answer,
            touchpoints,
        };
        Ok(self.reads.answer(stand.basis, file))
    }
}
