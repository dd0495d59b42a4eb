//! One axis of a lattice over 0 to 1, in cells of different widths.

/// The share of cells that is laid evenly, wherever the probability is.
const EVENLY: f64 = 0.5;

/// Cells along 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Axis {
    /// Ascending; the first is 0, the last 1.
    edges: Vec<f64>,
}

impl Axis {
    /// An axis with cells of equal width.
    pub(super) fn even(cells: usize) -> Self {
        let edges = 0..=cells;
        Self {
            edges: edges.map(|edge| edge as f64 / cells as f64).collect(),
        }
    }

    /// The midpoint and the width of every cell.
    pub(super) fn cells(&self) -> impl Iterator<Item = (f64, f64)> {
        self.edges.windows(2).filter_map(|edges| match edges {
            [low, high] => Some((f64::midpoint(*low, *high), high - low)),
            _ => None,
        })
    }

    /// A sum of zero for every cell.
    pub(super) fn zeros(&self) -> Vec<f64> {
        vec![0.0; self.edges.len().saturating_sub(1)]
    }

    /// An axis with as many cells, half of them even and half where the given probabilities are: every new cell has the
    /// same share of both together. Probabilities are smoothed over neighbours, since a cell's midpoint may lie beside a
    /// narrow peak.
    pub(super) fn laid_anew(&self, found: &[f64]) -> Self {
        let smooth = smoothed(found);
        let total: f64 = smooth.iter().sum();
        let masses = self.cells().zip(&smooth).map(|((_, width), weight)| {
            let share = if total > 0.0 { weight / total } else { width };
            EVENLY * width + (1.0 - EVENLY) * share
        });
        let cells = smooth.len().max(1);
        let mut edges = vec![0.0];
        let mut below = 0.0;
        for (mass, bounds) in masses.zip(self.edges.windows(2)) {
            let [low, high] = bounds else { continue };
            while edges.len() < cells {
                let wanted = edges.len() as f64 / cells as f64;
                if wanted > below + mass {
                    break;
                }
                edges.push(low + (high - low) * (wanted - below) / mass);
            }
            below += mass;
        }
        // Rounding may have lost an edge at the end.
        edges.resize(cells, 1.0);
        edges.push(1.0);
        Self { edges }
    }
}

/// A quarter of each neighbour and half of itself. A cell at an end counts as its own neighbour.
fn smoothed(found: &[f64]) -> Vec<f64> {
    let before = found.iter().take(1).chain(found);
    let after = found.iter().skip(1).chain(found.last());
    let all = found.iter().zip(before).zip(after);
    all.map(|((own, before), after)| 0.25 * before + 0.5 * own + 0.25 * after)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_laid_where_something_was_found_and_cover_everything() {
        let mut found = vec![0.0; 40];
        found[3] = 1.0;
        let axis = Axis::even(40).laid_anew(&found);
        let widths: f64 = axis.cells().map(|(_, width)| width).sum();
        assert_eq!(axis.cells().count(), 40);
        assert!((widths - 1.0).abs() < 1e-12);
        assert!(axis.cells().all(|(_, width)| width > 0.0));
        let near = axis
            .cells()
            .filter(|(middle, _)| (0.05..0.125).contains(middle));
        assert!(near.count() >= 20);
        let nothing = Axis::even(8).laid_anew(&[0.0; 8]);
        assert_eq!(nothing, Axis::even(8));
    }
}
