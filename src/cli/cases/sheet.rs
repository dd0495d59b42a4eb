//! A case on one sheet: what is overdue first.

use std::fmt::Write as _;

use ownerline_proto::v1::case::{Advocate, Episode, Gap, Promise, Step, episode, root_cause, step};
use ownerline_proto::v1::obligation::State;
use ownerline_proto::v1::{Case, CaseFact, GetCaseResponse};
use pbjson_types::Timestamp;

use super::words::{fate, fate_of_task, flag, level, list, oddity, since, state};
use crate::cli::durations::in_two_units;
use crate::cli::feedback::kind_in_words;
use crate::cli::terminal_text::{INDENT, labelled, one_line};
use crate::cli::time::{day_and_time, rfc3339};

/// Everything about one case, in at most `width` columns.
pub(in crate::cli) fn sheet(answer: &GetCaseResponse, width: usize) -> String {
    let case = answer.case.clone().unwrap_or_default();
    let as_of = answer.as_of.unwrap_or_default();
    let mut sheet = Sheet {
        case: &case,
        as_of,
        width: width.saturating_sub(INDENT),
        text: String::new(),
    };
    sheet.heading();
    sheet.standing();
    sheet.people();
    sheet.owed();
    sheet.heard();
    sheet.rest();
    let _ = writeln!(
        sheet.text,
        "\nAs of {}, known at position {}. Times are UTC.",
        rfc3339(&as_of),
        answer.position
    );
    sheet.text
}

/// What a case owes by a date that has not passed, the earliest first: `progress update by 27 Jan 2025, 09:00`. What waits
/// for the owner has no date meanwhile.
pub(in crate::cli) fn owes(case: &Case, as_of: &Timestamp) -> Vec<String> {
    let open = case.obligations.iter().filter_map(|it| {
        let due = it.due_at.filter(|_| it.state() == State::Open)?;
        let is_ahead = (due.seconds, due.nanos) >= (as_of.seconds, as_of.nanos);
        is_ahead.then_some((due.seconds, due.nanos, it))
    });
    let mut open: Vec<_> = open.collect();
    open.sort_by_key(|(seconds, nanos, _)| (*seconds, *nanos));
    let in_words = open.into_iter().map(|(_, _, it)| {
        let what = format!("{} {}", kind_in_words(it.kind()), one_line(&it.subject_id));
        let due = it.due_at.as_ref().map(day_and_time).unwrap_or_default();
        format!("{} by {due}", what.trim_end())
    });
    in_words.collect()
}

struct Sheet<'c> {
    case: &'c Case,
    as_of: Timestamp,
    width: usize,
    text: String,
}

/// The instant of a fact.
fn at(fact: Option<&CaseFact>) -> String {
    let instant = fact.and_then(|it| it.occurred_at.as_ref());
    instant.map(day_and_time).unwrap_or_default()
}

/// The words of a fact, in quotes; empty if it has none.
fn quoted(fact: Option<&CaseFact>) -> String {
    match fact.map(|it| one_line(&it.text)) {
        Some(words) if !words.is_empty() => format!("“{words}”"),
        _ => String::new(),
    }
}

/// The parts that are not empty, with dots between.
fn dotted(parts: &[String]) -> String {
    let parts = parts.iter().filter(|it| !it.is_empty());
    parts.cloned().collect::<Vec<_>>().join(" · ")
}

