//! Walks an encoded message against the tables and reports every violation at once.

use std::borrow::Cow;
use std::fmt::Write as _;

use bytes::Buf;
use prost::DecodeError;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use serde_json::Value;

use super::limits::Limits;
use super::tables::{Field, Holds, Message, Schema};
use crate::{Reason, Violation, Violations};

/// A field of a payload whose value must equal that of a subject in the envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// The path of the field in the payload.
    pub field: String,
    /// The name of the field of `Subjects`.
    pub subject: String,
    /// The value in the payload.
    pub value: String,
}

/// The result of a check.
#[derive(Debug, Default)]
pub struct Checked {
    /// The violations.
    pub violations: Violations,
    /// The values that the caller must compare with the subjects.
    pub agreements: Vec<Agreement>,
}

impl Schema {
    /// Returns the path of every field in `bytes` that `message` (a full name) does not have.
    #[must_use]
    pub fn unknown_fields(&self, message: &str, bytes: &[u8]) -> Violations {
        self.walk(message, bytes, "", None).violations
    }

    /// Checks `bytes` against the rules of `message` (a full name); paths begin with `prefix`.
    #[must_use]
    pub fn check(&self, message: &str, bytes: &[u8], prefix: &str, limits: Limits) -> Checked {
        self.walk(message, bytes, prefix, Some(limits))
    }

    fn walk(&self, message: &str, bytes: &[u8], prefix: &str, limits: Option<Limits>) -> Checked {
        let mut walk = Walk {
            schema: self,
            limits,
            path: Vec::new(),
            prefix,
            checked: Checked::default(),
        };
        let walked = match self.message(message) {
            Some(message) => walk.message(message, bytes),
            None => Err(malformed()),
        };
        if let Err(error) = walked {
            walk.report("", Reason::Malformed, error.to_string());
        }
        walk.checked
    }
}

/// Returns the error for an encoding that ends too early or has lengths beyond its end.
fn malformed() -> DecodeError {
    use prost::Message as _;
    // prost offers no constructor; an unfinished varint is the shortest malformed encoding.
    pbjson_types::Timestamp::decode([0x08, 0x80].as_slice())
        .err()
        .unwrap_or_else(malformed)
}

struct Walk<'a> {
    schema: &'a Schema,
    /// Absent: only unknown fields are reported.
    limits: Option<Limits>,
    path: Vec<Segment<'a>>,
    prefix: &'a str,
    checked: Checked,
}

struct Segment<'a> {
    name: &'a str,
    item: Option<Item<'a>>,
}

/// Which of several values of a field.
enum Item<'a> {
    /// This one of a list.
    Index(usize),
    /// The entry of a map with this key.
    Key(Cow<'a, str>),
}

impl<'a> Walk<'a> {
    fn message(&mut self, message: &'a Message, bytes: &'a [u8]) -> Result<(), DecodeError> {
        let mut rest = bytes;
        let mut satisfied = 0;
        let mut counts: Vec<(u32, usize)> = Vec::new();
        while rest.has_remaining() {
            let (number, wire) = decode_key(&mut rest)?;
            let Some(field) = message.field(number) else {
                skip_field(wire, number, &mut rest, DecodeContext::default())?;
                self.report(
                    &number.to_string(),
                    Reason::UnknownField,
                    "this server's schema has no such field",
                );
                continue;
            };
            let has_value = self.field(field, &mut counts, wire, &mut rest)?;
            if has_value || field.counts_by_presence() {
                satisfied |= field.satisfies;
            } else if !field.repeated {
                // The last occurrence of a field counts.
                satisfied &= !field.satisfies;
            }
        }
        if self.limits.is_some() {
            for requirement in &message.required {
                if satisfied & requirement.bit == 0 {
                    self.report(&requirement.field, Reason::Required, "must be set");
                }
            }
            for (number, count) in counts {
                if let Some(field) = message
                    .field(number)
                    .filter(|field| count > field.max_items)
                {
                    let limit = field.max_items;
                    self.report(
                        &field.name,
                        Reason::TooMany,
                        format!("at most {limit} items, {count} given"),
                    );
                }
            }
            if message.is_timestamp {
                self.timestamp(bytes);
            }
            if message.is_duration {
                self.duration(bytes);
            }
        }
        Ok(())
    }

