//! The search for a trace: turns what the [membership](super::membership) wants into places to read, and takes what was
//! read there.

use std::collections::BTreeSet;

use super::correlation::positions_of_correlated;
use super::index::{self, Name, positions_of};
use super::membership::{Lookup, Membership};
use super::pack::annotate;
use super::story::{Trace, trace};
use super::touchpoint::Traced;
use crate::cases::{self, positions_of_case};
use crate::fold::state::StateError;
use crate::person::{FilledIn, Names, identity};
use crate::timeline::{self, effect_positions};
use crate::{
    AnswerError, Position, Recorded, Snapshots, TouchpointKey, Validity, Vantage, contacts,
    corrections,
};

/// The views that a trace is searched with.
pub const TRACE_VIEWS: [&str; 6] = [
    index::VIEW.name,
    cases::VIEW.name,
    corrections::VIEW.name,
    timeline::VIEW.name,
    contacts::VIEW.name,
    identity::VIEW.name,
];

/// A question about the trace of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceQuestion {
    /// The case.
    pub case_id: String,
    /// At most so many entries, the first in history order. The caller bounds it.
    pub limit: usize,
    /// So many touchpoints end the search. The caller bounds it.
    pub most_found: usize,
}

/// Where to read next. Nothing if the search is over.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TraceReading {
    /// Whole streams.
    pub streams: Vec<String>,
    /// Single touchpoints, each at most once in a search.
    pub positions: Vec<Position>,
}

impl TraceReading {
    /// Whether the search is over.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.streams.is_empty() && self.positions.is_empty()
    }
}

/// A search for the trace of a case: it says what to read [next](Self::next), and [takes](Self::take) what was read.
#[derive(Debug)]
pub struct TraceSearch {
    question: TraceQuestion,
    membership: Membership,
    read: BTreeSet<Position>,
    is_known: bool,
    is_complete: bool,
}

impl TraceSearch {
    /// Begins a search.
    #[must_use]
    pub fn new(question: TraceQuestion) -> Self {
        Self {
            membership: Membership::of(&question.case_id),
            question,
            read: BTreeSet::new(),
            is_known: false,
            is_complete: true,
        }
    }

    /// How many more touchpoints the search takes.
    #[must_use]
    pub fn room(&self) -> usize {
        let most = self.question.most_found;
        most.saturating_sub(self.membership.found.len())
    }

    /// Says where to read next, once everything that was read before is [taken](Self::take).
    ///
    /// # Errors
    /// If a state cannot be read.
    pub fn next(
        &mut self,
        snapshots: &Snapshots<'_>,
        vantage: &Vantage<'_>,
    ) -> Result<TraceReading, AnswerError> {
        let validity = vantage.validity()?;
        let lookups = Lookups {
            snapshots,
            validity: &validity,
        };
        let mut reading = TraceReading::default();
        loop {
            let wanted = self.membership.wanted();
            if wanted.is_empty() || !self.is_complete {
                return Ok(TraceReading::default());
            }
            let mut correlations = Vec::new();
            for lookup in wanted {
                self.look_up(&lookups, lookup, &mut reading, &mut correlations)?;
            }
            let (positions, complete) = lookups.correlated(&correlations, self.room() + 1)?;
            self.is_complete &= complete;
            self.read_once(positions, &mut reading);
            if !reading.is_empty() {
                return Ok(reading);
            }
        }
    }

    /// The trace, once there is nothing more to read.
    ///
    /// # Errors
    /// If no touchpoint that the viewer may see names the case, or a state cannot be read.
    pub fn finish(
        self,
        snapshots: &Snapshots<'_>,
        vantage: &Vantage<'_>,
    ) -> Result<Trace, AnswerError> {
        if !self.is_known {
            return Err(AnswerError::Unknown {
                what: "case",
                id: self.question.case_id,
            });
        }
        let Self {
            question: TraceQuestion { limit, .. },
            membership,
            is_complete,
            ..
        } = self;
        let mut trace = trace(&membership, limit, is_complete, vantage.viewer);
        annotate(snapshots, vantage, &membership, &mut trace)?;
        Ok(trace)
    }