impl Sheet<'_> {
    fn lines(&mut self, label: &str, lines: &[String]) {
        let lines: Vec<String> = lines.iter().filter(|it| !it.is_empty()).cloned().collect();
        labelled(&mut self.text, label, &lines, self.width);
    }

    fn heading(&mut self) {
        let case = self.case;
        let mut heading = format!("Case {}", one_line(&case.case_id));
        if let Some(owner) = case.owners.first() {
            heading += &format!(" of {}", one_line(&owner.owner_id));
        }
        if !case.vin.is_empty() {
            heading += &format!(" about {}", one_line(&case.vin));
        }
        let _ = writeln!(self.text, "{heading}\n");
        let overdue = case.overdue.iter().map(|it| {
            let late = it.overdue_for.as_ref().map_or(0, |it| it.seconds);
            let due = it.due_at.as_ref().map(day_and_time).unwrap_or_default();
            let what = format!("{} {}", kind_in_words(it.kind()), one_line(&it.subject_id));
            format!("! {} since {due} ({})", what.trim_end(), in_two_units(late))
        });
        let overdue: Vec<String> = overdue.collect();
        self.lines("Overdue", &overdue);
        let next = owes(case, &self.as_of);
        self.lines("Due next", &[next.join(" · ")]);
    }

    fn standing(&mut self) {
        let case = self.case;
        let opened = case.opened.as_ref();
        let line = dotted(&[
            state(case.state()).to_owned(),
            quoted(opened),
            opened
                .map(|_| format!("since {}", at(opened)))
                .unwrap_or_default(),
        ]);
        self.lines("State", &[line]);
        let wants = |words: &str| match one_line(words) {
            words if words.is_empty() => String::new(),
            words => format!("“{words}”"),
        };
        self.lines("Wants", &[wants(&case.remedy_sought)]);
        self.lines("Good outcome", &[quoted(case.desired_outcome.as_ref())]);
        if let Some(it) = &case.assessment {
            let levels = [
                ("severity", it.severity()),
                ("urgency", it.urgency()),
                ("complexity", it.complexity()),
                ("impact", it.impact()),
            ];
            let levels = levels.map(|(name, it)| match level(it) {
                "–" => String::new(),
                level => format!("{name} {level}"),
            });
            self.lines("Assessment", &[dotted(&levels)]);
        }
        let many = case.episodes.len() > 1;
        let episodes: Vec<String> = case
            .episodes
            .iter()
            .flat_map(|it| episode(it, many))
            .collect();
        self.lines("Outcome", &episodes);
    }

    fn people(&mut self) {
        let case = self.case;
        let others: Vec<String> = case
            .owners
            .iter()
            .skip(1)
            .map(|it| it.owner_id.clone())
            .collect();
        self.lines("Also owners", &[others.join(", ")]);
        let dealers = case.dealers.iter().map(|it| {
            let dealer = match it.dealer_id.as_str() {
                "" => "no dealer".to_owned(),
                dealer => one_line(dealer),
            };
            match &it.until {
                Some(until) => format!("{dealer} until {}", day_and_time(until)),
                None => dealer,
            }
        });
        let dealers: Vec<String> = dealers.collect();
        self.lines("Responsible", &dealers);
        let present = case.advocates.iter().map(advocate);
        let former = case.former_advocates.iter().map(advocate);
        let advocates: Vec<String> = present.chain(former).collect();
        self.lines("Advocate", &advocates);
        self.lines("Contacts by", &[case.agents.join(", ")]);
    }

    fn owed(&mut self) {
        let case = self.case;
        let promises: Vec<String> = case
            .commitments
            .iter()
            .flat_map(|it| promise(it, false))
            .collect();
        self.lines("Promises", &promises);
        let tasks: Vec<String> = case.tasks.iter().flat_map(|it| promise(it, true)).collect();
        self.lines("Tasks", &tasks);
        let steps: Vec<String> = case.steps.iter().map(next_step).collect();
        self.lines("Next steps", &steps);
        if let Some(cause) = &case.root_cause {
            let line = match cause.state() {
                root_cause::State::Owed => {
                    format!(
                        "! asked for {}, neither told nor refused",
                        at(cause.requested.as_ref())
                    )
                }
                root_cause::State::Provided => {
                    let provided = cause.provided.as_ref();
                    format!("told {} {}", at(provided), quoted(provided))
                }
                root_cause::State::Declined => {
                    let declined = cause.declined.as_ref();
                    format!("refused {} {}", at(declined), quoted(declined))
                }
                root_cause::State::NotAsked | root_cause::State::Unspecified => String::new(),
            };
            self.lines("Root cause", &[line]);
        }
    }

    fn heard(&mut self) {
        let case = self.case;
        if let Some(updates) = case.updates.as_ref().filter(|it| it.count > 0) {
            let last = updates.latest.last().and_then(|it| it.fact.as_ref());
            let many = if updates.count == 1 {
                "update"
            } else {
                "updates"
            };
            let line = format!(
                "{} {many}, {} with nothing new, {} by programs; the last {} {}",
                updates.count,
                updates.nothing_new,
                updates.automatic,
                at(last),
                quoted(last)
            );
            self.lines("Updates", &[line]);
        }
        if let Some(silence) = &case.silence {
            let present = silence
                .present
                .as_ref()
                .map(|gap| format!("{} now", length(gap)));
            let longest = silence.longest.as_ref().map(|gap| {
                let from = gap.from.as_ref().map(day_and_time).unwrap_or_default();
                format!("{} the longest, from {from}", length(gap))
            });
            let long = match silence.long.len() {
                0 => String::new(),
                number => format!("{number} above 7 days"),
            };
            let parts = [
                present.unwrap_or_default(),
                longest.unwrap_or_default(),
                long,
            ];
            self.lines("Silence", &[dotted(&parts)]);
        }
        let pauses = case.pauses.iter().map(|it| match &it.ended {
            Some(ended) => format!("{} to {}", at(it.paused.as_ref()), at(Some(ended))),
            None => {
                let from = it.paused.as_ref().and_then(|it| it.occurred_at.as_ref());
                let waits = from
                    .map(|from| since(from, &self.as_of))
                    .unwrap_or_default();
                format!("since {} ({waits})", at(it.paused.as_ref()))
            }
        });
        let pauses: Vec<String> = pauses.collect();
        self.lines("Waited", &pauses);
    }

    fn rest(&mut self) {
        let case = self.case;
        let told = |facts: &[CaseFact]| {
            let facts = facts
                .iter()
                .map(|it| dotted(&[at(Some(it)), one_line(&it.text)]));
            facts.collect::<Vec<String>>()
        };
        self.lines("Escalated", &told(&case.escalations));
        self.lines("Maker notified", &told(&case.manufacturer_notices));
        let defects = case.defects.iter().map(|it| match it.same_as.is_empty() {
            true => one_line(&it.defect_id),
            false => format!("{}, the same as {}", it.defect_id, it.same_as.join(", ")),
        });
        let defects: Vec<String> = defects.collect();
        self.lines("Defects", &defects);
        self.lines("Feedback", &[case.feedback_ids.join(", ")]);
        if let Some(unmet) = &case.unmet {
            let cause = match unmet.root_cause_owed {
                true => "the root cause is owed".to_owned(),
                false => String::new(),
            };
            let promises = match unmet.commitments_not_kept.join(", ") {
                ids if ids.is_empty() => String::new(),
                ids => format!("promises not kept: {ids}"),
            };
            self.lines("Not met", &[dotted(&[cause, promises])]);
        }
        let odd: Vec<String> = case.flags().map(|it| flag(it).to_owned()).collect();
        self.lines("Odd", &odd);
        let cut = case
            .left_out
            .iter()
            .map(|it| format!("{} more {}", it.count, list(it.list())));
        let cut: Vec<String> = cut.collect();
        self.lines("Left out", &cut);
    }
}

