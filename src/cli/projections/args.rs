//! What can be typed behind `projections`.

use clap::{Args, Subcommand};

use crate::cli::report::FormatArgs;

/// What `projections` takes.
#[derive(Debug, Args)]
pub struct ProjectionsArgs {
    /// What to do with them.
    #[command(subcommand)]
    pub command: ProjectionsCommand,
}

/// What can be done with read models.
#[derive(Debug, Subcommand)]
pub enum ProjectionsCommand {
    /// List every read model with its position, lag and certificate
    #[command(
        long_about = "Lists every read model: its version, state, position, how far it is behind, how many\n\
            touchpoints it applied, and a hash over them. Two servers that applied the same log agree.",
        after_long_help = "Examples:\n  ownerline projections list\n  ownerline projections list --json"
    )]
    List(ProjectionListArgs),
    /// Build read models anew from the log, beside those that serve
    #[command(
        long_about = "Builds read models anew from the start of the log, beside those that serve, and shows how far\n\
            that is. Each new one takes over where both stand at one position; no query fails or waits.\n\
            Stopping this command does not stop the rebuild: run it again to watch, or `cancel` to end it.",
        after_long_help = "Exit codes:\n  \
            0  they serve, and their certificates agree with those before\n  \
            1  they could not be begun or watched\n  \
            2  one failed or was cancelled, or its certificate differs: what served before was damaged\n\n\
            Examples:\n  ownerline projections rebuild\n  ownerline projections rebuild timeline --json"
    )]
    Rebuild(RebuildArgs),
    /// End rebuilds and drop what they have built
    #[command(
        long_about = "Ends rebuilds and drops what they have built; what serves is not touched.",
        after_long_help = "Examples:\n  ownerline projections cancel\n  ownerline projections cancel timeline"
    )]
    Cancel(RebuildArgs),
}

/// What `projections list` takes.
#[derive(Debug, Args)]
pub struct ProjectionListArgs {
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// Which rebuilds.
#[derive(Debug, Args)]
pub struct RebuildArgs {
    /// The read models; all if none is named
    #[arg(value_name = "NAME")]
    pub names: Vec<String>,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}
