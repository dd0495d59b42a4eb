//! Counts of ends per whole second, which can be added together.

use super::{Curve, End};

const SECOND: u128 = 1_000_000_000;
/// The fewest ends that are collected before they are sorted.
const WAITING: usize = 4_096;

/// Whole seconds of a duration in nanoseconds, rounded up; 0 for a negative one.
#[must_use]
pub fn whole_seconds(nanoseconds: impl Into<i128>) -> u64 {
    let nanoseconds = nanoseconds.into().max(0).unsigned_abs();
    u64::try_from(nanoseconds.div_ceil(SECOND)).unwrap_or(u64::MAX)
}

/// The items that ended in one way in one second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cell {
    key: u64,
    items: u64,
}

/// Ends per whole second. Memory is bounded by the distinct seconds, not by the items: 16 bytes for each
/// second and way of ending, and as much again for ends that wait to be sorted.
///
/// Two merged tallies equal one tally of all items.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Ordered by key, each once.
    cells: Vec<Cell>,
    /// Keys in the order they came.
    recent: Vec<u64>,
}

impl Tally {
    /// Counts an item by its time in nanoseconds and the way it ended.
    pub fn add(&mut self, end: End, nanoseconds: impl Into<i128>) {
        self.recent.push(key(end, whole_seconds(nanoseconds)));
        if self.recent.len() >= WAITING.max(self.cells.len()) {
            self.settle();
        }
    }

    /// Adds the items of another tally.
    pub fn merge(&mut self, mut other: Self) {
        other.settle();
        self.settle();
        self.cells = merged(&self.cells, other.cells.iter().copied());
    }

    /// The curve that follows from the counts.
    #[must_use]
    pub fn curve(mut self) -> Curve {
        self.settle();
        let cells = self.cells.iter();
        Curve::new(cells.map(|cell| (cell.key >> 2, end(cell.key), cell.items)))
    }

    /// Counts the collected ends: sorting numbers and merging two ordered lists is faster than a tree of seconds.
    fn settle(&mut self) {
        if self.recent.is_empty() {
            return;
        }
        self.recent.sort_unstable();
        let runs = self.recent.chunk_by(|one, next| one == next);
        let runs = runs.filter_map(|run| {
            let key = *run.first()?;
            let items = run.len() as u64;
            Some(Cell { key, items })
        });
        self.cells = merged(&self.cells, runs);
        self.recent.clear();
    }
}

fn key(end: End, seconds: u64) -> u64 {
    let end = match end {
        End::Awaited => 0,
        End::Competing => 1,
        End::Censored => 2,
    };
    (seconds << 2) | end
}

fn end(key: u64) -> End {
    match key & 3 {
        0 => End::Awaited,
        1 => End::Competing,
        _ => End::Censored,
    }
}

/// Two ordered lists of cells as one.
fn merged(cells: &[Cell], others: impl Iterator<Item = Cell>) -> Vec<Cell> {
    let mut all = Vec::with_capacity(cells.len() + others.size_hint().0);
    let mut cells = cells.iter().copied().peekable();
    for mut other in others {
        while let Some(cell) = cells.next_if(|cell| cell.key < other.key) {
            all.push(cell);
        }
        if let Some(same) = cells.next_if(|cell| cell.key == other.key) {
            other.items += same.items;
        }
        all.push(other);
    }
    all.extend(cells);
    all
}
