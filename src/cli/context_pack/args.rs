//! The arguments of `context-pack`.

use clap::{Args, ValueEnum};
use ownerline_proto::v1::actor;

use crate::cli::report::FormatArgs;
use crate::cli::vantage::{VantageArgs, Viewer};

/// The long help of `context-pack`.
pub(in crate::cli) const ABOUT: &str = "Shows what to know before contacting an owner: promises, cases, defects, the last visit, the last \
    feedback, who holds the relationship, what not to say again; and what is not known.\n\n\
    Before the pack is shown, it is recorded that it was served, and to whom: contacts that follow count as made \
    with it. With --audit nothing is recorded.";

/// The examples of `context-pack`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline context-pack owner-1 --actor agent-7\n  \
    ownerline context-pack owner-1 --actor dialer --actor-kind system --visible-to dealer\n  \
    ownerline context-pack owner-1 --actor auditor-2 --audit\n  \
    ownerline context-pack owner-1 --actor agent-7 --json | jq .pack.openCommitments";

/// The arguments of `context-pack`.
#[derive(Debug, Args)]
pub struct ContextPackArgs {
    /// The owner to be contacted
    #[arg(value_name = "OWNER")]
    pub owner: String,
    /// The id of whoever contacts the owner
    #[arg(long, value_name = "ID")]
    pub actor: String,
    /// The kind of actor
    #[arg(long, value_enum, value_name = "KIND", default_value = "human")]
    pub actor_kind: ActorKind,
    /// The role of the actor, for example advisor
    #[arg(
        long,
        value_name = "ROLE",
        default_value = "",
        hide_default_value = true
    )]
    pub actor_role: String,
    /// The dealer for whom the actor acts
    #[arg(
        long,
        value_name = "DEALER",
        default_value = "",
        hide_default_value = true
    )]
    pub actor_dealer: String,
    /// The organisation that operates the actor, for example a call-centre vendor
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub operated_by: String,
    /// The organisation that the actor speaks for
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    pub on_behalf_of: String,
    /// Do not record that the pack was served: it is read to audit, not to contact the owner
    #[arg(long, conflicts_with = "id")]
    pub audit: bool,
    /// Only what a dealer or the owner may see
    #[arg(long, value_enum, value_name = "WHO")]
    pub visible_to: Option<Viewer>,
    /// The source of the record of this serving; with --id, repeating the command records nothing new
    #[arg(long, value_name = "SOURCE", requires = "id")]
    pub source: Option<String>,
    /// The id of the record of this serving
    #[arg(long, value_name = "ID", requires = "source")]
    pub id: Option<String>,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// A kind of actor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ActorKind {
    /// A person
    Human,
    /// A program that follows rules
    System,
    /// A program that talks like a person
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
