//! The kinds of the facts of a case.

/// The kind of a fact: the number of the kind of touchpoint, so that rows of kinds that are not listed keep theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub enum CaseFactKind {
    /// A kind without a rule of its own here.
    Other = 0,
    /// The owner was told something by a notice, if that was delivered.
    OwnerNotified = 111,
    /// The owner looked at something.
    UpdateViewed = 112,
    /// Owner and brand spoke.
    ContactMade = 126,
    /// A context pack was served to somebody about to contact the owner.
    ContextPackServed = 127,
    /// The owner gave feedback.
    FeedbackReceived = 215,
    /// The owner changed it.
    FeedbackEdited = 216,
    /// Somebody or something replied to feedback.
    DealerReplied = 217,
    /// The owner wrote.
    OwnerMessageReceived = 220,
    /// The owner confirmed the outcome.
    ResolutionConfirmed = 225,
    /// The owner does not accept the outcome.
    ResolutionRejected = 226,
    /// The case was opened.
    CaseOpened = 240,
    /// The owner was told that the case is known.
    CaseAcknowledged = 241,
    /// The case was assessed.
    CaseAssessed = 242,
    /// An agent takes the owner's side.
    AdvocateAssigned = 243,
    /// An agent no longer does.
    AdvocateReleased = 244,
    /// The owner said what a good outcome would be.
    DesiredOutcomeStated = 245,
    /// A step was proposed to the owner.
    NextStepProposed = 246,
    /// The owner agreed to a step.
    NextStepAgreed = 247,
    /// The owner declined a step.
    NextStepDeclined = 248,
    /// A promise was made.
    CommitmentMade = 249,
    /// A promise was kept.
    CommitmentKept = 250,
    /// A promise was broken.
    CommitmentBroken = 251,
    /// A promise was withdrawn.
    CommitmentWithdrawn = 252,
    /// The owner asked for the root cause.
    RootCauseRequested = 253,
    /// The owner was told the root cause.
    RootCauseProvided = 254,
    /// The owner was refused the root cause.
    RootCauseDeclined = 255,
    /// A task was assigned.
    TaskAssigned = 256,
    /// A task is done.
    TaskDone = 257,
    /// The owner was told how the case stands.
    ProgressUpdateSent = 258,
    /// The manufacturer was notified.
    ManufacturerNotified = 259,
    /// Two defects are the same.
    DefectLinked = 260,
    /// The case waits for the owner.
    CasePausedOnOwner = 261,
    /// It no longer does.
    CaseResumed = 262,
    /// A note was added.
    CaseNoteAdded = 263,
    /// The case went to somebody with more authority.
    CaseEscalated = 264,
    /// An outcome was reached.
    CaseResolved = 265,
    /// The case was closed.
    CaseClosed = 266,
    /// The case was opened again.
    CaseReopened = 267,
    /// Another dealer became responsible for the case.
    CaseReassigned = 268,
    /// Two defects are not the same after all.
    DefectUnlinked = 269,
    /// An obligation ran out of time.
    ObligationWarned = 310,
    /// An obligation was not met in time.
    ObligationBreached = 311,
    /// Late knowledge changed how an obligation ended.
    ObligationOutcomeRevised = 312,
    /// Something was retracted.
    TouchpointRetracted = 315,
}

impl CaseFactKind {
    /// Whether it says something of its own about a case: what the clock-keeper issues only repeats others, and a
    /// retraction only takes back.
    #[must_use]
    pub fn tells(self) -> bool {
        !self.is_issued() && self != Self::TouchpointRetracted
    }

    /// Whether the clock-keeper issues it.
    #[must_use]
    pub fn is_issued(self) -> bool {
        matches!(
            self,
            Self::ObligationWarned | Self::ObligationBreached | Self::ObligationOutcomeRevised
        )
    }

    /// Whether it is something that the owner says or decides, whoever reports it.
    #[must_use]
    pub fn is_owners_words(self) -> bool {
        matches!(
            self,
            Self::FeedbackReceived
                | Self::FeedbackEdited
                | Self::OwnerMessageReceived
                | Self::ResolutionConfirmed
                | Self::ResolutionRejected
                | Self::DesiredOutcomeStated
                | Self::NextStepAgreed
                | Self::NextStepDeclined
                | Self::RootCauseRequested
        )
    }

    /// Whether it answers an outcome: the owner confirms or rejects it.
    #[must_use]
    pub fn is_about_outcome(self) -> bool {
        matches!(self, Self::ResolutionConfirmed | Self::ResolutionRejected)
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
            let own = CaseFactKind::try_from(number).ok()?;
            let name: String = kind.name.split('_').map(capitalised).collect();
            assert_eq!(format!("{own:?}"), name);
            Some(own)
        });
        // Every kind but `Other`.
        assert_eq!(listed.count(), 44);
    }

    fn capitalised(word: &str) -> String {
        let (first, rest) = word.split_at(1);
        first.to_ascii_uppercase() + rest
    }
}
