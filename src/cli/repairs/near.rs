//! A threshold that is near or reached, in one line.

use std::fmt::Write as _;

use ownerline_proto::v1::repeat_repair_policy::rule::test::Kind;
use ownerline_proto::v1::{NearThreshold, RepairOutcome};

use super::words;
use crate::cli::terminal_text::one_line;

/// `! us-nj of repeat-repair@0: 3 of 3 attempts at d-1 = d-2, reached · missing: …`; with a mark if it is reached.
pub(in crate::cli) fn near(it: &NearThreshold) -> String {
    let what = match it.kind() {
        Kind::DaysOut => "days out of service",
        Kind::Safety => "attempts at a safety defect",
        Kind::AnyDefect => "attempts at any defect",
        Kind::SameDefect | Kind::Unspecified => "attempts at the same defect",
    };
    let mut line = format!(
        "{}{} of {}@{}: {} of {} {what}",
        if it.distance == 0 { "! " } else { "" },
        one_line(&it.rule_id),
        one_line(&it.policy),
        it.policy_version,
        it.count,
        it.needed
    );
    match it.outcome() {
        RepairOutcome::Met | RepairOutcome::NotDecided => {
            let _ = write!(line, " · {}", words::outcome(it.outcome()));
        }
        _ if it.distance == 0 => line += " · reached",
        _ => {
            let _ = write!(line, " · {} to go", it.distance);
        }
    }
    let mut missing: Vec<String> = it.missing().map(|it| words::lack(it).to_owned()).collect();
    if !it.final_opportunity_until.is_empty() {
        missing.push(format!("it runs until {}", it.final_opportunity_until));
    }
    if !missing.is_empty() {
        let _ = write!(line, " · missing: {}", missing.join(", "));
    }
    if it.distance > 0 && !it.window_until.is_empty() {
        let _ = write!(line, " · counts until {}", it.window_until);
    }
    let _ = write!(line, " · {}", one_line(&it.vin));
    line
}
