//! The command line as clap sees it: commands without a server do not take `--server` and `--timeout`.

use std::ffi::OsString;

use clap::{CommandFactory as _, FromArgMatches as _};

use super::Cli;

/// The commands that do not contact a server.
const WITHOUT_SERVER: [&str; 11] = [
    "serve",
    "demo",
    "generate",
    "log",
    "check-config",
    "bench",
    "bench-echo",
    "completions",
    "man",
    "version",
    "proto",
];

impl Cli {
    /// Returns the command line as it is parsed, documented and completed. Flags of the connection are there only for
    /// commands that contact a server.
    #[must_use]
    pub fn definition() -> clap::Command {
        let refused = |_: &str| Err::<String, _>("this command does not contact a server");
        let hidden = |name: &'static str| {
            clap::Arg::new(name)
                .long(name)
                .hide(true)
                .value_parser(refused)
        };
        WITHOUT_SERVER
            .iter()
            .fold(Self::command(), |command, name| {
                command.mut_subcommand(name, |it| it.arg(hidden("server")).arg(hidden("timeout")))
            })
    }

    /// Parses a command line.
    ///
    /// # Errors
    /// If it is not valid. Help and version are returned this way, too.
    pub fn read(arguments: impl Iterator<Item = OsString>) -> Result<Self, clap::Error> {
        let definition = without_empty_variables(Self::definition());
        let mut matches = definition.try_get_matches_from(arguments)?;
        Self::from_arg_matches_mut(&mut matches)
    }
}

/// Treats an empty environment variable as an unset one, in every command.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    let command = command.mut_args(|argument| {
        let is_empty = |name| std::env::var_os(name).is_some_and(|value| value.is_empty());
        match argument.get_env().is_some_and(is_empty) {
            true => argument.env(None::<&'static str>),
            false => argument,
        }
    });
    command.mut_subcommands(without_empty_variables)
}
