//! The integration tests: one binary, one module for each matter.
//!
//! Each module is `cfg(test)`, which is always true here, so that clippy sees that helpers are tests, too.

#[cfg(test)]
mod tidy;
