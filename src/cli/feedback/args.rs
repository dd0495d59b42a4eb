//! The arguments of `feedback`, and those that it shares with `inbox`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::report::FormatArgs;
use crate::cli::vantage::VantageArgs;

/// The examples of `feedback`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline feedback feedback-1\n  \
    ownerline feedback feedback-1 --as-of 2026-03-01 --known-at 2026-03-01\n  \
    ownerline feedback feedback-1 --policy sla.json --json";

/// The arguments of `feedback`.
#[derive(Debug, Args)]
pub struct FeedbackArgs {
    /// The id of the feedback
    #[arg(value_name = "ID")]
    pub feedback: String,
    /// What the answer reflects, and how it is printed.
    #[command(flatten)]
    pub answer: AnswerArgs,
}

/// What an answer about obligations reflects, and how it is printed.
#[derive(Debug, Args)]
pub struct AnswerArgs {
    /// Judge by the SLA of this file, as if it were in force for everybody: the proto3 JSON of a policy. Nothing is
    /// published
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}
