//! Headlines about feedback and replies.

use ownerline_proto::v1::FeedbackReceived;
use ownerline_proto::v1::dealer_replied::Kind;

use super::lines;
use super::text::{aside, joined, quoted, reassigned, value, when, with};

lines! {
    SurveyEligible(_) => "Owner could be surveyed";
    SurveyInvited(e) => with("Invited to a survey", &e.survey);
    SurveyNotInvited(e) => with("Not invited to a survey", &e.reason);
    InvitationDelivered(_) => "Survey invitation arrived";
    InvitationBounced(_) => "Survey invitation bounced";
    FeedbackReceived(e) => with("Feedback received", &joined(", ", &[&score(e), &quoted(&e.verbatim)]));
    FeedbackEdited(e) => with(
        &aside("Feedback edited", when(e.new_question, "asks something new")),
        &quoted(&e.verbatim),
    );
    DealerReplied(e) => with(
        &aside("Dealer replied", &joined(", ", &[
            match e.kind() {
                Kind::Human => "human",
                Kind::Automatic => "automatic",
                Kind::Template => "template",
                Kind::Unspecified => "",
            },
            when(!e.visible_to_owner, "not visible to the owner"),
            when(e.bounced, "bounced"),
        ])),
        &quoted(&e.text),
    );
    ReplyWithdrawn(_) => "Reply withdrawn";
    ReplyBounced(_) => "Reply bounced";
    OwnerMessageReceived(e) => with("Owner wrote", &quoted(&e.text));
    FeedbackReassigned(e) => reassigned("Feedback", &e.from_dealer_id, &e.to_dealer_id);
    FeedbackClosed(e) => with("Feedback closed", &e.reason);
    FeedbackReopened(_) => "Feedback reopened";
    FeedbackExcluded(e) => with("Feedback excluded", &value(e.reason().as_str_name(), "REASON_"));
    ResolutionConfirmed(_) => "Owner confirmed the resolution";
    ResolutionRejected(_) => "Owner rejected the resolution";
}

fn score(e: &FeedbackReceived) -> String {
    e.score
        .map_or_else(String::new, |score| format!("{score} of 10"))
}
