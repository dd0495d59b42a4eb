//! Warnings about accepted touchpoints, which are computed and never stored.

use ownerline_proto::closed_list::{Measure, Purpose};
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{Subjects, Touchpoint, Visibility};
use ownerline_proto::vin;

/// A warning about an accepted touchpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// The VIN was issued in North America and its check digit (49 CFR 565.15) does not match.
    VinCheckDigit,
    /// It corrects or retracts a touchpoint of another kind or stream. Reported when touchpoints are read, since
    /// the referenced one may arrive later.
    ReferenceWithoutEffect,
    /// It occurred at 1970-01-01T00:00:00Z, the value of a date that was never set.
    OccurredAtEpoch,
    /// It is internal and names no responsible dealer, so that neither owner nor dealer will see it.
    SeenByNobody,
    /// Its `received_at` is before its `occurred_at`.
    ReceivedBeforeOccurred,
    /// Its odometer reading is less than the previous one of the car. Reported when touchpoints are read, since
    /// the previous one may arrive later.
    OdometerFell,
    /// This field has a word that its closed list does not have. Only what was recorded before the list was closed has one.
    UnlistedValue {
        /// The path of the field.
        field: &'static str,
    },
}

impl Warning {
    /// The stable reason.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::VinCheckDigit => "VIN_CHECK_DIGIT",
            Self::ReferenceWithoutEffect => "REFERENCE_WITHOUT_EFFECT",
            Self::OccurredAtEpoch => "OCCURRED_AT_EPOCH",
            Self::SeenByNobody => "SEEN_BY_NOBODY",
            Self::ReceivedBeforeOccurred => "RECEIVED_BEFORE_OCCURRED",
            Self::OdometerFell => "ODOMETER_FELL",
            Self::UnlistedValue { .. } => "UNLISTED_VALUE",
        }
    }

    /// The field concerned.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::VinCheckDigit => "touchpoint.subjects.vin",
            Self::ReferenceWithoutEffect | Self::OdometerFell => "touchpoint",
            Self::ReceivedBeforeOccurred => "touchpoint.received_at",
            Self::OccurredAtEpoch => "touchpoint.occurred_at",
            Self::SeenByNobody => "touchpoint.visibility",
            Self::UnlistedValue { field } => field,
        }
    }

    /// The message for people.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::VinCheckDigit => {
                "the check digit of this North American VIN does not match; it may be mistyped"
            }
            Self::ReferenceWithoutEffect => {
                "what it corrects or retracts is not of its kind or stream, so nothing is"
            }
            Self::UnlistedValue { .. } => {
                "the word is not in the closed list of this field; it was recorded before the list was closed, and counts for nothing that asks for a word of the list"
            }
            Self::ReceivedBeforeOccurred => {
                "it was received before it occurred; one of the two clocks is wrong"
            }
            Self::OdometerFell => {
                "the odometer shows less than at the reading of this car just before"
            }
            Self::OccurredAtEpoch => {
                "it occurred at the first instant of 1970; was the time left out, or a date passed where a Timestamp belongs?"
            }
            Self::SeenByNobody => {
                "it is internal and names no dealer, so neither an owner nor a dealer sees it, and it is in no inbox"
            }
        }
    }
}

/// The warnings about a touchpoint that is being recorded.
#[must_use]
pub fn warnings_of(touchpoint: &Touchpoint) -> Vec<Warning> {
    let nothing = Subjects::default();
    let subjects = touchpoint.subjects.as_ref().unwrap_or(&nothing);
    let mismatch = vin::is_north_american(&subjects.vin)
        && vin::check_digit_matches(&subjects.vin) == Some(false);
    let at_epoch = touchpoint
        .occurred_at
        .is_some_and(|at| (at.seconds, at.nanos) == (0, 0));
    let clocks = [&touchpoint.received_at, &touchpoint.occurred_at];
    let [received, occurred] = clocks.map(|at| at.as_ref().map(|at| (at.seconds, at.nanos)));
    let received_first = received
        .zip(occurred)
        .is_some_and(|(received, occurred)| received < occurred);
    let internal = matches!(
        touchpoint.visibility(),
        Visibility::Internal | Visibility::Unspecified
    );
    let is_feedback = matches!(touchpoint.payload, Some(Payload::FeedbackReceived(_)));
    let unseen = is_feedback && internal && subjects.dealer_id.is_empty();
    let found = [
        (mismatch, Warning::VinCheckDigit),
        (received_first, Warning::ReceivedBeforeOccurred),
        (at_epoch, Warning::OccurredAtEpoch),
        (unseen, Warning::SeenByNobody),
    ];
    let found = found.into_iter().filter(|(holds, _)| *holds);
    let found = found.map(|(_, warning)| warning);
    let unlisted = touchpoint.payload.as_ref().and_then(unlisted);
    let unlisted = unlisted.map(|field| Warning::UnlistedValue { field });
    found.chain(unlisted).collect()
}

