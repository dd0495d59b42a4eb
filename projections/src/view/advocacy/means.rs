//! The mean of the brand, towards which little evidence is pulled.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::everybody::{Audience, Reading};
use super::model::{Component, Model};
use super::query::AdvocacyStates;
use super::rows::Row;
use super::stream::Piece;
use crate::HistoryKey;
use crate::state::StateError;

/// The means of all owners at the start of a month, as known then: they never change, and may be kept under
/// (model, month). 72 bytes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Means {
    /// The start of a month in UTC, in nanoseconds since the Unix epoch; `None`: before the first
    /// touchpoint, every mean is 0.
    pub month: Option<i64>,
    means: [f64; 5],
    weights: [f64; 5],
}

impl Means {
    /// The means before anything was recorded: 0.
    #[must_use]
    pub fn none() -> Self {
        Self {
            month: None,
            means: [0.0; 5],
            weights: [0.0; 5],
        }
    }

    /// The mean of a component, between -1 and 1; 0 if nothing was recorded about it.
    #[must_use]
    pub fn of(&self, component: Component) -> f64 {
        *component.of(&self.means)
    }

    /// The weight of the evidence behind it.
    #[must_use]
    pub fn weight(&self, component: Component) -> f64 {
        *component.of(&self.weights)
    }
}

/// The latest start of a month in UTC at or before an instant; both in nanoseconds since the Unix epoch.
/// `None` where there is none that can be told.
#[must_use]
pub fn month_start(instant: i64) -> Option<i64> {
    let then = Timestamp::from_nanosecond(instant.into()).ok()?;
    let month = then.to_zoned(TimeZone::UTC).date().first_of_month();
    let start = month.to_zoned(TimeZone::UTC).ok()?.timestamp();
    i64::try_from(start.as_nanosecond()).ok()
}

/// What is summed up, in the order of the history.
struct Term {
    occurred_at: i64,
    source: Arc<str>,
    id: String,
    component: Component,
    weight: f64,
    value: f64,
}

struct Sum<'m> {
    model: &'m Model,
    month: i64,
    terms: Vec<Term>,
    /// There are few.
    sources: BTreeSet<Arc<str>>,
}

impl Audience for Sum<'_> {
    const ROWS: bool = false;

    fn row(&mut self, _: &HistoryKey, _: &Row, _: &str, _: &[String]) {}

    fn piece(&mut self, piece: Piece, _: &[String]) {
        let HistoryKey {
            occurred_at,
            source,
            id,
            ..
        } = piece.key;
        let source = match self.sources.get(source.as_str()) {
            Some(source) => Arc::clone(source),
            None => {
                let source: Arc<str> = source.into();
                self.sources.insert(Arc::clone(&source));
                source
            }
        };
        let component = piece.evidence.component();
        let decay = self.model.decay(component, occurred_at, self.month);
        self.terms.push(Term {
            occurred_at,
            source,
            id,
            component,
            weight: self.model.strength(piece.evidence) * (1.0 - piece.suspicion) * decay,
            value: piece.value,
        });
    }
}

/// The means at `month`, the start of a month in UTC, from what was recorded by then: at or before position
/// `known_at`, the last one that the log recorded at or before that instant. Every touchpoint counts once,
/// whoever it belongs to, if it belongs to anybody. Reads all evidence once.
///
/// # Errors
/// If a state cannot be read.
pub fn means(
    states: AdvocacyStates<'_>,
    model: &Model,
    month: i64,
    known_at: u64,
) -> Result<Means, StateError> {
    if known_at == 0 {
        return Ok(Means::none());
    }
    let reading = Reading::new(states, known_at, month)?;
    let mut sum = Sum {
        model,
        month,
        terms: Vec::new(),
        sources: BTreeSet::new(),
    };
    reading.read(model, &mut sum)?;
    let mut terms = sum.terms;
    // Themes of one text are in its order already: the sort is stable.
    terms.sort_by(|a, b| (a.occurred_at, &a.source, &a.id).cmp(&(b.occurred_at, &b.source, &b.id)));
    let (mut means, mut weights) = ([0.0; 5], [0.0; 5]);
    for term in &terms {
        *term.component.of_mut(&mut weights) += term.weight;
        *term.component.of_mut(&mut means) += term.weight * term.value;
    }
    for (mean, weight) in means.iter_mut().zip(weights) {
        *mean = if weight > 0.0 { *mean / weight } else { 0.0 };
    }
    Ok(Means {
        month: Some(month),
        means,
        weights,
    })
}
