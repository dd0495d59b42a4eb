//! One run of the program: the command line is parsed, its command executed, and the exit code returned.

use std::io::Write as _;
use std::process::ExitCode;

use tokio::runtime::Runtime;

use super::command_line::Cli;
use super::error::CliError;
use super::exit_code::{FAILURE, SUCCESS};
use super::output::Output;
use super::time;
use crate::runtime::private;

/// Parses the command line of this process, runs the command and returns its exit code.
#[must_use]
pub fn main() -> ExitCode {
    private::restrict_process();
    let mut output = Output::standard();
    time::read_zone(std::env::args_os());
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(usage) => {
            let failed = usage.use_stderr();
            // Nothing can be done when even this cannot be written.
            let _ = usage.print();
            return ExitCode::from(if failed { FAILURE } else { SUCCESS });
        }
    };
    ExitCode::from(match Runtime::new() {
        Ok(runtime) => to_the_end(runtime, run(cli, &mut output)),
        Err(source) => output.failed(&CliError::Runtime { source }),
    })
}

/// Runs a command, and returns as soon as it has ended: what its threads still compute, although nobody waits for it,
/// ends with the process.
pub fn to_the_end<T>(runtime: Runtime, command: impl Future<Output = T>) -> T {
    let ended = runtime.block_on(command);
    // Dropping it would wait for every thread.
    runtime.shutdown_background();
    ended
}

/// Runs one command and returns its exit code; an error is written for people.
pub async fn run(cli: Cli, output: &mut Output<'_>) -> u8 {
    let Cli {
        server,
        timeout,
        command,
    } = cli;
    let ended = match timeout {
        None => command.execute(&server, output).await,
        Some(limit) => {
            let ended = tokio::time::timeout(limit, command.execute(&server, output)).await;
            ended.unwrap_or(Err(CliError::TimedOut { limit }))
        }
    };
    let done = match ended {
        Ok(code) => output.out.flush().map(|()| code).map_err(CliError::Output),
        Err(error) => Err(error),
    };
    match done {
        Ok(code) => code,
        Err(error) if error.is_broken_pipe() => SUCCESS,
        Err(error) => {
            // What was printed before the failure is still of use.
            let _ = output.out.flush();
            output.failed(&error)
        }
    }
}
