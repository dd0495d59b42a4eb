//! A context pack on one sheet, for an agent who reads it in the seconds before the owner answers the phone.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ownerline_proto::v1::repair_attempted::Outcome as AttemptOutcome;
use ownerline_proto::v1::{
    ContactRecord, ContextPack, GetContextPackResponse, LastFeedback, LastVisit, MissingSection,
    NotToSayAgain, OpenCase, OpenCommitment, OpenDefect, PackFact, PackSection, RelationshipHolder,
    last_visit, missing_section, not_to_say_again,
};
use pbjson_types::Timestamp;

use crate::cli::repairs::near;
use crate::cli::terminal_text::{INDENT, labelled, one_line};
use crate::cli::time::{civil, day_and_time};

/// Quotes are cut to this many characters; the JSON has them whole.
const QUOTED: usize = 240;

const DAY: i64 = 86_400;

/// The sheet of one owner.
pub(super) fn sheet(owner: &str, answer: &GetContextPackResponse, width: usize) -> String {
    let pack = answer.pack.clone().unwrap_or_default();
    let as_of = answer.as_of.unwrap_or_default();
    let mut sheet = Sheet {
        as_of,
        width: width.saturating_sub(INDENT),
        text: String::new(),
    };
    let _ = writeln!(
        sheet.text,
        "Before you contact {} (as of {}, times are UTC)\n",
        one_line(owner),
        day_and_time(&as_of)
    );
    sheet.sections(&pack);
    let _ = writeln!(sheet.text, "\nKnown at position {}.", answer.position);
    if let Some(served) = &answer.served {
        let again = if served.replayed { " before" } else { "" };
        let position = &served.position;
        let _ = writeln!(
            sheet.text,
            "This serving was recorded{again} at position {position}."
        );
    }
    if answer.audit_only {
        let _ = writeln!(
            sheet.text,
            "Read to audit: it was not recorded as served, and no contact counts as made with it."
        );
    }
    sheet.text
}

struct Sheet {
    as_of: Timestamp,
    width: usize,
    text: String,
}

impl Sheet {
    fn sections(&mut self, pack: &ContextPack) {
        self.list("Promises", &pack.open_commitments, Self::commitment);
        self.list("Cases", &pack.open_cases, Self::case);
        self.list("Defects", &pack.open_defects, Self::defect);
        let mut thresholds: Vec<String> = pack.near_thresholds.iter().map(near).collect();
        // All of one policy say the same; those of several, each its own.
        let notices = pack.near_thresholds.iter();
        let notices: BTreeSet<String> = notices.map(|it| one_line(&it.notice_to_reader)).collect();
        thresholds.extend(notices.into_iter().map(|it| format!(" ({it})")));
        let not_judged = pack.repairs_not_judged.iter().map(|it| one_line(it));
        thresholds
            .extend(not_judged.map(|vin| format!("not judged here: ownerline repairs {vin}")));
        self.lines("Repairs", &thresholds);
        let visit: Vec<LastVisit> = pack.last_visit.iter().cloned().collect();
        self.list("Last visit", &visit, Self::visit);
        let feedback: Vec<LastFeedback> = pack.last_feedback.iter().cloned().collect();
        self.list("Feedback", &feedback, Self::feedback);
        self.list("Relationship", &pack.relationship, Self::holder);
        self.list("Do not say", &pack.not_to_say_again, Self::avoid);
        let contacts: Vec<ContactRecord> = pack.contacts.iter().cloned().collect();
        self.list("Contacts", &contacts, Self::contacts);
        for left_out in &pack.left_out {
            let what = section(left_out.section());
            self.lines("Left out", &[format!("{} more {what}", left_out.count)]);
        }
        let missing: Vec<&str> = pack.missing.iter().map(missing).collect();
        if !missing.is_empty() {
            self.lines("Not known", &[missing.join(" · ")]);
        }
    }

    fn list<T>(&mut self, label: &str, items: &[T], describe: impl Fn(&Self, &T) -> Vec<String>) {
        let lines = items.iter().flat_map(|item| describe(self, item));
        let lines: Vec<String> = lines.collect();
        self.lines(label, &lines);
    }

    fn lines(&mut self, label: &str, lines: &[String]) {
        labelled(&mut self.text, label, lines, self.width);
    }

