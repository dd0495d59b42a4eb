//! The scores of all persons, without their evidence.

use super::background::{Background, BackgroundBuilder};
use super::everybody::{EvidenceVisitor, Piece, read};
use super::ledger::Ledger;
use super::means::Means;
use super::model::{Component, Model};
use super::rows::Row;
use super::states::AdvocacyStates;
use crate::fold::state::StateError;
use crate::{HistoryKey, Position};
use ownerline_proto::time::Instant;

/// The score of one person, as [`super::owner_advocacy`] answers it, without the evidence.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonScore {
    /// The least id of the person.
    pub owner_id: String,
    /// 0 to 100; `None` for insufficient evidence.
    pub score: Option<f64>,
    /// Between 0 and 1.
    pub confidence: f64,
    /// The number of pieces of evidence, including those of weight 0.
    pub evidence: u64,
    /// The component whose evidence adds most to the score, and its points; the first of equal ones. `None` if none adds
    /// any.
    pub lifted_by: Option<(Component, f64)>,
    /// The background of the person.
    pub background: Background,
}

struct ScoreVisitor<'m> {
    ledger: Ledger<'m>,
    /// By the number of the person.
    backgrounds: Vec<BackgroundBuilder>,
}

impl EvidenceVisitor for ScoreVisitor<'_> {
    const NEEDS_PERSONS: bool = true;

    fn row(&mut self, key: &HistoryKey, row: &Row, dealer_id: &str, persons: &[u32]) {
        for person in persons {
            let number = *person as usize;
            if self.backgrounds.len() <= number {
                self.backgrounds
                    .resize_with(number + 1, BackgroundBuilder::default);
            }
            if let Some(background) = self.backgrounds.get_mut(number) {
                background.add(key, row, dealer_id);
            }
        }
    }

    fn piece(&mut self, piece: &Piece<'_>, persons: &[u32]) {
        self.ledger.add(piece, persons);
    }
}

/// Visits the score of every person known to the view, in the order of their least ids. Reads all evidence once and holds
/// it in memory.
pub(super) fn person_scores(
    states: AdvocacyStates<'_>,
    model: &Model,
    means: &Means,
    as_of: Instant,
    known_at: Position,
    mut visit: impl FnMut(PersonScore),
) -> Result<(), StateError> {
    let mut visitor = ScoreVisitor {
        ledger: Ledger::new(model, as_of),
        backgrounds: Vec::new(),
    };
    let roster = read(states, model, known_at, as_of, &mut visitor)?;
    let ScoreVisitor {
        ledger,
        mut backgrounds,
    } = visitor;
    let totals = ledger.totals(backgrounds.len());
    for (owner_id, number) in roster.numbers() {
        let number = number as usize;
        let (Some(totals), Some(background)) = (totals.get(number), backgrounds.get_mut(number))
        else {
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
        visit(PersonScore {
            owner_id: owner_id.to_owned(),
            score: verdict.score,
            confidence: verdict.confidence,
            evidence: totals.pieces,
            lifted_by,
            background: std::mem::take(background).finish(),
        });
    }
    Ok(())
}
