//! AdvocacyService: how much of an advocate an owner is, and why; and, apart from it, who comes back.

mod advocates;
mod wire;

use ownerline_projections::Viewer;
use ownerline_projections::policy::supposed::problems;
use ownerline_proto::v1::advocacy_service_server::AdvocacyService;
use ownerline_proto::v1::policy_published::Body;
use ownerline_proto::v1::{
    AdvocacyModel, GetLoyaltyRequest, GetLoyaltyResponse, GetOwnerAdvocacyRequest,
    GetOwnerAdvocacyResponse, GetScoresRequest, GetScoresResponse, ListAdvocatesRequest,
    ListAdvocatesResponse,
};
use ownerline_proto::{Violation, Violations};
use prost::Message as _;

use super::asking::{answers, based, bounds};
use super::problem::Problem;
use super::{convert, loyalty, scores};
use crate::query::{
    AdvocacyAnswer, AdvocacyReads, AnswerBudget, LoyaltyReads, PositionText, ScoreReads,
};

/// Pieces of evidence in one answer at most.
const CONTRIBUTIONS: usize = 10_000;

/// The service.
pub struct AdvocacyApi {
    /// The reads of one owner, and of everybody.
    pub reads: AdvocacyReads,
    /// The reads of what owners answer.
    pub scores: ScoreReads,
    /// The reads of loyalty, which is no part of any score.
    pub loyalty: LoyaltyReads,
    /// How positions are written.
    pub text: PositionText,
}

#[tonic::async_trait]
impl AdvocacyService for AdvocacyApi {
    answers! {
        get_owner_advocacy: GetOwnerAdvocacyRequest => GetOwnerAdvocacyResponse,
            |api, request, viewer| api.owner(request, viewer);
        get_scores: GetScoresRequest => GetScoresResponse,
            |api, request, viewer| scores::get(&api.scores, api.text, request, viewer);
        list_advocates: ListAdvocatesRequest => ListAdvocatesResponse,
            |api, request, viewer| api.advocates(request, viewer);
        get_loyalty: GetLoyaltyRequest => GetLoyaltyResponse,
            |api, request, viewer| loyalty::get(&api.loyalty, api.text, request, viewer);
    }
}

impl AdvocacyApi {
    async fn owner(
        &self,
        request: GetOwnerAdvocacyRequest,
        viewer: &Viewer,
    ) -> Result<GetOwnerAdvocacyResponse, Problem> {
        fit(convert::violations(&request), request.model.as_ref())?;
        let bounds = bounds(self.text, &request)?;
        let supposed = wire::supposed(request.model);
        let answer = self
            .reads
            .owner(request.owner_id, supposed, &bounds, viewer);
        let answer = answer.await?;
        let pieces = pieces(&answer.value);
        let response = based(self.text, answer, |found| wire::response(self.text, found));
        within_limits(pieces, &response)?;
        Ok(response)
    }

    async fn advocates(
        &self,
        request: ListAdvocatesRequest,
        viewer: &Viewer,
    ) -> Result<ListAdvocatesResponse, Problem> {
        fit(convert::violations(&request), request.model.as_ref())?;
        let bounds = bounds(self.text, &request)?;
        let question = advocates::question(request);
        let least_confidence = question.least_confidence;
        let answer = self.reads.advocates(question, &bounds, viewer).await?;
        Ok(based(self.text, answer, |found| {
            advocates::response(least_confidence, found)
        }))
    }
}

/// Refuses everything that is wrong with a request and its model at once.
fn fit(mut violations: Violations, model: Option<&AdvocacyModel>) -> Result<(), Problem> {
    violations.extend(model.map(unusable).unwrap_or_default());
    convert::refuse(violations)
}

/// What keeps the policies of a question from being used: the same as of one that is published.
fn unusable(model: &AdvocacyModel) -> Vec<Violation> {
    let scoring = model.scoring.clone().map(Body::Scoring);
    let lexicon = model.lexicon.clone().map(Body::Lexicon);
    let scoring = scoring.map(|body| problems("model.scoring", body));
    let lexicon = lexicon.map(|body| problems("model.lexicon", body));
    let both = [scoring, lexicon].into_iter().flatten();
    both.flatten().collect()
}

/// The number of pieces of evidence of a score.
fn pieces(answer: &AdvocacyAnswer) -> usize {
    let components = answer.person.score.components.iter();
    components.map(|it| it.contributions.len()).sum()
}

/// Refuses a score whose evidence would not fit into an answer that every client takes: without all of it, its shares
/// would not add up.
fn within_limits(pieces: usize, response: &GetOwnerAdvocacyResponse) -> Result<(), Problem> {
    let budget = AnswerBudget::of_answer();
    let excess = budget.excess(std::iter::once(response.encoded_len()));
    if excess == 0 && pieces <= CONTRIBUTIONS {
        return Ok(());
    }
    let message = format!(
        "the score is made of {pieces} pieces of evidence, at most {CONTRIBUTIONS} are answered, and those of 3 MiB"
    );
    Err(Problem::limit_of_history(
        "contributions of one answer",
        CONTRIBUTIONS,
        message,
    ))
}
