//! Typed values of fields: a number stays a number in every format.

use pbjson_types::{Duration, Timestamp};

use crate::cli::terminal_text::{count, one_line};
use crate::cli::time::{minute, rfc3339};

/// The value of one field of one row.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::cli) enum Value {
    /// No value: `null`, or an empty cell.
    Nothing,
    Text(String),
    Count(u64),
    Integer(i64),
    Number(f64),
    Flag(bool),
    /// RFC 3339 in UTC.
    Instant(Timestamp),
    /// A duration, in seconds.
    Seconds(f64),
}

/// The value of an enum as a word: `STATE_ANSWERED_LATE` becomes `answered_late`, and an unspecified one no value.
pub(in crate::cli) fn word(name: &str, prefix: &str) -> Value {
    match name.trim_start_matches(prefix) {
        "UNSPECIFIED" => Value::Nothing,
        word => word.to_ascii_lowercase().into(),
    }
}

/// The key of a group for people; `None` is the key of the total.
pub(in crate::cli) fn key_shown(key: Option<&str>) -> String {
    match key {
        None => "total".to_owned(),
        Some("") => "not known".to_owned(),
        Some(key) => one_line(key),
    }
}

/// The key of a group for programs: no value for the total and for the group whose key is not known.
pub(in crate::cli) fn key(key: Option<&str>) -> Value {
    match key {
        None | Some("") => Value::Nothing,
        Some(key) => key.into(),
    }
}

impl Value {
    /// The value as people see it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Nothing => "–".to_owned(),
            Self::Text(text) if text.is_empty() => "–".to_owned(),
            Self::Text(text) => one_line(text),
            Self::Count(number) => count(*number),
            Self::Integer(number) => number.to_string(),
            Self::Number(number) => format!("{number:.2}"),
            Self::Flag(true) => "yes".to_owned(),
            Self::Flag(false) => "no".to_owned(),
            Self::Instant(instant) => minute(instant),
            Self::Seconds(seconds) => format!("{seconds:.0} s"),
        }
    }

    /// Whether the value is aligned as a number.
    pub(super) fn is_number(&self) -> bool {
        matches!(
            self,
            Self::Count(_) | Self::Integer(_) | Self::Number(_) | Self::Seconds(_)
        )
    }

    /// The value in a cell of CSV: without separators and units; empty if there is none.
    pub(super) fn plain(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Text(text) => text.clone(),
            Self::Count(number) => number.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Number(number) | Self::Seconds(number) => number.to_string(),
            Self::Flag(flag) => flag.to_string(),
            Self::Instant(instant) => rfc3339(instant),
        }
    }

    /// Converts a value of JSON; arrays and objects stay JSON.
    pub(super) fn of_json(value: &serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match value {
            Json::Null => Self::Nothing,
            Json::Bool(flag) => Self::Flag(*flag),
            Json::Number(number) => match (number.as_u64(), number.as_i64()) {
                (Some(count), _) => Self::Count(count),
                (None, Some(integer)) => Self::Integer(integer),
                (None, None) => number.as_f64().into(),
            },
            Json::String(text) => text.into(),
            Json::Array(_) | Json::Object(_) => value.to_string().into(),
        }
    }

    pub(super) fn json(&self) -> serde_json::Value {
        match self {
            Self::Nothing => serde_json::Value::Null,
            Self::Text(_) | Self::Instant(_) => self.plain().into(),
            Self::Count(number) => (*number).into(),
            Self::Integer(number) => (*number).into(),
            // NaN and infinity become null.
            Self::Number(number) | Self::Seconds(number) => (*number).into(),
            Self::Flag(flag) => (*flag).into(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Count(number)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Count(number.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Timestamp> for Value {
    fn from(instant: Timestamp) -> Self {
        Self::Instant(instant)
    }
}

impl From<Duration> for Value {
    fn from(duration: Duration) -> Self {
        // Exact below 2^53 seconds.
        Self::Seconds(duration.seconds as f64 + f64::from(duration.nanos) / 1e9)
    }
}

impl<T: Into<Self>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Nothing, Into::into)
    }
}
