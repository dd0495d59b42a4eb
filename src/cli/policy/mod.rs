//! `policy`: publishes versions of policies, lists them, and shows which one is in force.

mod args;
mod file;
mod table;

use ownerline_proto::json::to_json_pretty;
use ownerline_proto::v1::get_policy_request::{InForce, Version, Which};
use ownerline_proto::v1::policy_published::Kind as WireKind;
use ownerline_proto::v1::{
    Actor, GetPolicyRequest, ListPoliciesRequest, ListPoliciesResponse, PublishPolicyRequest,
    PublishPolicyResponse, actor,
};

pub(super) use self::args::{ABOUT, EXAMPLES, PolicyArgs};
use self::args::{ListArgs, PolicyCommand, PublishArgs, ShowArgs};
pub(super) use self::file::{read_calendar, read_model, read_policy, read_sla};
use crate::cli::pages::{Extent, collect};
use crate::cli::report::{Format, Report};
use crate::cli::{CliError, Output, SUCCESS, clients};

/// The source of a publication without --source.
const SOURCE: &str = "//ownerline/policy";

pub(super) async fn run(
    server: &str,
    args: &PolicyArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    match &args.command {
        PolicyCommand::Publish(args) => {
            // A faulty file is reported before a server is contacted.
            let request = publication(args)?;
            let validate_only = request.validate_only;
            let answer = clients::policies(server)
                .await?
                .publish_policy(request)
                .await?;
            output.answer(&answer.into_inner(), args.format, |answer, _| {
                published(answer, validate_only).into()
            })
        }
        PolicyCommand::List(args) => {
            let answer = list(clients::policies(server).await?, args).await?;
            output.answer(&answer, args.format, |answer, _| table::list(answer))
        }
        PolicyCommand::Show(args) => show(clients::policies(server).await?, args, output).await,
    }
}

fn publication(args: &PublishArgs) -> Result<PublishPolicyRequest, CliError> {
    let policy = read_policy(&args.file)?;
    let key = args.source.clone().zip(args.id.clone());
    let (source, id) = key.unwrap_or_else(|| (SOURCE.to_owned(), uuid::Uuid::now_v7().to_string()));
    let actor = args.actor.clone().map(|id| Actor {
        id,
        kind: actor::Kind::Human.into(),
        ..Actor::default()
    });
    Ok(PublishPolicyRequest {
        source,
        id,
        policy: Some(policy),
        occurred_at: args.occurred_at,
        actor,
        validate_only: args.validate_only,
        ..PublishPolicyRequest::default()
    })
}

fn published(answer: &PublishPolicyResponse, validate_only: bool) -> String {
    let PublishPolicyResponse {
        name,
        version,
        position,
        replayed,
        ..
    } = answer;
    match (position.is_empty(), replayed) {
        (false, true) => {
            format!("{name}@{version} was published before, at position {position}.\n")
        }
        (false, false) if !validate_only => {
            format!("{name}@{version} was published at position {position}.\n")
        }
        _ => format!("{name}@{version} is valid; nothing was published.\n"),
    }
}

async fn list(
    mut client: clients::Policies,
    args: &ListArgs,
) -> Result<ListPoliciesResponse, CliError> {
    let request = ListPoliciesRequest {
        kind: args.kind.map_or(0, |kind| WireKind::from(kind).into()),
        name: args.name.clone().unwrap_or_default(),
        scope: args.scope.scope(),
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
        ..ListPoliciesRequest::default()
    };
    let ask = async |_, page_token| {
        let request = ListPoliciesRequest {
            page_token,
            ..request.clone()
        };
        Ok(client.list_policies(request).await?.into_inner())
    };
    collect(
        Extent::Everything,
        ask,
        |answer: &mut ListPoliciesResponse| (&mut answer.policies, &mut answer.next_page_token),
    )
    .await
}

async fn show(
    mut client: clients::Policies,
    args: &ShowArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let named = args.named.clone();
    let version = named.as_ref().and_then(|named| named.version);
    let name = named.map(|named| named.name).unwrap_or_default();
    let which = match version {
        Some(version) => Which::Version(Version { name, version }),
        None => Which::InForce(InForce {
            kind: args.kind.map_or(0, |kind| WireKind::from(kind).into()),
            name,
            scope: args.scope.scope(),
            start: args.start,
        }),
    };
    let request = GetPolicyRequest {
        which: Some(which),
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
    };
    let answer = client.get_policy(request).await?.into_inner();
    let policy = answer.policy.clone().unwrap_or_default();
    let body = policy.published.clone().unwrap_or_default();
    let body = to_json_pretty(&body).map_err(CliError::Json)? + "\n";
    if matches!(args.format.format(), Some(Format::Csv | Format::Ndjson)) {
        let report = Report::new().table(table::row(&policy)).stale(answer.stale);
        output.report(&report, args.format)?;
        return Ok(SUCCESS);
    }
    output.answer(&answer, args.format, |answer, _| {
        Report::new()
            .text(table::policy(&policy))
            .text(body)
            .stale(answer.stale)
    })
}
