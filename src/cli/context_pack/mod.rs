//! `context-pack`: what to know before contacting an owner.

mod args;
mod rows;
mod sheet;

use ownerline_proto::v1::{Actor, GetContextPackRequest, TouchpointKey, Visibility, actor};

pub(super) use self::args::{ABOUT, ContextPackArgs, EXAMPLES};
use crate::cli::report::Report;
use crate::cli::{CliError, Output, clients};

pub(super) async fn run(
    server: &str,
    args: &ContextPackArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let mut client = clients::timelines(server).await?;
    let answer = client.get_context_pack(request(args)).await?.into_inner();
    output.answer(&answer, args.format, |answer, width| {
        let pack = answer.pack.clone().unwrap_or_default();
        Report::new()
            .text(sheet::sheet(&args.owner, answer, width))
            .for_programs(rows::table(&pack))
            .stale(answer.stale)
    })
}

fn request(args: &ContextPackArgs) -> GetContextPackRequest {
    let key = args.source.clone().zip(args.id.clone());
    GetContextPackRequest {
        owner_id: args.owner.clone(),
        actor: Some(Actor {
            id: args.actor.clone(),
            kind: actor::Kind::from(args.actor_kind).into(),
            role: args.actor_role.clone(),
            dealer_id: args.actor_dealer.clone(),
        }),
        visible_to: args.visible_to.map_or(0, |it| Visibility::from(it).into()),
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
        served_as: key.map(|(source, id)| TouchpointKey { source, id }),
        audit_only: args.audit,
        operated_by: args.operated_by.clone(),
        on_behalf_of: args.on_behalf_of.clone(),
    }
}
