//! The obligations of a feedback: the rules, each by its name, and properties over random histories.

mod cases;
mod corrections;
mod details;
mod keeping;
mod known;
mod levels;
pub(crate) mod open_hours;
pub(crate) mod properties;
mod rules;
pub(crate) mod touchpoints;
mod traps;
mod view;
