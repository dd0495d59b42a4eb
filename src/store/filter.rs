//! Filters of reads and subscriptions. Kind and stream are columns of the log; everything else is in the
//! envelope, which is decoded only if the filter needs it, and only as far as needed.

use std::collections::BTreeSet;
use std::sync::Arc;

use ownerline_proto::time;
use ownerline_proto::v1::Subjects;
use pbjson_types::Timestamp;
use prost::{DecodeError, Message};

use super::ids::{KindId, StreamName, category_of};

/// The events that a read or a subscription returns. An empty set matches everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// Kinds of payload.
    pub kinds: BTreeSet<KindId>,
    /// Stream categories.
    pub categories: BTreeSet<String>,
    /// Conditions on the envelope; without them no envelope is decoded.
    pub envelope: Option<Arc<EnvelopeFilter>>,
}

/// Conditions on the envelope. Every set that is not empty must contain the value of its field; an unset field
/// is in no set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EnvelopeFilter {
    /// Owner ids.
    pub owners: BTreeSet<String>,
    /// VINs.
    pub vins: BTreeSet<String>,
    /// Order ids.
    pub orders: BTreeSet<String>,
    /// Visit ids.
    pub visits: BTreeSet<String>,
    /// Feedback ids.
    pub feedbacks: BTreeSet<String>,
    /// Case ids.
    pub cases: BTreeSet<String>,
    /// Ids of responsible dealers.
    pub dealers: BTreeSet<String>,
    /// Reporting systems.
    pub sources: BTreeSet<String>,
    /// Occurred at or after (nanoseconds since the Unix epoch).
    pub from: Option<i64>,
    /// Occurred before (nanoseconds since the Unix epoch).
    pub until: Option<i64>,
}

/// The fields of a touchpoint that conditions apply to, with the tags that they have there. Decoding skips the
/// others.
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
    /// Returns whether every event passes.
    #[must_use]
    pub fn is_unrestricted(&self) -> bool {
        self.kinds.is_empty() && self.categories.is_empty() && self.envelope.is_none()
    }

    /// Returns whether an event of this kind and stream, with these clear bytes, passes.
    ///
    /// # Errors
    /// If the envelope is needed and cannot be decoded.
    pub fn admits(
        &self,
        kind: &str,
        stream: &StreamName,
        clear: &[u8],
    ) -> Result<bool, DecodeError> {
        self.admits_named(kind, stream.as_str(), clear)
    }

    /// Does the same as [`Self::admits`] for a borrowed stream name.
    ///
    /// # Errors
    /// As for [`Self::admits`].
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
    /// Returns whether every envelope passes.
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
        // A touchpoint without an instant is in no period.
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
    fn every_set_that_is_not_empty_must_contain_the_value_of_the_envelope() {
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
    fn a_period_includes_its_beginning_and_excludes_its_end() {
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
    fn bytes_are_decoded_only_if_a_condition_needs_them() {
        let garbage = [0xff];
        let mut filter = EventFilter::default();
        assert_eq!(filter.admits_named("a", "owner-1", &garbage), Ok(true));
        filter.envelope = Some(Arc::default());
        assert!(filter.admits_named("a", "owner-1", &garbage).is_err());
        filter.categories = set(&["case"]);
        assert_eq!(filter.admits_named("a", "owner-1", &garbage), Ok(false));
    }

    #[test]
    fn the_fields_have_the_tags_of_a_touchpoint() {
        let bytes = clear("o-1", "d-1", 5);
        let whole = Touchpoint::decode(bytes.as_slice()).unwrap();
        let envelope = Envelope::decode(bytes.as_slice()).unwrap();
        assert_eq!(envelope.occurred_at, whole.occurred_at);
        assert_eq!(envelope.subjects, whole.subjects);
    }
}
