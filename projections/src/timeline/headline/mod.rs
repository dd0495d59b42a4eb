//! Headlines: one readable line about a touchpoint, made from the facts of its payload.

mod case;
mod feedback;
mod network;
mod order;
mod owner;
mod text;
mod vehicle;
mod visit;

use ownerline_proto::field_class::{FieldClass, FieldClasses};
use ownerline_proto::kind;
use ownerline_proto::v1::Touchpoint;
use ownerline_proto::v1::touchpoint::Payload;
use prost::Message as _;

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

/// Returns one line about a touchpoint of which only fields of `readable` classes are left: without control characters, at
/// most 240 characters. Verbatims are shortened. Empty if facts are not readable, or the kind is not known.
#[must_use]
pub fn headline(touchpoint: &Touchpoint, readable: FieldClasses) -> String {
    let payload = touchpoint.payload.as_ref();
    let Some(payload) = payload.filter(|_| readable.contains(FieldClass::Fact)) else {
        return String::new();
    };
    if readable.contains(indispensable(payload)) {
        return text::one_line(&payload_line(payload), text::MAX_CHARACTERS);
    }
    let kind = kind::of_encoded(&touchpoint.encode_to_vec());
    kind.map_or_else(String::new, |kind| text::sentence(&kind.name))
}

/// The class without which the line of a payload would say something else, or half of it. Other lines leave out what is not
/// there.
fn indispensable(payload: &Payload) -> FieldClass {
    match payload {
        Payload::OwnerIdentityLinked(_)
        | Payload::OwnerIdentityUnlinked(_)
        | Payload::HouseholdLinked(_)
        | Payload::DefectLinked(_)
        | Payload::DefectUnlinked(_)
        | Payload::PolicyPublished(_)
        | Payload::TargetSet(_)
        | Payload::CampaignStarted(_)
        | Payload::CampaignEnded(_) => FieldClass::Id,
        Payload::IntegritySignalRaised(_) => FieldClass::Internal,
        _ => FieldClass::Fact,
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
        DrivingTipOffered DrivingTipDismissed RecallIssued RecallPerformed VehicleIssueReported
        VehicleIssueClosed

        OrderPlaced OrderChanged ConfigurationFrozen VinAssigned VinWithdrawn OrderHeld
        OrderHoldLifted OrderReassigned DeliveryWindowPlanned DeliveryDatePromised
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
        DefectUnlinked CasePausedOnOwner CaseResumed CaseNoteAdded CaseEscalated CaseReassigned
        CaseResolved CaseClosed CaseReopened

        DealerRegistered DealerChanged PolicyPublished TargetSet IncentiveSchemeStarted
        IncentiveSchemeEnded CampaignStarted CampaignEnded BenchmarkRecorded IntegritySignalRaised
        IntegrityReviewDecided AccessLogged ObligationWarned ObligationBreached
        ObligationOutcomeRevised ObligationKeepingStarted TouchpointRetracted
    }
}

#[cfg(test)]
mod tests;
