//! A hash by which names are found in the view.

/// A hash of a name: cheap, because writers pay for it, and the same in every build, because it is stored. It need not
/// withstand anybody: names that share a hash cost whoever looks one up a read.
#[derive(Debug, Clone, Copy)]
pub(super) struct NameHash(u64);

impl NameHash {
    /// An odd number with evenly spread bits: the golden ratio.
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;

    pub(super) fn of(kind: u64) -> Self {
        Self(0).word(kind)
    }

    pub(super) fn text(self, text: &str) -> Self {
        let (words, rest) = text.as_bytes().as_chunks::<8>();
        let hash = words
            .iter()
            .fold(self, |hash, word| hash.word(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        for (to, from) in last.iter_mut().zip(rest) {
            *to = *from;
        }
        // The length tells texts apart that differ only in NULs, and ends one text before the next.
        hash.word(u64::from_le_bytes(last))
            .word(text.len().try_into().unwrap_or(u64::MAX))
    }

    fn word(self, word: u64) -> Self {
        Self((self.0.rotate_left(23) ^ word).wrapping_mul(Self::FACTOR))
    }

    pub(super) fn finish(self) -> u64 {
        // The finalizer of SplitMix64 (Steele, Lea, Flood 2014): every bit of the input reaches every bit.
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}
