//! What a context pack is folded from: the timeline of the person, page by page.

use std::collections::BTreeMap;

use ownerline_projections::context_pack::{ContextFold, ContextPack, kinds, vehicles_left};
use ownerline_projections::timeline::{
    TimelineFilter, TimelineOrder, TimelineQuestion, TimelineRow, TimelineStates,
};
use ownerline_projections::{HistoryKey, Viewer};
use ownerline_proto::time::Instant;
use ownerline_proto::v1::{Touchpoint, Visibility};

use super::basis::{Answer, Basis, Bounds, KnownAt, Wanted};
use super::error::QueryError;
use super::needs::TIMELINE;
use super::recorded::decode;
use super::timeline::page::TimelineReads;
use crate::store::Position;

/// Rows that are read from the views at once.
const ROWS: usize = 4_096;

/// Touchpoints that are read from the log at once: at most 16 MiB at the default limit of one.
const TOUCHPOINTS: usize = 256;

/// The pack to fold.
#[derive(Debug, Clone)]
pub struct PackAsk {
    /// The owner who is going to be contacted.
    pub owner_id: String,
    /// What may be known.
    pub visible_to: Option<Visibility>,
    /// The position and the instant to reflect.
    pub bounds: Bounds,
}

/// A pack with the touchpoints that it shows.
#[derive(Debug, Clone)]
pub struct PackFound {
    /// What to know.
    pub pack: ContextPack,
    /// By position.
    pub touchpoints: BTreeMap<Position, Touchpoint>,
}

/// Reads context packs. Cheap to clone.
#[derive(Clone)]
pub struct ContextPackReads {
    /// The timeline of the person, which a pack sums up.
    pub timelines: TimelineReads,
}

impl ContextPackReads {
    /// One pack.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn get(
        &self,
        ask: PackAsk,
        viewer: &Viewer,
    ) -> Result<Answer<PackFound>, QueryError> {
        let reads = &self.timelines.reads;
        let mut wanted = Wanted::by(&ask.bounds, &reads.store).await?;
        let mut fold: Option<ContextFold> = None;
        let mut after = None;
        let (basis, fold) = loop {
            let question = question(&ask, after);
            let page = self.timelines.rows(wanted, question, viewer).await?;
            let (basis, page) = (page.basis, page.value);
            let mut folded = fold.unwrap_or_else(|| {
                ContextFold::new(basis.as_of, ask.visible_to).asked_at(basis.asked_at)
            });
            for rows in page.rows.chunks(TOUCHPOINTS) {
                self.fold(rows, &mut folded).await?;
            }
            // Every page is read on the basis of the first.
            wanted = Wanted::again(basis);
            match page.rows.into_iter().last() {
                Some(last) if page.more => after = Some(last.key),
                _ => break (basis, folded),
            }
            fold = Some(folded);
        };
        let pack = self.finish(fold, ask.owner_id, basis, viewer).await?;
        let positions = pack.positions().into_iter().collect();
        let mut touchpoints = BTreeMap::new();
        for event in reads.store.read_positions(positions).await? {
            touchpoints.insert(event.position, decode(&event)?);
        }
        Ok(reads.answer(basis, PackFound { pack, touchpoints }))
    }

    async fn finish(
        &self,
        fold: ContextFold,
        owner_id: String,
        basis: Basis,
        viewer: &Viewer,
    ) -> Result<ContextPack, QueryError> {
        let wanted = Wanted::again(basis);
        let reads = &self.timelines.reads;
        let pack = reads.ask_for(TIMELINE, wanted, viewer, move |snapshots, vantage| {
            let states = TimelineStates::of(snapshots);
            let left = vehicles_left(states, &owner_id, vantage.as_of, vantage.known_at)?;
            Ok(fold.finish(&left))
        });
        Ok(pack.await?.value)
    }

    async fn fold(&self, rows: &[TimelineRow], fold: &mut ContextFold) -> Result<(), QueryError> {
        let needed = rows.iter().filter(|row| ContextFold::needs(row));
        let positions = needed.map(|row| row.position).collect();
        let store = &self.timelines.reads.store;
        let events = store.read_positions(positions).await?;
        let mut events = events.iter();
        for row in rows {
            if !ContextFold::needs(row) {
                fold.pass(row);
            } else if let Some(event) = events.next() {
                fold.apply(row, &decode(event)?);
            }
        }
        Ok(())
    }
}

impl PackAsk {
    /// The same question on the basis of an earlier answer to it.
    #[must_use]
    pub fn on_basis(mut self, known_at: Position, as_of: Option<Instant>) -> Self {
        if self.bounds.known_at == KnownAt::Now {
            self.bounds.known_at = KnownAt::Position(known_at);
        }
        self.bounds.as_of = self.bounds.as_of.or(as_of);
        self
    }
}

fn question(ask: &PackAsk, after: Option<HistoryKey>) -> TimelineQuestion {
    TimelineQuestion {
        owner_id: ask.owner_id.clone(),
        filter: TimelineFilter {
            kinds: kinds(),
            visible_to: ask.visible_to,
            ..TimelineFilter::default()
        },
        order: TimelineOrder::OldestFirst,
        after,
        limit: ROWS,
    }
}
