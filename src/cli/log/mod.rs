//! `log`: inspects, verifies, backs up and restores the log of a data directory, also beside a server.

mod args;
mod copy;
mod verify;

use std::path::Path;

use ownerline_proto::cloudevents::to_recorded_line;
use ownerline_proto::json::to_json;
use ownerline_proto::time::timestamp;

use self::args::LogCommand;
pub(super) use self::args::{ABOUT, EXAMPLES, LogArgs};
use crate::app::{LogFigures, LogReader, LogRole};
use crate::cli::report::FormatArgs;
use crate::cli::terminal_text::count;
use crate::cli::time::rfc3339;
use crate::cli::{CliError, Output, SUCCESS};
use crate::query::{PositionText, recorded};
use crate::store::Position;

/// `schema versions  `
const LABEL: usize = 17;
/// The number of events read at once.
const BATCH: usize = 1_000;

pub(super) fn run(args: &LogArgs, output: &mut Output<'_>) -> Result<u8, CliError> {
    match &args.command {
        LogCommand::Stat { data, format } => stat(data, *format, output),
        LogCommand::Verify { data, format } => verify::run(data, *format, output),
        LogCommand::Backup {
            data,
            to,
            full,
            format,
        } => copy::backup(data, to, *full, *format, output),
        LogCommand::Restore { from, data, format } => copy::restore(from, data, *format, output),
        LogCommand::Cat { data, after, json } => cat(data, after, *json, output),
    }
}

fn stat(data: &Path, format: FormatArgs, output: &mut Output<'_>) -> Result<u8, CliError> {
    let log = LogReader::open(data)?;
    let figures = log.figures()?;
    let text = PositionText(log.epoch());
    let answer = serde_json::json!({
        "role": role(log.role()).0,
        "logId": log.log_id().to_string(),
        "epoch": format!("{:08x}", log.epoch().0),
        "head": text.write(figures.head.position),
        "touchpoints": figures.events,
        "firstRecordedAt": figures.first_recorded_at.map(at),
        "lastRecordedAt": figures.last_recorded_at.map(at),
        "bytesOnDisk": figures.bytes_on_disk,
        "schemaVersions": figures.schema_versions,
    });
    output.own_answer(&answer, format, in_words(&log, &figures, text))
}

fn in_words(log: &LogReader, figures: &LogFigures, text: PositionText) -> String {
    let never = || "never".to_owned();
    let lines = [
        ("log", log.log_id().to_string()),
        ("kind", role(log.role()).1.to_owned()),
        ("epoch", format!("{:08x}", log.epoch().0)),
        ("head", text.write(figures.head.position)),
        ("touchpoints", count(figures.events)),
        (
            "first recorded",
            figures.first_recorded_at.map_or_else(never, at),
        ),
        (
            "last recorded",
            figures.last_recorded_at.map_or_else(never, at),
        ),
        ("bytes on disk", count(figures.bytes_on_disk)),
        ("schema versions", count(figures.schema_versions)),
    ];
    let lines = lines.map(|(name, value)| format!("{name:<LABEL$}{value}\n"));
    lines.concat()
}

/// The role of a log, for programs and for people.
fn role(role: LogRole) -> (&'static str, &'static str) {
    match role {
        LogRole::Store => ("STORE", "store"),
        LogRole::Backup => ("BACKUP", "backup"),
        LogRole::UnfinishedRestore => ("UNFINISHED_RESTORE", "unfinished restore"),
    }
}

fn at(nanos: i64) -> String {
    rfc3339(&timestamp(nanos))
}

/// Prints one line per touchpoint, in log order.
fn cat(data: &Path, after: &str, json: bool, output: &mut Output<'_>) -> Result<u8, CliError> {
    let mut log = LogReader::open(data)?;
    let text = PositionText(log.epoch());
    let mut position = match after {
        "" => Position::START,
        after => text.read(after)?,
    };
    loop {
        let events = log.read(position, BATCH)?;
        let Some(last) = events.last() else {
            return Ok(SUCCESS);
        };
        position = last.position;
        for event in &events {
            let recorded = recorded(text, event)?;
            let line = if json {
                to_json(&recorded).map_err(CliError::Json)?
            } else {
                to_recorded_line(&recorded)?
            };
            writeln!(output.out, "{line}").map_err(CliError::Output)?;
        }
    }
}
