//! Batches of touchpoints, from the lines of an input or made by this program.

use ownerline_proto::cloudevents::{LineError, from_line};
use ownerline_proto::json_input::Json;
use ownerline_proto::v1::Touchpoint;
use prost::Message as _;

use super::line::Line;
use super::lines::Lines;
use super::refused::{Refused, Violated};
use crate::cli::error::Unreadable;

/// The most touchpoints in a batch.
const MOST_TOUCHPOINTS: usize = 500;
/// The most bytes in a batch: of its encoded touchpoints, and of the lines they were read from.
const MOST_BYTES: usize = 2 << 20;
/// The bytes around a touchpoint in an encoded batch: its key and its length.
const FRAME: usize = 8;

/// A batch of touchpoints.
#[derive(Debug, Default)]
pub(super) struct Batch {
    /// The touchpoints, in input order.
    pub(super) touchpoints: Vec<Touchpoint>,
    /// The line of each touchpoint, for those that the server refuses.
    pub(super) lines: Vec<Line>,
    /// The lines that are not touchpoints.
    pub(super) refused: Vec<Refused>,
}

impl Batch {
    fn is_empty(&self) -> bool {
        self.touchpoints.is_empty() && self.refused.is_empty()
    }

    /// Returns the number of its first line.
    pub(super) fn first_line(&self) -> u64 {
        let sent = self.lines.first().map(|line| line.number);
        let refused = self.refused.first().map(|refused| refused.number);
        sent.into_iter().chain(refused).min().unwrap_or_default()
    }
}

/// An item of the input: a touchpoint and its line, or a line that is not a touchpoint.
type Item = Result<Result<(Touchpoint, Line), Box<Refused>>, Unreadable>;

/// An iterator over batches.
pub(super) struct Batches<I> {
    items: I,
    /// The touchpoint that did not fit in the previous batch.
    waiting: Option<(Touchpoint, Line)>,
    /// The error that ended the previous batch.
    failed: Option<Unreadable>,
}

/// Returns the batches of an input, from this line on.
pub(super) fn of_lines(lines: Lines, from: u64) -> Batches<impl Iterator<Item = Item>> {
    let before =
        move |line: &Result<Line, Unreadable>| line.as_ref().is_ok_and(|line| line.number < from);
    Batches::new(lines.skip_while(before).map(|line| line.map(parsed)))
}

/// Returns the batches of touchpoints that come from no input; they are numbered instead of their lines.
pub(super) fn of_touchpoints(
    touchpoints: impl Iterator<Item = Touchpoint>,
) -> Batches<impl Iterator<Item = Item>> {
    Batches::new((1..).zip(touchpoints).map(|(number, touchpoint)| {
        let line = Line {
            number,
            text: String::new(),
            fault: None,
        };
        Ok(Ok((touchpoint, line)))
    }))
}

impl<I: Iterator<Item = Item>> Batches<I> {
    fn new(items: I) -> Self {
        Self {
            items,
            waiting: None,
            failed: None,
        }
    }

    fn fill(&mut self) -> Result<Batch, Unreadable> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let mut batch = Batch::default();
        let mut encoded = 0;
        let mut read = 0;
        loop {
            let (touchpoint, line) = match self.waiting.take() {
                Some(waiting) => waiting,
                None => match self.items.next() {
                    None => return Ok(batch),
                    Some(Err(error)) if batch.is_empty() => return Err(error),
                    Some(Err(error)) => {
                        // What was read before the error is sent first.
                        self.failed = Some(error);
                        return Ok(batch);
                    }
                    Some(Ok(Ok(item))) => item,
                    Some(Ok(Err(refused))) => {
                        read += refused.line.len();
                        batch.refused.push(*refused);
                        if read >= MOST_BYTES || batch.refused.len() >= MOST_TOUCHPOINTS {
                            return Ok(batch);
                        }
                        continue;
                    }
                },
            };
            encoded += touchpoint.encoded_len() + FRAME;
            read += line.text.len();
            let full = batch.touchpoints.len() == MOST_TOUCHPOINTS
                || encoded.max(read) > MOST_BYTES && !batch.touchpoints.is_empty();
            if full {
                self.waiting = Some((touchpoint, line));
                return Ok(batch);
            }
            batch.touchpoints.push(touchpoint);
            batch.lines.push(line);
        }
    }
}

impl<I: Iterator<Item = Item>> Iterator for Batches<I> {
    type Item = Result<Batch, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.fill() {
            Ok(batch) if batch.is_empty() => None,
            filled => Some(filled),
        }
    }
}

fn parsed(mut line: Line) -> Result<(Touchpoint, Line), Box<Refused>> {
    if let Some(fault) = line.fault {
        return Err(refused(line, None, fault.description(), Vec::new()));
    }
    let error = match from_line(&line.text) {
        Ok(touchpoint) => return Ok((touchpoint, line)),
        Err(error) => error,
    };
    let Some(original) = refused_before(&line.text) else {
        return Err(malformed(line, error));
    };
    line.text = original;
    match from_line(&line.text) {
        Ok(touchpoint) => Ok((touchpoint, line)),
        Err(error) => Err(malformed(line, error)),
    }
}

