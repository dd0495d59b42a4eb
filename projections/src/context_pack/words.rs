//! The words of a touchpoint that a pack or a case shows.

use ownerline_proto::v1::touchpoint::Payload;

/// The most characters of a text in a list.
const MAX_CHARACTERS: usize = 1_000;

/// The words of a touchpoint: its verbatim, symptom, subject, commitment, title or reason.
#[must_use]
pub fn words(payload: &Payload) -> String {
    match payload {
        Payload::AdvocateReleased(it) => it.reason.clone(),
        Payload::AppointmentBooked(it) => it.reason.clone(),
        Payload::AssistanceDeclined(it) => it.asked_for.clone(),
        Payload::CaseClosed(it) => it.unmet_requests.join("; "),
        Payload::CaseEscalated(it) => match (it.to.as_str(), it.reason.as_str()) {
            (to, "") => to.to_owned(),
            ("", reason) => reason.to_owned(),
            (to, reason) => format!("{to}: {reason}"),
        },
        Payload::CaseOpened(it) => it.subject.clone(),
        Payload::CaseResolved(it) => it.outcome.clone(),
        Payload::CommitmentMade(it) => it.text.clone(),
        Payload::ConsentWithdrawn(it) => it.purpose.clone(),
        Payload::ContactMade(it) => it.subject.clone(),
        Payload::DealerReplied(it) => it.text.clone(),
        Payload::DefectReported(it) => it.symptom.clone(),
        Payload::DesiredOutcomeStated(it) => it.text.clone(),
        Payload::DrivingTipDismissed(it) => it.topic.clone(),
        Payload::DrivingTipOffered(it) => it.topic.clone(),
        Payload::FeedbackClosed(it) => it.reason.clone(),
        Payload::FeedbackEdited(it) => it.verbatim.clone(),
        Payload::FeedbackReceived(it) => it.verbatim.clone(),
        Payload::ManufacturerNotified(it) => it.means.clone(),
        Payload::NextStepProposed(it) => it.text.clone(),
        Payload::OfferAccepted(it) => it.title.clone(),
        Payload::OfferDeclined(it) => it.title.clone(),
        Payload::OfferMade(it) => it.title.clone(),
        Payload::OwnerMessageReceived(it) => it.text.clone(),
        Payload::ProgressUpdateSent(it) => it.text.clone(),
        Payload::RecallPerformed(it) => it.campaign.clone(),
        Payload::ResolvedElsewhere(it) => it.r#where.clone(),
        Payload::RootCauseDeclined(it) => it.reason.clone(),
        Payload::RootCauseProvided(it) => it.text.clone(),
        Payload::VehicleIssueReported(it) => it.symptom.clone(),
        Payload::WorkPerformed(it) => it.summary.clone(),
        _ => String::new(),
    }
}

/// The remedy that an owner sought when a case was opened.
#[must_use]
pub fn remedy(payload: &Payload) -> &str {
    match payload {
        Payload::CaseOpened(it) => &it.remedy_sought,
        _ => "",
    }
}

/// A text cut for a list: at most 1,000 characters, the last of which is an ellipsis if the text was longer.
#[must_use]
pub fn one_text(mut text: String) -> String {
    if text.len() <= MAX_CHARACTERS {
        return text;
    }
    let mut ends = text.char_indices().skip(MAX_CHARACTERS - 1);
    let last = ends.next().map(|(at, _)| at);
    if let (Some(at), Some(_)) = (last, ends.next()) {
        text.truncate(at);
        text.push('…');
    }
    text
}
