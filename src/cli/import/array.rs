//! The elements of a JSON array of events (the batch format of CloudEvents), one after the other and in
//! bounded memory, each as the text it has in the file.

use std::io::{self, BufRead, Read};

use serde::Deserialize as _;
use serde::de::IgnoredAny;

use super::input::Unreadable;
use super::lines::{LONGEST_LINE, Line};

/// Where the reader stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before an array, or behind one.
    Outside,
    /// Behind `[`.
    Begun,
    /// Behind an element.
    BehindElement,
    /// Behind a comma.
    BehindComma,
}

/// Reads elements. An input of several arrays, one behind the other, is read as one.
pub(super) struct Elements {
    input: Box<dyn BufRead>,
    /// The line it stands in, from 1.
    line: u64,
    place: Place,
}

impl Elements {
    /// Elements of an input whose first byte that is no blank is `[`, in this line.
    pub(super) fn new(input: Box<dyn BufRead>, line: u64) -> Self {
        Self {
            input,
            line,
            place: Place::Outside,
        }
    }

    /// The next element; its number is that of the line in which it begins.
    pub(super) fn next_element(&mut self) -> Result<Option<Line>, Unreadable> {
        loop {
            let next = self.skip_blanks()?;
            self.place = match (self.place, next) {
                (Place::Outside, None) => return Ok(None),
                (_, None) => return Err(self.form("the JSON array ends without `]`")),
                (Place::Outside, Some(b'[')) => Place::Begun,
                (Place::Begun | Place::BehindElement, Some(b']')) => Place::Outside,
                (Place::BehindElement, Some(b',')) => Place::BehindComma,
                (Place::Begun | Place::BehindComma, Some(b'{')) => {
                    self.place = Place::BehindElement;
                    return self.element().map(Some);
                }
                (Place::Outside, _) => {
                    return Err(
                        self.form("something other than a JSON array of events stands here")
                    );
                }
                (Place::BehindElement, _) => {
                    return Err(self.form("a comma or `]` is missing behind an event of the array"));
                }
                (Place::Begun | Place::BehindComma, _) => {
                    return Err(self.form("an element of the array is not a JSON object"));
                }
            };
            self.input.consume(1);
        }
    }

    fn form(&self, what: &str) -> Unreadable {
        Unreadable::form(self.line, what)
    }

    /// The next byte that is no blank; it is not consumed.
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
        // serde_json asks for one byte at a time, and for none behind the end of an object.
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
                let said = error.to_string();
                let said = said.split(" at line ").next().unwrap_or_default();
                self.form(&format!("an event of the array is not JSON: {said}"))
            });
        }
        Ok(Line::of(number, &bytes, length > LONGEST_LINE))
    }
}

/// Remembers what is read through it, as far as a line may be long.
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
    use super::super::lines::Fault;
    use super::*;

    /// Numbers and texts, and why it ended early.
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

    fn told(elements: &[(u64, &str)]) -> Vec<(u64, String)> {
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
            assert_eq!(elements(text), (told(&wanted), None), "{text}");
        }
    }

    #[test]
    fn what_breaks_an_array_is_told_with_its_line_after_what_came_before() {
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
            assert_eq!(read, told(&[(1, "{}")]), "{text}");
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
