//! The arguments of `bench`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::report::FormatArgs;

/// What `bench` takes.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// A small run: that everything works and nothing is lost, not how fast it is
    #[arg(long, conflicts_with = "events")]
    pub quick: bool,
    /// How many touchpoints the log has when it is measured
    #[arg(long, value_name = "N", default_value_t = 500_000, value_parser = clap::value_parser!(u64).range(20_000..=50_000_000))]
    pub events: u64,
    /// Where to make the temporary directory: on the disk to be measured [default: that of the system]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}
