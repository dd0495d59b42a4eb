//! `touchpoints`, `owners list` and `dealers list`: finding what has no known id.

mod args;
mod tables;

use ownerline_proto::v1::{
    ListDealersRequest, ListDealersResponse, ListOwnersRequest, ListOwnersResponse,
    ListTouchpointsRequest, ListTouchpointsResponse, TouchpointFilter,
};

pub(super) use self::args::{
    DEALERS_EXAMPLES, DealersArgs, OWNERS_ABOUT, OWNERS_EXAMPLES, OwnersArgs, TOUCHPOINTS_ABOUT,
    TOUCHPOINTS_EXAMPLES, TouchpointsArgs,
};
use self::args::{DealersCommand, DealersListArgs, OwnersCommand, OwnersListArgs};
use crate::cli::{CliError, Output, clients};

/// Entries that are asked for at once.
const PAGE: u32 = 500;

pub(super) async fn touchpoints(
    server: &str,
    args: &TouchpointsArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let request = ListTouchpointsRequest {
        filter: Some(TouchpointFilter {
            types: args.types.clone(),
            owner_ids: args.owner.iter().cloned().collect(),
            vins: args.vehicle.iter().cloned().collect(),
            dealer_ids: args.dealer.iter().cloned().collect(),
            from: args.from,
            until: args.to,
            ..TouchpointFilter::default()
        }),
        known_at: args.known_at.clone(),
        ..ListTouchpointsRequest::default()
    };
    let mut client = clients::touchpoints(server).await?;
    let mut whole = ListTouchpointsResponse::default();
    let mut pages = Pages::new(args.limit);
    while let Some((page_size, page_token)) = pages.next(whole.touchpoints.len()) {
        let request = ListTouchpointsRequest {
            page_size,
            page_token,
            ..request.clone()
        };
        let page = client.list_touchpoints(request).await?.into_inner();
        pages.token = page.next_page_token.clone();
        whole.touchpoints.extend(page.touchpoints);
        whole = ListTouchpointsResponse {
            touchpoints: whole.touchpoints,
            ..page
        };
    }
    output.answer(&whole, args.format, |answer, _| tables::touchpoints(answer))
}

pub(super) async fn owners(
    server: &str,
    args: &OwnersArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let OwnersCommand::List(OwnersListArgs {
        dealer,
        limit,
        vantage,
        format,
    }) = &args.command;
    let request = ListOwnersRequest {
        dealer_id: dealer.clone().unwrap_or_default(),
        as_of: vantage.as_of,
        known_at: vantage.known_at.clone(),
        at_least: vantage.at_least.clone(),
        ..ListOwnersRequest::default()
    };
    let mut client = clients::touchpoints(server).await?;
    let mut whole = ListOwnersResponse::default();
    let mut pages = Pages::new(*limit);
    while let Some((page_size, page_token)) = pages.next(whole.owners.len()) {
        let request = ListOwnersRequest {
            page_size,
            page_token,
            ..request.clone()
        };
        let page = client.list_owners(request).await?.into_inner();
        pages.token = page.next_page_token.clone();
        whole.owners.extend(page.owners);
        whole = ListOwnersResponse {
            owners: whole.owners,
            ..page
        };
    }
    output.answer(&whole, *format, |answer, _| tables::owners(answer))
}

pub(super) async fn dealers(
    server: &str,
    args: &DealersArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let DealersCommand::List(DealersListArgs {
        market,
        brand,
        limit,
        vantage,
        format,
    }) = &args.command;
    let request = ListDealersRequest {
        market: market.clone().unwrap_or_default(),
        brand: brand.clone().unwrap_or_default(),
        as_of: vantage.as_of,
        known_at: vantage.known_at.clone(),
        at_least: vantage.at_least.clone(),
        ..ListDealersRequest::default()
    };
    let mut client = clients::touchpoints(server).await?;
    let mut whole = ListDealersResponse::default();
    let mut pages = Pages::new(*limit);
    while let Some((page_size, page_token)) = pages.next(whole.dealers.len()) {
        let request = ListDealersRequest {
            page_size,
            page_token,
            ..request.clone()
        };
        let page = client.list_dealers(request).await?.into_inner();
        pages.token = page.next_page_token.clone();
        whole.dealers.extend(page.dealers);
        whole = ListDealersResponse {
            dealers: whole.dealers,
            ..page
        };
    }
    output.answer(&whole, *format, |answer, _| tables::dealers(answer))
}

/// Pages until as many entries are there as were asked for.
struct Pages {
    limit: usize,
    token: String,
    is_first: bool,
}

impl Pages {
    fn new(limit: usize) -> Self {
        Self {
            limit,
            token: String::new(),
            is_first: true,
        }
    }

    /// The size and the token of the next page; `None` if no more is needed or there is none.
    fn next(&mut self, have: usize) -> Option<(u32, String)> {
        let wanted = self.limit.saturating_sub(have);
        let is_first = std::mem::replace(&mut self.is_first, false);
        let size = u32::try_from(wanted).unwrap_or(PAGE).min(PAGE);
        let more = is_first || !self.token.is_empty();
        (more && size > 0).then(|| (size, std::mem::take(&mut self.token)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_end_with_the_limit_or_the_last_one() {
        let mut pages = Pages::new(700);
        assert_eq!(pages.next(0), Some((500, String::new())));
        pages.token = "next".to_owned();
        assert_eq!(pages.next(500), Some((200, "next".to_owned())));
        assert_eq!(pages.next(600), None, "there is no further page");
        pages.token = "next".to_owned();
        assert_eq!(pages.next(700), None, "enough are there");
    }
}
