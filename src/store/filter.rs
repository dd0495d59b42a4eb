//! Which events a read or a subscription returns. Kind and stream are columns of the log; what else is asked
//! about stands in the envelope, of which only those fields are decoded, and only if somebody asks.

use std::collections::BTreeSet;
use std::sync::Arc;

use ownerline_proto::time;
use ownerline_proto::v1::Subjects;
use pbjson_types::Timestamp;
use prost::{DecodeError, Message};

use super::types::category_of;
use super::{KindId, StreamName};

/// Which events a read or a subscription returns. Empty sets let everything pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Kinds of payload.
    pub kinds: BTreeSet<KindId>,
    /// Stream categories.
    pub categories: BTreeSet<String>,
    /// What the envelope says; absent, none is looked at.
    pub envelope: Option<Arc<EnvelopeFilter>>,
}

/// What an envelope must say. Every set that is not empty must hold what the envelope names; a subject
/// that it leaves open is in none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnvelopeFilter {
    /// Ids of persons.
    pub owners: BTreeSet<String>,
    /// Vehicles.
    pub vins: BTreeSet<String>,
    /// Orders.
    pub orders: BTreeSet<String>,
    /// Visits.
    pub visits: BTreeSet<String>,
    /// Pieces of feedback.
    pub feedbacks: BTreeSet<String>,
    /// Cases.
    pub cases: BTreeSet<String>,
    /// Responsible dealers.
    pub dealers: BTreeSet<String>,
    /// Systems that reported.
    pub sources: BTreeSet<String>,
    /// Occurred at or after (nanoseconds since the Unix epoch).
    pub from: Option<i64>,
    /// Occurred before (nanoseconds since the Unix epoch).
    pub until: Option<i64>,
}

/// The fields of a touchpoint that are asked about, with the numbers they have there; the rest is skipped.
#[derive(Clone, PartialEq, Message)]
struct Envelope {
    #[prost(string, tag = "2")]
    source: String,
    #[prost(message, optional, tag = "3")]
    occurred_at: Option<Timestamp>,
    #[prost(message, optional, tag = "6")]
    subjects: Option<Subjects>,
}

impl EventFilter {
    /// Whether everything passes.
    #[must_use]
    pub fn is_unrestricted(&self) -> bool {
        self.kinds.is_empty() && self.categories.is_empty() && self.envelope.is_none()
    }

    /// Whether an event of this kind in this stream, with these clear bytes, passes.
    ///
    /// # Errors
    /// If its envelope must be looked at and cannot be read.
    pub fn admits(
        &self,
        kind: &str,
        stream: &StreamName,
        clear: &[u8],
    ) -> Result<bool, DecodeError> {
        self.admits_named(kind, stream.as_str(), clear)
    }

    /// [`Self::admits`] for a stream whose name is only borrowed.
    ///
    /// # Errors
    /// As there.
    pub fn admits_named(
        &self,
        kind: &str,
        stream: &str,
        clear: &[u8],
    ) -> Result<bool, DecodeError> {
        let named = (self.kinds.is_empty() || self.kinds.contains(kind))
            && (self.categories.is_empty() || self.categories.contains(category_of(stream)));
        match &self.envelope {
            Some(envelope) if named => envelope.admits(clear),
            _ => Ok(named),
        }
    }
}

impl EnvelopeFilter {
    /// Whether every envelope passes.
    #[must_use]
    pub fn is_unrestricted(&self) -> bool {
        *self == Self::default()
    }

    fn admits(&self, clear: &[u8]) -> Result<bool, DecodeError> {
        let envelope = Envelope::decode(clear)?;
        let subjects = envelope.subjects.unwrap_or_default();
        let occurred_at = envelope.occurred_at.as_ref().map(time::nanos_clamped);
        let named = [
            (&self.owners, &subjects.owner_id),
            (&self.vins, &subjects.vin),
            (&self.orders, &subjects.order_id),
            (&self.visits, &subjects.visit_id),
            (&self.feedbacks, &subjects.feedback_id),
            (&self.cases, &subjects.case_id),
            (&self.dealers, &subjects.dealer_id),
            (&self.sources, &envelope.source),
        ];
        let named = named
            .iter()
            .all(|(wanted, named)| wanted.is_empty() || wanted.contains(*named));
        // Without an instant it is in no period.
        let since = self.from.is_none_or(|from| occurred_at >= Some(from));
        let before = self
            .until
            .is_none_or(|until| occurred_at.is_some_and(|at| at < until));
        Ok(named && since && before)
    }
}

