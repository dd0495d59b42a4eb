//! The arguments of `import`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::report::FormatArgs;

/// The name of standard input.
pub(super) const STANDARD_INPUT: &str = "-";

/// The long help of `import`.
pub(in crate::cli) const ABOUT: &str = "Imports history: CloudEvents JSON objects, one per line as `log cat` writes them, or the elements of a \
    JSON array.\n\n\
    Imported touchpoints have the origin IMPORTED: nobody is warned about them, and they were not known \
    before now. An import can be repeated at will: nothing is stored twice. A refused line goes to a file \
    beside the input, with its number and the reason, and the run continues; once it is corrected, that \
    file can be imported itself. Lines with a warning are listed in another file. Files of earlier runs \
    are not overwritten: they get a number.\n\n\
    A broken connection is opened again. If the server cannot store, the run stops and says from which line \
    to continue. At its end it waits until every read model includes what was imported.";

/// The examples of `import`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline import history.ndjson --dry-run\n  \
    ownerline import history.ndjson.gz --refused refused.ndjson --json\n  \
    ownerline import history.ndjson --from-line 120001\n  \
    zcat 2014-*.gz | ownerline import -\n\n\
    Exit codes:\n  \
    0  nothing was refused\n  \
    1  the import could not be finished; the summary says where to continue\n  \
    2  the import was finished, and some lines were refused";

/// The arguments of `import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// A file of CloudEvents lines or of a JSON array, gzipped or not; `-` is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The file for refused lines [default: <FILE>.refused.ndjson]
    #[arg(long, value_name = "PATH")]
    pub refused: Option<PathBuf>,
    /// The file for lines with a warning [default: <FILE>.warnings.ndjson]
    #[arg(long, value_name = "PATH")]
    pub warnings: Option<PathBuf>,
    /// Start at this line [default: 1]
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true, value_parser = clap::value_parser!(u64).range(1..))]
    pub from_line: u64,
    /// Check every line against the rules of the server and what it has stored, and store nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not wait until every read model includes what was imported
    #[arg(long)]
    pub no_wait: bool,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}
