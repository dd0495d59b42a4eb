//! The status of a car on one sheet.

use std::fmt::Write as _;

use ownerline_proto::v1::{
    GetRepeatRepairStatusResponse, Knowledge, RepairCount, RepairDefect, RepairLimitation,
    RepairOutcome, RepairRule, RepairTest, RepairVisit,
};

use super::words;
use crate::cli::terminal_text::{INDENT, count as grouped, labelled, one_line};
use crate::cli::time::{day, day_and_time};

/// Millimetres of a kilometre.
const KILOMETRE: i64 = 1_000_000;

/// The sheet of one car.
pub(in crate::cli) fn sheet(answer: &GetRepeatRepairStatusResponse, width: usize) -> String {
    let mut sheet = Sheet {
        width: width.saturating_sub(INDENT),
        text: String::new(),
    };
    let as_of = answer.as_of.unwrap_or_default();
    // Writing to a string cannot fail.
    let _ = writeln!(
        sheet.text,
        "Repeated repairs of {}, as of {} UTC ({})\n",
        one_line(&answer.vin),
        day_and_time(&as_of),
        answer.notice_to_reader
    );
    sheet.lines("Car", &car(answer));
    sheet.lines("Days out", &out_of_service(answer));
    sheet.lines("Defects", &defects(answer));
    sheet.lines("Notices", &notices(answer));
    let policy = format!("{}@{}", one_line(&answer.policy), answer.policy_version);
    if answer.rules.is_empty() {
        let none = format!("None of {policy} is for a jurisdiction of this car.");
        sheet.lines("Rules", &[none]);
    }
    for rule in &answer.rules {
        sheet.rule(rule, &policy);
    }
    let left = usize::try_from(answer.rules_total).unwrap_or(0);
    if left > answer.rules.len() {
        let left = left - answer.rules.len();
        sheet.lines("Left out", &[format!("{left} more rules")]);
    }
    let flags: Vec<String> = answer
        .flags()
        .map(|it| words::flag(it).to_owned())
        .collect();
    if !flags.is_empty() {
        sheet.text.push('\n');
        sheet.lines("Note", &flags);
    }
    sheet.text
}

struct Sheet {
    width: usize,
    text: String,
}

impl Sheet {
    fn lines(&mut self, label: &str, lines: &[String]) {
        labelled(&mut self.text, label, lines, self.width);
    }

    fn rule(&mut self, rule: &RepairRule, policy: &str) {
        let outcome = words::outcome(rule.outcome());
        let name = one_line(&rule.rule_id);
        let _ = writeln!(self.text, "\n{name} of {policy}: {outcome}");
        self.lines("Law", &[one_line(&rule.citation)]);
        if rule.outcome() == RepairOutcome::DoesNotApply {
            self.lines("Why", &[words::exclusion(rule.exclusion()).to_owned()]);
            return;
        }
        self.lines("Window", &[window(rule)]);
        for test in &rule.tests {
            self.lines(words::kind(test.kind()), &counts(test));
        }
        let conditions = |of: Vec<&'static str>| vec![of.join(" · ")];
        let not_known: Vec<_> = rule.not_known().map(words::condition).collect();
        if !not_known.is_empty() {
            self.lines("Not known", &conditions(not_known));
        }
        let assumed: Vec<_> = rule.assumed().map(words::condition).collect();
        if !assumed.is_empty() {
            self.lines("Not checked", &conditions(assumed));
        }
        if let Some(limitation) = &rule.limitation {
            self.lines("Limitation", &[self::limitation(limitation)]);
        }
    }
}

fn car(answer: &GetRepeatRepairStatusResponse) -> Vec<String> {
    let delivered = match answer.first_delivered_on.as_str() {
        "" => "first delivery not known".to_owned(),
        day => format!(
            "first delivered on {day} {}",
            words::basis(answer.delivery_basis())
        ),
    };
    let registered = match answer.jurisdictions.as_slice() {
        [] => "never registered".to_owned(),
        jurisdictions => format!("registered in {}", jurisdictions.join(", ")),
    };
    let used = words::used(answer.used());
    vec![format!("{delivered} · {registered} · {used}")]
}

fn out_of_service(answer: &GetRepeatRepairStatusResponse) -> Vec<String> {
    let counting = answer.visits.iter().filter(|it| it.counts).count();
    let total = format!(
        "{} in {}",
        several(answer.days_out, "day"),
        several(u32::try_from(counting).unwrap_or(u32::MAX), "visit")
    );
    let mut lines = vec![total];
    lines.extend(answer.visits.iter().map(visit));
    let left = usize::try_from(answer.visits_total).unwrap_or(0);
    if left > answer.visits.len() {
        lines.push(format!(
            "{} older visits are not shown",
            left - answer.visits.len()
        ));
    }
    lines
}

