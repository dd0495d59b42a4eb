//! A compact ledger of evidence, added up in history order.

use super::everybody::Piece;
use super::model::{Component, Model};
use super::totals::Totals;
use crate::Rank;
use ownerline_proto::time::Instant;

/// Collects evidence, some 80 bytes for each piece and person.
pub(super) struct Ledger<'m> {
    model: &'m Model,
    as_of: Instant,
    entries: Vec<Entry>,
    /// Source and id of each piece, one after the other, in an encoding that sorts like them.
    names: Vec<u8>,
}

struct Entry {
    person: u32,
    component: Component,
    occurred_at: i64,
    rank: Rank,
    name: (usize, usize),
    weight: f64,
    value: f64,
}

impl<'m> Ledger<'m> {
    pub(super) fn new(model: &'m Model, as_of: Instant) -> Self {
        Self {
            model,
            as_of,
            entries: Vec::new(),
            names: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, piece: &Piece<'_>, persons: &[u32]) {
        let start = self.names.len();
        // Like in keys, no text contains a NUL.
        self.names.extend_from_slice(piece.key.source.as_bytes());
        self.names.push(0);
        self.names.extend_from_slice(piece.key.id.as_bytes());
        let (evidence, occurred_at) = (piece.evidence, piece.key.occurred_at);
        let component = evidence.component();
        let decay = self.model.decay(component, occurred_at, self.as_of);
        let weight = self.model.strength(evidence) * (1.0 - piece.suspicion) * decay;
        for person in persons {
            self.entries.push(Entry {
                person: *person,
                component,
                occurred_at,
                rank: piece.key.rank,
                name: (start, self.names.len()),
                weight,
                value: piece.value,
            });
        }
    }

    /// Returns the totals of each person, by number.
    pub(super) fn totals(self, persons: usize) -> Vec<Totals> {
        let Self {
            mut entries, names, ..
        } = self;
        let name = |entry: &Entry| names.get(entry.name.0..entry.name.1).unwrap_or_default();
        // The sort is stable, so themes of one text stay in the order of the text.
        entries.sort_by(|a, b| {
            let place = |entry: &Entry| (entry.person, entry.occurred_at, entry.rank);
            let (a_place, b_place) = (place(a), place(b));
            a_place.cmp(&b_place).then_with(|| name(a).cmp(name(b)))
        });
        let mut totals = vec![Totals::default(); persons];
        for entry in &entries {
            if let Some(totals) = totals.get_mut(entry.person as usize) {
                totals.add(entry.component, entry.weight, entry.value);
            }
        }
        totals
    }
}
