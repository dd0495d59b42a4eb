//! The arguments of `bench`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::report::FormatArgs;

/// The long help of `bench`.
pub(in crate::cli) const ABOUT: &str = "Starts a server in a process of its own on a temporary directory, loads it over gRPC, kills it, \
    rebuilds its views, and reports how fast all that was: one line for each bar of \
    docs/performance.md, beside a yardstick measured in the same run. Counts are checked afterwards: \
    everything acknowledged must be there. The run ends by itself and removes what it made.\n\n\
    A bar holds, does not hold, or is not judged because the run is too small for it.";

/// The examples of `bench`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline bench --quick\n  \
    ownerline bench --events 5000000 --data /some/disk\n  \
    ownerline bench --json | jq 'select(.holds == false)'\n\n\
    Exit codes:\n  \
    0  everything was measured and nothing was lost, whatever holds\n  \
    1  the run could not be finished, or a count is wrong";

/// The arguments of `bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// A small run that checks that everything works and nothing is lost, not how fast it is
    #[arg(long, conflicts_with = "events")]
    pub quick: bool,
    /// Number of touchpoints in the log when it is measured, 20,000 to 50,000,000
    #[arg(long, value_name = "N", default_value_t = 500_000, value_parser = clap::value_parser!(u64).range(20_000..=50_000_000))]
    pub events: u64,
    /// Where to create the temporary directory: on the disk to be measured [default: the temporary directory of the
    /// system]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}