#[cfg(test)]
mod tests {
    use ownerline_proto::v1::Touchpoint;

    use super::*;

    fn clear(owner: &str, dealer: &str, seconds: i64) -> Vec<u8> {
        Touchpoint {
            id: "1".to_owned(),
            occurred_at: Some(time::timestamp(seconds * 1_000_000_000)),
            subjects: Some(Subjects {
                owner_id: owner.to_owned(),
                dealer_id: dealer.to_owned(),
                ..Subjects::default()
            }),
            ..Touchpoint::default()
        }
        .encode_to_vec()
    }

    fn passes(envelope: EnvelopeFilter, clear: &[u8]) -> bool {
        let filter = EventFilter {
            envelope: Some(Arc::new(envelope)),
            ..EventFilter::default()
        };
        filter.admits_named("news_sent", "owner-1", clear).unwrap()
    }

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn every_set_that_is_not_empty_must_hold_what_the_envelope_names() {
        let of = |owners: &[&str], dealers: &[&str]| EnvelopeFilter {
            owners: set(owners),
            dealers: set(dealers),
            ..EnvelopeFilter::default()
        };
        let touchpoint = clear("o-1", "d-1", 5);
        assert!(passes(of(&[], &[]), &touchpoint));
        assert!(passes(of(&["o-1", "o-2"], &[]), &touchpoint));
        assert!(passes(of(&["o-1"], &["d-1"]), &touchpoint));
        assert!(!passes(of(&["o-1"], &["d-2"]), &touchpoint));
        assert!(!passes(of(&["o-1"], &[]), &clear("", "d-1", 5)));
    }

    #[test]
    fn a_period_holds_its_beginning_and_not_its_end() {
        let period = |from: Option<i64>, until: Option<i64>| EnvelopeFilter {
            from: from.map(|seconds| seconds * 1_000_000_000),
            until: until.map(|seconds| seconds * 1_000_000_000),
            ..EnvelopeFilter::default()
        };
        let at = |seconds| clear("o-1", "", seconds);
        assert!(passes(period(Some(5), Some(7)), &at(5)));
        assert!(passes(period(Some(5), Some(7)), &at(6)));
        assert!(!passes(period(Some(5), Some(7)), &at(7)));
        assert!(!passes(period(Some(5), None), &at(4)));
        assert!(!passes(period(None, Some(-7)), &at(-7)));
        assert!(passes(period(None, Some(-7)), &at(-8)));
        assert!(!passes(period(Some(i64::MIN / 2_000_000_000), None), &[]));
        assert!(!passes(period(None, Some(7)), &[]));
    }

    #[test]
    fn bytes_are_looked_at_only_if_somebody_asks_about_them() {
        let garbage = [0xff];
        let mut filter = EventFilter::default();
        assert_eq!(filter.admits_named("a", "owner-1", &garbage), Ok(true));
        filter.envelope = Some(Arc::default());
        assert!(filter.admits_named("a", "owner-1", &garbage).is_err());
        filter.categories = set(&["case"]);
        assert_eq!(filter.admits_named("a", "owner-1", &garbage), Ok(false));
    }

    #[test]
    fn the_fields_have_the_numbers_they_have_in_a_touchpoint() {
        let bytes = clear("o-1", "d-1", 5);
        let whole = Touchpoint::decode(bytes.as_slice()).unwrap();
        let envelope = Envelope::decode(bytes.as_slice()).unwrap();
        assert_eq!(envelope.occurred_at, whole.occurred_at);
        assert_eq!(envelope.subjects, whole.subjects);
    }
}
