//! The clock-keeper over a log in memory, with a manual clock.

mod cases;
mod keeping;
mod world;
