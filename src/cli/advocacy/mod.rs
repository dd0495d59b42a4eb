//! `advocacy`: how much of an advocate an owner is, explained for people or as JSON.

pub(super) mod advocates;
mod explained;
mod rows;
mod words;

use std::path::PathBuf;

use clap::Args;
use ownerline_proto::v1::{GetOwnerAdvocacyRequest, GetOwnerAdvocacyResponse};

use crate::cli::policy::read_model;
use crate::cli::report::{FormatArgs, Report};
use crate::cli::vantage::VantageArgs;
use crate::cli::{CliError, Output, clients};

pub(super) use explained::short;

/// What `advocacy` does.
pub(super) const ABOUT: &str = "Explains the advocacy score of an owner, from 0 to 100: what lifts it, what weighs on it, what\n\
    is too old to matter, which words were found, how far the mean of the brand pulls, and what is\n\
    missing.\n\n\
    With --model the same history is scored by a policy that is not in force; nothing is stored.";

/// How `advocacy` is used.
pub(super) const EXAMPLES: &str = "Examples:\n  \
    ownerline advocacy owner-22\n  \
    ownerline advocacy owner-22 --as-of 2026-01-01 --known-at 2026-01-01\n  \
    ownerline policy show scoring@0 --json | jq '.policy.published | .scoring.k = 10' > scoring.json\n  \
    ownerline advocacy owner-22 --model scoring.json";

/// What `advocacy` takes.
#[derive(Debug, Args)]
pub struct AdvocacyArgs {
    /// Whose score
    #[arg(value_name = "OWNER")]
    pub owner: String,
    /// On what the answer stands.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// What if: a scoring policy or a lexicon (the file of `policy publish`) in place of the one in force;
    /// twice for both
    #[arg(long, value_name = "FILE")]
    pub model: Vec<PathBuf>,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

pub(super) async fn run(
    server: &str,
    args: &AdvocacyArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let request = GetOwnerAdvocacyRequest {
        owner_id: args.owner.clone(),
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
        model: read_model(&args.model)?,
    };
    let answer = ask(server, request).await?;
    output.answer(&answer, args.format, |answer, width| {
        Report::new()
            .text(explained::explained(&args.owner, answer, width))
            .for_programs(rows::table(&args.owner, answer))
    })
}

/// The score that a server answers.
pub(super) async fn ask(
    server: &str,
    request: GetOwnerAdvocacyRequest,
) -> Result<GetOwnerAdvocacyResponse, CliError> {
    let mut client = clients::advocacy(server).await?;
    Ok(client.get_owner_advocacy(request).await?.into_inner())
}
