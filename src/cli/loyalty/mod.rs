//! `loyalty`: who comes back for the same make, for people or as JSON.

mod growth;
mod sheet;

use clap::Args;
use ownerline_proto::v1::{GetLoyaltyRequest, GetLoyaltyResponse, LoyaltyFilter};
use pbjson_types::{Duration, Timestamp};

use crate::cli::filters::said;
use crate::cli::report::FormatArgs;
use crate::cli::vantage::VantageArgs;
use crate::cli::{CliError, Output, clients, time};

/// What `loyalty` does.
pub(super) const ABOUT: &str = "Says how many owners who were back in the market came back for the same make, by make and by\n\
    length of ownership; and what growth was not bought. Owners who are not back are censored, never\n\
    disloyal. It is not advocacy: who recommends a brand need not buy it again.\n\n\
    docs/scores.md says how each figure is formed.";

/// How `loyalty` is used.
pub(super) const EXAMPLES: &str = "Examples:\n  \
    ownerline loyalty\n  \
    ownerline loyalty --make Halden --market de --from 2025-01-01 --to 2026-01-01\n  \
    ownerline loyalty --days 730 --days 1096 --as-of 2026-01-01 --known-at 2026-01-01\n  \
    ownerline loyalty --json | jq '.groups[] | {make, rate: .loyalty.rate}'";

/// What `loyalty` takes.
#[derive(Debug, Args)]
pub struct LoyaltyArgs {
    /// Only of this make
    #[arg(long, value_parser = said)]
    pub make: Option<String>,
    /// Only of owners registered in this market
    #[arg(long, value_parser = said)]
    pub market: Option<String>,
    /// Count only returns at or after this instant; the curve is of all
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub from: Option<Timestamp>,
    /// Count only returns before this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub to: Option<Timestamp>,
    /// Read the curve at this length of ownership, in place of one to ten years; several times for several
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..))]
    pub days: Vec<u32>,
    /// On what the answer stands.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

pub(super) async fn run(
    server: &str,
    args: &LoyaltyArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let answer = ask(server, request(args)).await?;
    output.answer(&answer, args.format, |answer, width| {
        sheet::sheet(args, answer, width)
    })
}

async fn ask(server: &str, request: GetLoyaltyRequest) -> Result<GetLoyaltyResponse, CliError> {
    let mut client = clients::advocacy(server).await?;
    Ok(client.get_loyalty(request).await?.into_inner())
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
