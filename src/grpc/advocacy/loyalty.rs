//! `GetLoyalty`: what is asked, everything that is wrong with it, and the answer.

use ownerline_projections::loyalty::{LENGTHS, LoyaltyScope};
use ownerline_proto::v1::{GetLoyaltyRequest, GetLoyaltyResponse, LoyaltyFilter};
use ownerline_proto::{Reason, Violation, time};
use pbjson_types::Duration;
use prost::Message as _;

use crate::grpc::convert;
use crate::grpc::problem::Problem;
use crate::query::{Bounds, LoyaltyAsk, LoyaltyReads, PositionText};

/// Bytes of groups in one answer: below the 4 MiB that gRPC clients take by default.
const ANSWER_BYTES: usize = 3 << 20;

const DAY: i64 = 86_400;

/// Answers a request.
pub(super) async fn get(
    reads: &LoyaltyReads,
    text: PositionText,
    request: GetLoyaltyRequest,
) -> Result<GetLoyaltyResponse, Problem> {
    let answer = reads.get(ask(text, request)?).await?;
    let (mut figures, basis) = (answer.figures, answer.basis);
    let all = figures.groups.len();
    let mut bytes = 0;
    let fits = figures.groups.iter().take_while(|group| {
        bytes += group.encoded_len();
        bytes <= ANSWER_BYTES
    });
    figures.groups.truncate(fits.count());
    Ok(GetLoyaltyResponse {
        total: Some(figures.total),
        groups_cut: figures.groups_cut || figures.groups.len() < all,
        groups: figures.groups,
        earned_growth: Some(figures.earned_growth),
        as_of: Some(time::timestamp(basis.as_of)),
        position: text.write(basis.known_at),
        stale: answer.stale,
    })
}

fn ask(text: PositionText, request: GetLoyaltyRequest) -> Result<LoyaltyAsk, Problem> {
    let mut violations = convert::violations(&request);
    let filter = request.filter.unwrap_or_default();
    if let (Some(from), Some(until)) = (&filter.from, &filter.until)
        && time::nanos_clamped(from) >= time::nanos_clamped(until)
    {
        let why = "must be after filter.from";
        violations.push(Violation::new("filter.until", Reason::Range, why));
    }
    let lengths = lengths(&request.lengths, &mut violations);
    convert::refuse(violations)?;
    Ok(LoyaltyAsk {
        scope: scope(filter),
        lengths,
        bounds: Bounds {
            at_least: convert::position(text, "at_least", &request.at_least)?,
            known_at: convert::known_at(text, request.known_at)?,
            as_of: request.as_of.as_ref().map(time::nanos_clamped),
        },
    })
}

/// Ascending, each once.
fn lengths(asked: &[Duration], violations: &mut Vec<Violation>) -> Vec<u64> {
    if asked.is_empty() {
        return LENGTHS.to_vec();
    }
    let mut found = Vec::with_capacity(asked.len());
    for (item, duration) in asked.iter().enumerate() {
        let days = u64::try_from(duration.seconds / DAY).unwrap_or_default();
        if days > 0 && duration.seconds % DAY == 0 && duration.nanos == 0 {
            found.push(days);
        } else {
            let field = format!("lengths[{item}]");
            let why = "must be whole days, at least one";
            violations.push(Violation::new(field, Reason::Range, why));
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn scope(filter: LoyaltyFilter) -> LoyaltyScope {
    let said = |text: String| (!text.is_empty()).then_some(text);
    LoyaltyScope {
        make: said(filter.make),
        market: said(filter.market),
        from: filter.from.as_ref().map(time::nanos_clamped),
        until: filter.until.as_ref().map(time::nanos_clamped),
    }
}
