//! The pages of a timeline as one JSON object, written as they come.

use std::io::Write;

use ownerline_proto::json::to_json;
use ownerline_proto::v1::{GetTimelineResponse, TimelineEntry};

use crate::cli::CliError;

/// A GetTimelineResponse as proto3 JSON, with the entries of several pages.
pub(super) struct Answer<'o> {
    out: &'o mut dyn Write,
    entries: u64,
}

impl<'o> Answer<'o> {
    pub(super) fn new(out: &'o mut dyn Write) -> Self {
        Self { out, entries: 0 }
    }

    pub(super) fn entries(&mut self, entries: &[TimelineEntry]) -> Result<(), CliError> {
        for entry in entries {
            let before = if self.entries == 0 {
                "{\"entries\":["
            } else {
                ",\n"
            };
            self.text(before)?;
            self.text(&to_json(entry).map_err(CliError::Json)?)?;
            self.entries += 1;
        }
        Ok(())
    }

    /// Writes the rest of the object, which is that of the last page.
    pub(super) fn end(&mut self, last: GetTimelineResponse) -> Result<(), CliError> {
        let rest = GetTimelineResponse {
            entries: Vec::new(),
            ..last
        };
        let rest = to_json(&rest).map_err(CliError::Json)?;
        if self.entries == 0 {
            return self.text(&format!("{rest}\n"));
        }
        let members = rest.trim_start_matches('{');
        let comma = if members == "}" { "" } else { "," };
        self.text(&format!("]{comma}{members}\n"))
    }

    fn text(&mut self, text: &str) -> Result<(), CliError> {
        self.out
            .write_all(text.as_bytes())
            .map_err(CliError::Output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(pages: &[usize], last: GetTimelineResponse) -> String {
        let mut out = Vec::new();
        let mut answer = Answer::new(&mut out);
        for entries in pages {
            let entry = TimelineEntry {
                headline: "x".to_owned(),
                ..TimelineEntry::default()
            };
            answer.entries(&vec![entry; *entries]).unwrap();
        }
        answer.end(last).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn any_pages_make_one_response() {
        let last = GetTimelineResponse {
            position: "p".to_owned(),
            stale: true,
            ..GetTimelineResponse::default()
        };
        for (pages, entries) in [(&[][..], 0), (&[0], 0), (&[1], 1), (&[2, 0, 3], 5)] {
            for last in [last.clone(), GetTimelineResponse::default()] {
                let text = written(pages, last.clone());
                let read: GetTimelineResponse = serde_json::from_str(&text).unwrap();
                assert_eq!(read.entries.len(), entries);
                assert_eq!(read.position, last.position);
                assert_eq!(read.stale, last.stale);
            }
        }
    }
}
