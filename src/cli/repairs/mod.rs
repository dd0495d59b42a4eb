//! `repairs`: where a car stands by the rules about repeated repairs.

mod near;
mod rows;
mod sheet;
mod words;

use clap::Args;
use ownerline_proto::v1::{GetRepeatRepairStatusRequest, GetRepeatRepairStatusResponse};

pub(super) use self::near::near;
pub(super) use self::sheet::sheet;
use super::clients;
use super::error::CliError;
use super::filters::not_blank;
use super::output::Output;
use super::report::{FormatArgs, Report};
use super::vantage::VantageArgs;

/// The long help of `repairs`.
pub(super) const ABOUT: &str = "Shows where a car stands by the published rules about repeated repairs: the visits and days that count, \
    the distance to each threshold, notices to the manufacturer that were given and that are missing, and \
    what the data cannot know. It says which conditions the numbers meet, never what a car is, and is no legal \
    advice: the rules that ship with the server are samples, whose text has to be verified.";

/// The examples of `repairs`.
pub(super) const EXAMPLES: &str = "Examples:\n  \
    ownerline repairs 1G4AH59H45G118341\n  \
    ownerline repairs 1G4AH59H45G118341 --as-of 2026-01-01\n  \
    ownerline repairs 1G4AH59H45G118341 --json | jq '.rules[] | {ruleId, outcome}'";

/// The arguments of `repairs`.
#[derive(Debug, Args)]
pub struct RepairsArgs {
    /// The car
    #[arg(value_name = "VIN", value_parser = not_blank)]
    pub vin: String,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

pub(super) async fn run(
    server: &str,
    args: &RepairsArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let request = GetRepeatRepairStatusRequest {
        vin: args.vin.clone(),
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
    };
    let answer = ask(server, request).await?;
    output.answer(&answer, args.format, |answer, width| {
        Report::new()
            .text(sheet(answer, width))
            .for_programs(rows::table(answer))
            .known_at(&answer.position, answer.stale)
    })
}

/// Asks a server where a car stands.
pub(super) async fn ask(
    server: &str,
    request: GetRepeatRepairStatusRequest,
) -> Result<GetRepeatRepairStatusResponse, CliError> {
    let mut client = clients::vehicles(server).await?;
    let answer = client.get_repeat_repair_status(request).await?;
    Ok(answer.into_inner())
}
