//! The arguments of `demo`.

use clap::Args;

/// What `demo` takes.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Leave the server running until Ctrl-C, with commands to try
    #[arg(long)]
    pub keep: bool,
    /// How many owners are made up, beside the four of the situations
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub owners: u64,
    /// What the randomness comes from; another seed makes other owners
    #[arg(long, value_name = "S", default_value_t = 7)]
    pub seed: u64,
}
