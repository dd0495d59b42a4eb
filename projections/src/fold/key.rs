//! Order-preserving keys shared by all views: bytewise order of keys is the order of what they encode.
//!
//! A key is one table byte (ASCII) and then fields: texts end with a NUL (they contain no control
//! characters, so a prefix sorts before what it begins), instants are big-endian with the sign
//! flipped, numbers are big-endian.

use crate::fold::state::StateError;
use crate::{Position, Rank};

/// The place of a touchpoint in history order: `occurred_at`, then the rank of its kind, then (source, id) bytewise.
/// The position makes the key unique and says since when the touchpoint is known; it never decides the order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HistoryKey {
    /// When it happened, in nanoseconds since the Unix epoch.
    pub occurred_at: i64,
    /// The place of its kind among those of one instant.
    pub rank: Rank,
    /// The system that reported it.
    pub source: String,
    /// Its id in that system.
    pub id: String,
    /// Its place in the log.
    pub position: Position,
}

impl HistoryKey {
    /// Whether it comes before another in history order, without regard to positions.
    #[must_use]
    pub fn is_before(&self, other: &Self) -> bool {
        fn place(key: &HistoryKey) -> (i64, Rank, &str, &str) {
            (key.occurred_at, key.rank, &key.source, &key.id)
        }
        place(self) < place(other)
    }
}

/// Builds a key.
#[derive(Debug, Clone)]
pub struct KeyWriter {
    bytes: Vec<u8>,
}

impl KeyWriter {
    /// Starts a key in a table of the view. The byte is ASCII and not NUL: keys that begin with NUL belong to the driver.
    #[must_use]
    pub fn table(table: u8) -> Self {
        let mut bytes = Vec::with_capacity(96);
        bytes.push(table);
        Self { bytes }
    }

    /// Encodes a history key alone, so that [`Self::raw`] can append it to several keys.
    #[must_use]
    pub fn history_tail(
        occurred_at: i64,
        rank: Rank,
        source: &str,
        id: &str,
        position: Position,
    ) -> Vec<u8> {
        let tail = Self {
            bytes: Vec::with_capacity(19 + source.len() + id.len()),
        };
        tail.instant(occurred_at)
            .raw(&[rank.byte()])
            .text(source)
            .text(id)
            .position(position)
            .finish()
    }

    /// Appends a text that [is plain](is_plain).
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(0);
        self
    }

    /// Appends an instant in nanoseconds since the Unix epoch.
    #[must_use]
    pub fn instant(mut self, instant: i64) -> Self {
        let flipped = instant.cast_unsigned() ^ (1 << 63);
        self.bytes.extend_from_slice(&flipped.to_be_bytes());
        self
    }

    /// Appends a number.
    #[must_use]
    pub fn number(mut self, number: u64) -> Self {
        self.bytes.extend_from_slice(&number.to_be_bytes());
        self
    }

    /// Appends a position, as its number.
    #[must_use]
    pub fn position(self, position: Position) -> Self {
        self.number(position.0)
    }

    /// Appends a history key.
    #[must_use]
    pub fn history(self, key: &HistoryKey) -> Self {
        self.instant(key.occurred_at)
            .raw(&[key.rank.byte()])
            .text(&key.source)
            .text(&key.id)
            .position(key.position)
    }

    /// Appends bytes that are encoded already.
    #[must_use]
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// The key.
    #[must_use]
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads the fields of a key in the order in which they were written.
#[derive(Debug, Clone)]
pub struct KeyReader<'k> {
    rest: &'k [u8],
}

impl<'k> KeyReader<'k> {
    /// Starts reading a key after its table byte.
    ///
    /// # Errors
    /// If the key is empty or of another table.
    pub fn table(key: &'k [u8], table: u8) -> Result<Self, StateError> {
        match key.split_first() {
            Some((first, rest)) if *first == table => Ok(Self { rest }),
            _ => Err(damaged("a key is of another table")),
        }
    }