    fn commitment(&self, it: &OpenCommitment) -> Vec<String> {
        let made = it.made.clone().unwrap_or_default();
        let due = match &it.due_at {
            Some(due) if it.overdue => format!("! OVERDUE since {}", self.day(due)),
            Some(due) => format!("due {}", self.day(due)),
            None => "no date given".to_owned(),
        };
        let closed = if it.case_closed {
            ", which is closed"
        } else {
            ""
        };
        let what = named(&made.text, &it.commitment_id);
        vec![format!("{due}: {what} (in {}{closed})", it.case_id)]
    }

    fn case(&self, it: &OpenCase) -> Vec<String> {
        let opened = it.opened.clone().unwrap_or_default();
        let mut facts = vec![named(&opened.text, &it.case_id)];
        if let Some(fact) = it.reopened.as_ref().or(it.opened.as_ref()) {
            let how = if it.reopened.is_some() {
                "reopened"
            } else {
                "since"
            };
            facts.push(format!("{how} {}", self.at(fact)));
        }
        if let Some(days) = it.days_without_word.or(it.days_silent) {
            let mark = if days >= 14 { "! " } else { "" };
            facts.push(format!("{mark}last contact {}", ago(i64::from(days))));
        }
        if !it.overdue.is_empty() {
            facts.push(format!("! {} overdue", it.overdue.len()));
        }
        if it.escalations > 0 {
            facts.push(format!("escalated {}", times(it.escalations)));
        }
        if let Some(fact) = &it.resolved {
            facts.push(format!("resolved {}, not closed", self.at(fact)));
        }
        if it.paused_on_owner.is_some() {
            facts.push("waiting for the owner".to_owned());
        }
        if !opened.text.is_empty() {
            facts.push(it.case_id.clone());
        }
        let mut lines = vec![facts.join(" · ")];
        if !it.remedy_sought.is_empty() {
            lines.push(format!(" wants: {}", quoted(&it.remedy_sought)));
        }
        if let Some(fact) = &it.desired_outcome {
            lines.push(format!(" a good outcome would be: {}", quoted(&fact.text)));
        }
        if let Some(fact) = &it.root_cause_requested {
            let since = self.at(fact);
            lines.push(format!(
                " ! asked for the root cause {since}; no answer yet"
            ));
        }
        lines
    }

    fn defect(&self, it: &OpenDefect) -> Vec<String> {
        let reported = it.last_reported.clone().unwrap_or_default();
        let id = it.defect_ids.first().map_or(&*it.issue_id, String::as_str);
        let mut facts = vec![named(&reported.text, id)];
        if it.safety {
            facts.insert(0, "! SAFETY".to_owned());
        }
        if let Some(first) = &it.first_reported {
            facts.push(format!("first reported {}", self.at(first)));
        }
        match (&it.last_attempt, it.attempts) {
            (Some(last), attempts) => facts.push(format!(
                "{}, the last {}: {}",
                repair_attempts(attempts),
                self.at(last),
                attempt(it.last_outcome())
            )),
            (None, _) => facts.push("no repair is known".to_owned()),
        }
        match &*it.vin {
            "" => {}
            vin if it.vehicle_left => facts.push(format!("{vin}, no longer theirs")),
            vin => facts.push(vin.to_owned()),
        }
        vec![facts.join(" · ")]
    }

    fn visit(&self, it: &LastVisit) -> Vec<String> {
        let mut facts = vec![outcome(it.outcome()).to_owned()];
        if let Some(began) = &it.began {
            facts.push(self.at(began));
        }
        if let Some(went) = &it.picked_up {
            facts.push(format!("picked up {}", self.at(went)));
        }
        if it.still_in {
            facts.push("the car is still there".to_owned());
        }
        let places = [&it.dealer_id, &it.vin];
        facts.extend(places.into_iter().filter(|it| !it.is_empty()).cloned());
        let mut lines = vec![facts.join(" · ")];
        if let Some(fact) = it.appointment.as_ref().filter(|it| !it.text.is_empty()) {
            lines.push(format!(" for {}", one_line(&fact.text)));
        }
        for defect in &it.defects {
            let reported = defect.reported.clone().unwrap_or_default();
            let what = named(&reported.text, &defect.defect_id);
            let how = match &defect.last_attempt {
                Some(_) => attempt(defect.last_outcome()),
                None => "no repair attempt is known",
            };
            lines.push(format!(" {what}: {how}"));
        }
        lines
    }

