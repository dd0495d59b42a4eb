//! The kinds of the facts of an order.

/// The kind of a fact: the number of the kind of touchpoint, so that rows of kinds that are not listed keep theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum OrderFactKind {
    /// A kind without a rule of its own here.
    Other = 0,
    /// The owner was told something by a notice, if that was delivered.
    OwnerNotified = 111,
    /// The owner looked at something.
    UpdateViewed = 112,
    /// A context pack was served to somebody about to contact the owner.
    ContextPackServed = 127,
    /// The order was placed.
    OrderPlaced = 170,
    /// It was changed.
    OrderChanged = 171,
    /// It can no longer be changed.
    ConfigurationFrozen = 172,
    /// It got a VIN.
    VinAssigned = 173,
    /// A window of delivery was promised.
    DeliveryDatePromised = 174,
    /// The promised window was moved.
    DeliveryDateRevised = 175,
    /// The car reached a stage.
    ProductionStageReached = 176,
    /// A photograph was taken.
    StagePhotographed = 177,
    /// The car was handed over.
    HandoverCompleted = 178,
    /// The order was cancelled.
    OrderCancelled = 179,
    /// It lost its VIN.
    VinWithdrawn = 180,
    /// It does not proceed.
    OrderHeld = 181,
    /// It proceeds again.
    OrderHoldLifted = 182,
    /// A window of delivery was planned, which is no promise.
    DeliveryWindowPlanned = 183,
    /// It went to another dealer.
    OrderReassigned = 184,
    /// The owner wrote.
    OwnerMessageReceived = 220,
    /// A note was added to a case.
    CaseNoteAdded = 263,
    /// An obligation ran out of time.
    ObligationWarned = 310,
    /// An obligation was not met in time.
    ObligationBreached = 311,
    /// Late knowledge changed how an obligation ended.
    ObligationOutcomeRevised = 312,
    /// Something was retracted.
    TouchpointRetracted = 315,
}

impl OrderFactKind {
    /// Whether it says something of its own about an order: what the clock-keeper issues only repeats others, and a
    /// retraction only takes back.
    #[must_use]
    pub fn tells(self) -> bool {
        !matches!(
            self,
            Self::ObligationWarned
                | Self::ObligationBreached
                | Self::ObligationOutcomeRevised
                | Self::TouchpointRetracted
        )
    }

    /// Whether it can be a word to the owner, if the owner can see it and did not say it.
    #[must_use]
    pub fn can_be_word(self) -> bool {
        self.tells()
            && !matches!(
                self,
                Self::UpdateViewed
                    | Self::OwnerMessageReceived
                    | Self::CaseNoteAdded
                    | Self::ContextPackServed
            )
    }
}

#[cfg(test)]
mod tests {
    use ownerline_proto::schema::Schema;

    use super::*;

    #[test]
    fn every_kind_has_the_number_of_its_touchpoint() {
        let kinds = Schema::get().kinds().iter();
        let listed = kinds.filter_map(|kind| {
            let number = i32::try_from(kind.number).unwrap_or_default();
            let own = OrderFactKind::try_from(number).ok()?;
            let name: String = kind.name.split('_').map(capitalised).collect();
            assert_eq!(format!("{own:?}"), name);
            Some(own)
        });
        // Every kind but `Other`.
        assert_eq!(listed.count(), 24);
    }

    fn capitalised(word: &str) -> String {
        let (first, rest) = word.split_at(1);
        first.to_ascii_uppercase() + rest
    }
}
