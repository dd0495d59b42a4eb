//! The command line as a whole: which commands ask a server, and which do not.

use clap::{CommandFactory as _, FromArgMatches as _};

use super::Cli;

/// The commands that ask no server.
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
    /// The command line as it is typed, documented and completed: what only those need that ask a server stands only
    /// there.
    #[must_use]
    pub fn definition() -> clap::Command {
        let refused = |_: &str| Err::<String, _>("this command asks no server");
        let nowhere = |name: &'static str| {
            clap::Arg::new(name)
                .long(name)
                .hide(true)
                .value_parser(refused)
        };
        WITHOUT_SERVER
            .iter()
            .fold(Self::command(), |command, name| {
                command.mut_subcommand(name, |it| it.arg(nowhere("server")).arg(nowhere("timeout")))
            })
    }

    /// Parses a command line.
    ///
    /// # Errors
    /// If it is none, with what is wrong; help and version come this way, too.
    pub fn read(arguments: impl Iterator<Item = std::ffi::OsString>) -> Result<Self, clap::Error> {
        let mut matches = Self::definition().try_get_matches_from(arguments)?;
        Self::from_arg_matches_mut(&mut matches)
    }
}
