//! `projections`: the state of the read models, and their rebuild.

mod args;
mod list;
mod rebuild;
mod words;

use self::args::ProjectionsCommand;
pub(super) use self::args::{ABOUT, EXAMPLES, ProjectionsArgs};
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