    /// Takes touchpoints that were read, in any order and any number of parts. Those count that are known, that the viewer
    /// may see, and that occurred by the instant of the question.
    ///
    /// # Errors
    /// If a state cannot be read.
    pub fn take(
        &mut self,
        snapshots: &Snapshots<'_>,
        vantage: &Vantage<'_>,
        read: &[Recorded],
    ) -> Result<(), AnswerError> {
        let validity = &vantage.validity()?;
        let timeline = snapshots.state(timeline::VIEW.name);
        let mut filled = FilledIn::new(timeline, validity, vantage.as_of);
        for recorded in read {
            if recorded.position > vantage.known_at {
                continue;
            }
            let (source, id) = (&recorded.touchpoint.source, &recorded.touchpoint.id);
            if self
                .membership
                .index(&TouchpointKey::new(source, id))
                .is_some()
            {
                continue;
            }
            let standing = validity.standing(source, id)?;
            let traced = Traced::of(recorded, standing);
            if !vantage.viewer.sees_network() {
                let names = Names::of(&traced.subjects, recorded.kind.number);
                let names = filled.fill(&traced.stream, recorded.occurred_at, names)?;
                if !vantage.viewer.sees_dealer(&names.dealer_id) {
                    continue;
                }
            }
            self.is_known |= self.membership.is_core(&traced);
            if recorded.occurred_at > vantage.as_of {
                self.membership.pass_over(&traced);
                continue;
            }
            if self.room() == 0 {
                self.is_complete = false;
                return Ok(());
            }
            self.membership.add(traced);
        }
        Ok(())
    }

    /// Looks one up. Correlation ids are left to be looked up together.
    fn look_up(
        &mut self,
        lookups: &Lookups<'_>,
        lookup: Lookup,
        reading: &mut TraceReading,
        correlations: &mut Vec<String>,
    ) -> Result<(), AnswerError> {
        let mut positions = Vec::new();
        let most = self.room() + 1;
        let complete = match lookup {
            Lookup::Stream(stream) => {
                reading.streams.push(stream);
                true
            }
            Lookup::Case => {
                let state = lookups.snapshots.state(cases::VIEW.name);
                let (case_id, known_at) = (&self.question.case_id, lookups.validity.known_at());
                positions = positions_of_case(state, case_id, known_at, most)?;
                positions.len() < most
            }
            Lookup::Defect(id) => lookups.named(Name::Defect(&id), most, &mut positions)?,
            Lookup::Correlation(id) => {
                correlations.push(id);
                true
            }
            Lookup::Touchpoint(key) => {
                let known = lookups.validity.known(&key.source, &key.id)?;
                positions.extend(known.map(|known| known.key.position));
                true
            }
            Lookup::Naming(key) => lookups.naming(&key, most, &mut positions)?,
        };
        self.is_complete &= complete;
        self.read_once(positions, reading);
        Ok(())
    }

    /// Adds the positions that were not read before.
    fn read_once(&mut self, positions: Vec<Position>, reading: &mut TraceReading) {
        let unread = positions.into_iter().filter(|at| self.read.insert(*at));
        reading.positions.extend(unread);
    }
}

/// The indexes by which touchpoints are found.
struct Lookups<'s> {
    snapshots: &'s Snapshots<'s>,
    validity: &'s Validity<'s>,
}

impl Lookups<'_> {
    /// Adds the positions of touchpoints that may name this, at most `most`. Returns whether these are all.
    fn named(
        &self,
        name: Name<'_>,
        most: usize,
        positions: &mut Vec<Position>,
    ) -> Result<bool, StateError> {
        let state = self.snapshots.state(index::VIEW.name);
        positions_of(state, name, self.validity.known_at(), most, positions)
    }

    /// The positions of touchpoints that may have one of these correlation ids, at most `most` for each; and whether
    /// these are all.
    fn correlated(
        &self,
        correlation_ids: &[String],
        most: usize,
    ) -> Result<(Vec<Position>, bool), StateError> {
        let state = self.snapshots.state(index::VIEW.name);
        positions_of_correlated(state, correlation_ids, self.validity.known_at(), most)
    }

    /// Adds the positions of touchpoints that name another, at most `most` by causation and `most` in their payload.
    /// Returns whether these are all.
    fn naming(
        &self,
        key: &TouchpointKey,
        most: usize,
        positions: &mut Vec<Position>,
    ) -> Result<bool, StateError> {
        let TouchpointKey { source, id } = key;
        let by_payload = self.named(Name::Touchpoint(source, id), most, positions)?;
        let timeline = self.snapshots.state(timeline::VIEW.name);
        let known_at = self.validity.known_at();
        let caused = effect_positions(timeline, source, id, known_at, most)?;
        let by_causation = caused.len() < most;
        positions.extend(caused);
        Ok(by_payload && by_causation)
    }
}
