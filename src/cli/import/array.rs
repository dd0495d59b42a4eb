//! The elements of a JSON array of events (the batch format of CloudEvents), read one by one in bounded memory, each as
//! the text it has in the file.

use std::io::{self, BufRead, Read};

use serde::Deserialize as _;
use serde::de::IgnoredAny;

use super::line::{LONGEST_LINE, Line};
use crate::cli::error::Unreadable;

/// The place of the reader in the array.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before or after an array.
    Outside,
    /// After `[`.
    Begun,
    /// After an element.
    AfterElement,
    /// After a comma.
    AfterComma,
}

/// A reader of elements. Several arrays in sequence are read as one.
pub(super) struct Elements {
    input: Box<dyn BufRead>,
    /// The current line, from 1.
    line: u64,
    place: Place,
}

impl Elements {
    /// Creates a reader of an input whose first byte that is not blank is `[`, in this line.
    pub(super) fn new(input: Box<dyn BufRead>, line: u64) -> Self {
        Self {
            input,
            line,
            place: Place::Outside,
        }
    }

    /// Returns the next element, numbered by the line in which it begins.
    pub(super) fn next_element(&mut self) -> Result<Option<Line>, Unreadable> {
        loop {
            let next = self.skip_blanks()?;
            self.place = match (self.place, next) {
                (Place::Outside, None) => return Ok(None),
                (_, None) => return Err(self.form("the JSON array ends without `]`")),
                (Place::Outside, Some(b'[')) => Place::Begun,
                (Place::Begun | Place::AfterElement, Some(b']')) => Place::Outside,
                (Place::AfterElement, Some(b',')) => Place::AfterComma,
                (Place::Begun | Place::AfterComma, Some(b'{')) => {
                    self.place = Place::AfterElement;
                    return self.element().map(Some);
                }
                (Place::Outside, _) => {
                    return Err(self.form("something other than a JSON array of events is here"));
                }
                (Place::AfterElement, _) => {
                    return Err(self.form("a comma or `]` is missing after an event of the array"));
                }
                (Place::Begun | Place::AfterComma, _) => {
                    return Err(self.form("an element of the array is not a JSON object"));
                }
            };
            self.input.consume(1);
        }
    }

    fn form(&self, what: &str) -> Unreadable {
        Unreadable::form(self.line, what)
    }

    /// Returns the next byte that is not blank, without consuming it.
    fn skip_blanks(&mut self) -> Result<Option<u8>, Unreadable> {
        loop {
            let buffer = self
                .input
                .fill_buf()
                .map_err(|error| Unreadable::read(self.line, error))?;
            let Some(next) = buffer.first().copied() else {
                return Ok(None);
            };
            if !next.is_ascii_whitespace() {
                return Ok(Some(next));
            }
            self.line += u64::from(next == b'\n');
            self.input.consume(1);
        }
    }

    fn element(&mut self) -> Result<Line, Unreadable> {
        let number = self.line;
        let mut recorder = Recorder {
            input: &mut self.input,
            bytes: Vec::new(),
            length: 0,
            newlines: 0,
        };
        // serde_json reads one byte at a time, and none beyond the end of an object.
        let mut json = serde_json::Deserializer::from_reader(&mut recorder);
        let read = IgnoredAny::deserialize(&mut json);
        let Recorder {
            bytes,
            length,
            newlines,
            ..
        } = recorder;
        self.line += newlines;
        if let Err(error) = read {
            return Err(if error.is_io() {
                Unreadable::read(self.line, error.into())
            } else {
                let error = error.to_string();
                let problem = error.split(" at line ").next().unwrap_or_default();
                self.form(&format!("an event of the array is not JSON: {problem}"))
            });
        }
        Ok(Line::of(number, &bytes, length > LONGEST_LINE))
    }
}

/// A reader that records what is read through it, up to the greatest length of a line.
struct Recorder<'i> {
    input: &'i mut Box<dyn BufRead>,
    bytes: Vec<u8>,
    length: usize,
    newlines: u64,
}

impl Read for Recorder<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let (Some(to), Some(byte)) = (out.first_mut(), self.input.fill_buf()?.first().copied())
        else {
            return Ok(0);
        };
        *to = byte;
        self.input.consume(1);
        self.newlines += u64::from(byte == b'\n');
        self.length += 1;
        if self.length <= LONGEST_LINE {
            self.bytes.push(byte);
        }
        Ok(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::import::line::Fault;

    /// Returns the numbers and texts of the elements, and the error if there was one.
    fn elements(text: &str) -> (Vec<(u64, String)>, Option<String>) {
        let input = io::Cursor::new(text.as_bytes().to_vec());
        let mut elements = Elements::new(Box::new(input), 1);
        let mut read = Vec::new();
        loop {
            match elements.next_element() {
                Ok(Some(line)) => read.push((line.number, line.text)),
                Ok(None) => return (read, None),
                Err(error) => return (read, Some(error.to_string())),
            }
        }
    }

    fn owned(elements: &[(u64, &str)]) -> Vec<(u64, String)> {
        elements
            .iter()
            .map(|(number, text)| (*number, (*text).to_owned()))
            .collect()
    }

    #[test]
    fn elements_are_the_text_between_the_commas_wherever_lines_break() {
        for (text, wanted) in [
            ("[]", vec![]),
            ("[{}]", vec![(1, "{}")]),
            (
                r#"[{"a":"}],"},{"b":[1,{"c":"\""}]}]"#,
                vec![(1, r#"{"a":"}],"}"#), (1, r#"{"b":[1,{"c":"\""}]}"#)],
            ),
            (
                "[\n  {\n\"a\": 1\n},\n{}\n]\n",
                vec![(2, "{\n\"a\": 1\n}"), (5, "{}")],
            ),
            ("[{}]\n[\n{}]", vec![(1, "{}"), (3, "{}")]),
        ] {
            assert_eq!(elements(text), (owned(&wanted), None), "{text}");
        }
    }

    #[test]
    fn a_broken_array_is_reported_with_its_line_after_what_precedes_it() {
        for (text, why) in [
            ("[{},\n", "line 2: the JSON array ends without `]`"),
            (
                "[{},\n]",
                "line 2: an element of the array is not a JSON object",
            ),
            (
                "[{},\n1]",
                "line 2: an element of the array is not a JSON object",
            ),
            ("[{}\n{}]", "line 2: a comma or `]` is missing"),
            ("[{}]\nx", "line 2: something other"),
            (
                "[{},\n{\"a\"}]",
                "line 2: an event of the array is not JSON",
            ),
            (
                "[{},\n{\"a\":",
                "line 2: an event of the array is not JSON: EOF",
            ),
        ] {
            let (read, ended) = elements(text);
            assert_eq!(read, owned(&[(1, "{}")]), "{text}");
            let ended = ended.unwrap();
            assert!(ended.starts_with(why), "{text}: {ended}");
        }
    }

    #[test]
    fn an_element_without_end_is_refused_and_the_next_one_read() {
        let text = format!(r#"[{{"a":"{}"}},{{}}]"#, "x".repeat(2 * LONGEST_LINE));
        let mut elements = Elements::new(Box::new(io::Cursor::new(text.into_bytes())), 1);
        let long = elements.next_element().unwrap().unwrap();
        assert_eq!(long.fault, Some(Fault::TooLong));
        assert_eq!(long.text.len(), 1_024);
        assert_eq!(elements.next_element().unwrap().unwrap().text, "{}");
    }
}
