//! What `policy` takes.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use ownerline_proto::v1::Scope;
use ownerline_proto::v1::policy_published::Kind as WireKind;
use pbjson_types::Timestamp;

use crate::cli::filters::said;
use crate::cli::report::FormatArgs;
use crate::cli::time;
use crate::cli::vantage::VantageArgs;

/// What `policy` takes.
#[derive(Debug, Args)]
pub struct PolicyArgs {
    /// What to do with them.
    #[command(subcommand)]
    pub command: PolicyCommand,
}

/// What can be done with policies.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Publish a version of a policy from a file
    #[command(
        long_about = "Publishes a version of a policy from a file: the proto3 JSON of PolicyPublished. Without a\n\
            `version` it is the next one that is free. Everything wrong with it is told at once.\n\n\
            With --source and --id the same command again publishes nothing new.",
        after_long_help = "Examples:\n  \
            ownerline policy show sla@0 --json | jq '.policy.published | .effectiveFrom = \"2026-01-01T00:00:00Z\"' > sla.json\n  \
            ownerline policy publish sla.json --validate-only\n  \
            ownerline policy publish sla.json --actor agent-7"
    )]
    Publish(PublishArgs),
    /// List every version, also those that cannot be in force, with what is wrong with them
    #[command(after_long_help = "Examples:\n  \
        ownerline policy list\n  \
        ownerline policy list --kind sla --market GB\n  \
        ownerline policy list --known-at 2026-01-01 --json")]
    List(ListArgs),
    /// Show the policy in force for somebody and an instant, or one version
    #[command(after_long_help = "Examples:\n  \
        ownerline policy show sla@0\n  \
        ownerline policy show --kind sla --dealer dealer-7 --start 2026-03-01\n  \
        ownerline policy show survey --market GB --json")]
    Show(ShowArgs),
}

/// What `policy publish` takes.
#[derive(Debug, Args)]
pub struct PublishArgs {
    /// The proto3 JSON of the policy; `-` is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Check everything, publish nothing
    #[arg(long)]
    pub validate_only: bool,
    /// When it was decided [default: now]
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub occurred_at: Option<Timestamp>,
    /// Who publishes it
    #[arg(long, value_name = "ID")]
    pub actor: Option<String>,
    /// The source of the record; with --id, the same command again publishes nothing new
    #[arg(long, value_name = "SOURCE", requires = "id")]
    pub source: Option<String>,
    /// The id of the record
    #[arg(long, value_name = "ID", requires = "source")]
    pub id: Option<String>,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// For whom.
#[derive(Debug, Args)]
pub struct ScopeArgs {
    /// For this dealer
    #[arg(long, value_name = "DEALER", conflicts_with = "market")]
    pub dealer: Option<String>,
    /// For this market
    #[arg(long, value_name = "MARKET")]
    pub market: Option<String>,
}

impl ScopeArgs {
    /// The scope, if one is said.
    pub(super) fn scope(&self) -> Option<Scope> {
        let said = self.dealer.is_some() || self.market.is_some();
        said.then(|| Scope {
            market: self.market.clone().unwrap_or_default(),
            dealer_id: self.dealer.clone().unwrap_or_default(),
        })
    }
}

/// What `policy list` takes.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only of this kind
    #[arg(long, value_enum, value_name = "KIND")]
    pub kind: Option<Kind>,
    /// Only of this name
    #[arg(long, value_parser = said)]
    pub name: Option<String>,
    /// Only for exactly this scope.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// On what the answer stands.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// What `policy show` takes.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Of this name, and perhaps this version; without version the one in force
    #[arg(value_name = "NAME[@VERSION]", required_unless_present = "kind", value_parser = named)]
    pub named: Option<Named>,
    /// Of this kind, whatever its name
    #[arg(long, value_enum, value_name = "KIND")]
    pub kind: Option<Kind>,
    /// For whom; without, for the network.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// For what began at this instant [default: now, or --as-of]
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub start: Option<Timestamp>,
    /// On what the answer stands.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// The name of a policy, and perhaps a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The policy.
    pub name: String,
    /// Its version.
    pub version: Option<i32>,
}

fn named(text: &str) -> Result<Named, String> {
    let (name, version) = match text.split_once('@') {
        None => (text, None),
        Some((name, version)) => {
            let version = version.parse::<i32>().ok().filter(|it| *it >= 0);
            let refused = || "must be like sla or sla@3".to_owned();
            (name, Some(version.ok_or_else(refused)?))
        }
    };
    Ok(Named {
        name: name.to_owned(),
        version,
    })
}

/// What a policy rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// What is owed by when.
    Sla,
    /// When business is open.
    Calendar,
    /// Who may not see what.
    Visibility,
    /// How scores are formed.
    Scoring,
    /// When repeated repairs matter to the law.
    RepeatRepair,
    /// How plant codes become stages.
    StageMapping,
    /// What a survey asks.
    Survey,
    /// Which words mean what.
    Lexicon,
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
