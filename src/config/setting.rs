//! The types of configuration values: how each is parsed, bounded and printed.

use std::ffi::OsStr;
use std::fmt::Debug;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use tracing_subscriber::EnvFilter;

/// The form of the log on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object per line.
    Json,
}

/// A type of configuration values.
pub(super) trait Setting: Sized + Debug + PartialEq {
    /// The bounds of values.
    type Bounds: Sync;

    /// Whether a value may be written as a bare TOML integer.
    const INTEGER: bool = false;

    /// Whether a value is written as a bare TOML boolean.
    const BOOLEAN: bool = false;

    /// Parses a value; `None` if it is malformed or out of bounds.
    fn parse(text: &str, bounds: &Self::Bounds) -> Option<Self>;

    /// Reads a value as the layer holds it. Only paths may be something else than UTF-8.
    fn read(raw: &OsStr, bounds: &Self::Bounds) -> Option<Self> {
        Self::parse(raw.to_str()?, bounds)
    }

    /// A description of the valid values, for errors.
    fn expected(bounds: &Self::Bounds) -> String;

    /// The text that [`parse`](Self::parse) reads back.
    fn show(&self) -> String;
}

impl Setting for Duration {
    type Bounds = RangeInclusive<Duration>;

    fn parse(text: &str, bounds: &Self::Bounds) -> Option<Self> {
        let (number, unit) = number_and_unit(text)?;
        let milliseconds = match unit {
            "ms" => number,
            "s" => number.checked_mul(1_000)?,
            "m" => number.checked_mul(60_000)?,
            "h" => number.checked_mul(3_600_000)?,
            _ => return None,
        };
        Some(Self::from_millis(milliseconds)).filter(|value| bounds.contains(value))
    }

    fn expected(bounds: &Self::Bounds) -> String {
        format!(
            "a duration from \"{}\" to \"{}\" (a whole number of ms, s, m or h)",
            bounds.start().show(),
            bounds.end().show(),
        )
    }

    fn show(&self) -> String {
        let milliseconds = self.as_millis();
        for (unit, size) in [("h", 3_600_000), ("m", 60_000), ("s", 1_000)] {
            if milliseconds > 0 && milliseconds.is_multiple_of(size) {
                return format!("{}{unit}", milliseconds / size);
            }
        }
        format!("{milliseconds}ms")
    }
}

/// Sizes in bytes. Counts are `usize`, sizes are `u64`, everywhere in the configuration.
impl Setting for u64 {
    type Bounds = RangeInclusive<u64>;

    const INTEGER: bool = true;

    fn parse(text: &str, bounds: &Self::Bounds) -> Option<Self> {
        let (number, unit) = number_and_unit(text)?;
        let bytes = match unit {
            "" | "B" => number,
            "KiB" => number.checked_mul(1 << 10)?,
            "MiB" => number.checked_mul(1 << 20)?,
            "GiB" => number.checked_mul(1 << 30)?,
            _ => return None,
        };
        Some(bytes).filter(|value| bounds.contains(value))
    }

    fn expected(bounds: &Self::Bounds) -> String {
        format!(
            "a size from {} to {} (bytes, or a whole number of KiB, MiB or GiB)",
            quoted_unless_plain(bounds.start().show()),
            quoted_unless_plain(bounds.end().show()),
        )
    }

    fn show(&self) -> String {
        for (unit, size) in [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] {
            if *self > 0 && self.is_multiple_of(size) {
                return format!("{} {unit}", self / size);
            }
        }
        self.to_string()
    }
}

/// Counts.
impl Setting for usize {
    type Bounds = RangeInclusive<usize>;

    const INTEGER: bool = true;

    fn parse(text: &str, bounds: &Self::Bounds) -> Option<Self> {
        let (number, unit) = number_and_unit(text)?;
        let count = Self::try_from(number).ok()?;
        (unit.is_empty() && bounds.contains(&count)).then_some(count)
    }

    fn expected(bounds: &Self::Bounds) -> String {
        format!("a whole number from {} to {}", bounds.start(), bounds.end())
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// Switches.
impl Setting for bool {
    type Bounds = ();

    const BOOLEAN: bool = true;

    fn parse(text: &str, (): &()) -> Option<Self> {
        text.parse().ok()
    }

    fn expected((): &()) -> String {
        "true or false".to_owned()
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Setting for PathBuf {
    type Bounds = ();

    fn parse(text: &str, bounds: &()) -> Option<Self> {
        Self::read(OsStr::new(text), bounds)
    }

    fn read(raw: &OsStr, (): &()) -> Option<Self> {
        let bytes = raw.as_encoded_bytes();
        (!bytes.is_empty() && !bytes.contains(&0)).then(|| Self::from(raw))
    }

    fn expected((): &()) -> String {
        "a path".to_owned()
    }

    /// For people: bytes that are not UTF-8 become replacement characters.
    fn show(&self) -> String {
        self.to_string_lossy().into_owned()
    }
}

impl Setting for LogFormat {
    type Bounds = ();

    fn parse(text: &str, (): &()) -> Option<Self> {
        match text {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }

    fn expected((): &()) -> String {
        "\"text\" or \"json\"".to_owned()
    }

    fn show(&self) -> String {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
        .to_owned()
    }
}

/// Filters of the log, the only values of this type.
impl Setting for String {
    type Bounds = ();

    fn parse(text: &str, (): &()) -> Option<Self> {
        (!text.trim().is_empty() && EnvFilter::builder().parse(text).is_ok())
            .then(|| text.to_owned())
    }

    fn expected((): &()) -> String {
        "a tracing filter such as \"info\" or \"info,ownerline::store=debug\"".to_owned()
    }

    fn show(&self) -> String {
        self.clone()
    }
}

/// Splits a text such as `64 KiB` into its number and its unit, which may be empty.
fn number_and_unit(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    Some((number.parse().ok()?, unit.trim_start()))
}

fn quoted_unless_plain(text: String) -> String {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text
    } else {
        format!("\"{text}\"")
    }
}
