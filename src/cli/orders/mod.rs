//! `order`: one order as a sheet: where the car is, what was promised, and what the owner heard.

mod photographs;
mod rows;
mod sheet;
mod words;

use clap::Args;
use ownerline_proto::v1::{GetOrderRequest, Visibility};

use super::clients;
use super::error::CliError;
use super::filters::not_blank;
use super::output::Output;
use super::report::{FormatArgs, Report};
use super::vantage::{VantageArgs, Viewer};

/// The long help of `order`.
pub(super) const ABOUT: &str = "Shows one order: where the car is and how it got there, what delivery was promised and \
    how that moved, holds, and how long the owner heard nothing. By the id of the order, by a VIN that it has or had, \
    or by a commission number. As it was at an instant, and as it was known.";

/// The examples of `order`.
pub(super) const EXAMPLES: &str = "Examples:\n  \
    ownerline order order-1\n  \
    ownerline order 1G4AH59H45G118341 --visible-to owner\n  \
    ownerline order order-1 --as-of 2026-03-01 --known-at 2026-03-01\n  \
    ownerline order order-1 --photos\n  \
    ownerline order order-1 --json | jq '.order.steps[] | {stage, kind}'";

/// The arguments of `order`.
#[derive(Debug, Args)]
pub struct OrderArgs {
    /// The id of the order, a VIN, or a commission number
    #[arg(value_name = "ORDER", value_parser = not_blank)]
    pub order: String,
    /// Only what a reader with this visibility may see: `owner` is what the owner sees
    #[arg(long, value_enum, value_name = "WHO")]
    pub visible_to: Option<Viewer>,
    /// Only an order of this person, under any of their ids
    #[arg(long, value_parser = not_blank)]
    pub owner: Option<String>,
    /// List the photographs
    #[arg(long)]
    pub photos: bool,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

pub(super) async fn run(
    server: &str,
    args: &OrderArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let request = GetOrderRequest {
        name: args.order.clone(),
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
        visible_to: args.visible_to.map_or(0, |it| Visibility::from(it).into()),
        owner_id: args.owner.clone().unwrap_or_default(),
    };
    let mut client = clients::orders(server).await?;
    let answer = client.get_order(request).await?.into_inner();
    output.answer(&answer, args.format, |answer, width| {
        let order = answer.order.clone().unwrap_or_default();
        let report = match args.photos {
            true => Report::new().table(photographs::table(&order)),
            false => Report::new()
                .text(sheet::sheet(answer, width))
                .for_programs(rows::table(&order)),
        };
        report.stale(answer.stale)
    })
}