    fn feedback(&self, it: &LastFeedback) -> Vec<String> {
        let received = it.received.clone().unwrap_or_default();
        let edited = it.edited.as_ref().filter(|it| !it.text.is_empty());
        let verbatim = &edited.unwrap_or(&received).text;
        let mut facts = vec![named(verbatim, "")];
        facts.extend(it.score.map(|score| format!("{score} of 10")));
        facts.push(self.at(&received));
        let mut lines = vec![facts.join(" · ")];
        if let Some(answer) = &it.answered {
            lines.push(format!(" answered {}{}", self.at(answer), by(answer)));
        }
        if let Some(waiting) = &it.waiting_since {
            lines.push(format!(
                " ! waiting for an answer since {}",
                self.at(waiting)
            ));
        }
        lines
    }

    fn holder(&self, it: &RelationshipHolder) -> Vec<String> {
        let fact = it.fact.clone().unwrap_or_default();
        let since = self.at(&fact);
        vec![if it.agent_id.is_empty() {
            format!("{}, the dealer last responsible ({since})", it.dealer_id)
        } else {
            format!(
                "{}, advocate in {} (since {since})",
                it.agent_id, it.case_id
            )
        }]
    }

    fn avoid(&self, it: &NotToSayAgain) -> Vec<String> {
        use not_to_say_again::Reason;
        let fact = it.fact.clone().unwrap_or_default();
        let what = named(&it.text, &it.id);
        let remark = match it.reason() {
            Reason::OfferDeclined => format!("offer declined: {what}"),
            Reason::TipDismissed => format!("tip dismissed: {what}"),
            Reason::NextStepDeclined => format!("does not want: {what}"),
            Reason::RootCauseDeclined => format!("was refused the root cause: {what}"),
            Reason::CommitmentBroken => format!("! a broken promise: {what}"),
            Reason::NothingNew => format!("\"nothing new\": heard it {} in a row", times(it.count)),
            Reason::AlreadyAnswered => format!("has already answered: {what}"),
            Reason::ConsentWithdrawn => format!("! consent withdrawn: {what}"),
            Reason::Unspecified => what,
        };
        vec![format!("{remark} ({})", self.at(&fact))]
    }

    fn contacts(&self, it: &ContactRecord) -> Vec<String> {
        let Some(last) = &it.last else {
            return Vec::new();
        };
        let mut who: Vec<String> = it.agents.iter().map(|it| one_line(it)).collect();
        who.dedup();
        let how = match (it.proactive, who.join(", ")) {
            (true, who) if who.is_empty() => "we called".to_owned(),
            (true, who) => format!("we called ({who})"),
            (false, who) if who.is_empty() => "spoke with us".to_owned(),
            (false, who) => format!("spoke with {who}"),
        };
        let about = if last.text.is_empty() {
            String::new()
        } else {
            format!(" about {}", quoted(&last.text))
        };
        let pack = match (&it.pack, it.without_pack) {
            (Some(_), _) => ", with a context pack",
            (None, Some(_)) => ", without a context pack",
            (None, None) => "",
        };
        let mut lines = vec![format!("last {}: {how}{about}{pack}", self.at(last))];
        if let (Some(without), all @ 2..) = (it.without_pack, it.contacts) {
            lines.push(format!(" {without} of {all} contacts had none"));
        }
        lines
    }

    fn at(&self, fact: &PackFact) -> String {
        self.day(&fact.occurred_at.unwrap_or_default())
    }

    /// `12 Mar 2026, 3 days ago`
    fn day(&self, instant: &Timestamp) -> String {
        let Some(time) = civil(instant) else {
            return "at an unknown time".to_owned();
        };
        let days = self.as_of.seconds.saturating_sub(instant.seconds);
        let days = days.div_euclid(DAY);
        let date = time.strftime("%-d %b %Y");
        match days {
            0 => format!("{date}, {}", time.strftime("%H:%M")),
            days => format!("{date}, {}", ago(days)),
        }
    }
}

