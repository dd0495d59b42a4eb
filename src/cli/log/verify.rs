//! `log verify`: whether a log can be trusted, and where it cannot.

use std::path::Path;

use super::progress::bar;
use crate::app::{Finding, IndexVerdict, LogReader, Verification, verify_log};
use crate::cli::report::FormatArgs;
use crate::cli::terminal_text::count;
use crate::cli::{CliError, FOUND, Output, SUCCESS};
use crate::query::PositionText;

pub(super) fn run(
    data: &Path,
    format: FormatArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let text = PositionText(LogReader::open(data)?.epoch());
    let bar = bar();
    let found = verify_log(data, &mut |position, head| {
        bar.set_length(head.0);
        bar.set_position(position.0);
    })?;
    bar.finish_and_clear();
    let answer = in_json(&found, text);
    output.own_answer(&answer, format, in_words(&found, text))?;
    Ok(if found.is_clean() { SUCCESS } else { FOUND })
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
    if let Some(certificate) = found.certificate {
        told.push_str(&format!("Certificate {certificate}\n"));
    }
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

fn in_json(found: &Verification, text: PositionText) -> serde_json::Value {
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
    serde_json::json!({
        "clean": found.is_clean(),
        "head": text.write(found.head.position),
        "sound": found.sound,
        "streams": found.streams,
        "certificate": found.certificate.map(|certificate| certificate.to_string()),
        "index": index,
        "findings": findings,
        "more": found.more,
    })
}
