//! `loyalty`: how many owners come back to the same make.

mod args;
mod growth;
mod sheet;

use ownerline_proto::v1::{GetLoyaltyRequest, LoyaltyFilter};
use pbjson_types::Duration;

pub(super) use self::args::{ABOUT, EXAMPLES, LoyaltyArgs};
use crate::cli::{CliError, Output, clients};

pub(super) async fn run(
    server: &str,
    args: &LoyaltyArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let mut client = clients::advocacy(server).await?;
    let answer = client.get_loyalty(request(args)).await?.into_inner();
    output.answer(&answer, args.format, |answer, width| {
        sheet::sheet(args, answer, width)
    })
}

fn request(args: &LoyaltyArgs) -> GetLoyaltyRequest {
    let length = |days: &u32| Duration {
        seconds: i64::from(*days) * 86_400,
        nanos: 0,
    };
    GetLoyaltyRequest {
        filter: Some(LoyaltyFilter {
            make: args.make.clone().unwrap_or_default(),
            market: args.market.clone().unwrap_or_default(),
            from: args.from,
            until: args.to,
        }),
        lengths: args.days.iter().map(length).collect(),
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
    }
}
