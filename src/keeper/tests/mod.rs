//! The clock-keeper over a log in memory, with a manual clock.

mod keeping;
mod world;
