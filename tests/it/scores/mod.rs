//! Scores of feedback through a whole server: answers, refusals, whole histories, and printed tables.

mod command_line;
mod histories;
mod service;

use ownerline_proto::v1::advocacy_service_client::AdvocacyServiceClient;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{
    GetScoresRequest, GetScoresResponse, InvitationDelivered, OwnerScores, ScoreResults, Touchpoint,
};
use tonic::Status;

use crate::remote::Remote;
use crate::support::{NOW, feedback};

async fn ask(remote: &Remote, request: GetScoresRequest) -> Result<GetScoresResponse, Status> {
    let mut client = AdvocacyServiceClient::new(remote.channel());
    Ok(client.get_scores(request).await?.into_inner())
}

/// An answer without the parts that depend on the order of arrival.
fn figures(mut answer: GetScoresResponse) -> GetScoresResponse {
    answer.position.clear();
    answer.stale = false;
    answer
}

fn total(answer: &GetScoresResponse) -> &ScoreResults {
    answer.total.as_ref().unwrap()
}

fn scores(results: &ScoreResults) -> &OwnerScores {
    results.scores.as_ref().unwrap()
}

/// So many answers with these scores at a dealer, each after an invitation that was delivered.
fn answers(dealer: &str, scores: &[i32]) -> Vec<Touchpoint> {
    let asked = scores.iter().enumerate().flat_map(|(number, score)| {
        let mut said = feedback("owner-1", &format!("{dealer}-{number}"), NOW);
        if let Some(Payload::FeedbackReceived(received)) = &mut said.payload {
            received.score = Some(*score);
            received.solicited = true;
            received.survey = "service".to_owned();
        }
        if let Some(subjects) = &mut said.subjects {
            subjects.dealer_id = dealer.to_owned();
        }
        [delivered(&said), said]
    });
    asked.collect()
}

/// The invitation that a feedback answers.
fn delivered(said: &Touchpoint) -> Touchpoint {
    Touchpoint {
        id: format!("{}/delivered", said.id),
        payload: Some(Payload::InvitationDelivered(InvitationDelivered {})),
        ..said.clone()
    }
}
