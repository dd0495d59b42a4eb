//! Names the fields in which two encodings of a message differ, without their values.

use std::collections::{BTreeMap, BTreeSet};

use prost::DecodeError;
use prost::encoding::{DecodeContext, WireType, decode_key, skip_field};

use super::check::delimited;
use super::tables::{Field, Holds, Message, Schema};

/// The occurrences of each field: its value as encoded.
type Occurrences<'b> = BTreeMap<u32, Vec<&'b [u8]>>;

impl Schema {
    /// Returns the paths of the fields in which two encodings of `message` (a full name) differ, below `prefix`: of
    /// messages that both have, the fields inside; of lists and maps, the list itself. Both encodings are deterministic.
    ///
    /// # Errors
    /// If one of them is not an encoding.
    pub fn differing_fields(
        &self,
        message: &str,
        [one, other]: [&[u8]; 2],
        prefix: &str,
    ) -> Result<Vec<String>, DecodeError> {
        let mut paths = Vec::new();
        if let Some(message) = self.message(message) {
            self.compare(message, [one, other], prefix, &mut paths)?;
        }
        Ok(paths)
    }

    fn compare(
        &self,
        message: &Message,
        encodings: [&[u8]; 2],
        path: &str,
        paths: &mut Vec<String>,
    ) -> Result<(), DecodeError> {
        let [one, other] = encodings;
        let (one, other) = (occurrences(one)?, occurrences(other)?);
        let numbers: BTreeSet<u32> = one.keys().chain(other.keys()).copied().collect();
        for number in numbers {
            let values = [one.get(&number), other.get(&number)];
            if values[0] == values[1] {
                continue;
            }
            let field = message.field(number);
            let name = field.map_or_else(|| number.to_string(), |field| field.name.clone());
            let below = format!("{path}.{name}");
            match (field.and_then(|field| self.inside(field)), values) {
                (Some(inside), [Some(one), Some(other)]) => {
                    if let ([one], [other]) = (one.as_slice(), other.as_slice()) {
                        self.compare(inside, [one, other], &below, paths)?;
                    } else {
                        paths.push(below);
                    }
                }
                _ => paths.push(below),
            }
        }
        Ok(())
    }

    /// The message that a field holds whose own fields are compared: an instant is one value, and so is a list.
    fn inside(&self, field: &Field) -> Option<&Message> {
        let Holds::Message(index) = field.holds else {
            return None;
        };
        let inside = self.messages.get(index)?;
        let is_value = inside.is_timestamp || inside.is_duration || field.repeated;
        (!is_value).then_some(inside)
    }
}

fn occurrences(mut rest: &[u8]) -> Result<Occurrences<'_>, DecodeError> {
    let mut found = Occurrences::new();
    while !rest.is_empty() {
        let (number, wire) = decode_key(&mut rest)?;
        let value = if wire == WireType::LengthDelimited {
            delimited(&mut rest)?
        } else {
            let begin = rest;
            skip_field(wire, number, &mut rest, DecodeContext::default())?;
            let length = begin.len() - rest.len();
            begin.get(..length).unwrap_or_default()
        };
        found.entry(number).or_default().push(value);
    }
    Ok(found)
}
