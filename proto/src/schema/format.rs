//! The forms of strings that `FieldRules.Format` declares.

use jiff::civil::Date;
use jiff::tz::TimeZoneDatabase;

use super::limits::Limits;
use super::url::{is_media_url, is_web_url};
use crate::Reason;
use crate::closed_list::{Measure, Purpose};
use crate::kind::types::Category;

/// The most characters of a label.
const LABEL_CHARACTERS: usize = 256;
/// The most characters of half an idempotency key.
const KEY_CHARACTERS: usize = 256;
/// The most characters of an identifier.
const ID_CHARACTERS: usize = 128;
/// The most characters of a token.
const TOKEN_CHARACTERS: usize = 1_024;
/// The most characters of a URL.
const URL_CHARACTERS: usize = 2_048;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Id,
    Key,
    Vin,
    Label,
    Date,
    Currency,
    TimeZone,
    Traceparent,
    Sha256,
    Position,
    Stream,
    Token,
    Url,
    PictureType,
    MediaUrl,
    Purpose,
    Measure,
}

type Refused = (Reason, String);

impl Format {
    /// Returns the form with this number in `FieldRules.Format`.
    pub(super) fn from_number(number: i32) -> Self {
        match number {
            1 => Self::Id,
            2 => Self::Key,
            3 => Self::Vin,
            4 => Self::Label,
            5 => Self::Date,
            6 => Self::Currency,
            7 => Self::TimeZone,
            8 => Self::Traceparent,
            9 => Self::Sha256,
            10 => Self::Position,
            11 => Self::Stream,
            12 => Self::Token,
            13 => Self::Url,
            14 => Self::PictureType,
            15 => Self::MediaUrl,
            16 => Self::Purpose,
            17 => Self::Measure,
            _ => Self::Text,
        }
    }

    /// Returns the most characters of a text of this form. Forms of a fixed shape have no such limit.
    fn most_characters(self, limits: Limits) -> Option<usize> {
        Some(match self {
            Self::Text => limits.text_characters,
            Self::Label | Self::PictureType | Self::Purpose | Self::Measure => LABEL_CHARACTERS,
            Self::Key => KEY_CHARACTERS,
            Self::Id => ID_CHARACTERS,
            Self::Stream => ID_CHARACTERS + 16,
            Self::Token => TOKEN_CHARACTERS,
            Self::Url | Self::MediaUrl => URL_CHARACTERS,
            _ => return None,
        })
    }

    /// Checks that `text` has this form. An empty string counts as absent and always passes.
    pub(super) fn check(self, text: &str, limits: Limits) -> Result<(), Refused> {
        if text.is_empty() {
            return Ok(());
        }
        if let Some(most) = self.most_characters(limits) {
            at_most(text, most)?;
        }
        match self {
            Self::Text => only(text, is_text_character, "no control characters"),
            Self::Label => only(text, |c| !c.is_control(), "no control characters"),
            Self::Key => only(text, is_key_character, "printable characters only"),
            Self::Id => only(text, is_id_character, "only A-Z a-z 0-9 . _ : ~ -"),
            Self::Vin => vin(text),
            Self::Date => matches(
                text.len() == 10 && text.parse::<Date>().is_ok(),
                "a date like 2025-03-29",
            ),
            Self::Currency => matches(
                text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()),
                "an ISO 4217 code like EUR",
            ),
            Self::TimeZone => matches(
                TimeZoneDatabase::bundled().get(text).is_ok(),
                "an IANA time zone like Europe/London",
            ),
            Self::Traceparent => matches(is_traceparent(text), "a W3C traceparent"),
            Self::Sha256 => matches(
                text.len() == 64 && text.bytes().all(is_lower_hex),
                "64 lower-case hexadecimal digits",
            ),
            Self::Position => matches(is_position(text), "a position as answered by this server"),
            Self::Stream => stream(text),
            Self::Token => only(
                text,
                |c| c.is_ascii_graphic(),
                "a token as answered by this server",
            ),
            Self::Url => matches(
                is_web_url(text),
                "an absolute http or https URL in ASCII, without a user name",
            ),
            Self::PictureType => matches(
                is_picture_type(text),
                "the media type of a picture or film like image/jpeg, and none that may carry scripts",
            ),
            Self::MediaUrl => matches(
                is_media_url(text),
                "an absolute URL with a host in ASCII, without a user name, and of no scheme that may carry scripts or read files",
            ),
            Self::Purpose => one_of(text, Purpose::ALL.map(Purpose::as_str)),
            Self::Measure => one_of(text, Measure::ALL.map(Measure::as_str)),
        }
    }
}