/// The field of a payload whose word its closed list does not have.
fn unlisted(payload: &Payload) -> Option<&'static str> {
    let is_purpose = |word: &str| Purpose::from_word(word).is_some();
    let (field, word, is_listed) = match payload {
        Payload::ConsentGiven(it) => (
            "touchpoint.consent_given.purpose",
            &it.purpose,
            is_purpose(&it.purpose),
        ),
        Payload::ConsentWithdrawn(it) => (
            "touchpoint.consent_withdrawn.purpose",
            &it.purpose,
            is_purpose(&it.purpose),
        ),
        Payload::TargetSet(it) => (
            "touchpoint.target_set.measure",
            &it.measure,
            Measure::from_word(&it.measure).is_some(),
        ),
        _ => return None,
    };
    // A word that the reader may not see is absent.
    (!is_listed && !word.is_empty()).then_some(field)
}

#[cfg(test)]
mod tests {
    use ownerline_proto::v1::{ConsentGiven, ConsentWithdrawn, FeedbackReceived, TargetSet};
    use pbjson_types::Timestamp;

    use super::*;

    #[test]
    fn an_unset_date_and_feedback_that_nobody_sees_cause_warnings() {
        let mut touchpoint = Touchpoint {
            occurred_at: Some(Timestamp::default()),
            payload: Some(Payload::FeedbackReceived(FeedbackReceived::default())),
            ..Touchpoint::default()
        };
        let expected = [Warning::OccurredAtEpoch, Warning::SeenByNobody];
        assert_eq!(warnings_of(&touchpoint), expected);
        touchpoint.occurred_at = Some(Timestamp {
            seconds: 1,
            nanos: 0,
        });
        touchpoint.set_visibility(Visibility::Owner);
        assert_eq!(warnings_of(&touchpoint), []);
        touchpoint.set_visibility(Visibility::Internal);
        touchpoint.subjects = Some(Subjects {
            dealer_id: "dealer-1".to_owned(),
            ..Subjects::default()
        });
        assert_eq!(warnings_of(&touchpoint), []);
    }

    #[test]
    fn words_from_before_their_list_was_closed_cause_a_warning() {
        let of = |payload| {
            let touchpoint = Touchpoint {
                payload: Some(payload),
                ..Touchpoint::default()
            };
            let warnings = warnings_of(&touchpoint);
            warnings.iter().map(|it| it.field()).collect::<Vec<_>>()
        };
        let given = |purpose: &str| {
            Payload::ConsentGiven(ConsentGiven {
                purpose: purpose.to_owned(),
            })
        };
        assert_eq!(of(given("surveys")), ["touchpoint.consent_given.purpose"]);
        assert!(of(given("marketing")).is_empty());
        let withdrawn = ConsentWithdrawn {
            purpose: "third parties".to_owned(),
        };
        assert_eq!(
            of(Payload::ConsentWithdrawn(withdrawn)),
            ["touchpoint.consent_withdrawn.purpose"]
        );
        let target = |measure: &str| {
            Payload::TargetSet(TargetSet {
                measure: measure.to_owned(),
                ..TargetSet::default()
            })
        };
        assert_eq!(of(target("sales")), ["touchpoint.target_set.measure"]);
        assert!(of(target("ON_TIME")).is_empty());
    }
}
