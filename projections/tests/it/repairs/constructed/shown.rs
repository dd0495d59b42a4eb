//! An answer as the tables show it.

use ownerline_projections::repairs::{
    Count, CountDoubt, DeliveryBasis, Exclusion, Flag, Lack, Outcome, RepairStatus, RuleStatus,
    TestStatus, Visit,
};
use ownerline_proto::v1::repeat_repair_policy::rule::test::Kind;

/// How many counts of a test are shown.
const COUNTS: usize = 3;

/// The lines of an answer.
pub(in super::super) fn status(status: &RepairStatus) -> Vec<String> {
    let mut lines = vec![car(status)];
    if !status.visits.is_empty() {
        let visits: Vec<String> = status.visits.iter().map(visit).collect();
        lines.push(format!("visits {}", visits.join("; ")));
    }
    for defect in &status.defects {
        let ids = or_none(defect.ids.join(" "));
        let visits = names(status, &defect.visits).join(" ");
        let tried = or_none(names(status, &defect.attempts).join(" "));
        let mut line = format!("defect {ids}: {visits}; tried {tried}");
        line += if defect.safety { "; safety" } else { "" };
        line += if defect.fixed { "; fixed" } else { "" };
        line += if defect.rising_risk() { "; rising" } else { "" };
        lines.push(line);
    }
    if !status.notices.is_empty() {
        lines.push(format!("notices {}", status.notices.len()));
    }
    for of in &status.rules {
        rule(status, of, &mut lines);
    }
    if !status.flags.is_empty() {
        let flags: Vec<&str> = status.flags.iter().map(|it| flag(*it)).collect();
        lines.push(format!("flags {}", flags.join(" ")));
    }
    lines.iter().map(|line| format!("  {line}")).collect()
}

fn or_none(text: String) -> String {
    if text.is_empty() {
        "-".to_owned()
    } else {
        text
    }
}

fn names<'s>(status: &'s RepairStatus, visits: &[usize]) -> Vec<&'s str> {
    let visits = visits.iter();
    visits
        .map(|place| status.visits[*place].visit_id.as_str())
        .collect()
}

fn car(status: &RepairStatus) -> String {
    let basis = status.first_delivery.map(|it| match it.basis {
        DeliveryBasis::Stated => "stated",
        DeliveryBasis::Handover => "handover",
        DeliveryBasis::Acquisition => "acquisition",
    });
    let day = status.first_delivery.map(|it| it.day.to_string());
    let used = match status.used {
        Some(true) => "yes",
        Some(false) => "no",
        None => "unknown",
    };
    format!(
        "delivered {} {}; used {used}; out {}; registered {}",
        or_none(day.unwrap_or_default()),
        basis.unwrap_or("unknown"),
        status.days_out,
        or_none(status.jurisdictions.join(" ")),
    )
}

fn visit(visit: &Visit) -> String {
    let mut shown = format!(
        "{} {}..{} {}",
        visit.visit_id, visit.from, visit.until, visit.days
    );
    shown += if visit.counts { "" } else { " aside" };
    shown += if visit.still_in { " still-in" } else { "" };
    shown += if visit.goodwill { " goodwill" } else { "" };
    if let Some(metres) = visit.odometer_metres {
        shown += &format!(" {metres}m");
    }
    shown
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::NotMet => "NOT_MET",
        Outcome::NotDecided => "NOT_DECIDED",
        Outcome::Met => "MET",
    }
}