/// Returns the original line in a line of a file of refused lines, so that such a file can be corrected and imported.
fn refused_before(text: &str) -> Option<String> {
    let json: Json = serde_json::from_str(text).ok()?;
    if json.member("specversion").is_some() || json.member("reason").is_none() {
        return None;
    }
    json.member("line")?.as_text().map(str::to_owned)
}

fn malformed(line: Line, error: LineError) -> Box<Refused> {
    let message = error.to_string();
    let violations = error.problems.into_iter().map(|problem| Violated {
        field: problem.field,
        reason: problem.reason.as_str().to_owned(),
        description: problem.description,
    });
    refused(line, error.id, message, violations.collect())
}

fn refused(
    line: Line,
    id: Option<String>,
    message: String,
    violations: Vec<Violated>,
) -> Box<Refused> {
    Box::new(Refused {
        number: line.number,
        id,
        reason: "MALFORMED_LINE".to_owned(),
        message,
        violations,
        line: line.text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(id: usize, text: &str) -> String {
        format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"//t","type":"com.ownerline.case_note_added.v1","time":"2024-01-01T00:00:00Z","caseid":"c","data":{{"text":"{text}"}}}}"#
        )
    }

    fn batches(text: String) -> Vec<Batch> {
        batches_from(text, 0)
    }

    fn batches_from(text: String, first: u64) -> Vec<Batch> {
        let lines = Lines::new(std::io::Cursor::new(text.into_bytes())).unwrap();
        of_lines(lines, first).map(Result::unwrap).collect()
    }

    #[test]
    fn a_run_may_start_at_a_line() {
        let text: String = (1..=5).map(|id| note(id, "x") + "\n").collect();
        let batch = batches_from(text, 4).remove(0);
        let ids: Vec<&str> = batch.touchpoints.iter().map(|it| &*it.id).collect();
        assert_eq!(ids, ["4", "5"]);
        assert_eq!(batch.first_line(), 4);
    }

    #[test]
    fn a_corrected_line_of_a_file_of_refused_lines_is_the_line_inside() {
        let refused = |line: &str| {
            serde_json::json!({"number": 9, "id": "7", "reason": "MALFORMED_LINE", "message": "m",
                "violations": [], "line": line})
            .to_string()
        };
        let text = format!("{}\n{}", refused(&note(7, "x")), refused("still nonsense"));
        let batch = batches(text).remove(0);
        assert_eq!(batch.touchpoints[0].id, "7");
        assert_eq!(batch.lines[0].text, note(7, "x"));
        assert_eq!(
            (batch.refused[0].number, &*batch.refused[0].line),
            (2, "still nonsense")
        );
    }

    #[test]
    fn a_batch_has_at_most_500_touchpoints() {
        let text = (0..1_001).map(|id| note(id, "x") + "\n").collect();
        let sizes: Vec<usize> = batches(text)
            .iter()
            .map(|it| it.touchpoints.len())
            .collect();
        assert_eq!(sizes, [500, 500, 1]);
    }

    #[test]
    fn a_batch_has_at_most_two_mebibytes_and_loses_nothing() {
        let long = "x".repeat(300_000);
        let text = (0..20).map(|id| note(id, &long) + "\n").collect();
        let batches = batches(text);
        let mut ids = Vec::new();
        for batch in &batches {
            let bytes: usize = batch.touchpoints.iter().map(|it| it.encoded_len()).sum();
            assert!(bytes <= MOST_BYTES);
            ids.extend(batch.touchpoints.iter().map(|it| it.id.clone()));
        }
        let wanted: Vec<String> = (0..20).map(|id| id.to_string()).collect();
        assert_eq!(ids, wanted);
    }

    #[test]
    fn lines_that_are_not_touchpoints_are_kept_with_their_reasons() {
        let text = format!(
            "{}\nnonsense\n{{\"id\":\"7\"}}\n{}",
            note(1, "x"),
            note(2, "y")
        );
        let batch = batches(text).remove(0);
        assert_eq!(batch.touchpoints.len(), 2);
        assert_eq!(batch.lines[1].number, 4);
        assert_eq!(batch.refused[0].number, 2);
        assert_eq!(batch.refused[0].line, "nonsense");
        assert_eq!(batch.refused[1].id.as_deref(), Some("7"));
        assert_eq!(batch.refused[1].violations.len(), 4);
        assert_eq!(batch.first_line(), 1);
    }

    #[test]
    fn touchpoints_without_a_file_are_numbered_from_1_and_none_is_lost() {
        let made = (0..1_001).map(|id| Touchpoint {
            id: id.to_string(),
            ..Touchpoint::default()
        });
        let batches: Vec<Batch> = of_touchpoints(made).map(Result::unwrap).collect();
        let firsts: Vec<u64> = batches.iter().map(Batch::first_line).collect();
        assert_eq!(firsts, [1, 501, 1_001]);
        assert_eq!(batches[2].touchpoints[0].id, "1000");
    }

    #[test]
    fn nothing_but_refused_lines_is_a_batch_too() {
        let batches = batches("a\nb\n".to_owned());
        assert_eq!(batches.len(), 1);
        assert_eq!(batches[0].refused.len(), 2);
    }
}
