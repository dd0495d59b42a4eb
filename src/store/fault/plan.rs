//! Plans of faults: at one call, or at calls that a seed selects.

/// A plan of faults. Calls are counted from 1.
#[derive(Debug, Clone, Default)]
pub(crate) enum Plan<F> {
    /// Never.
    #[default]
    Never,
    /// At one call.
    Nth(u64, F),
    /// At about one in `one_in` calls, one of `faults`. The seed determines the calls and the faults.
    Seeded {
        seed: u64,
        one_in: u64,
        faults: Vec<F>,
    },
}

impl<F: Copy> Plan<F> {
    /// The fault of this call, if any.
    pub(crate) fn of(&self, call: u64) -> Option<F> {
        match self {
            Self::Never => None,
            Self::Nth(nth, fault) => (*nth == call).then_some(*fault),
            Self::Seeded {
                seed,
                one_in,
                faults,
            } => {
                let drawn = mixed(seed.wrapping_add(call.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
                let chosen = usize::try_from((drawn >> 32) % faults.len().max(1) as u64);
                (drawn.is_multiple_of(*one_in))
                    .then(|| faults.get(chosen.unwrap_or_default()).copied())
                    .flatten()
            }
        }
    }
}

/// The last step of SplitMix64.
fn mixed(seed: u64) -> u64 {
    let mut z = seed;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
