//! Where a car stands by the rules about repeated repairs: what to read is found first, then read from the log, then judged.

use ownerline_projections::Viewer;
use ownerline_projections::repairs::{RepairStatus, answer, gather};

use super::basis::{Answer, Bounds};
use super::error::QueryError;
use super::needs::REPAIRS;
use super::reads::Reads;
use super::recorded::decode;

/// Touchpoints that are read from the log at once: at most 16 MiB at the default limit of one.
const TOUCHPOINTS: usize = 256;

/// Reads what is known of cars. Cheap to clone.
#[derive(Clone)]
pub struct VehicleReads {
    /// The seam.
    pub reads: Reads,
}

impl VehicleReads {
    /// Where a car stands.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn repairs(
        &self,
        vin: String,
        bounds: &Bounds,
        viewer: &Viewer,
    ) -> Result<Answer<RepairStatus>, QueryError> {
        let reads = &self.reads;
        // Both steps are taken on one snapshot.
        let stand = reads.stand(REPAIRS, bounds, viewer).await?;
        let gathered = stand.ask(move |snapshots, vantage| gather(snapshots, vantage, &vin));
        let mut fold = gathered.await?;
        for positions in fold.positions().chunks(TOUCHPOINTS) {
            for event in reads.store.read_positions(positions.to_vec()).await? {
                fold.apply(event.position, &decode(&event)?);
            }
        }
        let status = stand.ask(move |snapshots, vantage| answer(snapshots, vantage, &fold));
        Ok(reads.answer(stand.basis, status.await?))
    }
}
