//! Small histories of cars and the figures that are right for them. The figures were computed by another program, in
//! another language, that was written from the rules alone; the tables beside this file hold both.
//!
//! A case is a history, one touchpoint or visit a line, the question, and the answer as [`shown`] prints it. The lines of
//! a history are explained in [`notation`]. `borders.json` is a policy of invented rules about what the shipped ones do
//! not use; `shipped` are version 0.

pub(super) mod notation;
pub(super) mod shown;

use std::fmt::Write as _;

use ownerline_projections::Viewer;
use ownerline_proto::v1::PolicyPublished;
use ownerline_proto::v1::touchpoint::Payload;

use super::{at, known};
use crate::history::TestTouchpoint;

/// The rules of `borders.json`.
const BORDERS: &str = include_str!("borders.json");

/// The publication of the rules of `borders.json`.
pub(super) fn policy() -> TestTouchpoint {
    let published: PolicyPublished = serde_json::from_str(BORDERS).unwrap();
    let payload = Payload::PolicyPublished(published);
    TestTouchpoint::with_payload("policy", at("2015-01-01T00:00Z"), payload)
}

/// One case of a table.
struct Case<'t> {
    name: &'t str,
    history: Vec<&'t str>,
    as_of: &'t str,
    policy: &'t str,
    /// The touchpoints of the history that are known; `None`: all of them.
    known: Option<usize>,
    right: Vec<&'t str>,
}

impl<'t> Case<'t> {
    /// The cases of a table, which empty lines part.
    fn of_table(table: &'t str) -> Vec<Self> {
        table.split("\n\n").map(Self::read).collect()
    }

    fn read(text: &'t str) -> Self {
        let mut lines = text.lines();
        let name = lines.next().unwrap().strip_prefix("case ").unwrap();
        let lines: Vec<&str> = lines.collect();
        let question = lines.iter().position(|it| it.starts_with("asked "));
        let question = question.unwrap();
        let words: Vec<&str> = lines[question].split_whitespace().collect();
        Self {
            name,
            history: lines[..question].iter().map(|it| it.trim()).collect(),
            as_of: words[1],
            policy: words[2],
            known: words.get(4).map(|count| count.parse().unwrap()),
            right: lines[question + 1..].to_vec(),
        }
    }

    /// What was recorded: the policy, unless it is the shipped one, and the history.
    fn log(&self) -> Vec<TestTouchpoint> {
        let mut log = notation::history(&self.history);
        log.truncate(self.known.unwrap_or(usize::MAX));
        if self.policy == "borders" {
            log.insert(0, policy());
        }
        log
    }

    /// What is answered, as the tables show it.
    fn answer(&self) -> Vec<String> {
        let log = self.log();
        let all = u64::try_from(log.len()).unwrap();
        let status = known(&log, at(self.as_of), all, &Viewer::unrestricted());
        shown::status(&status.unwrap())
    }
}

/// Compares every case of a table, and shows all that differ.
fn holds(table: &str) {
    let cases = Case::of_table(table);
    assert!(cases.len() > 20, "the table has {} cases", cases.len());
    let mut differing = String::new();
    for case in &cases {
        let answer = case.answer();
        if answer != case.right {
            let (right, answer) = (case.right.join("\n"), answer.join("\n"));
            let name = case.name;
            writeln!(differing, "{name}\nright:\n{right}\nanswered:\n{answer}\n").unwrap();
        }
    }
    assert!(differing.is_empty(), "{differing}");
}

#[test]
fn days_out_of_service_are_those_of_the_calendar() {
    holds(include_str!("days.txt"));
}

#[test]
fn windows_end_with_their_last_day_and_their_last_metre() {
    holds(include_str!("windows.txt"));
}

#[test]
fn extensions_limitations_and_dates_of_rules_hold_to_the_day() {
    holds(include_str!("extensions.txt"));
}

#[test]
fn attempts_count_once_for_each_visit_and_defect() {
    holds(include_str!("attempts.txt"));
}

#[test]
fn notices_count_from_the_visit_that_made_up_the_number() {
    holds(include_str!("notices.txt"));
}

#[test]
fn owners_orders_jurisdictions_and_corrections_decide_which_rules_hold() {
    holds(include_str!("cars.txt"));
}

#[test]
fn mixed_histories_are_counted_alike() {
    holds(include_str!("mixed.txt"));
}
