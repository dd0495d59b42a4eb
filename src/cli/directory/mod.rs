//! `touchpoints`, `owners list` and `dealers list`: lists to find what has no known id.

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
use crate::cli::pages::{Extent, collect};
use crate::cli::{CliError, Output, clients};

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
    let ask = async |page_size, page_token| {
        let request = ListTouchpointsRequest {
            page_size,
            page_token,
            ..request.clone()
        };
        Ok(client.list_touchpoints(request).await?.into_inner())
    };
    let answer = collect(
        Extent::AtMost(args.limit),
        ask,
        |answer: &mut ListTouchpointsResponse| {
            (&mut answer.touchpoints, &mut answer.next_page_token)
        },
    )
    .await?;
    output.answer(&answer, args.format, |answer, _| {
        tables::touchpoints(answer)
    })
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
    let ask = async |page_size, page_token| {
        let request = ListOwnersRequest {
            page_size,
            page_token,
            ..request.clone()
        };
        Ok(client.list_owners(request).await?.into_inner())
    };
    let answer = collect(
        Extent::AtMost(*limit),
        ask,
        |answer: &mut ListOwnersResponse| (&mut answer.owners, &mut answer.next_page_token),
    )
    .await?;
    output.answer(&answer, *format, |answer, _| tables::owners(answer))
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
    let ask = async |page_size, page_token| {
        let request = ListDealersRequest {
            page_size,
            page_token,
            ..request.clone()
        };
        Ok(client.list_dealers(request).await?.into_inner())
    };
    let answer = collect(
        Extent::AtMost(*limit),
        ask,
        |answer: &mut ListDealersResponse| (&mut answer.dealers, &mut answer.next_page_token),
    )
    .await?;
    output.answer(&answer, *format, |answer, _| tables::dealers(answer))
}
