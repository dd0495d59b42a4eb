//! One run of the program: the command line is parsed, its command executed, and the exit code returned.

use std::io::Write as _;
use std::process::ExitCode;

use super::advocacy::advocates;
use super::command_line::{Cli, Command};
use super::error::CliError;
use super::exit_code::{FAILURE, SUCCESS};
use super::feedback::inbox;
use super::output::Output;
use super::{
    advocacy, bench, bundled, context_pack, demo, directory, feedback, generate, health, import,
    log, loyalty, policy, projections, response_times, retract, scores, serve, time, timeline,
};
use crate::runtime::private;

/// Parses the command line of this process, runs the command and returns its exit code.
#[must_use]
pub fn main() -> ExitCode {
    private::restrict_process();
    let mut output = Output::standard();
    time::read_zone(std::env::args());
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(usage) => {
            let failed = usage.use_stderr();
            // Nothing can be done when even this cannot be written.
            let _ = usage.print();
            return ExitCode::from(if failed { FAILURE } else { SUCCESS });
        }
    };
    ExitCode::from(match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime.block_on(run(cli, &mut output)),
        Err(source) => output.failed(&CliError::Runtime { source }),
    })
}

/// Runs one command and returns its exit code; an error is written for people.
pub async fn run(cli: Cli, output: &mut Output<'_>) -> u8 {
    let ended = match cli.timeout {
        None => execute(cli, output).await,
        Some(limit) => {
            let ended = tokio::time::timeout(limit, execute(cli, output)).await;
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

async fn execute(cli: Cli, output: &mut Output<'_>) -> Result<u8, CliError> {
    match cli.command {
        Command::Serve(args) => serve::serve(&args, output).await,
        Command::Demo(args) => demo::run(&args, output).await,
        Command::Generate(args) => generate::run(&args, output),
        Command::Health(args) => health::run(&cli.server, &args, output).await,
        Command::Import(args) => import::run(&cli.server, &args, output).await,
        Command::Retract(args) => retract::run(&cli.server, &args, output).await,
        Command::Timeline(args) => timeline::run(&cli.server, &args, output).await,
        Command::ContextPack(args) => context_pack::run(&cli.server, &args, output).await,
        Command::Feedback(args) => feedback::run(&cli.server, &args, output).await,
        Command::Inbox(args) => inbox::run(&cli.server, &args, output).await,
        Command::Advocacy(args) => advocacy::run(&cli.server, &args, output).await,
        Command::Advocates(args) => advocates::run(&cli.server, &args, output).await,
        Command::Loyalty(args) => loyalty::run(&cli.server, &args, output).await,
        Command::Touchpoints(args) => directory::touchpoints(&cli.server, &args, output).await,
        Command::Owners(args) => directory::owners(&cli.server, &args, output).await,
        Command::Dealers(args) => directory::dealers(&cli.server, &args, output).await,
        Command::Policy(args) => policy::run(&cli.server, &args, output).await,
        Command::ResponseTimes(args) => response_times::run(&cli.server, &args, output).await,
        Command::Scores(args) => scores::run(&cli.server, &args, output).await,
        Command::Projections(args) => projections::run(&cli.server, &args, output).await,
        Command::Log(args) => log::run(&args, output),
        Command::Bench(args) => bench::run(&args, output).await,
        Command::Proto(args) => bundled::proto(&args, output),
        Command::Completions { shell } => bundled::completions(Cli::definition(), shell, output),
        Command::Man { directory } => bundled::man(Cli::definition(), &directory, output),
        Command::Version { format } => bundled::version(format, output),
        Command::BenchEcho => bench::echo(output).await,
        Command::CheckConfig(args) => serve::check_config(&args, output),
    }
}
