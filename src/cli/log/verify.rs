//! `log verify`: whether a log can be trusted, and where not.

use std::path::Path;

use crate::app::{Finding, IndexVerdict, LogReader, Verification, verify_log};
use crate::cli::progress::{LOG_TEMPLATE, bar};
use crate::cli::report::FormatArgs;
use crate::cli::terminal_text::count;
use crate::cli::{CliError, FOUND, Output, SUCCESS};
use crate::query::PositionText;

pub(super) fn run(
    data: &Path,
    format: FormatArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let positions = PositionText(LogReader::open(data)?.epoch());
    let bar = bar(Some(0), LOG_TEMPLATE);
    let verification = verify_log(data, &mut |position, head| {
        bar.set_length(head.0);
        bar.set_position(position.0);
    })?;
    bar.finish_and_clear();
    let answer = in_json(&verification, positions);
    output.own_answer(&answer, format, in_words(&verification, positions))?;
    Ok(if verification.is_clean() {
        SUCCESS
    } else {
        FOUND
    })
}

fn in_words(verification: &Verification, positions: PositionText) -> String {
    let mut text = format!(
        "{} touchpoints in {} streams are sound, up to position {}.\n",
        count(verification.sound),
        count(verification.streams),
        positions.write(verification.head.position)
    );
    text.push_str(&match verification.index {
        IndexVerdict::Checked { applied } => {
            format!(
                "The index was checked up to position {}.\n",
                positions.write(applied)
            )
        }
        IndexVerdict::InUse => {
            "The index was NOT checked: a server has it open. It is derived from the log.\n"
                .to_owned()
        }
        IndexVerdict::Absent => {
            "There is no index to check; the next start builds it from the log.\n".to_owned()
        }
    });
    if let Some(certificate) = verification.certificate {
        text.push_str(&format!("Certificate {certificate}\n"));
    }
    for finding in &verification.findings {
        text.push_str(&format!(
            "WRONG at {}: {}\n",
            range(finding, positions),
            finding.what
        ));
    }
    if verification.more > 0 {
        text.push_str(&format!(
            "WRONG at {} more places.\n",
            count(verification.more)
        ));
    }
    if verification.is_clean() {
        text.push_str("Nothing is wrong.\n");
    } else {
        text.push_str("Restore what is damaged from a backup; everything else is readable.\n");
    }
    text
}

fn range(finding: &Finding, positions: PositionText) -> String {
    if finding.from == finding.to {
        return positions.write(finding.from);
    }
    let [from, to] = [finding.from, finding.to].map(|end| positions.write(end));
    format!("{from} to {to}")
}

fn in_json(verification: &Verification, positions: PositionText) -> serde_json::Value {
    let findings: Vec<serde_json::Value> = verification
        .findings
        .iter()
        .map(|finding| {
            serde_json::json!({
                "from": positions.write(finding.from),
                "to": positions.write(finding.to),
                "what": finding.what,
            })
        })
        .collect();
    let index = match verification.index {
        IndexVerdict::Checked { applied } => {
            serde_json::json!({ "state": "CHECKED", "position": positions.write(applied) })
        }
        IndexVerdict::InUse => serde_json::json!({ "state": "IN_USE" }),
        IndexVerdict::Absent => serde_json::json!({ "state": "ABSENT" }),
    };
    serde_json::json!({
        "clean": verification.is_clean(),
        "head": positions.write(verification.head.position),
        "sound": verification.sound,
        "streams": verification.streams,
        "certificate": verification.certificate.map(|certificate| certificate.to_string()),
        "index": index,
        "findings": findings,
        "more": verification.more,
    })
}
