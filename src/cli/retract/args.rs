//! The arguments of `retract`.

use clap::Args;
use pbjson_types::Timestamp;

use crate::cli::filters::not_blank;
use crate::cli::report::FormatArgs;
use crate::cli::time;

/// The long help of `retract`.
pub(in crate::cli) const ABOUT: &str = "Retracts what a source imported: reads the log and records a retraction of each touchpoint in its stream, \
    so that no answer counts it any more. What was known before does not change.\n\n\
    Without a period, everything imported from the source is retracted. --from and --to restrict it by when \
    it happened, --recorded-from and --recorded-to by when it was imported. The command can be repeated at \
    will: nothing is retracted twice, and a run that could not be finished continues.";

/// The examples of `retract`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline retract --source //crm/export --recorded-from 2026-03-02T08:00:00Z --dry-run\n  \
    ownerline retract --source //crm/export --from 2014-01-01 --to 2015-01-01 --reason 'columns swapped'\n\n\
    Exit codes:\n  \
    0  everything that matches is retracted\n  \
    1  the run could not be finished; repeat the command to continue\n  \
    2  some touchpoints could not be retracted";

/// The arguments of `retract`.
#[derive(Debug, Args)]
pub struct RetractArgs {
    /// The source of the touchpoints
    #[arg(long, value_name = "SOURCE", value_parser = not_blank)]
    pub source: String,
    /// Only what happened at or after this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant)]
    pub from: Option<Timestamp>,
    /// Only what happened before this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant)]
    pub to: Option<Timestamp>,
    /// Only what was recorded at or after this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant)]
    pub recorded_from: Option<Timestamp>,
    /// Only what was recorded before this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant)]
    pub recorded_to: Option<Timestamp>,
    /// The reason, for readers of the history
    #[arg(long, value_name = "TEXT", default_value = "a wrong import is taken back", value_parser = not_blank)]
    pub reason: String,
    /// Also retract what was reported live, not only what was imported
    #[arg(long)]
    pub live: bool,
    /// Count what would be retracted, and record nothing
    #[arg(long)]
    pub dry_run: bool,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}
