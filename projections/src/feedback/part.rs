//! A part of all items, so that several can be read at the same time.

use crate::AnswerError;

/// One of so many parts, which together are all items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Which, from 0.
    number: u64,
    /// Of how many, at least 1.
    of: u64,
}

impl Part {
    /// All items.
    pub const WHOLE: Self = Self { number: 0, of: 1 };

    /// All items in so many parts.
    pub fn split(parts: u64) -> impl Iterator<Item = Self> {
        let of = parts.max(1);
        (0..of).map(move |number| Self { number, of })
    }

    /// Whether what has this name belongs to it.
    pub(super) fn has(self, name: &[u8]) -> bool {
        // FNV-1a: neighbours fall into different parts, on every machine the same.
        let mixed = name.iter().fold(0xcbf2_9ce4_8422_2325_u64, |mixed, byte| {
            (mixed ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        (mixed >> 32) % self.of == self.number
    }
}

/// Runs the parts of one count, at the same time or one after the other.
pub trait RunParts {
    /// Counts every part; the order of the results does not matter.
    ///
    /// # Errors
    /// The first error of a part.
    fn run<C: Send>(
        &self,
        count: &(impl Fn(Part) -> Result<C, AnswerError> + Sync),
    ) -> Result<Vec<C>, AnswerError>;
}

/// Counts everything as one part.
#[derive(Debug, Clone, Copy, Default)]
pub struct OnePart;

impl RunParts for OnePart {
    fn run<C: Send>(
        &self,
        count: &(impl Fn(Part) -> Result<C, AnswerError> + Sync),
    ) -> Result<Vec<C>, AnswerError> {
        count(Part::WHOLE).map(|counted| vec![counted])
    }
}