fn length(gap: &Gap) -> String {
    in_two_units(gap.length.as_ref().map_or(0, |it| it.seconds))
}

fn episode(it: &Episode, many: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut parts = Vec::new();
    if many {
        let from = it.from.as_ref().map(day_and_time).unwrap_or_default();
        parts.push(format!("episode {} from {from}", it.number + 1));
    }
    if let Some(resolved) = &it.resolved {
        parts.push(format!(
            "resolved {} {}",
            at(Some(resolved)),
            quoted(Some(resolved))
        ));
    }
    match it.verdict() {
        episode::Verdict::Confirmed => {
            parts.push(format!(
                "confirmed by the owner {}",
                at(it.verdict_by.as_ref())
            ));
        }
        episode::Verdict::Rejected => {
            parts.push(format!(
                "! rejected by the owner {}",
                at(it.verdict_by.as_ref())
            ));
        }
        episode::Verdict::Unconfirmed | episode::Verdict::Unspecified => {}
    }
    if let Some(closed) = &it.closed {
        parts.push(format!("closed {}", at(Some(closed))));
    }
    lines.push(dotted(&parts));
    let requests = it.unmet_requests.iter();
    lines.extend(requests.map(|it| format!(" unmet request: “{}”", one_line(it))));
    lines
}

fn advocate(it: &Advocate) -> String {
    let from = it
        .assigned
        .as_ref()
        .map(|it| format!("from {}", at(Some(it))));
    let until = it
        .ended
        .as_ref()
        .map(|it| format!("until {}", at(Some(it))));
    let parts = [
        one_line(&it.agent_id),
        from.unwrap_or_default(),
        until.unwrap_or_default(),
    ];
    parts.join(" ").trim_end().to_owned()
}

fn promise(it: &Promise, is_task: bool) -> Vec<String> {
    let how = match is_task {
        true => fate_of_task(it.fate()),
        false => fate(it.fate()),
    };
    let due = it
        .due_at
        .as_ref()
        .map(|due| format!("due {}", day_and_time(due)));
    let ended = it.ended.as_ref().map(|it| at(Some(it)));
    let words = match is_task {
        true => one_line(&it.why),
        false => quoted(it.made.as_ref()),
    };
    let who = [it.department.as_str(), it.assignee.as_str()];
    let who: Vec<String> = who
        .into_iter()
        .filter(|it| !it.is_empty())
        .map(one_line)
        .collect();
    let how = format!("{how} {}", ended.unwrap_or_default());
    let mut lines = vec![dotted(&[
        how.trim_end().to_owned(),
        one_line(&it.id),
        words,
        who.join(", "),
        due.unwrap_or_else(|| "no date given".to_owned()),
    ])];
    let odd = it.flags().filter_map(oddity);
    lines.extend(odd.map(|it| format!(" {it}")));
    lines
}

fn next_step(it: &Step) -> String {
    let answer = match it.answer() {
        step::Answer::Agreed => format!("agreed {}", at(it.answered.as_ref())),
        step::Answer::Declined => format!("! declined {}", at(it.answered.as_ref())),
        step::Answer::Proposed | step::Answer::Unspecified => "not answered".to_owned(),
    };
    let proposed = quoted(it.proposed.as_ref());
    dotted(&[answer, one_line(&it.step_id), proposed])
}
