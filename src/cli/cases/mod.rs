//! `case`: how a case was handled.

use clap::{Args, Subcommand};

use crate::cli::CliError;
use crate::cli::output::Output;
use crate::cli::trace::{self, TraceArgs};

/// The arguments of `case`.
#[derive(Debug, Args)]
pub struct CaseArgs {
    /// What to show.
    #[command(subcommand)]
    pub command: CaseCommand,
}

/// What to show of cases.
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// Tell the story of a case: every touchpoint that caused it or came from it, and why
    #[command(long_about = trace::ABOUT, after_long_help = trace::EXAMPLES)]
    Trace(TraceArgs),
}

pub(super) async fn run(
    server: &str,
    args: &CaseArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    match &args.command {
        CaseCommand::Trace(args) => trace::run(server, args, output).await,
    }
}
