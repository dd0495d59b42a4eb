//! The retraction of one recorded touchpoint, or why there is none.

use ownerline_proto::kind::Category;
use ownerline_proto::schema::Schema;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    Origin, RecordedTouchpoint, Subjects, Touchpoint, TouchpointRef, TouchpointRetracted,
};
use pbjson_types::Timestamp;

/// The source of the retractions.
pub(super) const SOURCE: &str = "//ownerline/retract";

/// What is the same in every retraction of a run.
#[derive(Debug, Clone)]
pub(super) struct Retracting {
    pub(super) reason: String,
    pub(super) now: Timestamp,
    pub(super) live: bool,
    /// When the log took it: at or after, before.
    pub(super) recorded: (Option<Timestamp>, Option<Timestamp>),
}

/// Why a touchpoint that the server answered is not taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    /// It was recorded at another time.
    OtherTime,
    /// It was reported live.
    Live,
    /// It is a retraction itself, or in a stream that has none.
    NotRetractable,
}

impl Retracting {
    /// The retraction of a touchpoint. Its id follows from what it names, so that it is recorded once.
    pub(super) fn of(&self, recorded: RecordedTouchpoint) -> Result<Touchpoint, Kept> {
        let touchpoint = recorded.touchpoint.unwrap_or_default();
        let (from, to) = &self.recorded;
        let instant = |at: &Timestamp| (at.seconds, at.nanos);
        let at = recorded.recorded_at.as_ref().map(instant);
        let early = from.as_ref().is_some_and(|from| at < Some(instant(from)));
        let late = to.as_ref().is_some_and(|to| at >= Some(instant(to)));
        if early || late {
            return Err(Kept::OtherTime);
        }
        if touchpoint.origin() != Origin::Imported && !self.live {
            return Err(Kept::Live);
        }
        if matches!(touchpoint.payload, Some(Payload::TouchpointRetracted(_))) {
            return Err(Kept::NotRetractable);
        }
        let (subjects, policy) = naming(&recorded.stream).ok_or(Kept::NotRetractable)?;
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

/// What makes a retraction part of this stream: the one subject that names it, or the policy. Other subjects of
/// a wrong import may be wrong.
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
    // With its length in front, no other pair of texts makes the same bytes.
    hash.update(&(source.len() as u64).to_le_bytes());
    hash.update(source.as_bytes());
    hash.update(id.as_bytes());
    hash.finalize().to_hex().to_string()
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    fn retracting() -> Retracting {
        Retracting {
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
    fn a_retraction_is_in_the_stream_of_what_it_takes_back() {
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
            let retraction = retracting().of(recorded(stream, Origin::Imported)).unwrap();
            let subjects = retraction.subjects.clone().unwrap_or_default();
            let kind = Schema::get().kind_by_name("touchpoint_retracted").unwrap();
            let encoded = retraction.encode_to_vec();
            assert_eq!(kind.stream(&subjects, &encoded).unwrap(), stream);
        }
        for stream in ["integrity-d", "access-p", "nothing"] {
            let kept = retracting().of(recorded(stream, Origin::Imported));
            assert_eq!(kept, Err(Kept::NotRetractable), "{stream}");
        }
    }

    #[test]
    fn its_id_follows_from_what_it_names() {
        let one = retracting()
            .of(recorded("case-c", Origin::Imported))
            .unwrap();
        let later = Retracting {
            now: Timestamp {
                seconds: 2_000,
                nanos: 0,
            },
            ..retracting()
        };
        assert_eq!(
            later.of(recorded("case-c", Origin::Imported)).unwrap().id,
            one.id
        );
        assert_ne!(id("a", "bc"), id("ab", "c"));
    }

    #[test]
    fn what_is_live_or_of_another_time_is_kept() {
        assert_eq!(
            retracting().of(recorded("case-c", Origin::Live)),
            Err(Kept::Live)
        );
        let at = |seconds| Some(Timestamp { seconds, nanos: 0 });
        for (period, taken) in [
            ((at(500), None), true),
            ((at(501), None), false),
            ((None, at(500)), false),
            ((at(400), at(501)), true),
        ] {
            let retracting = Retracting {
                recorded: period,
                live: true,
                ..retracting()
            };
            let outcome = retracting.of(recorded("case-c", Origin::Live));
            assert_eq!(outcome.is_ok(), taken, "{period:?}");
        }
    }
}
