//! Closed lists of words that touchpoints carry as text: the uses of data that owners consent to, and the measures that
//! this service answers. New touchpoints with another word are refused; those recorded before stay readable.

/// A use of personal data that an owner consents to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Offers, news and invitations.
    Marketing,
    /// What the car reports, and tips made from it.
    Telemetry,
    /// Photographs that show the owner or the owner's car to others.
    Photographs,
    /// Calls and messages that nobody asked for.
    Contact,
    /// Data given to others.
    Sharing,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 5] = [
        Self::Marketing,
        Self::Telemetry,
        Self::Photographs,
        Self::Contact,
        Self::Sharing,
    ];

    /// The word in `ConsentGiven` and `ConsentWithdrawn`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::Telemetry => "telemetry",
            Self::Photographs => "photographs",
            Self::Contact => "contact",
            Self::Sharing => "sharing",
        }
    }

    /// Returns the purpose with this word, byte for byte.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}

/// A measure that this service answers, and that a target can be set for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Net Promoter Score, in points from -100 to 100.
    Nps,
    /// Satisfaction: the share of the top two boxes.
    Csat,
    /// Effort: the mean on the scale of 1 to 7.
    Ces,
    /// Effort: the share of the top three boxes.
    CesTopThree,
    /// Responses ÷ delivered invitations.
    ResponseRate,
    /// The share of due items answered in time.
    OnTime,
    /// The share of due items answered in time, as known by the deadline.
    OnTimeAsKnown,
    /// The median time to the first reply (Kaplan–Meier), in seconds.
    ReplyMedian,
    /// The 90th percentile of the time to the first reply (Kaplan–Meier), in seconds.
    ReplyP90,
    /// The share of orders whose owners have heard nothing for too long.
    SilentOrders,
    /// The share of orders that slipped.
    SlippedOrders,
}

impl Measure {
    /// Every measure.
    pub const ALL: [Self; 11] = [
        Self::Nps,
        Self::Csat,
        Self::Ces,
        Self::CesTopThree,
        Self::ResponseRate,
        Self::OnTime,
        Self::OnTimeAsKnown,
        Self::ReplyMedian,
        Self::ReplyP90,
        Self::SilentOrders,
        Self::SlippedOrders,
    ];

    /// The word in `TargetSet.measure`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nps => "NPS",
            Self::Csat => "CSAT",
            Self::Ces => "CES",
            Self::CesTopThree => "CES_TOP_THREE",
            Self::ResponseRate => "RESPONSE_RATE",
            Self::OnTime => "ON_TIME",
            Self::OnTimeAsKnown => "ON_TIME_AS_KNOWN",
            Self::ReplyMedian => "REPLY_MEDIAN",
            Self::ReplyP90 => "REPLY_P90",
            Self::SilentOrders => "SILENT_ORDERS",
            Self::SlippedOrders => "SLIPPED_ORDERS",
        }
    }

    /// Returns the measure with this word, byte for byte.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_means_itself_and_nothing_else_does() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::from_word(purpose.as_str()), Some(purpose));
        }
        for measure in Measure::ALL {
            assert_eq!(Measure::from_word(measure.as_str()), Some(measure));
        }
        for other in ["", "Marketing", "marketing ", "surveys"] {
            assert_eq!(Purpose::from_word(other), None, "{other:?}");
        }
        for other in ["", "nps", "NPS ", "sales"] {
            assert_eq!(Measure::from_word(other), None, "{other:?}");
        }
    }
}
