//! What `retract` takes.

use clap::Args;
use pbjson_types::Timestamp;

use crate::cli::filters::said;
use crate::cli::report::FormatArgs;
use crate::cli::time;

pub(in crate::cli) const ABOUT: &str = "Takes back what a source brought in by import: reads the log, and records a retraction of each touchpoint,\n\
    in its own stream, so that no answer counts it any more. What was known before stays what it was.\n\n\
    Without a period it is everything imported from the source. --from and --to say when it happened,\n\
    --recorded-from and --recorded-to when it was imported. It can be repeated at will: what is taken back\n\
    already is not taken back twice, and what could not be finished goes on.";

pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline retract --source //crm/export --recorded-from 2026-03-02T08:00:00Z --dry-run\n  \
    ownerline retract --source //crm/export --from 2014-01-01 --to 2015-01-01 --reason 'two columns were swapped'\n\n\
    Exit codes:\n  \
    0  everything that matches is taken back\n  \
    1  it could not be finished; run the same command again to go on\n  \
    2  some of it could not be taken back";

/// What `retract` takes.
#[derive(Debug, Args)]
pub struct RetractArgs {
    /// Whose touchpoints
    #[arg(long, value_name = "SOURCE", value_parser = said)]
    pub source: String,
    /// Only what happened at or after this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant)]
    pub from: Option<Timestamp>,
    /// Only what happened before this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant)]
    pub to: Option<Timestamp>,
    /// Only what the log took at or after this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant)]
    pub recorded_from: Option<Timestamp>,
    /// Only what the log took before this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant)]
    pub recorded_to: Option<Timestamp>,
    /// Why, for whoever reads the history
    #[arg(long, value_name = "TEXT", default_value = "a wrong import is taken back", value_parser = said)]
    pub reason: String,
    /// Also what was reported live, not only what was imported
    #[arg(long)]
    pub live: bool,
    /// Count only, and record nothing
    #[arg(long)]
    pub dry_run: bool,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}
