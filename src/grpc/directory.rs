//! The directories of TouchpointService: touchpoints that pass a filter, owners, and dealers.

use ownerline_projections::Viewer;
use ownerline_projections::directory::{DealerEntry, DealerFilter};
use ownerline_projections::timeline::OwnerRow;
use ownerline_proto::schema::Schema;
use ownerline_proto::time;
use ownerline_proto::v1::list_dealers_response::Dealer as WireDealer;
use ownerline_proto::v1::list_owners_response::Owner;
use ownerline_proto::v1::{
    ListDealersRequest, ListDealersResponse, ListOwnersRequest, ListOwnersResponse,
    ListTouchpointsRequest, ListTouchpointsResponse,
};

use super::asking::{based, non_empty, page, page_size, query};
use super::convert;
use super::problem::Problem;
use crate::query::{DirectoryReads, PositionText, SearchAsk, recorded};
use crate::store::Position;

/// One page of touchpoints.
pub(super) async fn touchpoints(
    reads: &DirectoryReads,
    text: PositionText,
    request: ListTouchpointsRequest,
    viewer: &Viewer,
) -> Result<ListTouchpointsResponse, Problem> {
    let mut violations = convert::violations(&request);
    let (query, size) = (query(&request), page_size(&request));
    let (filter, wrong) = convert::filter(request.filter);
    violations.extend(wrong);
    convert::refuse(violations)?;
    let ask = SearchAsk {
        filter,
        known_at: convert::position(text, "known_at", &request.known_at)?,
        page_size: size,
        token: non_empty(request.page_token),
        query,
    };
    let page = reads.search(ask, viewer).await?;
    let touchpoints = page.events.iter().map(|event| recorded(text, event));
    Ok(ListTouchpointsResponse {
        touchpoints: touchpoints.collect::<Result<_, _>>()?,
        next_page_token: page.next.unwrap_or_default(),
        position: text.write(page.known_at),
        searched_down_to: match page.searched_down_to {
            Position::START => String::new(),
            position => text.write(position),
        },
    })
}

/// One page of owners.
pub(super) async fn owners(
    reads: &DirectoryReads,
    text: PositionText,
    request: ListOwnersRequest,
    viewer: &Viewer,
) -> Result<ListOwnersResponse, Problem> {
    convert::check(&request)?;
    let page = page(text, &request)?;
    let answer = reads
        .owners(non_empty(request.dealer_id), &page, viewer)
        .await?;
    Ok(based(text, answer, |page| ListOwnersResponse {
        owners: page.entries.into_iter().map(owner).collect(),
        next_page_token: page.next.unwrap_or_default(),
        ..ListOwnersResponse::default()
    }))
}

fn owner(row: OwnerRow) -> Owner {
    let kind = Schema::get().kind_by_number(row.kind);
    Owner {
        owner_id: row.place.owner_id,
        last_occurred_at: Some(time::timestamp(row.place.last_occurred_at.0)),
        last_type: kind.map(|kind| kind.type_name.clone()).unwrap_or_default(),
        dealer_id: row.dealer_id,
    }
}

/// One page of dealers.
pub(super) async fn dealers(
    reads: &DirectoryReads,
    text: PositionText,
    request: ListDealersRequest,
    viewer: &Viewer,
) -> Result<ListDealersResponse, Problem> {
    convert::check(&request)?;
    let page = page(text, &request)?;
    let filter = DealerFilter {
        market: non_empty(request.market),
        brand: non_empty(request.brand),
    };
    let answer = reads.dealers(filter, &page, viewer).await?;
    Ok(based(text, answer, |page| ListDealersResponse {
        dealers: page.entries.into_iter().map(dealer).collect(),
        next_page_token: page.next.unwrap_or_default(),
        ..ListDealersResponse::default()
    }))
}

fn dealer(entry: DealerEntry) -> WireDealer {
    let registered = entry.registered.is_some();
    let dealer = entry.registered.unwrap_or_default();
    WireDealer {
        dealer_id: entry.dealer_id,
        name: dealer.name,
        market: dealer.market,
        time_zone: dealer.time_zone,
        brands: dealer.brands,
        registered,
    }
}
