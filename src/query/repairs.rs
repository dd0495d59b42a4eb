//! Where a car stands by the rules about repeated repairs: what to read is found first, then read from the log, then judged.

use ownerline_projections::repairs::{RepairFold, RepairStatus, answer, gather};
use ownerline_projections::{AnswerError, Viewer};

use super::basis::{Answer, Bounds};
use super::error::QueryError;
use super::needs::REPAIRS;
use super::reads::{Reads, Stand};
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
        let stand = reads.stand(REPAIRS, bounds, viewer).await?;
        let gathered =
            stand.ask(move |snapshots, vantage| gather(snapshots, vantage, &vin, usize::MAX));
        let mut fold = gathered.await?;
        read(reads, &mut fold).await?;
        let status = stand.ask(move |snapshots, vantage| answer(snapshots, vantage, &fold));
        Ok(reads.answer(stand.basis, status.await?))
    }
}

/// Where a car stands, by the snapshot of another question, if no more than so many touchpoints tell of it; `None` if more do,
/// or the viewer may not know of the car.
pub(super) async fn repairs_at_most(
    reads: &Reads,
    stand: &Stand,
    vin: String,
    most: usize,
) -> Result<Option<RepairStatus>, QueryError> {
    let gathered =
        stand.ask(
            move |snapshots, vantage| match gather(snapshots, vantage, &vin, most) {
                Err(AnswerError::Unknown { .. }) => Ok(None),
                gathered => gathered.map(Some),
            },
        );
    let Some(mut fold) = gathered.await?.filter(|it| !it.is_cut()) else {
        return Ok(None);
    };
    read(reads, &mut fold).await?;
    let status = stand.ask(move |snapshots, vantage| answer(snapshots, vantage, &fold));
    status.await.map(Some)
}

/// Gives a fold the touchpoints that it asks for.
async fn read(reads: &Reads, fold: &mut RepairFold) -> Result<(), QueryError> {
    for positions in fold.positions().chunks(TOUCHPOINTS) {
        for event in reads.store.read_positions(positions.to_vec()).await? {
            fold.apply(event.position, &decode(&event)?);
        }
    }
    Ok(())
}
