//! The arguments of `case`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use ownerline_proto::v1::{CaseFilter, CaseState, Level, ListCasesRequest};

use crate::cli::filters::not_blank;
use crate::cli::report::FormatArgs;
use crate::cli::trace::{self, TraceArgs};
use crate::cli::vantage::VantageArgs;

/// The long help of `case`.
pub(in crate::cli) const ABOUT: &str = "Shows one case: what is overdue first, then how it stands, who carries it, what was promised and done, \
    and how long the owner heard nothing. As it was at an instant, and as it was known.";

/// The examples of `case`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline case case-1\n  \
    ownerline case case-1 --as-of 2026-03-01 --known-at 2026-03-01\n  \
    ownerline case case-1 --json | jq '.case.overdue'\n  \
    ownerline case case-1 --watch\n  \
    ownerline case list --dealer dealer-7 --overdue";

/// The arguments of `case`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct CaseArgs {
    /// The subcommand.
    #[command(subcommand)]
    pub command: Option<CaseCommand>,
    /// The case to show.
    #[command(flatten)]
    pub one: OneArgs,
}

/// One case.
#[derive(Debug, Args)]
pub struct OneArgs {
    /// The case
    #[arg(value_name = "CASE", value_parser = not_blank, required = true)]
    pub case: Option<String>,
    /// Judge by the SLA of this file, as if it were in force for everybody: the proto3 JSON of a policy. Nothing is
    /// published
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// Keep printing the case whenever it stands differently, also because time has passed, until stopped; with --json,
    /// one object per change
    #[arg(long, conflicts_with_all = ["as_of", "known_at", "policy"])]
    pub watch: bool,
    /// Stop watching after this many changes
    #[arg(long, value_name = "N", requires = "watch")]
    pub changes: Option<u64>,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// The subcommands of `case`.
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// Tell the story of a case: every touchpoint that caused it or came from it, and why
    #[command(long_about = trace::ABOUT, after_long_help = trace::EXAMPLES)]
    Trace(TraceArgs),
    /// List cases, the earliest due first
    #[command(
        long_about = "Lists cases, the one with the earliest open deadline first: those that are not closed, and closed \
            ones that still owe something, unless states are named.",
        after_long_help = "Examples:\n  \
            ownerline case list\n  \
            ownerline case list --dealer dealer-7 --overdue\n  \
            ownerline case list --owner owner-1 --state closed --all\n  \
            ownerline case list --min-severity high --json | jq '.cases[].caseId'"
    )]
    List(Box<ListArgs>),
}

/// The arguments of `case list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only cases of this responsible dealer
    #[arg(long, value_parser = not_blank)]
    pub dealer: Option<String>,
    /// Only cases of this person, under any of their ids
    #[arg(long, value_parser = not_blank)]
    pub owner: Option<String>,
    /// Only cases with this agent on the owner's side
    #[arg(long, value_name = "AGENT", value_parser = not_blank)]
    pub advocate: Option<String>,
    /// Only cases about this vehicle
    #[arg(long, value_parser = not_blank)]
    pub vin: Option<String>,
    /// Only cases in this state; may be repeated [default: all but closed ones that owe nothing]
    #[arg(long = "state", value_enum, value_name = "STATE")]
    pub states: Vec<State>,
    /// Only cases of at least this severity
    #[arg(long, value_enum, value_name = "LEVEL")]
    pub min_severity: Option<Severity>,
    /// Only cases with something that is overdue
    #[arg(long)]
    pub overdue: bool,
    /// List every page, not only the first
    #[arg(long)]
    pub all: bool,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

impl ListArgs {
    /// The request of the first page.
    pub(super) fn request(&self) -> ListCasesRequest {
        let states = self.states.iter().map(|it| CaseState::from(*it).into());
        let severity = self.min_severity.map(Level::from);
        ListCasesRequest {
            filter: Some(CaseFilter {
                dealer_id: self.dealer.clone().unwrap_or_default(),
                owner_id: self.owner.clone().unwrap_or_default(),
                advocate_id: self.advocate.clone().unwrap_or_default(),
                vin: self.vin.clone().unwrap_or_default(),
                states: states.collect(),
                min_severity: severity.unwrap_or_default().into(),
                overdue: self.overdue,
            }),
            as_of: self.vantage.as_of,
            known_at: self.vantage.known_at.clone(),
            at_least: self.vantage.at_least.clone(),
            ..ListCasesRequest::default()
        }
    }
}

/// The state of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum State {
    /// Something names it, but nothing of its own is in force
    NotOpened,
    /// Somebody works on it
    Open,
    /// It waits for the owner
    Paused,
    /// An outcome was reached
    Resolved,
    /// It is closed
    Closed,
}

impl From<State> for CaseState {
    fn from(state: State) -> Self {
        match state {
            State::NotOpened => Self::NotOpened,
            State::Open => Self::Open,
            State::Paused => Self::PausedOnOwner,
            State::Resolved => Self::Resolved,
            State::Closed => Self::Closed,
        }
    }
}

/// How bad a case is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Severity {
    /// Low
    Low,
    /// Medium
    Medium,
    /// High
    High,
    /// Critical
    Critical,
}

impl From<Severity> for Level {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Low => Self::Low,
            Severity::Medium => Self::Medium,
            Severity::High => Self::High,
            Severity::Critical => Self::Critical,
        }
    }
}