    /// Returns the bytes that are not read yet.
    #[must_use]
    pub fn rest(&self) -> &'k [u8] {
        self.rest
    }

    /// Reads the next text.
    ///
    /// # Errors
    /// If its end is missing or it is not UTF-8.
    pub fn text(&mut self) -> Result<&'k str, StateError> {
        let end = self.rest.iter().position(|byte| *byte == 0);
        let (text, rest) = end
            .and_then(|end| self.rest.split_at_checked(end))
            .ok_or_else(|| damaged("a text in a key has no end"))?;
        self.rest = rest.get(1..).unwrap_or_default();
        std::str::from_utf8(text).map_err(|_| damaged("a text in a key is not UTF-8"))
    }

    /// Reads the next instant.
    ///
    /// # Errors
    /// If the key is too short.
    pub fn instant(&mut self) -> Result<i64, StateError> {
        Ok((self.number()? ^ (1 << 63)).cast_signed())
    }

    /// Reads the next number.
    ///
    /// # Errors
    /// If the key is too short.
    pub fn number(&mut self) -> Result<u64, StateError> {
        let (number, rest) = self
            .rest
            .split_first_chunk::<8>()
            .ok_or_else(|| damaged("a key is too short"))?;
        self.rest = rest;
        Ok(u64::from_be_bytes(*number))
    }

    fn position(&mut self) -> Result<Position, StateError> {
        Ok(Position(self.number()?))
    }

    fn rank(&mut self) -> Result<Rank, StateError> {
        let (rank, rest) = self
            .rest
            .split_first()
            .ok_or_else(|| damaged("a key is too short"))?;
        self.rest = rest;
        Ok(Rank::of_byte(*rank))
    }

    /// Reads the history key at the end of the key.
    ///
    /// # Errors
    /// If it is malformed or something follows it.
    pub fn history(mut self) -> Result<HistoryKey, StateError> {
        let key = HistoryKey {
            occurred_at: self.instant()?,
            rank: self.rank()?,
            source: self.text()?.to_owned(),
            id: self.text()?.to_owned(),
            position: self.position()?,
        };
        if self.rest.is_empty() {
            Ok(key)
        } else {
            Err(damaged("a key is too long"))
        }
    }
}

/// Reads the position at the end of a key that ends with a history key.
///
/// # Errors
/// If the key is too short.
pub fn position_of(key: &[u8]) -> Result<Position, StateError> {
    let (_, position) = key
        .split_last_chunk::<8>()
        .ok_or_else(|| damaged("a key is too short"))?;
    Ok(Position(u64::from_be_bytes(*position)))
}

/// Returns the least key greater than every key that begins with `prefix`. Prefixes begin with an ASCII table byte,
/// so there is one. (For a prefix of 0xff bytes the result is empty, and a range that ends there holds nothing.)
#[must_use]
pub fn prefix_end(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            break;
        }
    }
    end
}

/// Returns the least key greater than this one.
#[must_use]
pub fn successor(mut key: Vec<u8>) -> Vec<u8> {
    key.push(0);
    key
}

/// Whether a text can be part of a key. Every validated identifier can.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    !text.as_bytes().contains(&0)
}

fn damaged(reason: &str) -> StateError {
    StateError::Damaged {
        reason: reason.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(key: &HistoryKey) -> Vec<u8> {
        KeyWriter::table(b'x').history(key).finish()
    }

    fn history_key() -> impl Strategy<Value = HistoryKey> {
        let name = "[ -~ä]{0,4}";
        (any::<i64>(), any::<u8>(), name, name, any::<u64>()).prop_map(
            |(occurred_at, rank, source, id, position)| HistoryKey {
                occurred_at,
                rank: Rank::of_byte(rank),
                source,
                id,
                position: Position(position),
            },
        )
    }

    proptest! {
        #[test]
        fn bytes_sort_like_history_keys(a in history_key(), b in history_key()) {
            prop_assert_eq!(encoded(&a).cmp(&encoded(&b)), a.cmp(&b));
        }

        #[test]
        fn a_history_key_is_read_back(key in history_key()) {
            let bytes = encoded(&key);
            prop_assert_eq!(position_of(&bytes).unwrap(), key.position);
            let read = KeyReader::table(&bytes, b'x').and_then(KeyReader::history).unwrap();
            prop_assert_eq!(read, key);
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = KeyReader::table(&bytes, b'x').and_then(KeyReader::history);
            let _ = position_of(&bytes);
        }

        #[test]
        fn a_prefix_ends_behind_all_it_begins(
            prefix in prop::collection::vec(any::<u8>(), 0..6),
            more in prop::collection::vec(any::<u8>(), 0..6),
        ) {
            let mut prefix = prefix;
            prefix.insert(0, b'o');
            let end = prefix_end(&prefix);
            let mut longer = prefix.clone();
            longer.extend(more);
            prop_assert!(longer < end);
            prop_assert!(prefix < end);
        }
    }

    #[test]
    fn a_prefix_without_successor_ends_nowhere() {
        assert!(prefix_end(&[0xff, 0xff]).is_empty());
        assert_eq!(prefix_end(&[b'a', 0xff]), vec![b'b']);
    }
}
