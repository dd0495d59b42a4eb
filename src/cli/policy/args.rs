//! The arguments of `policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use ownerline_proto::v1::Scope;
use ownerline_proto::v1::policy_published::Kind as WireKind;
use pbjson_types::Timestamp;

use crate::cli::filters::not_blank;
use crate::cli::report::FormatArgs;
use crate::cli::time;
use crate::cli::vantage::VantageArgs;

/// The long help of `policy`.
pub(in crate::cli) const ABOUT: &str = "Policies are rules as data: what is owed by when, when a dealer is open, how scores are computed. \
    A published version never changes. Which one is in force for a scope and an instant can be asked as \
    it was and as it was known.";

/// The examples of `policy`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline policy list\n  \
    ownerline policy show --kind sla --dealer dealer-7\n  \
    ownerline policy publish sla.json";

/// The arguments of `policy`.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// The subcommand.
    #[command(subcommand)]
    pub command: PolicyCommand,
}

/// The subcommands of `policy`.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Publish a version of a policy from a file
    #[command(
        long_about = "Publishes a version of a policy from a file: the proto3 JSON of PolicyPublished. Without \
            `version` it becomes the next free one. Everything wrong with it is reported at once.\n\n\
            With --source and --id, repeating the command publishes nothing new.",
        after_long_help = "Examples:\n  \
            ownerline policy show sla@0 --json | jq '.policy.published | .effectiveFrom = \"2026-01-01T00:00:00Z\"' > sla.json\n  \
            ownerline policy publish sla.json --validate-only\n  \
            ownerline policy publish sla.json --actor agent-7"
    )]
    Publish(PublishArgs),
    /// List every version, including unusable ones and what is wrong with them
    #[command(after_long_help = "Examples:\n  \
        ownerline policy list\n  \
        ownerline policy list --kind sla --market GB\n  \
        ownerline policy list --known-at 2026-01-01 --json")]
    List(ListArgs),
    /// Show the policy in force for a scope and an instant, or one version
    #[command(after_long_help = "Examples:\n  \
        ownerline policy show sla@0\n  \
        ownerline policy show --kind sla --dealer dealer-7 --start 2026-03-01\n  \
        ownerline policy show survey --market GB --json")]
    Show(ShowArgs),
}

/// The arguments of `policy publish`.
#[derive(Debug, Args)]
pub struct PublishArgs {
    /// The proto3 JSON of the policy; `-` is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Check everything and publish nothing
    #[arg(long)]
    pub validate_only: bool,
    /// When the policy was decided [default: now]
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub occurred_at: Option<Timestamp>,
    /// The id of whoever publishes it
    #[arg(long, value_name = "ID")]
    pub actor: Option<String>,
    /// The source of the record; with --id, repeating the command publishes nothing new
    #[arg(long, value_name = "SOURCE", requires = "id")]
    pub source: Option<String>,
    /// The id of the record
    #[arg(long, value_name = "ID", requires = "source")]
    pub id: Option<String>,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// The scope of a policy.
#[derive(Debug, Args)]
pub struct ScopeArgs {
    /// In the scope of this dealer
    #[arg(long, value_name = "DEALER", conflicts_with = "market")]
    pub dealer: Option<String>,
    /// In the scope of this market
    #[arg(long, value_name = "MARKET")]
    pub market: Option<String>,
}

impl ScopeArgs {
    /// Returns the scope, if one is given.
    pub(super) fn scope(&self) -> Option<Scope> {
        let is_given = self.dealer.is_some() || self.market.is_some();
        is_given.then(|| Scope {
            market: self.market.clone().unwrap_or_default(),
            dealer_id: self.dealer.clone().unwrap_or_default(),
        })
    }
}

/// The arguments of `policy list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only policies of this kind
    #[arg(long, value_enum, value_name = "KIND")]
    pub kind: Option<Kind>,
    /// Only policies of this name
    #[arg(long, value_parser = not_blank)]
    pub name: Option<String>,
    /// Only policies of exactly this scope.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// The arguments of `policy show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The name of the policy, with a version or, without one, the version in force
    #[arg(value_name = "NAME[@VERSION]", required_unless_present = "kind", value_parser = named)]
    pub named: Option<Named>,
    /// The policy of this kind, whatever its name
    #[arg(long, value_enum, value_name = "KIND")]
    pub kind: Option<Kind>,
    /// The scope; without one, the network.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// The policy for what began at this instant [default: --as-of, or else now]
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub start: Option<Timestamp>,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// The name of a policy, and a version if one was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The name.
    pub name: String,
    /// The version.
    pub version: Option<i32>,
}

fn named(text: &str) -> Result<Named, String> {
    let (name, version) = match text.split_once('@') {
        None => (text, None),
        Some((name, version)) => {
            let version = version.parse::<i32>().ok().filter(|it| *it >= 0);
            let refused =
                || "must be a name such as sla, or a name and a version such as sla@3".to_owned();
            (name, Some(version.ok_or_else(refused)?))
        }
    };
    Ok(Named {
        name: name.to_owned(),
        version,
    })
}

/// A kind of policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// What is owed by when
    Sla,
    /// When a dealer is open
    Calendar,
    /// Who may not see what
    Visibility,
    /// How advocacy scores are computed
    Scoring,
    /// When repeated repairs have legal consequences
    RepeatRepair,
    /// How plant codes map to production stages
    StageMapping,
    /// What a survey asks
    Survey,
    /// Which words express which theme
    Lexicon,
    /// How many driving tips are shown, and when alerts are over
    Tips,
}

impl From<Kind> for WireKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Sla => Self::Sla,
            Kind::Calendar => Self::Calendar,
            Kind::Visibility => Self::Visibility,
            Kind::Scoring => Self::Scoring,
            Kind::RepeatRepair => Self::RepeatRepair,
            Kind::StageMapping => Self::StageMapping,
            Kind::Survey => Self::Survey,
            Kind::Lexicon => Self::Lexicon,
            Kind::Tips => Self::Tips,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_named_with_or_without_version() {
        let of = |name: &str, version| {
            let name = name.to_owned();
            Ok(Named { name, version })
        };
        assert_eq!(named("sla"), of("sla", None));
        assert_eq!(named("sla@3"), of("sla", Some(3)));
        assert!(named("sla@").is_err());
        assert!(named("sla@-1").is_err());
    }
}
