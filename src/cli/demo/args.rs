//! The arguments of `demo`.

use clap::Args;

/// The long help of `demo`.
pub(in crate::cli) const ABOUT: &str = "Starts a server on a free port with a temporary data directory, records 18 months of an invented \
    network of dealers and owners over gRPC, shows four situations as the server returns them, each answer with \
    the command that asks for it, and removes everything again. The same seed makes the same network on the \
    same day.";

/// The examples of `demo`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline demo\n  \
    ownerline demo --keep\n  \
    ownerline demo --owners 5000 --seed 1";

/// The arguments of `demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Keep the server running until Ctrl-C, and print commands to try
    #[arg(long)]
    pub keep: bool,
    /// Number of generated owners, besides the four of the situations; at most 1,000,000
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub owners: u64,
    /// Seed of the random numbers; another seed makes other owners
    #[arg(long, value_name = "S", default_value_t = 7)]
    pub seed: u64,
}
