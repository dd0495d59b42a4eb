//! The arguments of `log`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::report::FormatArgs;

/// The long help of `log`.
pub(in crate::cli) const ABOUT: &str = "Inspects the log of a data directory, read-only, also while a server runs on it; and backs it up and \
    restores it.";

/// The examples of `log`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline log stat --data ./ownerline-data\n  \
    ownerline log backup --data ./ownerline-data --to ./ownerline-backup\n  \
    ownerline log cat --data ./ownerline-data | gzip > history.ndjson.gz";

/// The arguments of `log`.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// The subcommand.
    #[command(subcommand)]
    pub command: LogCommand,
}

/// The subcommands of `log`.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Print the identity, size and age of a log
    #[command(after_long_help = "Example:\n  ownerline log stat --data ./ownerline-data --json")]
    Stat {
        /// The data directory
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// How the answer is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Check every digest, the order, the uniqueness of (source, id) and the index
    #[command(
        long_about = "Checks the whole log: that every digest is right, no position is missing, times and stream \
            revisions are in order, no (source, id) occurs twice, and the index agrees. It can run \
            beside a server; the index is then not checked, because the server holds it.",
        after_long_help = "Examples:\n  \
            ownerline log verify --data ./ownerline-data\n  \
            ownerline log verify --data ./ownerline-data --json | jq .findings\n\n\
            Exit codes:\n  \
            0  nothing is wrong\n  \
            1  the log could not be checked\n  \
            2  something is wrong; the findings say where"
    )]
    Verify {
        /// The data directory
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// How the answer is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Print one CloudEvents line per touchpoint, in log order
    #[command(
        long_about = "Prints one CloudEvents line per touchpoint, in log order. `import` reads them back.",
        after_long_help = "Example:\n  ownerline log cat --data ./ownerline-data | jq -r .type | sort | uniq -c"
    )]
    Cat {
        /// The data directory
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Start after this position
        #[arg(
            long,
            value_name = "POSITION",
            default_value = "",
            hide_default_value = true
        )]
        after: String,
        /// Print recorded touchpoints as proto3 JSON instead of CloudEvents
        #[arg(long)]
        json: bool,
    },
    /// Copy the log to a backup, or what was recorded since the last copy
    #[command(
        long_about = "Copies the log to a backup in another directory: all of it the first time, then what was recorded \
            since. It can run beside a server. Every touchpoint is checked on the way; a damaged one ends \
            the run, and what precedes it stays good. A run that is interrupted continues when it is \
            repeated.\n\n\
            A directory with other files, with a backup of another log, or with one that has diverged \
            since a restore is refused and not touched. `log stat`, `log cat` and `log verify` read a \
            backup; `log restore` makes a data directory of it, which a server can open.\n\n\
            The certificate is a hash chain over the digests of all touchpoints: backups of one log at \
            the same position have the same certificate, and `log verify` prints that of the log itself.",
        after_long_help = "Examples:\n  \
            ownerline log backup --data ./ownerline-data --to ./ownerline-backup\n  \
            ownerline log backup --data ./ownerline-data --to ./ownerline-backup --full\n  \
            ownerline log verify --data ./ownerline-backup\n\n\
            Exit codes:\n  \
            0  the backup holds everything that was in the log when the run began\n  \
            1  the backup was refused or could not be finished\n  \
            2  a touchpoint of the log is damaged; the backup holds everything before it"
    )]
    Backup {
        /// The data directory to copy; it may be a backup
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// The directory of the backup; created if it does not exist
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
        /// Also compare everything that was copied before with the log, and destroy what was destroyed there
        #[arg(long)]
        full: bool,
        /// How the answer is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Restore a backup to a new data directory
    #[command(
        long_about = "Restores a backup to a new data directory: every touchpoint is copied and checked, then a new \
            epoch begins. Positions, checkpoints and page tokens of earlier epochs are refused with \
            FAILED_PRECONDITION; sources and ids stay known, so senders can repeat whatever they are \
            unsure of. A damaged backup is not restored. A run that is interrupted continues when it \
            is repeated. The backup is not changed.",
        after_long_help = "Examples:\n  \
            ownerline log restore --from ./ownerline-backup --data ./ownerline-restored\n  \
            ownerline serve --data ./ownerline-restored\n\n\
            Exit codes:\n  \
            0  the directory can be served\n  \
            1  the restore was refused or could not be finished\n  \
            2  the backup is damaged; nothing was restored"
    )]
    Restore {
        /// The directory of the backup
        #[arg(long, value_name = "DIR")]
        from: PathBuf,
        /// The new data directory
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// How the answer is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
}
