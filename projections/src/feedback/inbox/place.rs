//! The place of an obligation in an inbox, by which pages continue.

use super::Owed;

/// The order of an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InboxOrder {
    /// The earliest deadline first; obligations without one last.
    #[default]
    Due,
    /// The earliest start of the clock first.
    Age,
    /// The greatest used-up share of the budget first.
    Share,
}

/// A place in the order of an inbox: a number, then the name of the obligation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    rank: u64,
    obligation_id: String,
}

impl Place {
    /// The place of an obligation.
    #[must_use]
    pub fn of(owed: &Owed, order: InboxOrder) -> Self {
        let obligation = &owed.detail.obligation;
        let rank = match order {
            InboxOrder::Due => obligation.outcome.due_at.map_or(u64::MAX, ascending),
            InboxOrder::Age => ascending(obligation.start),
            // The bits of floating-point numbers that are not negative sort like the numbers.
            InboxOrder::Share => !obligation.outcome.share.max(0.0).to_bits(),
        };
        Self {
            rank,
            obligation_id: obligation.obligation_id.clone(),
        }
    }

    /// Encodes it for a page token.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.rank.to_be_bytes().to_vec();
        bytes.extend_from_slice(self.obligation_id.as_bytes());
        bytes
    }

    /// Decodes a place; `None` if the bytes are malformed.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (rank, id) = bytes.split_first_chunk()?;
        Some(Self {
            rank: u64::from_be_bytes(*rank),
            obligation_id: std::str::from_utf8(id).ok()?.to_owned(),
        })
    }
}

/// Maps signed numbers to unsigned ones in the same order.
fn ascending(number: i64) -> u64 {
    number.cast_unsigned() ^ (1 << 63)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_keep_their_order_and_read_back() {
        let place = |number, id: &str| Place {
            rank: ascending(number),
            obligation_id: id.to_owned(),
        };
        let places = [
            place(i64::MIN, ""),
            place(-1, "z"),
            place(0, "a"),
            place(0, "b"),
            place(i64::MAX, "a"),
        ];
        assert!(places.is_sorted());
        for place in &places {
            assert_eq!(Place::decode(&place.encode()).as_ref(), Some(place));
        }
        assert_eq!(Place::decode(b"short"), None);
    }
}
