//! The arguments of `projections`.

use clap::{Args, Subcommand};

use crate::cli::report::FormatArgs;

/// The long help of `projections`.
pub(in crate::cli) const ABOUT: &str = "Lists the read models: how far each one is, and whether it is complete; and rebuilds them from the \
    log while they serve.";

/// The examples of `projections`.
pub(in crate::cli) const EXAMPLES: &str =
    "Examples:\n  ownerline projections list\n  ownerline projections rebuild timeline";

/// The arguments of `projections`.
#[derive(Debug, Args)]
pub struct ProjectionsArgs {
    /// The subcommand.
    #[command(subcommand)]
    pub command: ProjectionsCommand,
}

/// The subcommands of `projections`.
#[derive(Debug, Subcommand)]
pub enum ProjectionsCommand {
    /// List every read model with its position, lag and certificate
    #[command(
        long_about = "Lists every read model: its version, state, position, lag, the number of touchpoints it applied, \
            and a hash of them. Two servers that applied the same log have the same hashes.",
        after_long_help = "Examples:\n  ownerline projections list\n  ownerline projections list --json"
    )]
    List(ProjectionListArgs),
    /// Rebuild read models from the log, beside those that serve
    #[command(
        long_about = "Rebuilds read models from the start of the log, beside those that serve, and shows the progress. \
            A new one takes over as soon as both are at the same position; no query fails or waits. \
            Stopping this command does not stop the rebuild: run it again to watch, or `cancel` to end it.",
        after_long_help = "Exit codes:\n  \
            0  the rebuilt read models serve, and their certificates equal those before\n  \
            1  the rebuild could not be started or watched\n  \
            2  one failed or was cancelled, or its certificate differs: what served before was damaged\n\n\
            Examples:\n  ownerline projections rebuild\n  ownerline projections rebuild timeline --json"
    )]
    Rebuild(RebuildArgs),
    /// Cancel rebuilds and drop what they have built
    #[command(
        long_about = "Cancels rebuilds and drops what they have built; the read models that serve are not touched.",
        after_long_help = "Examples:\n  ownerline projections cancel\n  ownerline projections cancel timeline"
    )]
    Cancel(RebuildArgs),
}

/// The arguments of `projections list`.
#[derive(Debug, Args)]
pub struct ProjectionListArgs {
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// The arguments of `projections rebuild` and `projections cancel`.
#[derive(Debug, Args)]
pub struct RebuildArgs {
    /// The read models [default: all]
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}