    /// Checks one occurrence of a field; returns whether its value differs from the default.
    fn field(
        &mut self,
        field: &'a Field,
        counts: &mut Vec<(u32, usize)>,
        wire: WireType,
        rest: &mut &'a [u8],
    ) -> Result<bool, DecodeError> {
        let packed = field.repeated && field.holds.is_number() && wire == WireType::LengthDelimited;
        if !packed && wire != field.holds.wire() {
            return Err(malformed());
        }
        if packed {
            // One occurrence on the wire holds several items.
            let mut packed = delimited(rest)?;
            let mut has_value = false;
            while packed.has_remaining() {
                let item = Some(count(counts, field.number));
                has_value |= self.number(field, item, &mut packed)?;
            }
            return Ok(has_value);
        }
        let item = field.repeated.then(|| count(counts, field.number));
        match &field.holds {
            Holds::Message(index) => {
                let inner = delimited(rest)?;
                let Some(message) = self.schema.messages.get(*index) else {
                    return Ok(true);
                };
                let item = if field.is_map {
                    Some(Item::Key(key(inner)))
                } else {
                    item.map(Item::Index)
                };
                self.path.push(Segment {
                    name: &field.name,
                    item,
                });
                let walked = self.message(message, inner);
                self.path.pop();
                walked?;
                Ok(true)
            }
            Holds::String => {
                let bytes = delimited(rest)?;
                if self.limits.is_some() {
                    self.string(field, item, bytes);
                }
                Ok(!bytes.is_empty())
            }
            Holds::Bytes => Ok(!delimited(rest)?.is_empty()),
            _ => self.number(field, item, rest),
        }
    }

    fn number(
        &mut self,
        field: &'a Field,
        item: Option<usize>,
        rest: &mut &[u8],
    ) -> Result<bool, DecodeError> {
        let value = match field.holds.wire() {
            WireType::Varint => {
                let raw = decode_varint(rest)?;
                match &field.holds {
                    Holds::Enum(values) => {
                        // An enum is an int32 on the wire: the low half of the varint.
                        let number = raw as u32 as i32;
                        if self.limits.is_some() && !values.contains(&number) {
                            self.report_item(field, item, Reason::UnknownValue, "no such value");
                        }
                        return Ok(number != 0);
                    }
                    Holds::Int64 => raw as i64 as f64,
                    Holds::Sint64 => ((raw >> 1) as i64 ^ -((raw & 1) as i64)) as f64,
                    _ => raw as f64,
                }
            }
            WireType::SixtyFourBit => {
                let raw = rest.try_get_u64_le().map_err(|_| malformed())?;
                if matches!(field.holds, Holds::Double) {
                    f64::from_bits(raw)
                } else {
                    raw as f64
                }
            }
            WireType::ThirtyTwoBit => {
                let raw = rest.try_get_u32_le().map_err(|_| malformed())?;
                if matches!(field.holds, Holds::Float) {
                    f64::from(f32::from_bits(raw))
                } else {
                    f64::from(raw)
                }
            }
            WireType::LengthDelimited | WireType::StartGroup | WireType::EndGroup => {
                return Err(malformed());
            }
        };
        if self.limits.is_some() {
            self.bounds(field, item, value);
        }
        Ok(value != 0.0)
    }

    fn bounds(&mut self, field: &'a Field, item: Option<usize>, value: f64) {
        if !value.is_finite() {
            self.report_item(field, item, Reason::Range, "must be finite");
        } else if field.minimum.is_some_and(|minimum| value < minimum)
            || field.maximum.is_some_and(|maximum| value > maximum)
        {
            let bounds = match (field.minimum, field.maximum) {
                (Some(minimum), Some(maximum)) => format!("must be {minimum} to {maximum}"),
                (Some(minimum), None) => format!("must be at least {minimum}"),
                (_, maximum) => format!("must be at most {}", maximum.unwrap_or_default()),
            };
            self.report_item(field, item, Reason::Range, &bounds);
        }
    }

