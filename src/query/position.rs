//! Positions as they cross the API: opaque text that sorts and carries the log's epoch.

use thiserror::Error;

use crate::store::{Epoch, Position};

/// Digits of the epoch, then a dash, then digits of the position; all lower-case hexadecimal.
const EPOCH_DIGITS: usize = 8;
const POSITION_DIGITS: usize = 16;

/// Why a position text is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PositionError {
    /// Not of the form this server answers.
    #[error("not a position as answered by this server")]
    Malformed,
    /// Of another incarnation of the log: what it named may not be there any more.
    #[error("position belongs to epoch {given:08x} of the log, this is epoch {current:08x}")]
    OtherEpoch {
        /// The epoch it carries.
        given: u32,
        /// The epoch of this log.
        current: u32,
    },
}

/// Writes and reads positions of one epoch.
#[derive(Debug, Clone, Copy)]
pub struct PositionText(pub Epoch);

impl PositionText {
    /// The text form.
    #[must_use]
    pub fn write(self, position: Position) -> String {
        let mut text = String::with_capacity(EPOCH_DIGITS + 1 + POSITION_DIGITS);
        push_hexadecimal(&mut text, u64::from(self.0.0), EPOCH_DIGITS);
        text.push('-');
        push_hexadecimal(&mut text, position.0, POSITION_DIGITS);
        text
    }

    /// The position of a text form.
    ///
    /// # Errors
    /// If it has another form or carries another epoch.
    pub fn read(self, text: &str) -> Result<Position, PositionError> {
        let (epoch, position) = text.split_once('-').ok_or(PositionError::Malformed)?;
        if epoch.len() != EPOCH_DIGITS || position.len() != POSITION_DIGITS {
            return Err(PositionError::Malformed);
        }
        let given = u32::from_str_radix(epoch, 16).map_err(|_| PositionError::Malformed)?;
        let position = u64::from_str_radix(position, 16).map_err(|_| PositionError::Malformed)?;
        // Only the form this server writes: neither signs nor upper case.
        if Self(Epoch(given)).write(Position(position)) != text {
            return Err(PositionError::Malformed);
        }
        let current = self.0.0;
        if given != current {
            return Err(PositionError::OtherEpoch { given, current });
        }
        Ok(Position(position))
    }
}

/// Every touchpoint that is sent carries a position: formatting machinery would be a good part of its price.
fn push_hexadecimal(text: &mut String, number: u64, digits: usize) {
    for place in (0..digits).rev() {
        let digit = (number >> (4 * place)) as u32 & 0xf;
        text.extend(char::from_digit(digit, 16));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: PositionText = PositionText(Epoch(0x0001_abcd));

    #[test]
    fn positions_sort_as_text_and_read_back() {
        let texts: Vec<String> = [0, 1, 9, 10, 255, 256, u64::MAX]
            .map(|position| TEXT.write(Position(position)))
            .to_vec();
        assert!(texts.is_sorted());
        for text in &texts {
            assert_eq!(&TEXT.write(TEXT.read(text).unwrap()), text);
        }
    }

    #[test]
    fn a_position_is_its_digits_in_lower_case() {
        assert_eq!(
            TEXT.write(Position(0xdead_beef)),
            "0001abcd-00000000deadbeef"
        );
    }

    #[test]
    fn a_position_of_another_epoch_says_so() {
        let other = PositionText(Epoch(7)).write(Position(1));
        assert_eq!(
            TEXT.read(&other),
            Err(PositionError::OtherEpoch {
                given: 7,
                current: 0x0001_abcd
            })
        );
    }

    #[test]
    fn anything_else_is_malformed() {
        for text in [
            "",
            "1",
            "0001abcd-1",
            "0001ABCD-0000000000000001",
            "+001abcd-0000000000000001",
            "0001abcd-000000000000000g",
        ] {
            assert_eq!(TEXT.read(text), Err(PositionError::Malformed), "{text}");
        }
    }
}
