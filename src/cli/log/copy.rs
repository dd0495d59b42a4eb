//! `log backup` and `log restore`.

use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::app::{BackupError, Extent, LogCopy, backup_log, restore_log};
use crate::cli::progress::{LOG_TEMPLATE, bar};
use crate::cli::report::FormatArgs;
use crate::cli::terminal_text::count;
use crate::cli::{CliError, FOUND, Output, SUCCESS};
use crate::query::PositionText;
use crate::runtime::private;
use crate::store::Position;

pub(super) fn backup(
    data: &Path,
    to: &Path,
    full: bool,
    format: FormatArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let extent = match full {
        true => Extent::Full,
        false => Extent::Behind,
    };
    let (copy, took) = timed(|progress| backup_log(data, to, extent, progress))?;
    warn_of_openness(to, output)?;
    let end = format!("{} is a backup up to this position.\n", to.display());
    report(
        &copy,
        took,
        &end,
        "Nothing after it was copied. Restore the log from an earlier backup, or keep this one.\n",
        format,
        output,
    )
}

pub(super) fn restore(
    from: &Path,
    data: &Path,
    format: FormatArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let (copy, took) = timed(|progress| restore_log(from, data, progress))?;
    warn_of_openness(data, output)?;
    let end = format!(
        "Epoch {:08x} begins; positions and page tokens of earlier epochs are refused.\n\
         Serve it with: ownerline serve --data {}\n",
        copy.epoch.0,
        data.display()
    );
    report(
        &copy,
        took,
        &end,
        "Nothing was restored. Restore from another backup.\n",
        format,
        output,
    )
}

/// Warns if other users can enter a directory that existed before: the copy holds personal data.
fn warn_of_openness(directory: &Path, output: &mut Output<'_>) -> Result<(), CliError> {
    let Some(mode) = private::open_to_others(directory) else {
        return Ok(());
    };
    let directory = directory.display();
    writeln!(
        output.err,
        "warning: other users of this machine can enter {directory} ({mode:04o}); chmod -R go= {directory} closes it"
    )
    .map_err(CliError::Output)
}

fn timed(
    work: impl FnOnce(&mut dyn FnMut(Position, Position)) -> Result<LogCopy, BackupError>,
) -> Result<(LogCopy, Duration), CliError> {
    let bar = bar(Some(0), LOG_TEMPLATE);
    let began = Instant::now();
    let mut first = true;
    let copy = work(&mut |position, head| {
        bar.set_length(head.0);
        bar.set_position(position.0);
        if std::mem::take(&mut first) {
            // The rate is that of this run, not of earlier ones.
            bar.reset_eta();
        }
    })?;
    bar.finish_and_clear();
    Ok((copy, began.elapsed()))
}

fn report(
    copy: &LogCopy,
    took: Duration,
    end: &str,
    damaged: &str,
    format: FormatArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let answer = in_json(copy, took);
    output.own_answer(&answer, format, in_words(copy, took, end, damaged))?;
    Ok(match copy.damage {
        None => SUCCESS,
        Some(_) => FOUND,
    })
}

fn rate(copy: &LogCopy, took: Duration) -> f64 {
    copy.copied as f64 / took.as_secs_f64().max(1e-3)
}

fn in_words(copy: &LogCopy, took: Duration, end: &str, damaged: &str) -> String {
    let positions = PositionText(copy.epoch);
    let mut text = format!(
        "{} touchpoints copied in {:.1} s ({:.0}/s), {} in all, {} bytes.\n\
         Position {}\nCertificate {}\n",
        count(copy.copied),
        took.as_secs_f64(),
        rate(copy, took),
        count(copy.position.0),
        count(copy.bytes),
        positions.write(copy.position),
        copy.certificate,
    );
    if copy.destroyed > 0 {
        let destroyed = count(copy.destroyed);
        text.push_str(&format!(
            "{destroyed} personal parts that were destroyed in the log were destroyed in the backup, too.\n"
        ));
    }
    match &copy.damage {
        None => text.push_str(end),
        Some(damage) => {
            let at = positions.write(damage.position);
            text.push_str(&format!("DAMAGED at {at}: {}\n{damaged}", damage.reason));
        }
    }
    text
}

fn in_json(copy: &LogCopy, took: Duration) -> serde_json::Value {
    let text = PositionText(copy.epoch);
    let damage = copy.damage.as_ref().map(|damage| {
        serde_json::json!({
            "position": text.write(damage.position),
            "reason": damage.reason,
        })
    });
    serde_json::json!({
        "logId": copy.log_id.to_string(),
        "epoch": format!("{:08x}", copy.epoch.0),
        "copied": copy.copied,
        "destroyed": copy.destroyed,
        "touchpoints": copy.position.0,
        "position": text.write(copy.position),
        "head": text.write(copy.head),
        "certificate": copy.certificate.to_string(),
        "bytes": copy.bytes,
        "seconds": took.as_secs_f64(),
        "damage": damage,
    })
}
