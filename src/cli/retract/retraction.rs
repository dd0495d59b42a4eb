//! The retraction of one recorded touchpoint, or why it is not retracted.

use ownerline_proto::kind::Category;
use ownerline_proto::schema::Schema;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Origin, RecordedTouchpoint, Subjects, Touchpoint, TouchpointRef, TouchpointRetracted,
};
use pbjson_types::Timestamp;

/// The source of the retractions.
pub(super) const SOURCE: &str = "//ownerline/retract";

/// What all retractions of a run have in common.
#[derive(Debug, Clone)]
pub(super) struct Retractions {
    pub(super) reason: String,
    pub(super) now: Timestamp,
    /// Whether touchpoints that were reported live are retracted, too.
    pub(super) live: bool,
    /// The period in which touchpoints were recorded: at or after, before.
    pub(super) recorded: (Option<Timestamp>, Option<Timestamp>),
}

/// Why a touchpoint is not retracted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotRetracted {
    /// It was recorded at another time.
    OtherTime,
    /// It was reported live.
    Live,
    /// It is a retraction itself, or in a stream that cannot have any.
    NotRetractable,
}

impl Retractions {
    /// Returns the retraction of a touchpoint. Its id is derived from that of the touchpoint, so that it is recorded
    /// once.
    pub(super) fn of(&self, recorded: RecordedTouchpoint) -> Result<Touchpoint, NotRetracted> {
        let touchpoint = recorded.touchpoint.unwrap_or_default();
        let (from, to) = &self.recorded;
        let instant = |at: &Timestamp| (at.seconds, at.nanos);
        let at = recorded.recorded_at.as_ref().map(instant);
        let early = from.as_ref().is_some_and(|from| at < Some(instant(from)));
        let late = to.as_ref().is_some_and(|to| at >= Some(instant(to)));
        if early || late {
            return Err(NotRetracted::OtherTime);
        }
        if touchpoint.origin() != Origin::Imported && !self.live {
            return Err(NotRetracted::Live);
        }
        if matches!(touchpoint.payload, Some(Payload::TouchpointRetracted(_))) {
            return Err(NotRetracted::NotRetractable);
        }
        let (subjects, policy) = naming(&recorded.stream).ok_or(NotRetracted::NotRetractable)?;
        Ok(Touchpoint {
            id: id(&touchpoint.source, &touchpoint.id),
            source: SOURCE.to_owned(),
            occurred_at: Some(self.now),
            subjects,
            payload: Some(Payload::TouchpointRetracted(TouchpointRetracted {
                r#ref: Some(TouchpointRef {
                    source: touchpoint.source,
                    id: touchpoint.id,
                }),
                reason: self.reason.clone(),
                policy,
            })),
            ..Touchpoint::default()
        })
    }
}

/// Returns what assigns a retraction to this stream: the one subject that names it, or the policy. Other subjects of a
/// wrong import may be wrong.
fn naming(stream: &str) -> Option<(Option<Subjects>, String)> {
    let category = Category::of_stream(stream)?;
    let (_, id) = stream.split_once('-')?;
    let kind = Schema::get().kind_by_name("touchpoint_retracted")?;
    if category == Category::Policy {
        return Some((None, id.to_owned()));
    }
    if !kind.categories.contains(&category) {
        return None;
    }
    let (mut subjects, id) = (Subjects::default(), id.to_owned());
    match category {
        Category::Owner => subjects.owner_id = id,
        Category::Vehicle => subjects.vin = id,
        Category::Order => subjects.order_id = id,
        Category::Visit => subjects.visit_id = id,
        Category::Feedback => subjects.feedback_id = id,
        Category::Case => subjects.case_id = id,
        Category::Dealer => subjects.dealer_id = id,
        Category::Policy | Category::Integrity | Category::Access => return None,
    }
    Some((Some(subjects), String::new()))
}

fn id(source: &str, id: &str) -> String {
    let mut hash = blake3::Hasher::new();
    // Because the length comes first, no other pair of texts makes the same bytes.
    hash.update(&(source.len() as u64).to_le_bytes());
    hash.update(source.as_bytes());
    hash.update(id.as_bytes());
    hash.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    fn retractions() -> Retractions {
        Retractions {
            reason: "swapped".to_owned(),
            now: Timestamp {
                seconds: 1_000,
                nanos: 0,
            },
            live: false,
            recorded: (None, None),
        }
    }

    fn recorded(stream: &str, origin: Origin) -> RecordedTouchpoint {
        RecordedTouchpoint {
            stream: stream.to_owned(),
            recorded_at: Some(Timestamp {
                seconds: 500,
                nanos: 0,
            }),
            touchpoint: Some(Touchpoint {
                id: "7".to_owned(),
                source: "//crm".to_owned(),
                origin: origin.into(),
                ..Touchpoint::default()
            }),
            ..RecordedTouchpoint::default()
        }
    }

    #[test]
    fn a_retraction_is_in_the_stream_of_its_touchpoint() {
        for stream in [
            "owner-a-1",
            "vehicle-1M8GDM9AXKP042788",
            "order-o",
            "visit-v",
            "feedback-f",
            "case-c",
            "dealer-d",
            "policy-sla",
        ] {
            let retraction = retractions()
                .of(recorded(stream, Origin::Imported))
                .unwrap();
            let subjects = retraction.subjects.clone().unwrap_or_default();
            let kind = Schema::get().kind_by_name("touchpoint_retracted").unwrap();
            let encoded = retraction.encode_to_vec();
            assert_eq!(kind.stream(&subjects, &encoded).unwrap(), stream);
        }
        for stream in ["integrity-d", "access-p", "nothing"] {
            let outcome = retractions().of(recorded(stream, Origin::Imported));
            assert_eq!(outcome, Err(NotRetracted::NotRetractable), "{stream}");
        }
    }

    #[test]
    fn the_id_is_derived_from_the_touchpoint() {
        let one = retractions()
            .of(recorded("case-c", Origin::Imported))
            .unwrap();
        let later = Retractions {
            now: Timestamp {
                seconds: 2_000,
                nanos: 0,
            },
            ..retractions()
        };
        assert_eq!(
            later.of(recorded("case-c", Origin::Imported)).unwrap().id,
            one.id
        );
        assert_ne!(id("a", "bc"), id("ab", "c"));
    }

    #[test]
    fn what_is_live_or_of_another_time_is_not_retracted() {
        assert_eq!(
            retractions().of(recorded("case-c", Origin::Live)),
            Err(NotRetracted::Live)
        );
        let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
        for (period, taken) in [
            ((at(500), None), true),
            ((at(501), None), false),
            ((None, at(500)), false),
            ((at(400), at(501)), true),
        ] {
            let retractions_of_period = Retractions {
                recorded: period,
                live: true,
                ..retractions()
            };
            let outcome = retractions_of_period.of(recorded("case-c", Origin::Live));
            assert_eq!(outcome.is_ok(), taken, "{period:?}");
        }
    }
}
