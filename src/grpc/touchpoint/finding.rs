//! Finding touchpoints, owners and dealers.

use ownerline_proto::schema::Schema;
use ownerline_proto::time;
use ownerline_proto::v1::list_dealers_response::Dealer as WireDealer;
use ownerline_proto::v1::list_owners_response::Owner;
use ownerline_proto::v1::{
    ListDealersRequest, ListDealersResponse, ListOwnersRequest, ListOwnersResponse,
    ListTouchpointsRequest, ListTouchpointsResponse,
};
use prost::Message as _;

use super::calls::Calls;
use crate::grpc::convert;
use crate::grpc::problem::Problem;
use crate::query::{DealerEntry, DealerFilter, DirectoryAsk, DirectoryReads, SearchAsk, recorded};
use crate::store::Position;

/// One page of touchpoints.
pub(super) async fn touchpoints(
    calls: &Calls,
    directory: &DirectoryReads,
    request: ListTouchpointsRequest,
) -> Result<ListTouchpointsResponse, Problem> {
    let parts = &calls.parts;
    let mut violations = convert::violations(&request);
    // What makes two requests the same query: everything but how much of it is asked at once.
    let identity = ListTouchpointsRequest {
        page_size: 0,
        page_token: String::new(),
        ..request.clone()
    };
    let (filter, wrong) = convert::filter(request.filter);
    violations.extend(wrong);
    convert::refuse(violations)?;
    let ask = SearchAsk {
        filter,
        known_at: convert::position(parts.text, "known_at", &request.known_at)?,
        page_size: size(request.page_size),
        token: said(request.page_token),
        query: blake3::hash(&identity.encode_to_vec()),
    };
    let page = directory.timelines().search(ask).await?;
    let touchpoints = page.events.iter().map(|event| recorded(parts.text, event));
    Ok(ListTouchpointsResponse {
        touchpoints: touchpoints.collect::<Result<_, _>>()?,
        next_page_token: page.next.unwrap_or_default(),
        position: parts.text.write(page.known_at),
        searched_down_to: match page.searched_down_to {
            Position::START => String::new(),
            position => parts.text.write(position),
        },
    })
}

/// One page of owners.
pub(super) async fn owners(
    calls: &Calls,
    directory: &DirectoryReads,
    request: ListOwnersRequest,
) -> Result<ListOwnersResponse, Problem> {
    convert::check(&request)?;
    let parts = &calls.parts;
    let identity = ListOwnersRequest {
        page_size: 0,
        page_token: String::new(),
        at_least: String::new(),
        ..request.clone()
    };
    let ask = DirectoryAsk {
        filter: said(request.dealer_id),
        bounds: convert::bounds(
            parts.text,
            &request.at_least,
            request.known_at,
            request.as_of,
        )?,
        page_size: size(request.page_size),
        token: said(request.page_token),
        query: blake3::hash(&identity.encode_to_vec()),
    };
    let page = directory.owners(ask).await?;
    let schema = Schema::get();
    let owners = page.entries.into_iter().map(|row| Owner {
        owner_id: row.place.owner_id,
        last_occurred_at: Some(time::timestamp(row.place.last_occurred_at.0)),
        last_type: schema
            .kind_by_number(row.kind)
            .map(|kind| kind.type_name.clone())
            .unwrap_or_default(),
        dealer_id: row.dealer_id,
    });
    Ok(ListOwnersResponse {
        owners: owners.collect(),
        next_page_token: page.next.unwrap_or_default(),
        as_of: Some(time::timestamp(page.as_of)),
        position: parts.text.write(page.known_at),
        stale: page.stale,
    })
}

/// One page of dealers.
pub(super) async fn dealers(
    calls: &Calls,
    directory: &DirectoryReads,
    request: ListDealersRequest,
) -> Result<ListDealersResponse, Problem> {
    convert::check(&request)?;
    let parts = &calls.parts;
    let identity = ListDealersRequest {
        page_size: 0,
        page_token: String::new(),
        at_least: String::new(),
        ..request.clone()
    };
    let ask = DirectoryAsk {
        filter: DealerFilter {
            market: said(request.market),
            brand: said(request.brand),
        },
        bounds: convert::bounds(
            parts.text,
            &request.at_least,
            request.known_at,
            request.as_of,
        )?,
        page_size: size(request.page_size),
        token: said(request.page_token),
        query: blake3::hash(&identity.encode_to_vec()),
    };
    let page = directory.dealers(ask).await?;
    Ok(ListDealersResponse {
        dealers: page.entries.into_iter().map(dealer).collect(),
        next_page_token: page.next.unwrap_or_default(),
        as_of: Some(time::timestamp(page.as_of)),
        position: parts.text.write(page.known_at),
        stale: page.stale,
    })
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

fn size(asked: u32) -> Option<usize> {
    (asked > 0).then(|| usize::try_from(asked).unwrap_or(usize::MAX))
}

fn said(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
