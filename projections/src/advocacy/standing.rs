//! Where everybody stands: the score of each, without what it is made of.

use super::background::{Background, Told};
use super::everybody::{Audience, Piece, read};
use super::ledger::Ledger;
use super::means::Means;
use super::model::{Component, Model};
use super::rows::Row;
use super::states::AdvocacyStates;
use crate::HistoryKey;
use crate::fold::state::StateError;
use ownerline_proto::time::Instant;

/// Where one person stands: what [`super::owner_advocacy`] answers of them, in short.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The least of their ids.
    pub owner_id: String,
    /// 0 to 100; `None`: insufficient evidence.
    pub score: Option<f64>,
    /// Between 0 and 1.
    pub confidence: f64,
    /// How many pieces of evidence there are, those that do not count included.
    pub evidence: u64,
    /// The component whose evidence adds most to the score, and how many points; of equal ones the first.
    /// `None`: none adds anything.
    pub lifted_by: Option<(Component, f64)>,
    /// What else is known of them.
    pub background: Background,
}

struct Everybody<'m> {
    ledger: Ledger<'m>,
    /// By the number of the person.
    told: Vec<Told>,
}

impl Audience for Everybody<'_> {
    const PERSONS: bool = true;

    fn row(&mut self, key: &HistoryKey, row: &Row, dealer_id: &str, persons: &[u32]) {
        for person in persons {
            let number = *person as usize;
            if self.told.len() <= number {
                self.told.resize_with(number + 1, Told::default);
            }
            if let Some(told) = self.told.get_mut(number) {
                told.take(key, row, dealer_id);
            }
        }
    }

    fn piece(&mut self, piece: &Piece<'_>, persons: &[u32]) {
        self.ledger.add(piece, persons);
    }
}

/// Tells where everybody stands of whom the view knows anything, in the order of their least ids. Reads all
/// evidence once and keeps it while it does.
pub(super) fn standings(
    states: AdvocacyStates<'_>,
    model: &Model,
    means: &Means,
    as_of: Instant,
    known_at: u64,
    mut tell: impl FnMut(Standing),
) -> Result<(), StateError> {
    let mut everybody = Everybody {
        ledger: Ledger::new(model, as_of),
        told: Vec::new(),
    };
    let roster = read(states, model, known_at, as_of, &mut everybody)?;
    let Everybody { ledger, mut told } = everybody;
    let totals = ledger.totals(told.len());
    for (owner_id, number) in roster.numbers() {
        let number = number as usize;
        let (Some(totals), Some(told)) = (totals.get(number), told.get_mut(number)) else {
            continue;
        };
        let verdict = totals.verdict(model, means);
        let mut lifted_by: Option<(Component, f64)> = None;
        for component in Component::ALL {
            let points = component.of(&verdict.points) * component.of(&totals.values);
            if points > lifted_by.map_or(0.0, |(_, most)| most) {
                lifted_by = Some((component, points));
            }
        }
        tell(Standing {
            owner_id: owner_id.to_owned(),
            score: verdict.score,
            confidence: verdict.confidence,
            evidence: totals.pieces,
            lifted_by,
            background: std::mem::take(told).finish(),
        });
    }
    Ok(())
}