fn visit(visit: &RepairVisit) -> String {
    let until = match visit.still_in {
        true => format!("still in on {}", visit.until),
        false => format!("to {}", visit.until),
    };
    let mut line = format!(
        " {}: {} {until}, {}",
        one_line(&visit.visit_id),
        visit.from,
        several(visit.days, "day")
    );
    if let Some(metres) = visit.odometer_metres {
        let _ = write!(line, ", {}", kilometres(metres.saturating_mul(1_000)));
    }
    if !visit.dealer_id.is_empty() {
        let _ = write!(line, ", {}", one_line(&visit.dealer_id));
    }
    if visit.goodwill {
        line += ", goodwill";
    }
    if !visit.counts {
        line += " (no repair: does not count)";
    }
    line
}

fn defects(answer: &GetRepeatRepairStatusResponse) -> Vec<String> {
    if answer.defects.is_empty() {
        return vec!["none reported or repaired".to_owned()];
    }
    answer.defects.iter().map(defect).collect()
}

fn defect(defect: &RepairDefect) -> String {
    let mut line = format!(
        "{}: {} in {}",
        named(&defect.defect_ids),
        several(defect.attempts, "attempt"),
        defect.visit_ids.join(", ")
    );
    if defect.only_reported > 0 {
        let _ = write!(
            line,
            ", {} without an attempt",
            several(defect.only_reported, "visit")
        );
    }
    for (holds, word) in [
        (defect.safety, "safety"),
        (defect.fixed, "fixed"),
        (defect.rising_risk, "came back: rising risk"),
    ] {
        if holds {
            let _ = write!(line, " · {word}");
        }
    }
    line
}

fn notices(answer: &GetRepeatRepairStatusResponse) -> Vec<String> {
    if answer.notices.is_empty() {
        return vec!["none to the manufacturer".to_owned()];
    }
    let notices = answer.notices.iter().map(|it| {
        let about = match it.defect_id.as_str() {
            "" => "",
            _ => " about ",
        };
        let means = match it.means.as_str() {
            "" => "means not told".to_owned(),
            means => one_line(means),
        };
        let on = it.occurred_at.as_ref().map(day).unwrap_or_default();
        format!("{on} {means}{about}{} (case {})", it.defect_id, it.case_id)
    });
    notices.collect()
}

fn window(rule: &RepairRule) -> String {
    let metres = match rule.window_millimetres {
        0 => String::new(),
        limit => kilometres(limit),
    };
    match (rule.window_until.as_str(), metres.as_str()) {
        ("", "") => "no limit".to_owned(),
        (until, "") => format!("until {until}, that day included"),
        ("", metres) => format!("up to {metres}"),
        (until, metres) => {
            let which = match rule.whichever_first {
                true => "whichever comes first",
                false => "whichever comes last",
            };
            format!("until {until}, that day included, or {metres}, {which}")
        }
    }
}

fn counts(test: &RepairTest) -> Vec<String> {
    test.counts.iter().map(|it| count(test, it)).collect()
}

fn count(test: &RepairTest, count: &RepairCount) -> String {
    let mut line = format!("{} of {}", count.count, test.needed);
    match count.distance {
        0 => line += ", reached",
        distance => {
            let _ = write!(line, ", {distance} to go");
        }
    }
    if !count.defect_ids.is_empty() {
        let _ = write!(line, " · {}", named(&count.defect_ids));
    }
    if !count.visit_ids.is_empty() {
        let _ = write!(line, " · counts {}", count.visit_ids.join(", "));
    }
    let mut missing: Vec<String> = count
        .missing()
        .map(|it| words::lack(it).to_owned())
        .collect();
    if !count.final_opportunity_until.is_empty() {
        missing.push(format!("it runs until {}", count.final_opportunity_until));
    }
    if !missing.is_empty() {
        let _ = write!(line, " · missing: {}", missing.join(", "));
    }
    let doubts: Vec<&str> = count.doubts().map(words::doubt).collect();
    if !doubts.is_empty() {
        let _ = write!(line, " · not decided: {}", doubts.join(", "));
    }
    line
}

fn limitation(limitation: &RepairLimitation) -> String {
    let mut parts = Vec::new();
    if !limitation.until.is_empty() {
        parts.push(format!(
            "{} at the latest, but for what stops the time",
            limitation.until
        ));
    }
    if limitation.months_after_warranty > 0 {
        let months = several(limitation.months_after_warranty, "month");
        parts.push(format!(
            "{months} after the warranty, whose end is not known"
        ));
    }
    match limitation.holds_for_maker() {
        Knowledge::Unspecified => {
            parts.push("whether it holds for this maker is not known".to_owned());
        }
        Knowledge::No => parts.push("it does not hold for this maker".to_owned()),
        Knowledge::Yes => {}
    }
    if !limitation.tolling.is_empty() {
        parts.push(format!("stopped by {}", limitation.tolling.join(", ")));
    }
    parts.push(one_line(&limitation.citation));
    parts.join(" · ")
}

fn named(ids: &[String]) -> String {
    match ids {
        [] => "a defect without an id".to_owned(),
        ids => one_line(&ids.join(" = ")),
    }
}

fn several(number: u32, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {what}{plural}", grouped(u64::from(number)))
}

fn kilometres(millimetres: i64) -> String {
    let whole = millimetres / KILOMETRE;
    format!("{} km", grouped(whole.unsigned_abs()))
}
