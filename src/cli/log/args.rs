//! What can be typed behind `log`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::report::FormatArgs;

/// What `log` takes.
#[derive(Debug, Args)]
pub struct LogArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub command: LogCommand,
}

/// What can be done with a log.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Say what it is and how much there is
    #[command(after_long_help = "Example:\n  ownerline log stat --data ./ownerline-data --json")]
    Stat {
        /// The data directory
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// How the answer is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Check every digest, the order, the identities and the index
    #[command(
        long_about = "Checks the whole log: the digest of every touchpoint, that no position is missing, that the\n\
            order of time and of every stream holds, that no source and id is there twice, and that\n\
            the index agrees. Works beside a running server, which keeps the index to itself.",
        after_long_help = "Examples:\n  \
            ownerline log verify --data ./ownerline-data\n  \
            ownerline log verify --data ./ownerline-data --json | jq .findings\n\n\
            Exit codes:\n  \
            0  nothing is wrong\n  \
            1  it could not be checked\n  \
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
    /// Print one CloudEvents line a touchpoint, in the order of the log
    #[command(
        long_about = "Prints one CloudEvents line a touchpoint, in the order of the log. `import` reads them back.",
        after_long_help = "Example:\n  ownerline log cat --data ./ownerline-data | jq -r .type | sort | uniq -c"
    )]
    Cat {
        /// The data directory
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Begin behind this position
        #[arg(
            long,
            value_name = "POSITION",
            default_value = "",
            hide_default_value = true
        )]
        after: String,
        /// Print proto3 JSON of the recorded touchpoints in place of CloudEvents
        #[arg(long)]
        json: bool,
    },
    /// Copy the log to a backup, behind what is there already
    #[command(
        long_about = "Copies the log to a backup in another directory: the first time all of it, then what came since.\n\
            Works beside a running server. Every touchpoint is checked on the way; a damaged one ends\n\
            the run, and what is before it stays good. Cut off at any instant, it goes on when run again.\n\n\
            A directory that holds anything else, a copy of another log, or one that went another way\n\
            since a restore is refused and left alone. The backup is read by `log stat`, `log cat` and\n\
            `log verify`; no server opens it: `log restore` makes a store of it.\n\n\
            The certificate is a chain over the digests of all touchpoints: backups of one log that are\n\
            at the same position have the same, and `log verify` prints it for the log itself.",
        after_long_help = "Examples:\n  \
            ownerline log backup --data ./ownerline-data --to ./ownerline-backup\n  \
            ownerline log backup --data ./ownerline-data --to ./ownerline-backup --full\n  \
            ownerline log verify --data ./ownerline-backup\n\n\
            Exit codes:\n  \
            0  the backup holds everything up to the end of the log as of the beginning of the run\n  \
            1  it was refused or could not be finished\n  \
            2  a touchpoint of the log is damaged; everything before it is there"
    )]
    Backup {
        /// The data directory to copy from; a backup may be copied, too
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// The directory of the backup; made if it is not there
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
        /// Compare everything that is there already with the log, and destroy what was destroyed there
        #[arg(long)]
        full: bool,
        /// How the answer is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// Make a store from a backup
    #[command(
        long_about = "Makes a store from a backup, in a new directory: every touchpoint is copied and checked, then\n\
            a new epoch begins. Positions, checkpoints and page tokens from before are refused with\n\
            FAILED_PRECONDITION; sources and ids stay known, so that senders may send again whatever\n\
            they are unsure of. A damaged backup becomes no store. Cut off at any instant, it goes on\n\
            when run again. The backup stays as it is.",
        after_long_help = "Examples:\n  \
            ownerline log restore --from ./ownerline-backup --data ./ownerline-restored\n  \
            ownerline serve --data ./ownerline-restored\n\n\
            Exit codes:\n  \
            0  it can be served\n  \
            1  it was refused or could not be finished\n  \
            2  the backup is damaged; nothing became a store"
    )]
    Restore {
        /// The backup
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
