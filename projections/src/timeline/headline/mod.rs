//! Headlines: one readable line about a touchpoint, made from the facts of its payload.

mod case;
mod feedback;
mod network;
mod order;
mod owner;
mod text;
mod vehicle;
mod visit;

use ownerline_proto::kind::Kind;
use ownerline_proto::v1::Touchpoint;
use ownerline_proto::v1::touchpoint::Payload;

/// The headline of a payload.
trait Line {
    fn line(&self) -> String;
}

/// Implements [`Line`] for payloads: `Message(pattern) => expression;`.
macro_rules! lines {
    ($($message:ident($payload:pat) => $line:expr;)+) => {
        $(impl super::Line for ownerline_proto::v1::$message {
            fn line(&self) -> String {
                let $payload = self;
                ($line).to_string()
            }
        })+
    };
}
use lines;

/// Calls the payload. The match has no wildcard arm, so a new kind does not compile without its line.
macro_rules! ask {
    ($payload:expr; $($kind:ident)+) => {
        match $payload {
            $(Payload::$kind(payload) => payload.line(),)+
        }
    };
}

/// Returns one line about a touchpoint: never empty, without control characters, at most 240 characters. Verbatims are
/// shortened.
#[must_use]
pub fn headline(kind: &Kind, touchpoint: &Touchpoint) -> String {
    let line = touchpoint.payload.as_ref().map(payload_line);
    let line = text::one_line(&line.unwrap_or_default(), text::MAX_CHARACTERS);
    if line.is_empty() {
        text::sentence(&kind.name)
    } else {
        line
    }
}

fn payload_line(payload: &Payload) -> String {
    ask! { payload;
        OwnerRegistered OwnerIdentityLinked OwnerIdentityUnlinked HouseholdLinked PriorBrandRecorded
        ConsentGiven ConsentWithdrawn OfferMade OfferAccepted OfferDeclined NewsSent OwnerNotified
        UpdateViewed IntentStated CommunityEventInvited CommunityEventAttended ReferralMade
        ConsiderationListed RefereeTestDrove RefereePurchased AdvocacyObserved
        AcquisitionSourceStated Repurchased Defected GiftGiven GoodwillGranted ContactMade
        ContextPackServed ErasureRequested ErasureExecuted LegalHoldPlaced LegalHoldLifted

        VehicleRegistered VehicleAcquired VehicleReleased OdometerRead VehicleAlertRaised
        DrivingTipOffered DrivingTipDismissed RecallIssued VehicleIssueReported VehicleIssueClosed

        OrderPlaced OrderChanged ConfigurationFrozen VinAssigned DeliveryDatePromised
        DeliveryDateRevised ProductionStageReached StagePhotographed HandoverCompleted OrderCancelled

        AppointmentBooked AppointmentCancelled VehicleDroppedOff DefectReported RepairAttempted
        WorkPerformed LoanerProvided VehiclePickedUp AssistanceDeclined ResolvedElsewhere

        SurveyEligible SurveyInvited SurveyNotInvited InvitationDelivered InvitationBounced
        FeedbackReceived FeedbackEdited DealerReplied ReplyWithdrawn ReplyBounced
        OwnerMessageReceived FeedbackReassigned FeedbackClosed FeedbackReopened FeedbackExcluded
        ResolutionConfirmed ResolutionRejected

        CaseOpened CaseAcknowledged CaseAssessed AdvocateAssigned AdvocateReleased
        DesiredOutcomeStated NextStepProposed NextStepAgreed NextStepDeclined CommitmentMade
        CommitmentKept CommitmentBroken CommitmentWithdrawn RootCauseRequested RootCauseProvided
        RootCauseDeclined TaskAssigned TaskDone ProgressUpdateSent ManufacturerNotified DefectLinked
        CasePausedOnOwner CaseResumed CaseNoteAdded CaseEscalated CaseResolved CaseClosed CaseReopened

        DealerRegistered DealerChanged PolicyPublished TargetSet IncentiveSchemeStarted
        IncentiveSchemeEnded CampaignStarted CampaignEnded BenchmarkRecorded IntegritySignalRaised
        IntegrityReviewDecided AccessLogged ObligationWarned ObligationBreached
        ObligationOutcomeRevised ObligationKeepingStarted TouchpointRetracted
    }
}

#[cfg(test)]
mod tests;
