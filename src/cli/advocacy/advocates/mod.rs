//! `advocates`: how scores are distributed and who has the highest, for people or as JSON.

mod table;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ownerline_proto::v1::ListAdvocatesRequest;
use ownerline_proto::v1::list_advocates_request::GroupBy as WireGroupBy;

use crate::cli::filters::{asked_for, said};
use crate::cli::policy::read_model;
use crate::cli::report::FormatArgs;
use crate::cli::vantage::VantageArgs;
use crate::cli::{CliError, Output, clients};

/// What `advocates` does.
pub(in crate::cli) const ABOUT: &str = "Says how advocacy scores are distributed, for the network or by dealer or market, and which persons\n\
    have the highest: how sure the score is, and what lifts it most. `advocacy OWNER` explains each.\n\n\
    Of fewer than 10 persons only their number is told, of fewer than 30 only intervals. The list leaves\n\
    out whoever little is known of; --least-confidence 0 lists them, too.";

/// How `advocates` is used.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline advocates --group-by dealer\n  \
    ownerline advocates --dealer dealer-7 --top 50\n  \
    ownerline advocates --as-of 2026-01-01 --known-at 2026-01-01\n  \
    ownerline advocates --model scoring.json --json | jq .total";

/// What `advocates` takes.
#[derive(Debug, Args)]
pub struct AdvocatesArgs {
    /// The dimension to group the distribution by
    #[arg(long, value_enum, value_name = "WHAT")]
    pub group_by: Option<GroupBy>,
    /// Only persons of this dealer
    #[arg(long, value_parser = said)]
    pub dealer: Option<String>,
    /// Only persons of this market
    #[arg(long, value_parser = said)]
    pub market: Option<String>,
    /// How many persons are listed
    #[arg(long, value_name = "N", default_value_t = 20,
        value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub top: u32,
    /// Who is listed has at least this confidence, between 0 and 1 [default: 0.2]
    #[arg(long, value_name = "SHARE")]
    pub least_confidence: Option<f64>,
    /// On what the answer stands.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// What if: a scoring policy or a lexicon (the file of `policy publish`) in place of those in force;
    /// twice for both
    #[arg(long, value_name = "FILE")]
    pub model: Vec<PathBuf>,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// The dimension to group the distribution by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GroupBy {
    /// The dealer of the last touchpoint about a person
    Dealer,
    /// Their market
    Market,
}

impl From<GroupBy> for WireGroupBy {
    fn from(group_by: GroupBy) -> Self {
        match group_by {
            GroupBy::Dealer => Self::Dealer,
            GroupBy::Market => Self::Market,
        }
    }
}

pub(in crate::cli) async fn run(
    server: &str,
    args: &AdvocatesArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let group_by = args.group_by.map(WireGroupBy::from).unwrap_or_default();
    let request = ListAdvocatesRequest {
        group_by: group_by.into(),
        dealer_id: args.dealer.clone().unwrap_or_default(),
        market: args.market.clone().unwrap_or_default(),
        least_confidence: args.least_confidence,
        limit: args.top,
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
        model: read_model(&args.model)?,
    };
    let mut client = clients::advocacy(server).await?;
    let answer = client.list_advocates(request).await?.into_inner();
    output.answer(&answer, args.format, |answer, _| {
        let filters = [
            ("dealer", args.dealer.clone()),
            ("market", args.market.clone()),
        ];
        table::told(group_by, &asked_for(&filters), answer)
    })
}
