//! What a context pack is folded from: the timeline of the person, page by page.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_projections::HistoryKey;
use ownerline_projections::context_pack::{ContextFold, ContextPack, kinds, vehicles_left};
use ownerline_projections::timeline::{TimelineFilter, TimelineOrder, TimelineRow};
use ownerline_proto::time::Instant;
use ownerline_proto::v1::{Touchpoint, Visibility};

use super::basis::{Basis, Bounds, KnownAt};
use super::timeline::{Answered, Asked, Part};
use super::views::{Views, of_view, unreadable};
use super::{QueryError, Timelines, decode};
use crate::store::Position;

/// Rows that are asked of the views at once.
const ROWS: usize = 4_096;

/// Touchpoints that are read from the log at once: at most 16 MiB at the default limit of one.
const TOUCHPOINTS: usize = 256;

/// What is asked.
#[derive(Debug, Clone)]
pub struct PackAsk {
    /// Who is going to be contacted.
    pub owner_id: String,
    /// What may be known.
    pub visible_to: Option<Visibility>,
    /// As of and as known when.
    pub bounds: Bounds,
}

/// A pack with the touchpoints it shows, and what it stands on.
#[derive(Debug, Clone)]
pub struct PackAnswer {
    /// What to know.
    pub pack: ContextPack,
    /// By position.
    pub touchpoints: BTreeMap<u64, Touchpoint>,
    /// What it stands on.
    pub basis: Basis,
}

/// Reads what context packs are folded from.
#[derive(Clone)]
pub struct ContextPacks {
    /// The timeline of the person, of which a pack is a summary.
    pub timelines: Timelines,
}

impl ContextPacks {
    /// One pack.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn read(&self, ask: PackAsk) -> Result<PackAnswer, QueryError> {
        let (reached, mut asked) = self.timelines.basis(&ask.bounds, None).await?;
        self.timelines.wait(reached).await?;
        let mut fold = ContextFold::new(asked.as_of, ask.visible_to);
        let mut after = None;
        let basis = loop {
            let part = part(&ask, after);
            let Answered { basis, page, .. } = self.timelines.rows(asked, part).await?;
            for rows in page.rows.chunks(TOUCHPOINTS) {
                self.fold(rows, &mut fold).await?;
            }
            // Every page stands on what the first stood on.
            asked = Asked::from(basis);
            match page.rows.into_iter().last() {
                Some(last) if page.more => after = Some(last.key),
                _ => break basis,
            }
        };
        let left = self.vehicles_left(ask.owner_id, basis).await?;
        let pack = fold.finish(&left);
        let positions = pack.positions().into_iter().map(Position).collect();
        let mut touchpoints = BTreeMap::new();
        for event in self.timelines.store.read_positions(positions).await? {
            touchpoints.insert(event.position.0, decode(&event)?);
        }
        Ok(PackAnswer {
            pack,
            touchpoints,
            basis,
        })
    }

    /// Asked of newer views than the rows, perhaps; what is asked of them is pinned.
    async fn vehicles_left(
        &self,
        owner_id: String,
        basis: Basis,
    ) -> Result<BTreeSet<String>, QueryError> {
        let projector = self.timelines.projector.clone();
        let asked = tokio::task::spawn_blocking(move || {
            let views = Views::of(&projector)?;
            vehicles_left(views.states(), &owner_id, basis.as_of, basis.known_at.0).map_err(of_view)
        });
        asked.await.map_err(unreadable)?
    }

    async fn fold(&self, rows: &[TimelineRow], fold: &mut ContextFold) -> Result<(), QueryError> {
        let needed = rows.iter().filter(|row| ContextFold::needs(row));
        let positions = needed.map(|row| Position(row.position)).collect();
        let events = self.timelines.store.read_positions(positions).await?;
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
    /// The same question, standing on what an earlier answer to it stood on.
    #[must_use]
    pub fn standing_on(mut self, known_at: Position, as_of: Option<Instant>) -> Self {
        if self.bounds.known_at == KnownAt::Now {
            self.bounds.known_at = KnownAt::Position(known_at);
        }
        self.bounds.as_of = self.bounds.as_of.or(as_of);
        self
    }
}

fn part(ask: &PackAsk, after: Option<HistoryKey>) -> Part {
    Part {
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
