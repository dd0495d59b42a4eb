//! Arbitrary input at every place where bytes come in. Each target is a plain function over bytes; what runs it
//! is a seeded mutator over a small corpus, so that a failure repeats and no other toolchain is needed.
//!
//! `OWNERLINE_FUZZ_RUNS=n` makes long runs, `OWNERLINE_FUZZ_SEED=n` others.

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::support::Dice;

#[cfg(test)]
mod lines;
#[cfg(test)]
mod recording;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod stored;
#[cfg(test)]
mod tokens;

const RUNS: &str = "OWNERLINE_FUZZ_RUNS";
const SEED: &str = "OWNERLINE_FUZZ_SEED";

fn number(name: &str, otherwise: usize) -> usize {
    let given = std::env::var(name).ok();
    given.map_or(otherwise, |given| given.parse().unwrap())
}

/// Makes inputs out of a corpus.
pub(crate) struct Mutator {
    corpus: Vec<Vec<u8>>,
    dice: Dice,
}

impl Mutator {
    pub(crate) fn of(corpus: Vec<Vec<u8>>) -> Self {
        assert!(!corpus.is_empty());
        let seed = number(SEED, 1) as u64;
        Self {
            corpus,
            dice: Dice(seed),
        }
    }

    fn byte(&mut self) -> u8 {
        const INTERESTING: [u8; 10] = [0, 1, 0x0a, b'"', b'-', 0x7f, 0x80, 0xc0, 0xfe, 0xff];
        match self.dice.below(3) {
            0 => INTERESTING[self.dice.below(INTERESTING.len())],
            _ => u8::try_from(self.dice.below(256)).unwrap(),
        }
    }

    /// The next input: one of the corpus as it is, changed a little, or nothing but noise.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        if self.dice.below(16) == 0 {
            let length = self.dice.below(200);
            return (0..length).map(|_| self.byte()).collect();
        }
        let mut bytes = self.corpus[self.dice.below(self.corpus.len())].clone();
        for _ in 0..self.dice.below(5) {
            self.change(&mut bytes);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>) {
        let at = self.dice.below(bytes.len() + 1);
        let to = (at + self.dice.below(32)).min(bytes.len());
        match self.dice.below(7) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.dice.below(8),
            1 if at < bytes.len() => bytes[at] = self.byte(),
            2 => bytes.insert(at, self.byte()),
            3 => drop(bytes.drain(at..to)),
            4 => {
                let twice = bytes[at..to].to_vec();
                bytes.splice(at..at, twice);
            }
            5 => {
                let other = self.corpus[self.dice.below(self.corpus.len())].clone();
                let from = self.dice.below(other.len() + 1);
                let until = (from + self.dice.below(64)).min(other.len());
                bytes.splice(at..to, other[from..until].iter().copied());
            }
            6 if self.dice.below(4) == 0 => bytes.truncate(at),
            _ => {}
        }
    }
}

/// How many inputs are tried.
pub(crate) fn runs(otherwise: usize) -> usize {
    number(RUNS, otherwise)
}

/// Tries a target, which answers whether it took the input; a panic is told with the input that caused it.
pub(crate) fn fuzz(
    name: &str,
    corpus: Vec<Vec<u8>>,
    few: usize,
    target: impl FnMut(&[u8]) -> bool,
) {
    let mut target = AssertUnwindSafe(target);
    let mut mutator = Mutator::of(corpus);
    let runs = runs(few);
    let mut taken = 0;
    for run in 0..runs {
        let input = mutator.next();
        let tried = catch_unwind(AssertUnwindSafe(|| (target.0)(&input)));
        match tried {
            Ok(took) => taken += usize::from(took),
            Err(_) => panic!("{name}: run {run} failed with {}", hex(&input)),
        }
    }
    println!("{name}: {runs} inputs, {taken} taken");
    assert!(taken > 0, "the corpus is never taken");
    assert!(taken < runs, "nothing is ever refused");
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Well-formed touchpoints of many kinds: journeys of invented owners.
pub(crate) fn samples() -> Vec<ownerline_proto::v1::Touchpoint> {
    let history = crate::generated::history(11);
    let mut kinds = std::collections::BTreeMap::new();
    for touchpoint in history {
        let kind = touchpoint.payload.as_ref().map(std::mem::discriminant);
        let of_kind: &mut Vec<_> = kinds.entry(format!("{kind:?}")).or_default();
        if of_kind.len() < 3 {
            of_kind.push(touchpoint);
        }
    }
    kinds.into_values().flatten().collect()
}
