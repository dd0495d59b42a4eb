//! One line of an input.

/// The greatest length of a line in bytes; a longer one is refused. A touchpoint has at most 64 KiB by default.
pub(super) const LONGEST_LINE: usize = 1 << 20;
/// The number of bytes that are kept of a longer line, to recognise it.
const KEPT: usize = 1_024;

/// A line that is not blank, or an element of an array.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The number of the line, from 1.
    pub(super) number: u64,
    /// The text without its line break; bytes that are not UTF-8 are replaced.
    pub(super) text: String,
    /// Why the line cannot be read.
    pub(super) fault: Option<Fault>,
}

/// Why a line cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is too long; only its beginning was kept.
    TooLong,
    /// It is not UTF-8.
    NotUtf8,
}

impl Fault {
    /// The fault in words.
    pub(super) fn description(self) -> String {
        match self {
            Self::TooLong => format!("the line is longer than {LONGEST_LINE} bytes"),
            Self::NotUtf8 => "the line is not UTF-8".to_owned(),
        }
    }
}

impl Line {
    /// Creates a line from its bytes; only the beginning is kept if it is too long.
    pub(super) fn of(number: u64, bytes: &[u8], too_long: bool) -> Self {
        let bytes = if too_long {
            bytes.get(..KEPT).unwrap_or(bytes)
        } else {
            bytes
        };
        let text = String::from_utf8_lossy(bytes);
        let fault = if too_long {
            Some(Fault::TooLong)
        } else {
            matches!(text, std::borrow::Cow::Owned(_)).then_some(Fault::NotUtf8)
        };
        Self {
            number,
            text: text.into_owned(),
            fault,
        }
    }
}
