//! `projections`: how far the read models are, and building them anew.

mod args;
mod list;
mod rebuild;

pub(super) use self::args::ProjectionsArgs;
use self::args::ProjectionsCommand;
use crate::cli::{CliError, Output};

pub(super) async fn run(
    server: &str,
    args: &ProjectionsArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    match &args.command {
        ProjectionsCommand::List(args) => list::list(server, args.format, output).await,
        ProjectionsCommand::Rebuild(args) => rebuild::rebuild(server, args, output).await,
        ProjectionsCommand::Cancel(args) => rebuild::cancel(server, args, output).await,
    }
}
