//! `context-pack`: what to know before contacting an owner, for people or as JSON.

mod rows;
mod sheet;

use clap::{Args, ValueEnum};
use ownerline_proto::v1::{
    Actor, GetContextPackRequest, KnownAt, TouchpointKey, Visibility, actor,
};
use pbjson_types::Timestamp;

use crate::cli::report::{FormatArgs, Report};
use crate::cli::vantage::Viewer;
use crate::cli::{CliError, Output, clients, time};

/// What `context-pack` takes.
#[derive(Debug, Args)]
pub struct ContextPackArgs {
    /// Who is going to be contacted
    #[arg(value_name = "OWNER")]
    pub owner: String,
    /// Who is going to contact the owner
    #[arg(long, value_name = "ID")]
    pub actor: String,
    /// What sort of actor that is
    #[arg(long, value_enum, value_name = "KIND", default_value = "human")]
    pub actor_kind: ActorKind,
    /// The part the actor plays, for example `advisor`
    #[arg(
        long,
        value_name = "ROLE",
        default_value = "",
        hide_default_value = true
    )]
    pub actor_role: String,
    /// The dealer the actor acts for
    #[arg(
        long,
        value_name = "DEALER",
        default_value = "",
        hide_default_value = true
    )]
    pub actor_dealer: String,
    /// As it was at this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub as_of: Option<Timestamp>,
    /// As it was known at this position of the log, or at this instant
    #[arg(long, value_name = "POSITION|TIME", value_parser = time::known_at, allow_hyphen_values = true)]
    pub known_at: Option<KnownAt>,
    /// The zone in which dates and times without an offset are read [default: UTC]
    #[arg(long, value_name = "ZONE", value_parser = time::named_zone)]
    pub tz: Option<String>,
    /// Only what a dealer or the owner may see
    #[arg(long, value_enum, value_name = "WHO")]
    pub visible_to: Option<Viewer>,
    /// Wait until the answer stands at least on this position
    #[arg(
        long,
        value_name = "POSITION",
        default_value = "",
        hide_default_value = true
    )]
    pub at_least: String,
    /// The source of the record of this serving; with --id, the same command again is no other serving
    #[arg(long, value_name = "SOURCE", requires = "id")]
    pub source: Option<String>,
    /// The id of the record of this serving
    #[arg(long, value_name = "ID", requires = "source")]
    pub id: Option<String>,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// What sort of actor contacts an owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ActorKind {
    /// A person.
    Human,
    /// A program that follows rules.
    System,
    /// A program that speaks like a person.
    Bot,
}

impl From<ActorKind> for actor::Kind {
    fn from(kind: ActorKind) -> Self {
        match kind {
            ActorKind::Human => Self::Human,
            ActorKind::System => Self::System,
            ActorKind::Bot => Self::Bot,
        }
    }
}

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
        as_of: args.as_of,
        known_at: args.known_at.clone(),
        at_least: args.at_least.clone(),
        served_as: key.map(|(source, id)| TouchpointKey { source, id }),
    }
}
