//! The events of an input, read in bounded memory: one JSON object per line, or the elements of a JSON array.

use std::io::{BufRead, Read as _};

use super::array::Elements;
use super::input::text_of;
use super::line::{LONGEST_LINE, Line};
use crate::cli::error::Unreadable;

/// An iterator over the events of an input. Blank lines are counted and skipped; an error is the last item.
pub(super) struct Lines {
    form: Form,
    failed: bool,
}

enum Form {
    Lines(TextLines),
    Array(Elements),
}

impl Lines {
    /// # Errors
    /// If the input cannot be read, or is not text.
    pub(super) fn new(input: impl BufRead + 'static) -> Result<Self, Unreadable> {
        let mut input = text_of(input)?;
        let mut line = 1;
        // An array is recognised by its first byte that is not blank.
        let first = loop {
            let buffer = input
                .fill_buf()
                .map_err(|error| Unreadable::read(line, error))?;
            let first = buffer.first().copied();
            if first.is_none_or(|byte| !byte.is_ascii_whitespace()) {
                break first;
            }
            line += u64::from(first == Some(b'\n'));
            input.consume(1);
        };
        let form = if first == Some(b'[') {
            Form::Array(Elements::new(input, line))
        } else {
            Form::Lines(TextLines {
                input,
                number: line - 1,
                next: None,
            })
        };
        Ok(Self {
            form,
            failed: false,
        })
    }
}

impl Iterator for Lines {
    type Item = Result<Line, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = match &mut self.form {
            Form::Lines(lines) => lines.next_event(),
            Form::Array(elements) => elements.next_element(),
        };
        self.failed = next.is_err();
        next.transpose()
    }
}

struct TextLines {
    input: Box<dyn BufRead>,
    /// The number of lines read.
    number: u64,
    /// The line that was read ahead.
    next: Option<Line>,
}

impl TextLines {
    fn next_event(&mut self) -> Result<Option<Line>, Unreadable> {
        let line = match self.next.take() {
            Some(line) => Some(line),
            None => self.next_line()?,
        };
        let Some(line) = line else { return Ok(None) };
        if line.text.contains('\0') && line.number == 1 {
            let what = "it holds bytes that are not text, as a tar archive does: unpack it first";
            return Err(Unreadable::form(line.number, what));
        }
        if begins_object(&line.text) {
            self.next = self.next_line()?;
            let goes_on = |next: &Line| next.text.starts_with(['"', '}', ']']);
            if self.next.as_ref().is_some_and(goes_on) {
                let what = "a JSON object that continues on the next line: each must be one line, as \
                            `jq -c .` writes it, or an element of a JSON array";
                return Err(Unreadable::form(line.number, what));
            }
        }
        Ok(Some(line))
    }

    fn next_line(&mut self) -> Result<Option<Line>, Unreadable> {
        loop {
            let mut bytes = Vec::new();
            let limit = LONGEST_LINE as u64 + 1;
            let failed = |error| Unreadable::read(self.number + 1, error);
            let read = self
                .input
                .by_ref()
                .take(limit)
                .read_until(b'\n', &mut bytes)
                .map_err(failed)?;
            if read == 0 {
                return Ok(None);
            }
            let too_long = bytes.len() > LONGEST_LINE && !bytes.ends_with(b"\n");
            if too_long {
                self.skip_line()?;
            }
            self.number += 1;
            let content = bytes.trim_ascii();
            // A file that was allocated in advance ends in zeros.
            if content.iter().all(|byte| *byte == 0) {
                continue;
            }
            return Ok(Some(Line::of(self.number, content, too_long)));
        }
    }

    fn skip_line(&mut self) -> Result<(), Unreadable> {
        loop {
            let buffer = self
                .input
                .fill_buf()
                .map_err(|error| Unreadable::read(self.number + 1, error))?;
            let (skipped, ended) = match buffer.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            self.input.consume(skipped);
            if ended {
                return Ok(());
            }
        }
    }
}

