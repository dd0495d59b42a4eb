//! The arguments of `advocacy`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::report::FormatArgs;
use crate::cli::vantage::VantageArgs;

/// The long help of `advocacy`.
pub(in crate::cli) const ABOUT: &str = "Explains the advocacy score of an owner, from 0 to 100: what raises it, what lowers it, what is too \
    old to matter, which words were found, how far the brand mean pulls, and what is missing.\n\n\
    With --model, the same history is scored by a policy that is not in force; nothing is stored.";

/// The examples of `advocacy`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline advocacy owner-22\n  \
    ownerline advocacy owner-22 --as-of 2026-01-01 --known-at 2026-01-01\n  \
    ownerline policy show scoring@0 --json | jq '.policy.published | .scoring.k = 10' > scoring.json\n  \
    ownerline advocacy owner-22 --model scoring.json";

/// The arguments of `advocacy`.
#[derive(Debug, Args)]
pub struct AdvocacyArgs {
    /// The owner
    #[arg(value_name = "OWNER")]
    pub owner: String,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// Score by this policy instead of the one in force: a scoring policy or a lexicon, as `policy publish` takes it;
    /// may be given twice, once for each
    #[arg(long, value_name = "FILE")]
    pub model: Vec<PathBuf>,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}
