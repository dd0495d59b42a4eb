//! What a context pack is folded from: the timeline of the person, page by page.

use std::collections::BTreeMap;

use futures::{StreamExt as _, stream};
use ownerline_projections::Viewer;
use ownerline_projections::context_pack::{
    CaseFacts, ContextPack, PackFold, case_facts, vehicles_left,
};
use ownerline_projections::repairs::RepairStatus;
use ownerline_projections::timeline::{self, TimelinePage, TimelineQuestion, TimelineStates};
use ownerline_proto::time::Instant;
use ownerline_proto::v1::{Touchpoint, Visibility};

use super::basis::{Answer, Bounds, KnownAt};
use super::error::QueryError;
use super::needs::CONTEXT_PACK;
use super::reads::Stand;
use super::recorded::decode;
use super::repairs::repairs_at_most;
use super::timeline::page::TimelineReads;
use crate::store::Position;

/// Touchpoints that are read from the log at once: at most 16 MiB at the default limit of one, twice that with those ahead.
const TOUCHPOINTS: usize = 256;

/// Vehicles of which a pack says where they stand by the rules about repeated repairs, at most.
const VEHICLES: usize = 5;
/// Touchpoints about the repairs of one of them, at most.
const REPAIRS: usize = 500;

/// Parts of a page whose touchpoints are read at once.
const AHEAD: usize = 2;

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
    /// What its open cases owe, by case; empty for a reader who may not see everything.
    pub cases: BTreeMap<String, CaseFacts>,
    /// Where vehicles with open defects stand by the rules about repeated repairs; empty for a reader who may not see
    /// everything.
    pub repairs: Vec<RepairStatus>,
    /// Vehicles with open defects that were not judged, because there are too many of them or too much is told of one.
    pub not_judged: Vec<String>,
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
        // Every page is read from one snapshot.
        let stand = reads.stand(CONTEXT_PACK, &ask.bounds, viewer).await?;
        let basis = stand.basis;
        let owner_id = ask.owner_id.clone();
        let mut fold = PackFold::new(owner_id, ask.visible_to, basis.as_of, basis.asked_at);
        let mut ahead = None;
        while let Some(question) = fold.question() {
            let page = match ahead.take() {
                Some(page) => page,
                None => page_of(&stand, question).await?,
            };
            // The next page is computed while the touchpoints of this one are read and folded.
            let next = fold.question_ahead(&page);
            let computing = async {
                match next {
                    Some(question) => page_of(&stand, question).await.map(Some),
                    None => Ok(None),
                }
            };
            (ahead, ()) = tokio::try_join!(computing, self.fold(&page, &mut fold))?;
            fold.end_page(page.more);
        }
        let owner_id = ask.owner_id;
        let sees_everything =
            !matches!(ask.visible_to, Some(Visibility::Dealer | Visibility::Owner));
        let pack = stand.ask(move |snapshots, vantage| {
            let states = TimelineStates::of(snapshots);
            let left = vehicles_left(states, &owner_id, vantage.as_of, vantage.known_at)?;
            let pack = fold.finish(&left);
            let cases = match sees_everything {
                true => case_facts(snapshots, vantage, &pack)?,
                false => BTreeMap::new(),
            };
            Ok((pack, cases))
        });
        let (pack, cases) = pack.await?;
        let vins = match sees_everything {
            true => pack.vehicles_in_trouble(),
            false => Vec::new(),
        };
        let (repairs, not_judged) = self.repairs(&stand, vins).await?;
        let positions = pack.positions().into_iter().collect();
        let mut touchpoints = BTreeMap::new();
        for event in reads.store.read_positions(positions).await? {
            touchpoints.insert(event.position, decode(&event)?);
        }
        Ok(reads.answer(
            basis,
            PackFound {
                pack,
                cases,
                repairs,
                not_judged,
                touchpoints,
            },
        ))
    }

    /// Where some vehicles stand by the rules about repeated repairs, and which are not judged.
    async fn repairs(
        &self,
        stand: &Stand,
        vins: Vec<String>,
    ) -> Result<(Vec<RepairStatus>, Vec<String>), QueryError> {
        let (mut judged, mut left) = (Vec::new(), Vec::new());
        for (place, vin) in vins.into_iter().enumerate() {
            let status = match place < VEHICLES {
                true => repairs_at_most(&self.timelines.reads, stand, vin.clone(), REPAIRS).await?,
                false => None,
            };
            match status {
                Some(status) => judged.push(status),
                None => left.push(vin),
            }
        }
        Ok((judged, left))
    }

    /// Folds the rows of a page. While some are folded, the touchpoints of the next ones are read.
    async fn fold(&self, page: &TimelinePage, fold: &mut PackFold) -> Result<(), QueryError> {
        if !fold.takes(page) {
            return Ok(());
        }
        let rows = &page.rows;
        // The answer of `needs` may change with a row, so it is asked before any is folded.
        let needed = rows.chunks(TOUCHPOINTS).map(|rows| {
            let needed = rows.iter().filter(|row| fold.needs(row));
            needed.map(|row| row.position).collect()
        });
        let needed: Vec<Vec<Position>> = needed.collect();
        let reading = needed.into_iter().map(|positions| {
            let store = self.timelines.reads.store.clone();
            async move { store.read_positions(positions).await }
        });
        let mut read = stream::iter(reading).buffered(AHEAD);
        for rows in rows.chunks(TOUCHPOINTS) {
            let events = read.next().await.transpose()?.unwrap_or_default();
            let mut events = events.iter().peekable();
            for row in rows {
                let touchpoint = events.next_if(|event| event.position == row.position);
                let touchpoint = touchpoint.map(decode).transpose()?;
                fold.apply(row, touchpoint.as_ref());
            }
        }
        Ok(())
    }
}

/// Computes one page of the timeline that a pack sums up.
async fn page_of(stand: &Stand, question: TimelineQuestion) -> Result<TimelinePage, QueryError> {
    let page =
        stand.ask(|snapshots, vantage| timeline::answer_in_brief(snapshots, vantage, question));
    page.await
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