/// `less than a day ago`, `3 days ago`, `in 2 days`.
fn ago(days: i64) -> String {
    match days {
        ..=-2 => format!("in {} days", days.unsigned_abs()),
        -1 => "within a day".to_owned(),
        0 => "less than a day ago".to_owned(),
        1 => "1 day ago".to_owned(),
        2..=99 => format!("{days} days ago"),
        _ => format!("{} months ago", days / 30),
    }
}

fn repair_attempts(count: u32) -> String {
    match count {
        1 => "1 repair attempt".to_owned(),
        more => format!("{more} repair attempts"),
    }
}

fn times(count: u32) -> String {
    match count {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        more => format!("{more} times"),
    }
}

/// The words in quotation marks, or the id if there are none.
fn named(words: &str, id: &str) -> String {
    match (quoted(words), id) {
        (quoted, "") if quoted.is_empty() => "no words".to_owned(),
        (quoted, id) if quoted.is_empty() => one_line(id),
        (quoted, _) => quoted,
    }
}

fn quoted(words: &str) -> String {
    let words = one_line(words);
    match words.char_indices().nth(QUOTED) {
        _ if words.is_empty() => words,
        None => format!("\"{words}\""),
        Some((at, _)) => format!("\"{}…\"", words.get(..at).unwrap_or(&words)),
    }
}

/// ` by ann for dealer-1`
fn by(fact: &PackFact) -> String {
    let actor = fact.actor.clone().unwrap_or_default();
    let mut text = String::new();
    for (how, who) in [("by", &actor.id), ("for", &actor.dealer_id)] {
        if !who.is_empty() {
            let _ = write!(text, " {how} {}", one_line(who));
        }
    }
    text
}

fn attempt(outcome: AttemptOutcome) -> &'static str {
    match outcome {
        AttemptOutcome::Fixed => "fixed",
        AttemptOutcome::NotFixed => "not fixed",
        AttemptOutcome::NoFaultFound => "no fault found",
        AttemptOutcome::PartPending => "waiting for a part",
        AttemptOutcome::Unspecified => "outcome not recorded",
    }
}

fn outcome(outcome: last_visit::Outcome) -> &'static str {
    use last_visit::Outcome;
    match outcome {
        Outcome::Repaired => "repaired",
        Outcome::NotFixed => "! not fixed",
        Outcome::PartPending => "! waiting for a part",
        Outcome::NoFaultFound => "no fault found",
        Outcome::AssistanceDeclined => "! help was declined",
        Outcome::ResolvedElsewhere => "resolved elsewhere",
        Outcome::WorkDone => "work done",
        Outcome::StillIn => "no outcome yet",
        Outcome::NotRecorded | Outcome::Unspecified => "? no outcome recorded",
    }
}

fn section(section: PackSection) -> &'static str {
    match section {
        PackSection::OpenCases => "cases",
        PackSection::OpenCommitments => "promises",
        PackSection::OpenDefects => "defects",
        PackSection::Relationship => "holders of the relationship",
        PackSection::NotToSayAgain => "things not to say",
        PackSection::LastVisit => "defects of the last visit",
        PackSection::LastFeedback | PackSection::Contacts | PackSection::Unspecified => {
            "other facts"
        }
    }
}

fn missing(missing: &MissingSection) -> &'static str {
    use missing_section::Reason;
    match missing.reason() {
        Reason::NoVisitKnown => "no visit is known",
        Reason::OutcomeNotRecorded => "the outcome of the last visit is not recorded",
        Reason::NoCaseKnown => "no case is known",
        Reason::NoOpenCase => "every known case is closed",
        Reason::NoCommitmentKnown => "no promise is known",
        Reason::NoOpenCommitment => "no known promise is open",
        Reason::NoDefectKnown => "no defect is known",
        Reason::NoOpenDefect => "no known defect is open",
        Reason::NoFeedbackKnown => "no feedback is known",
        Reason::FeedbackExcluded => "all feedback was excluded",
        Reason::VerbatimNotRecorded => "the last feedback is without words",
        Reason::NoRelationshipKnown => "nobody is known to hold the relationship",
        Reason::NothingToAvoidKnown => "nothing to avoid is known",
        Reason::NoContactKnown => "no contact is known",
        Reason::ServingsNotVisible => "whether contacts had a pack is withheld",
        Reason::Unspecified => "other facts",
    }
}

#[cfg(test)]
mod tests;
