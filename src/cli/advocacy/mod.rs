//! `advocacy`: how much of an advocate an owner is, explained for people or as JSON.

mod explained;
mod rows;
mod words;

use std::path::{Path, PathBuf};

use clap::Args;
use ownerline_proto::v1::advocacy_service_client::AdvocacyServiceClient;
use ownerline_proto::v1::policy_published::Body;
use ownerline_proto::v1::{AdvocacyModel, GetOwnerAdvocacyRequest, GetOwnerAdvocacyResponse};

use super::connect::{LARGEST_ANSWER, connect};
use super::report::{FormatArgs, Report};
use super::stand::StandArgs;
use super::{CliError, Output, policy};

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
    pub stand: StandArgs,
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
        as_of: args.stand.as_of,
        known_at: args.stand.known_at.clone(),
        at_least: args.stand.at_least.clone(),
        model: model(&args.model)?,
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
    let channel = connect(server).await?;
    let mut client = AdvocacyServiceClient::new(channel).max_decoding_message_size(LARGEST_ANSWER);
    Ok(client.get_owner_advocacy(request).await?.into_inner())
}

/// The model of these files, if any.
pub(super) fn model(files: &[PathBuf]) -> Result<Option<AdvocacyModel>, CliError> {
    let mut model = AdvocacyModel::default();
    for path in files {
        let body = policy::read_policy(path)?.body;
        let path = || Path::to_owned(path);
        let told_before = match body {
            Some(Body::Scoring(scoring)) => model.scoring.replace(scoring).is_some(),
            Some(Body::Lexicon(lexicon)) => model.lexicon.replace(lexicon).is_some(),
            _ => return Err(CliError::NoModel { path: path() }),
        };
        if told_before {
            return Err(CliError::ModelTwice { path: path() });
        }
    }
    Ok((!files.is_empty()).then_some(model))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_files_of_one_kind_none_is_dropped_in_silence() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("lexicon.json");
        std::fs::write(&path, r#"{"lexicon":{}}"#).expect("written");
        let one = [path];
        assert!(model(&one).expect("a model").is_some());
        let twice = [one[0].clone(), one[0].clone()];
        let error = model(&twice).expect_err("refused");
        assert!(matches!(error, CliError::ModelTwice { .. }), "{error}");
        assert_eq!(model(&[]).expect("none"), None);
    }
}
