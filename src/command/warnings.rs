//! What is worth knowing about an accepted touchpoint, computed and never stored.

use ownerline_proto::v1::Touchpoint;
use ownerline_proto::vin;

/// Something worth knowing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Warning {
    /// The VIN was issued in North America and its check digit (49 CFR 565.15) does not match.
    VinCheckDigit,
    /// It corrects or retracts a touchpoint that is not of its kind or stream. Told where touchpoints
    /// are read: what it names may arrive later.
    ReferenceWithoutEffect,
    /// It reached the centre before it occurred, as told.
    ReceivedBeforeOccurred,
    /// It reads less of an odometer than the reading of the car just before it. Told where touchpoints are
    /// read: what came before may arrive later.
    OdometerFell,
}

impl Warning {
    /// The stable reason.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::VinCheckDigit => "VIN_CHECK_DIGIT",
            Self::ReferenceWithoutEffect => "REFERENCE_WITHOUT_EFFECT",
            Self::ReceivedBeforeOccurred => "RECEIVED_BEFORE_OCCURRED",
            Self::OdometerFell => "ODOMETER_FELL",
        }
    }

    /// The field it is about.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::VinCheckDigit => "touchpoint.subjects.vin",
            Self::ReferenceWithoutEffect | Self::OdometerFell => "touchpoint",
            Self::ReceivedBeforeOccurred => "touchpoint.received_at",
        }
    }

    /// In words.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::VinCheckDigit => {
                "the check digit of this North American VIN does not match; it may be mistyped"
            }
            Self::ReferenceWithoutEffect => {
                "what it corrects or retracts is not of its kind or stream, so nothing is"
            }
            Self::ReceivedBeforeOccurred => {
                "it was received before it occurred; one of the two clocks is wrong"
            }
            Self::OdometerFell => {
                "the odometer shows less than at the reading of this car just before"
            }
        }
    }
}

/// The warnings of a touchpoint, as it is recorded.
#[must_use]
pub fn warnings_of(touchpoint: &Touchpoint) -> Vec<Warning> {
    let vin = touchpoint.subjects.as_ref().map(|subjects| &subjects.vin);
    let mismatch = vin.is_some_and(|vin| {
        vin::is_north_american(vin) && vin::check_digit_matches(vin) == Some(false)
    });
    let clocks = [&touchpoint.received_at, &touchpoint.occurred_at];
    let [received, occurred] = clocks.map(|at| at.as_ref().map(|at| (at.seconds, at.nanos)));
    let received_first = received
        .zip(occurred)
        .is_some_and(|(received, occurred)| received < occurred);
    [
        (mismatch, Warning::VinCheckDigit),
        (received_first, Warning::ReceivedBeforeOccurred),
    ]
    .into_iter()
    .filter_map(|(holds, warning)| holds.then_some(warning))
    .collect()
}