    fn string(&mut self, field: &'a Field, item: Option<usize>, bytes: &[u8]) {
        let Ok(text) = std::str::from_utf8(bytes) else {
            self.report_item(field, item, Reason::Malformed, "must be UTF-8");
            return;
        };
        let limits = self.limits.unwrap_or_default();
        if let Err((reason, description)) = field.format.check(text, limits) {
            self.report_item(field, item, reason, &description);
        } else if !field.agrees_with.is_empty() && !text.is_empty() {
            let agreement = Agreement {
                field: self.path_of(&field.name, item),
                subject: field.agrees_with.clone(),
                value: text.to_owned(),
            };
            self.checked.agreements.push(agreement);
        }
    }

    fn timestamp(&mut self, bytes: &[u8]) {
        use prost::Message as _;
        let valid = pbjson_types::Timestamp::decode(bytes)
            .is_ok_and(|timestamp| crate::time::is_valid(&timestamp));
        if !valid {
            self.report("", Reason::Range, crate::time::NOT_IN_RANGE);
        }
    }

    fn duration(&mut self, bytes: &[u8]) {
        use prost::Message as _;
        let valid = pbjson_types::Duration::decode(bytes)
            .is_ok_and(|duration| crate::time::is_valid_duration(&duration));
        if !valid {
            let why = "must be a duration of at most 315,576,000,000 s either way with nanos of the same sign";
            self.report("", Reason::Range, why);
        }
    }

    fn report_item(
        &mut self,
        field: &'a Field,
        item: Option<usize>,
        reason: Reason,
        description: &str,
    ) {
        let path = self.path_of(&field.name, item);
        let violation = if self.is_in_entry() && field.name == "key" {
            Violation::new(path, reason, format!("its key: {description}"))
        } else {
            Violation::new(path, reason, description)
        };
        self.checked.violations.push(violation);
    }

    fn report(&mut self, name: &str, reason: Reason, description: impl Into<String>) {
        let path = self.path_of(name, None);
        let violation = Violation::new(path, reason, description);
        self.checked.violations.push(violation);
    }

    /// Whether the fields at hand are the key and the value of an entry of a map.
    fn is_in_entry(&self) -> bool {
        let last = self.path.last();
        last.is_some_and(|segment| matches!(segment.item, Some(Item::Key(_))))
    }

    fn path_of(&self, name: &str, item: Option<usize>) -> String {
        let mut path = self.prefix.to_owned();
        let item = item.map(Item::Index);
        let last = (!name.is_empty()).then_some(Segment { name, item });
        let mut is_in_entry = false;
        for segment in self.path.iter().chain(last.as_ref()) {
            // The entry of a map stands for its value.
            if !std::mem::take(&mut is_in_entry) {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(segment.name);
            }
            // Writing to a string cannot fail.
            let _ = match &segment.item {
                Some(Item::Index(index)) => write!(path, "[{index}]"),
                Some(Item::Key(key)) => {
                    is_in_entry = true;
                    write!(path, "[{}]", Value::from(key.as_ref()))
                }
                None => Ok(()),
            };
        }
        path
    }
}

/// Returns the key of an encoded entry of a map; keys are strings in this schema.
fn key(entry: &[u8]) -> Cow<'_, str> {
    let (mut rest, mut key) = (entry, Cow::default());
    while rest.has_remaining() {
        let Ok((number, wire)) = decode_key(&mut rest) else {
            break;
        };
        if (number, wire) == (1, WireType::LengthDelimited) {
            let Ok(text) = delimited(&mut rest) else {
                break;
            };
            key = String::from_utf8_lossy(text);
        } else if skip_field(wire, number, &mut rest, DecodeContext::default()).is_err() {
            break;
        }
    }
    key
}

/// Counts one more occurrence of a repeated field and returns its index.
fn count(counts: &mut Vec<(u32, usize)>, number: u32) -> usize {
    if let Some((_, count)) = counts.iter_mut().find(|(counted, _)| *counted == number) {
        *count += 1;
        return *count - 1;
    }
    counts.push((number, 1));
    0
}

/// Takes the contents of a length-delimited field.
pub(super) fn delimited<'b>(rest: &mut &'b [u8]) -> Result<&'b [u8], DecodeError> {
    let length = usize::try_from(decode_varint(rest)?).map_err(|_| malformed())?;
    let (inner, after) = rest.split_at_checked(length).ok_or_else(malformed)?;
    *rest = after;
    Ok(inner)
}
