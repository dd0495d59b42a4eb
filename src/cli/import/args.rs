//! What `import` takes.

use std::path::PathBuf;

use clap::Args;

use crate::cli::report::FormatArgs;

pub(in crate::cli) const ABOUT: &str = "Brings in history: CloudEvents JSON objects, one a line as `log cat` writes them, or the elements of a\n\
    JSON array.\n\n\
    What enters this way is IMPORTED: nobody is warned about it, and it was not known before now. It can be\n\
    repeated at will: what is stored already is not stored twice. A line that is refused goes to a file\n\
    beside the input, with its number and the reason, and the run goes on; mended there, the file of refused\n\
    lines can be imported itself. Lines that carry a warning are listed in a file as well. No file of an\n\
    earlier run is overwritten: it gets a number.\n\n\
    A connection that breaks is made again. If the server cannot store, the run stops and says from which\n\
    line to go on. At its end it waits until every read model has what was brought in.";

pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline import history.ndjson --dry-run\n  \
    ownerline import history.ndjson.gz --refused refused.ndjson --json\n  \
    ownerline import history.ndjson --from-line 120001\n  \
    zcat 2014-*.gz | ownerline import -\n\n\
    Exit codes:\n  \
    0  nothing was refused\n  \
    1  it could not be finished; the summary says where to go on\n  \
    2  it was finished, and some lines were refused";

/// What `import` takes.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// A file of CloudEvents lines or a JSON array of them, gzipped or not; `-` is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where refused lines go [default: <FILE>.refused.ndjson]
    #[arg(long, value_name = "PATH")]
    pub refused: Option<PathBuf>,
    /// Where lines that carry a warning are listed [default: <FILE>.warnings.ndjson]
    #[arg(long, value_name = "PATH")]
    pub warnings: Option<PathBuf>,
    /// Begin at this line
    #[arg(long, value_name = "N", default_value_t = 1, hide_default_value = true, value_parser = clap::value_parser!(u64).range(1..))]
    pub from_line: u64,
    /// Hold every line against the rules of the server and what it has stored, and store nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not wait until every read model has what was brought in
    #[arg(long)]
    pub no_wait: bool,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}
