//! The clock-keeper over a log in memory, with a clock that is set by hand.

mod keeping;
mod world;
