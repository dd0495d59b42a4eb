//! Where an obligation stands in an inbox: what pages continue by.

use super::Owed;

/// Which obligation comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InboxOrder {
    /// The earliest due; without a deadline last.
    #[default]
    Due,
    /// The one whose clock began first.
    Age,
    /// The greatest share of its budget used up.
    Share,
}

/// A place in the order asked: a number, and of equal ones the name of the obligation.
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
            // Of numbers that are not negative the bits are in order.
            InboxOrder::Share => !obligation.outcome.share.max(0.0).to_bits(),
        };
        Self {
            rank,
            obligation_id: obligation.obligation_id.clone(),
        }
    }

    /// The bytes of a page token that stand for it.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.rank.to_be_bytes().to_vec();
        bytes.extend_from_slice(self.obligation_id.as_bytes());
        bytes
    }

    /// The place that these bytes stand for; `None` if they stand for none.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (rank, id) = bytes.split_first_chunk()?;
        Some(Self {
            rank: u64::from_be_bytes(*rank),
            obligation_id: std::str::from_utf8(id).ok()?.to_owned(),
        })
    }
}

/// Numbers with a sign, as ones without it in the same order.
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
