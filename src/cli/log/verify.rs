//! `log verify`: whether a log can be trusted, and where it cannot.

use std::io::IsTerminal as _;
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::app::{Finding, IndexVerdict, LogReader, Verification, verify_log};
use crate::cli::text::count;
use crate::cli::{CliError, FOUND, Output, SUCCESS};
use crate::query::PositionText;

pub(super) fn run(data: &Path, json: bool, output: &mut Output<'_>) -> Result<u8, CliError> {
    let text = PositionText(LogReader::open(data)?.epoch());
    let bar = bar();
    let found = verify_log(data, &mut |position, head| {
        bar.set_length(head.0);
        bar.set_position(position.0);
    })?;
    bar.finish_and_clear();
    let told = if json {
        in_json(&found, text)
    } else {
        in_words(&found, text)
    };
    output
        .out
        .write_all(told.as_bytes())
        .map_err(CliError::Output)?;
    Ok(if found.is_clean() { SUCCESS } else { FOUND })
}

fn bar() -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    }
    let bar = ProgressBar::new(0);
    // A template that does not parse only costs the bar its looks.
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} {eta}") {
        bar.set_style(style);
    }
    bar
}

fn in_words(found: &Verification, text: PositionText) -> String {
    let mut told = format!(
        "{} touchpoints in {} streams are sound, up to {}.\n",
        count(found.sound),
        count(found.streams),
        text.write(found.head.position)
    );
    told.push_str(&match found.index {
        IndexVerdict::Checked { applied } => {
            format!("The index was checked up to {}.\n", text.write(applied))
        }
        IndexVerdict::InUse => {
            "The index was NOT checked: a server has it open. It is derived from the log.\n"
                .to_owned()
        }
        IndexVerdict::Absent => {
            "There is no index to check; the next start builds it from the log.\n".to_owned()
        }
    });
    for finding in &found.findings {
        told.push_str(&format!(
            "WRONG at {}: {}\n",
            range(finding, text),
            finding.what
        ));
    }
    if found.more > 0 {
        told.push_str(&format!("WRONG at {} more places.\n", count(found.more)));
    }
    if found.is_clean() {
        told.push_str("Nothing is wrong.\n");
    } else {
        told.push_str("Restore what is damaged from a backup; everything else can be read.\n");
    }
    told
}

fn range(finding: &Finding, text: PositionText) -> String {
    if finding.from == finding.to {
        return text.write(finding.from);
    }
    format!("{} to {}", text.write(finding.from), text.write(finding.to))
}

fn in_json(found: &Verification, text: PositionText) -> String {
    let findings: Vec<serde_json::Value> = found
        .findings
        .iter()
        .map(|finding| {
            serde_json::json!({
                "from": text.write(finding.from),
                "to": text.write(finding.to),
                "what": finding.what,
            })
        })
        .collect();
    let index = match found.index {
        IndexVerdict::Checked { applied } => {
            serde_json::json!({ "state": "CHECKED", "position": text.write(applied) })
        }
        IndexVerdict::InUse => serde_json::json!({ "state": "IN_USE" }),
        IndexVerdict::Absent => serde_json::json!({ "state": "ABSENT" }),
    };
    let answer = serde_json::json!({
        "clean": found.is_clean(),
        "head": text.write(found.head.position),
        "sound": found.sound,
        "streams": found.streams,
        "index": index,
        "findings": findings,
        "more": found.more,
    });
    format!("{answer}\n")
}
