//! Parts of all items, so that several threads can read at the same time.

use crate::AnswerError;

/// One of several parts, which together are all items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The number of this part, from 0.
    number: u64,
    /// The number of parts, at least 1.
    of: u64,
}

impl Part {
    /// All items.
    pub const WHOLE: Self = Self { number: 0, of: 1 };

    /// Splits all items into parts.
    pub fn split(parts: u64) -> impl Iterator<Item = Self> {
        let of = parts.max(1);
        (0..of).map(move |number| Self { number, of })
    }

    /// Whether the item or chunk with this key belongs to this part.
    pub(super) fn has(self, name: &[u8]) -> bool {
        // FNV-1a spreads neighbours over the parts, and gives the same parts on every machine.
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
