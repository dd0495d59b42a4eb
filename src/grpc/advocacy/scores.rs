//! GetScores: what owners answer when they are asked for a number.

use ownerline_projections::scores::{GroupBy, Scope};
use ownerline_proto::v1::get_scores_request::GroupBy as WireGroupBy;
use ownerline_proto::v1::{GetScoresRequest, GetScoresResponse, ScoreFilter};
use ownerline_proto::{Reason, Violation, time};
use prost::Message as _;

use super::AdvocacyApi;
use crate::grpc::convert;
use crate::grpc::problem::Problem;
use crate::query::{Bounds, ScoresAsk};

/// Bytes of groups in one answer: below the 4 MiB that gRPC clients take by default.
const ANSWER_BYTES: usize = 3 << 20;

impl AdvocacyApi {
    pub(super) async fn scores(
        &self,
        request: GetScoresRequest,
    ) -> Result<GetScoresResponse, Problem> {
        let mut answer = self.scores.get(self.asked(request)?).await?;
        let all = answer.groups.len();
        let mut bytes = 0;
        let fits = answer.groups.iter().take_while(|group| {
            bytes += group.encoded_len();
            bytes <= ANSWER_BYTES
        });
        answer.groups.truncate(fits.count());
        Ok(GetScoresResponse {
            total: Some(answer.total),
            groups_cut: answer.groups_cut || answer.groups.len() < all,
            groups: answer.groups,
            as_of: Some(time::timestamp(answer.basis.as_of)),
            position: self.text.write(answer.basis.known_at),
            stale: answer.stale,
        })
    }

    fn asked(&self, request: GetScoresRequest) -> Result<ScoresAsk, Problem> {
        let mut violations = convert::violations(&request);
        let group_by = group_by(request.group_by());
        let filter = request.filter.unwrap_or_default();
        if let (Some(from), Some(until)) = (&filter.from, &filter.until)
            && time::nanos_clamped(from) >= time::nanos_clamped(until)
        {
            let why = "must be after filter.from";
            violations.push(Violation::new("filter.until", Reason::Range, why));
        }
        convert::refuse(violations)?;
        Ok(ScoresAsk {
            scope: scope(filter),
            group_by,
            bounds: Bounds {
                at_least: convert::position(self.text, "at_least", &request.at_least)?,
                known_at: convert::known_at(self.text, request.known_at)?,
                as_of: request.as_of.as_ref().map(time::nanos_clamped),
            },
        })
    }
}

fn scope(filter: ScoreFilter) -> Scope {
    let said = |text: String| (!text.is_empty()).then_some(text);
    Scope {
        market: said(filter.market),
        dealer_id: said(filter.dealer_id),
        survey: said(filter.survey),
        model: said(filter.model),
        from: filter.from.as_ref().map(time::nanos_clamped),
        until: filter.until.as_ref().map(time::nanos_clamped),
    }
}

fn group_by(group_by: WireGroupBy) -> Option<GroupBy> {
    match group_by {
        WireGroupBy::Unspecified => None,
        WireGroupBy::Dealer => Some(GroupBy::Dealer),
        WireGroupBy::Market => Some(GroupBy::Market),
        WireGroupBy::Model => Some(GroupBy::Model),
        WireGroupBy::Survey => Some(GroupBy::Survey),
        WireGroupBy::Month => Some(GroupBy::Month),
    }
}
