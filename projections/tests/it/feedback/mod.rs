//! What is owed for a feedback: the rules, each by its name, and properties over random histories.

mod cases;
mod corrections;
mod keeping;
mod levels;
mod properties;
mod rules;
mod told;
mod traps;
mod view;
