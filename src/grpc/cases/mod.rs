//! CaseService: one case, lists of cases, and watching one.

mod api;
mod flags;
mod list;
mod promises;
mod shown;
mod watch;
mod wire;

pub use api::CaseApi;
pub(super) use wire::overdue_since;

use ownerline_projections::Viewer;
use ownerline_projections::cases::CaseQuestion;
use ownerline_projections::policy::Supposed;
use ownerline_proto::v1::case_service_server::CaseService;
use ownerline_proto::v1::{
    GetCaseRequest, GetCaseResponse, ListCasesRequest, ListCasesResponse, WatchCaseRequest,
    WatchCaseResponse,
};
use tonic::{Request, Response, Status};

use super::asking::{answers, based, bounds, caller, page, streamed};
use super::convert;
use super::paced::Answers;
use super::problem::Problem;

#[tonic::async_trait]
impl CaseService for CaseApi {
    answers! {
        get_case: GetCaseRequest => GetCaseResponse,
            |api, request, viewer| api.get(request, viewer);
        list_cases: ListCasesRequest => ListCasesResponse,
            |api, request, viewer| api.list(request, viewer);
    }

    type WatchCaseStream = Answers<WatchCaseResponse>;

    async fn watch_case(
        &self,
        request: Request<WatchCaseRequest>,
    ) -> Result<Response<Self::WatchCaseStream>, Status> {
        let (viewer, request) = caller(request);
        streamed(&viewer, watch::watch(self.clone(), request, &viewer).await)
    }
}

impl CaseApi {
    async fn get(
        &self,
        request: GetCaseRequest,
        viewer: &Viewer,
    ) -> Result<GetCaseResponse, Problem> {
        convert::check(&request)?;
        let bounds = bounds(self.text, &request)?;
        let question = CaseQuestion {
            case_id: request.case_id,
            what_if: request.what_if.map(Supposed::from),
        };
        let answer = self.reads.get(question, &bounds, viewer).await?;
        Ok(based(self.text, answer, |file| GetCaseResponse {
            case: Some(wire::case(self.text, &file)),
            ..GetCaseResponse::default()
        }))
    }

    async fn list(
        &self,
        request: ListCasesRequest,
        viewer: &Viewer,
    ) -> Result<ListCasesResponse, Problem> {
        let mut violations = convert::violations(&request);
        let page = page(self.text, &request);
        let filter = request.filter.unwrap_or_default();
        let question = list::question(filter, &mut violations);
        convert::refuse(violations)?;
        let answer = self.reads.list(question, &page?, viewer).await?;
        Ok(based(self.text, answer, |page| {
            let cases = page.entries.cases.into_iter();
            ListCasesResponse {
                cases: cases.map(list::summary).collect(),
                total: u64::try_from(page.entries.total).unwrap_or(u64::MAX),
                next_page_token: page.next.unwrap_or_default(),
                ..ListCasesResponse::default()
            }
        }))
    }
}