fn is_text_character(c: char) -> bool {
    !c.is_control() || matches!(c, '\t' | '\n' | '\r')
}

fn is_key_character(c: char) -> bool {
    c == ' ' || !(c.is_control() || c.is_whitespace())
}

fn is_position(text: &str) -> bool {
    text.len() == 25
        && text.as_bytes().get(8) == Some(&b'-')
        && text.replacen('-', "", 1).bytes().all(is_lower_hex)
}

/// Only streams that may exist: a misspelt one would be read as an empty one.
fn stream(text: &str) -> Result<(), Refused> {
    only(text, is_id_character, "only A-Z a-z 0-9 . _ : ~ -")?;
    let parts = text.split_once('-');
    let Some((category, id)) = parts.filter(|(category, id)| ![category, id].contains(&&"")) else {
        return matches(false, "<category>-<id>");
    };
    match Category::from_name(category) {
        None => {
            let known = Category::names().join(", ");
            let why = format!("must be <category>-<id>, with one of the categories {known}");
            Err((Reason::UnknownValue, why))
        }
        Some(Category::Vehicle) => vin(id),
        Some(_) => Ok(()),
    }
}

fn vin(text: &str) -> Result<(), Refused> {
    if let Some(chassis) = text.strip_prefix("chassis~") {
        let valid = chassis.split_once('~').is_some_and(|(brand, number)| {
            !brand.is_empty()
                && text.len() <= ID_CHARACTERS
                && (3..=16).contains(&number.len())
                && brand.chars().chain(number.chars()).all(is_id_character)
        });
        return matches(valid, "chassis~<brand>~<3-16 characters>");
    }
    only(
        text,
        |c| matches!(c, '0'..='9' | 'A'..='Z') && !matches!(c, 'I' | 'O' | 'Q'),
        "only A-Z 0-9 without I, O, Q (or chassis~<brand>~<number> for older cars)",
    )?;
    matches(
        text.len() == 17,
        "17 characters (or chassis~<brand>~<number> for older cars)",
    )
}

fn at_most(text: &str, limit: usize) -> Result<(), Refused> {
    // Bytes bound characters from above, so most texts need no count.
    if text.len() <= limit {
        return Ok(());
    }
    let count = text.chars().count();
    if count <= limit {
        return Ok(());
    }
    Err((
        Reason::TooLong,
        format!("at most {limit} characters, {count} given"),
    ))
}

fn only(text: &str, allowed: impl Fn(char) -> bool, description: &str) -> Result<(), Refused> {
    match text.chars().position(|c| !allowed(c)) {
        None => Ok(()),
        Some(at) => Err((
            Reason::Characters,
            format!("{description}; character {} is not", at + 1),
        )),
    }
}

fn matches(valid: bool, description: &str) -> Result<(), Refused> {
    if valid {
        Ok(())
    } else {
        Err((Reason::Format, format!("must be {description}")))
    }
}

fn one_of<const N: usize>(text: &str, words: [&str; N]) -> Result<(), Refused> {
    if words.contains(&text) {
        return Ok(());
    }
    Err((
        Reason::UnknownValue,
        format!("must be one of {}", words.join(", ")),
    ))
}

/// Whether this is `image/…` or `video/…` with a plain subtype (RFC 6838) that is not XML.
fn is_picture_type(text: &str) -> bool {
    let is_name_character = |b: u8| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b);
    text.split_once('/').is_some_and(|(of, subtype)| {
        let subtype = subtype.to_ascii_lowercase();
        (of.eq_ignore_ascii_case("image") || of.eq_ignore_ascii_case("video"))
            && !subtype.is_empty()
            && subtype.bytes().all(is_name_character)
            && !subtype.ends_with("xml")
            && subtype != "svg"
    })
}

fn is_id_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | ':' | '~' | '-')
}

fn is_lower_hex(b: u8) -> bool {
    matches!(b, b'0'..=b'9' | b'a'..=b'f')
}

/// Whether this is `00-<32 hex>-<16 hex>-<2 hex>` with neither id all zero (W3C Trace Context, 3.2.2).
fn is_traceparent(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [version, trace, parent, flags] = parts.as_slice() else {
        return false;
    };
    let hex = |part: &str, length: usize| part.len() == length && part.bytes().all(is_lower_hex);
    hex(version, 2)
        && *version != "ff"
        && hex(trace, 32)
        && hex(parent, 16)
        && hex(flags, 2)
        && trace.bytes().any(|b| b != b'0')
        && parent.bytes().any(|b| b != b'0')
}