/// Returns whether a line can only be the beginning of an object.
fn begins_object(text: &str) -> bool {
    text.starts_with('{') && !text.ends_with('}')
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write as _};

    use super::*;
    use crate::cli::import::line::Fault;

    fn lines(bytes: &[u8]) -> Vec<Line> {
        let input = io::Cursor::new(bytes.to_vec());
        Lines::new(input).unwrap().map(Result::unwrap).collect()
    }

    fn texts(bytes: &[u8]) -> Vec<(u64, String)> {
        let lines = lines(bytes).into_iter();
        lines.map(|line| (line.number, line.text)).collect()
    }

    #[test]
    fn blank_lines_are_counted_and_skipped() {
        assert_eq!(
            texts(b"a\n\n  \r\nb\r\nc"),
            [
                (1, "a".to_owned()),
                (4, "b".to_owned()),
                (5, "c".to_owned())
            ]
        );
        assert!(texts(b"").is_empty());
    }

    #[test]
    fn gzip_is_recognised_by_its_beginning_and_may_be_in_parts() {
        let part = |text: &[u8]| {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(text).unwrap();
            encoder.finish().unwrap()
        };
        let whole = [part(b"a\nb"), part(b"c\nd\n")].concat();
        let wanted = [(1, "a"), (2, "bc"), (3, "d")].map(|(n, text)| (n, text.to_owned()));
        assert_eq!(texts(&whole), wanted);
        let cut = &whole[..whole.len() - 10];
        let mut outcome: Vec<_> = Lines::new(io::Cursor::new(cut.to_vec())).unwrap().collect();
        let error = outcome.pop().unwrap().unwrap_err();
        assert!(error.to_string().starts_with("line 3: "), "{error}");
        let whole: Vec<String> = outcome.into_iter().map(|it| it.unwrap().text).collect();
        assert_eq!(whole, ["a", "bc"]);
    }

    #[test]
    fn an_array_is_recognised_and_its_elements_are_numbered_by_line() {
        let wanted = [(2, "{\"a\":\n1}"), (4, "{}")].map(|(n, text)| (n, text.to_owned()));
        assert_eq!(texts(b"\n[{\"a\":\n1},\n{}]\n"), wanted);
    }

    #[test]
    fn an_object_over_several_lines_is_reported_with_its_line_after_what_precedes_it() {
        for pretty in ["{\n  \"a\": 1\n}\n", "{\"a\":\n\n\"b\"}", "{\n}\n"] {
            let text = format!("{{\"a\":0}}\n\n{pretty}");
            let input = io::Cursor::new(text.into_bytes());
            let mut outcome: Vec<_> = Lines::new(input).unwrap().collect();
            let error = outcome.pop().unwrap().unwrap_err();
            assert!(
                error
                    .to_string()
                    .starts_with("line 3: a JSON object that continues"),
                "{error}"
            );
            assert_eq!(outcome.len(), 1);
        }
    }

    #[test]
    fn a_torn_line_is_one_line() {
        let torn = [(1, "{\"a\":"), (2, "{}"), (3, "{\"b\":")];
        let torn = torn.map(|(n, text)| (n, text.to_owned()));
        assert_eq!(texts(b"{\"a\":\n{}\n{\"b\":"), torn);
    }

    #[test]
    fn zeros_after_the_last_line_are_skipped() {
        assert_eq!(texts(b"a\n\0\0\0"), [(1, "a".to_owned())]);
        let tar = Lines::new(io::Cursor::new(b"a.ndjson\0\0{}\n".to_vec()));
        let error = tar.unwrap().next().unwrap().unwrap_err();
        assert!(error.to_string().contains("tar"), "{error}");
    }

    #[test]
    fn a_line_without_end_is_refused_and_the_next_one_read() {
        let mut bytes = vec![b'x'; 3 * LONGEST_LINE];
        bytes.extend(b"\nb\n");
        let read = lines(&bytes);
        assert_eq!(read[0].fault, Some(Fault::TooLong));
        assert_eq!(read[0].text.len(), 1_024);
        assert_eq!((read[1].number, &*read[1].text), (2, "b"));
    }

    #[test]
    fn a_line_of_the_greatest_length_is_read() {
        let mut bytes = vec![b'x'; LONGEST_LINE];
        bytes.extend(b"\nb");
        assert!(lines(&bytes).iter().all(|line| line.fault.is_none()));
    }

    #[test]
    fn bytes_that_are_not_text_are_refused() {
        assert_eq!(lines(b"\xc3\x28\n")[0].fault, Some(Fault::NotUtf8));
    }
}
