//! The statistics against vectors computed by other people's code, and against properties of any counts.
//!
//! `vectors/generate.py` shows with what each file was computed.

mod coverage;
mod scores;
mod shrinkage;
mod survival;

/// The required agreement with a vector of twelve digits.
pub(super) const CLOSE: f64 = 1e-9;

/// The rows of a vector file.
pub(super) fn rows(file: &'static str) -> Vec<Vec<&'static str>> {
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split(',').collect()).collect()
}

pub(super) fn number(cell: &str) -> f64 {
    cell.parse().unwrap()
}

pub(super) fn count(cell: &str) -> u64 {
    cell.parse().unwrap()
}

/// Whether two figures are close, relative to their size where that is more than one.
pub(super) fn assert_close(found: f64, expected: &str, of: &dyn std::fmt::Debug) {
    let expected = number(expected);
    let off = (found - expected).abs() / expected.abs().max(1.0);
    assert!(off <= CLOSE, "{found} is not {expected}: {of:?}");
}