fn rule(status: &RepairStatus, rule: &RuleStatus, lines: &mut Vec<String>) {
    let id = &rule.rule_id;
    let best = match rule.outcome {
        Ok(best) => outcome(best),
        Err(exclusion) => {
            let why = match exclusion {
                Exclusion::NotInForce => "NOT_IN_FORCE",
                Exclusion::Used => "USED",
            };
            lines.push(format!("{id} DOES_NOT_APPLY {why}"));
            return;
        }
    };
    let mut line = format!("{id} {best}");
    if let Some(until) = rule.window.until {
        line += &format!("; until {until}");
    }
    if rule.window.millimetres > 0 {
        line += &format!("; {}m", rule.window.millimetres / 1_000);
    }
    for (what, conditions) in [("unknown", &rule.not_known), ("assumed", &rule.assumed)] {
        if !conditions.is_empty() {
            let names = conditions.iter().map(|it| {
                let name = it.as_str_name();
                name.trim_start_matches("CONDITION_")
            });
            let names: Vec<&str> = names.collect();
            line += &format!("; {what} {}", names.join(" "));
        }
    }
    if let Some(limitation) = &rule.limitation {
        let until = limitation.until.map(|it| it.to_string());
        let holds = match limitation.holds_for_maker {
            Some(true) => "yes",
            Some(false) => "no",
            None => "unknown",
        };
        let until = or_none(until.unwrap_or_default());
        line += &format!("; limitation {until} holds {holds}");
    }
    lines.push(line);
    for test in &rule.tests {
        for of in test.counts.iter().take(COUNTS) {
            lines.push(count(status, test, of));
        }
    }
}

fn count(status: &RepairStatus, test: &TestStatus, count: &Count) -> String {
    let kind = match test.kind {
        Kind::SameDefect => "same-defect",
        Kind::Safety => "safety",
        Kind::DaysOut => "days-out",
        Kind::AnyDefect => "any-defect",
        Kind::Unspecified => "nothing",
    };
    assert_eq!(count.distance, test.needed.saturating_sub(count.count));
    let result = outcome(count.outcome);
    let mut line = format!("  {kind} {}/{} {result}", count.count, test.needed);
    let ids = count.defect.map(|it| status.defects[it].ids.join("="));
    if let Some(ids) = ids.filter(|it| !it.is_empty()) {
        line += &format!(" {ids}");
    }
    if !count.visits.is_empty() {
        line += &format!(" ({})", names(status, &count.visits).join(" "));
    }
    if !count.missing.is_empty() {
        let missing: Vec<&str> = count.missing.iter().map(|it| lack(*it)).collect();
        line += &format!(" lacks {}", missing.join(" "));
    }
    if !count.doubts.is_empty() {
        let doubts: Vec<&str> = count.doubts.iter().map(|it| doubt(*it)).collect();
        line += &format!(" doubts {}", doubts.join(" "));
    }
    if let Some(notice) = &count.notice {
        line += &format!(" told {}", notice.key.id);
    }
    if let Some(until) = count.final_opportunity_until {
        line += &format!(" opportunity {until}");
    }
    line
}

fn lack(lack: Lack) -> &'static str {
    match lack {
        Lack::Notice => "NOTICE",
        Lack::FinalOpportunity => "FINAL_OPPORTUNITY",
        Lack::FaultPersists => "FAULT_PERSISTS",
    }
}

fn doubt(doubt: CountDoubt) -> &'static str {
    match doubt {
        CountDoubt::OnlyReported => "ONLY_REPORTED",
        CountDoubt::Goodwill => "GOODWILL",
        CountDoubt::Notice => "NOTICE",
        CountDoubt::Extension => "EXTENSION",
        CountDoubt::Window => "WINDOW",
    }
}

fn flag(flag: Flag) -> &'static str {
    match flag {
        Flag::FirstDeliveryUnknown => "FIRST_DELIVERY_UNKNOWN",
        Flag::OdometerUnknown => "ODOMETER_UNKNOWN",
        Flag::ZoneUnknown => "ZONE_UNKNOWN",
        Flag::NoDropOff => "NO_DROP_OFF",
        Flag::UnmatchedStay => "UNMATCHED_STAY",
        Flag::UnnamedDefect => "UNNAMED_DEFECT",
        Flag::AutomaticLinkIgnored => "AUTOMATIC_LINK_IGNORED",
        Flag::NoJurisdiction => "NO_JURISDICTION",
        Flag::SomeDealersOnly => "SOME_DEALERS_ONLY",
    }
}
