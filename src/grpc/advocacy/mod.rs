//! AdvocacyService: how much of an advocate an owner is, and why.

mod scores;
mod wire;

use ownerline_projections::policy::check;
use ownerline_proto::v1::advocacy_service_server::AdvocacyService;
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::{
    AdvocacyModel, GetOwnerAdvocacyRequest, GetOwnerAdvocacyResponse, GetScoresRequest,
    GetScoresResponse, PolicyPublished,
};
use ownerline_proto::{Violation, time};
use tonic::{Request, Response, Status};

use super::convert;
use super::problem::Problem;
use super::status::status;
use crate::query::{
    AdvocacyAnswer, AdvocacyAsk, AdvocacyReads, Bounds, ModelAsk, PositionText, ScoreReads,
};

/// Pieces of evidence in one answer at most: with the longest ids it stays near 4 MiB, in practice far below.
const CONTRIBUTIONS: usize = 10_000;

/// The service.
pub struct AdvocacyApi {
    /// The reads of one owner.
    pub reads: AdvocacyReads,
    /// The reads of what owners answer.
    pub scores: ScoreReads,
    /// How positions are written.
    pub text: PositionText,
}

#[tonic::async_trait]
impl AdvocacyService for AdvocacyApi {
    async fn get_owner_advocacy(
        &self,
        request: Request<GetOwnerAdvocacyRequest>,
    ) -> Result<Response<GetOwnerAdvocacyResponse>, Status> {
        let answered = self.owner(request.into_inner()).await;
        Ok(Response::new(answered.map_err(status)?))
    }

    async fn get_scores(
        &self,
        request: Request<GetScoresRequest>,
    ) -> Result<Response<GetScoresResponse>, Status> {
        let answered = self.scores(request.into_inner()).await;
        Ok(Response::new(answered.map_err(status)?))
    }
}

impl AdvocacyApi {
    async fn owner(
        &self,
        request: GetOwnerAdvocacyRequest,
    ) -> Result<GetOwnerAdvocacyResponse, Problem> {
        let mut violations = convert::violations(&request);
        let model = request.model.unwrap_or_default();
        for violation in unusable(&model) {
            // The rules of single fields are also those of a policy.
            if violations.iter().all(|it| it.field != violation.field) {
                violations.push(violation);
            }
        }
        convert::refuse(violations)?;
        let ask = AdvocacyAsk {
            owner_id: request.owner_id,
            bounds: Bounds {
                at_least: convert::position(self.text, "at_least", &request.at_least)?,
                known_at: convert::known_at(self.text, request.known_at)?,
                as_of: request.as_of.as_ref().map(time::nanos_clamped),
            },
            model: ModelAsk {
                scoring: model.scoring,
                lexicon: model.lexicon,
            },
        };
        let answer = self.reads.owner(ask).await?;
        within_limits(&answer)?;
        Ok(wire::response(self.text, answer))
    }
}

/// What keeps the policies of a question from being used: the same as of one that is published.
fn unusable(model: &AdvocacyModel) -> Vec<Violation> {
    let scoring = model.scoring.clone();
    let scoring = scoring.map(|scoring| (Kind::Scoring, Body::Scoring(scoring)));
    let lexicon = model.lexicon.clone();
    let lexicon = lexicon.map(|lexicon| (Kind::Lexicon, Body::Lexicon(lexicon)));
    let bodies = [scoring, lexicon].into_iter().flatten();
    let checked = bodies.flat_map(|(kind, body)| {
        check(&PolicyPublished {
            kind: kind.into(),
            body: Some(body),
            ..PolicyPublished::default()
        })
    });
    checked
        .map(|violation| Violation {
            field: format!("model.{}", violation.field),
            ..violation
        })
        .collect()
}

fn within_limits(answer: &AdvocacyAnswer) -> Result<(), Problem> {
    let components = answer.person.score.components.iter();
    let given: usize = components.map(|it| it.contributions.len()).sum();
    if given <= CONTRIBUTIONS {
        return Ok(());
    }
    Err(Problem::limit(
        "contributions of one answer",
        CONTRIBUTIONS,
        format!(
            "the score is made of {given} pieces of evidence, at most {CONTRIBUTIONS} are answered"
        ),
    ))
}
