//! Lines of an input, gzipped or not, in bounded memory.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

/// A longer line is refused: a touchpoint has at most 64 KiB unless a server is configured otherwise.
const LONGEST_LINE: usize = 1 << 20;
/// What a gzipped input begins with.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// One line that says something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// From 1.
    pub(super) number: u64,
    /// Without its line break; where it is not UTF-8, with replacement characters.
    pub(super) text: String,
    /// Why it cannot be read.
    pub(super) fault: Option<Fault>,
}

/// Why a line cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Only its beginning was kept.
    TooLong,
    /// It is not UTF-8.
    NotUtf8,
}

impl Fault {
    /// In words.
    pub(super) fn description(self) -> String {
        match self {
            Self::TooLong => format!("the line is longer than {LONGEST_LINE} bytes"),
            Self::NotUtf8 => "the line is not UTF-8".to_owned(),
        }
    }
}

/// Reads lines; blank ones are counted and left out. An error is the end.
pub(super) struct Lines {
    input: Box<dyn BufRead>,
    number: u64,
    failed: bool,
}

impl Lines {
    /// # Errors
    /// If the input cannot be read.
    pub(super) fn new(mut input: impl BufRead + 'static) -> io::Result<Self> {
        let gzipped = input.fill_buf()?.starts_with(&GZIP);
        let input: Box<dyn BufRead> = if gzipped {
            Box::new(BufReader::with_capacity(
                1 << 16,
                MultiGzDecoder::new(input),
            ))
        } else {
            Box::new(input)
        };
        Ok(Self {
            input,
            number: 0,
            failed: false,
        })
    }

    fn next_line(&mut self) -> io::Result<Option<Line>> {
        loop {
            let mut bytes = Vec::new();
            let limit = LONGEST_LINE as u64 + 1;
            let read = self
                .input
                .by_ref()
                .take(limit)
                .read_until(b'\n', &mut bytes)?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            let too_long = bytes.len() > LONGEST_LINE && !bytes.ends_with(b"\n");
            if too_long {
                self.skip_line()?;
                // Enough to recognise it by.
                bytes.truncate(1_024);
            }
            let content = bytes.trim_ascii();
            if content.is_empty() {
                continue;
            }
            let text = String::from_utf8_lossy(content);
            let fault = if too_long {
                Some(Fault::TooLong)
            } else {
                matches!(text, std::borrow::Cow::Owned(_)).then_some(Fault::NotUtf8)
            };
            return Ok(Some(Line {
                number: self.number,
                text: text.into_owned(),
                fault,
            }));
        }
    }

    fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.input.fill_buf()?;
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

impl Iterator for Lines {
    type Item = io::Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let next = self.next_line();
        self.failed = next.is_err();
        next.transpose()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn lines(bytes: &[u8]) -> Vec<Line> {
        let input = io::Cursor::new(bytes.to_vec());
        Lines::new(input).unwrap().map(Result::unwrap).collect()
    }

    fn texts(bytes: &[u8]) -> Vec<(u64, String)> {
        let told = lines(bytes).into_iter();
        told.map(|line| (line.number, line.text)).collect()
    }

    #[test]
    fn blank_lines_count_but_say_nothing() {
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
        let outcome: Vec<_> = Lines::new(io::Cursor::new(cut.to_vec())).unwrap().collect();
        assert!(outcome.last().unwrap().is_err());
    }

    #[test]
    fn a_line_without_end_is_refused_and_the_next_one_read() {
        let mut bytes = vec![b'x'; 3 * LONGEST_LINE];
        bytes.extend(b"\nb\n");
        let told = lines(&bytes);
        assert_eq!(told[0].fault, Some(Fault::TooLong));
        assert_eq!(told[0].text.len(), 1_024);
        assert_eq!((told[1].number, &*told[1].text), (2, "b"));
    }

    #[test]
    fn a_line_of_the_greatest_length_is_read() {
        let mut bytes = vec![b'x'; LONGEST_LINE];
        bytes.extend(b"\nb");
        assert!(lines(&bytes).iter().all(|line| line.fault.is_none()));
    }

    #[test]
    fn bytes_that_are_not_text_are_refused() {
        assert_eq!(lines(b"\xff\xfe\n")[0].fault, Some(Fault::NotUtf8));
    }
}
