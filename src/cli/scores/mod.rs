//! `scores`: what owners answer when they are asked for a number, for people or as JSON.

mod sheet;
mod table;
mod words;

use clap::{Args, ValueEnum};
use ownerline_proto::v1::get_scores_request::GroupBy as WireGroupBy;
use ownerline_proto::v1::{GetScoresRequest, GetScoresResponse, ScoreFilter};

use crate::cli::filters::said;
use crate::cli::report::FormatArgs;
use crate::cli::time::PeriodEnd;
use crate::cli::vantage::VantageArgs;
use crate::cli::{CliError, Output, clients, time};

pub(super) use table::table;
pub(super) use words::{Measure, Unit};

/// What the command is for.
pub(super) const LONG_ABOUT: &str = "Says what owners answer when they are asked for a number (NPS, CSAT, CES) and how many answer, each\n\
    figure with its n and interval: below 10 answers there is their number alone, below 30 no point.\n\
    Groups are compared with what chance does to groups of their size, not ranked.\n\n\
    `--as-of` asks how it was, `--known-at` what was known. docs/scores.md says how each figure is\n\
    computed and what it does not say.";

/// How it is used.
pub(super) const EXAMPLES: &str = "Examples:\n  \
    ownerline scores --group-by dealer --from 2026-01-01 --to 2026-04-01\n  \
    ownerline scores --group-by model --measure ces\n  \
    ownerline scores --dealer dealer-7 --group-by month\n  \
    ownerline scores --as-of 2026-01-01 --known-at 2026-01-01 --json | jq .total.scores.nps";

/// What `scores` takes.
#[derive(Debug, Args)]
pub struct ScoresArgs {
    /// The dimension to group by
    #[arg(long, value_enum, value_name = "WHAT")]
    pub group_by: Option<GroupBy>,
    /// Which score the table of groups shows
    #[arg(long, value_enum, value_name = "SCORE", default_value = "nps")]
    pub measure: Measure,
    /// Only of this dealer
    #[arg(long, value_parser = said)]
    pub dealer: Option<String>,
    /// Only of dealers of this market
    #[arg(long, value_parser = said)]
    pub market: Option<String>,
    /// Only about cars of this model
    #[arg(long, value_parser = said)]
    pub model: Option<String>,
    /// Only of this survey
    #[arg(long, value_parser = said)]
    pub survey: Option<String>,
    /// Only received, or delivered, from this date on, in the zone of its dealer, or from this instant on
    #[arg(long, value_name = "DATE|TIME", value_parser = time::period_end, allow_hyphen_values = true)]
    pub from: Option<PeriodEnd>,
    /// Only received, or delivered, before this date, in the zone of its dealer, or before this instant
    #[arg(long, value_name = "DATE|TIME", value_parser = time::period_end, allow_hyphen_values = true)]
    pub to: Option<PeriodEnd>,
    /// On what the answer stands.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// The dimension to group by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GroupBy {
    /// The dealer responsible when the owner answered
    Dealer,
    /// The market of that dealer
    Market,
    /// The model of the car it is about
    Model,
    /// The survey it answers
    Survey,
    /// The month it was received in
    Month,
}

impl GroupBy {
    /// How its column is called.
    fn name(self) -> &'static str {
        match self {
            Self::Dealer => "dealer",
            Self::Market => "market",
            Self::Model => "model",
            Self::Survey => "survey",
            Self::Month => "month",
        }
    }
}

impl From<GroupBy> for WireGroupBy {
    fn from(group_by: GroupBy) -> Self {
        match group_by {
            GroupBy::Dealer => Self::Dealer,
            GroupBy::Market => Self::Market,
            GroupBy::Model => Self::Model,
            GroupBy::Survey => Self::Survey,
            GroupBy::Month => Self::Month,
        }
    }
}

pub(super) async fn run(
    server: &str,
    args: &ScoresArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let answer = ask(server, request(args)).await?;
    output.answer(&answer, args.format, |answer, _| sheet::sheet(args, answer))
}

/// Asks a server.
pub(super) async fn ask(
    server: &str,
    request: GetScoresRequest,
) -> Result<GetScoresResponse, CliError> {
    let mut client = clients::advocacy(server).await?;
    Ok(client.get_scores(request).await?.into_inner())
}

fn request(args: &ScoresArgs) -> GetScoresRequest {
    let filter = ScoreFilter {
        market: args.market.clone().unwrap_or_default(),
        dealer_id: args.dealer.clone().unwrap_or_default(),
        survey: args.survey.clone().unwrap_or_default(),
        model: args.model.clone().unwrap_or_default(),
        from: args.from.as_ref().and_then(PeriodEnd::instant),
        until: args.to.as_ref().and_then(PeriodEnd::instant),
        from_date: args.from.as_ref().map(PeriodEnd::date).unwrap_or_default(),
        until_date: args.to.as_ref().map(PeriodEnd::date).unwrap_or_default(),
    };
    let group_by = args
        .group_by
        .map_or(WireGroupBy::Unspecified, WireGroupBy::from);
    GetScoresRequest {
        filter: Some(filter),
        group_by: group_by.into(),
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
    }
}
