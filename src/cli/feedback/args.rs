//! What `inbox` and `feedback` take.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ownerline_proto::cloudevents::ShortName as _;
use ownerline_proto::v1::list_obligations_request::Order as WireOrder;
use ownerline_proto::v1::obligation::State as WireState;
use ownerline_proto::v1::sla_policy::obligation::Kind as WireKind;
use ownerline_proto::v1::{Channel, ListObligationsRequest, ObligationFilter};
use pbjson_types::Timestamp;

use crate::cli::filters::said;
use crate::cli::report::FormatArgs;
use crate::cli::time;
use crate::cli::vantage::VantageArgs;

pub(in crate::cli) const FEEDBACK_EXAMPLES: &str = "Examples:\n  \
    ownerline feedback feedback-1\n  \
    ownerline feedback feedback-1 --as-of 2026-03-01 --known-at 2026-03-01\n  \
    ownerline feedback feedback-1 --policy sla.json --json";

pub(in crate::cli) const INBOX_EXAMPLES: &str = "Examples:\n  \
    ownerline inbox dealer-7\n  \
    ownerline inbox dealer-7 --watch\n  \
    ownerline inbox --unassigned\n  \
    ownerline inbox dealer-7 --state answered-late --state closed-unanswered --all\n  \
    ownerline inbox dealer-7 --min-share 0.75 --json | jq '.items[].obligation.dueAt'";

/// On what the answer stands, and how it is printed.
#[derive(Debug, Args)]
pub struct AnswerArgs {
    /// On what the answer stands.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// What if the SLA of this file were owed by everybody? The proto3 JSON of a policy; nothing is published
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// What `feedback` takes.
#[derive(Debug, Args)]
pub struct FeedbackArgs {
    /// Which
    #[arg(value_name = "ID")]
    pub feedback: String,
    /// On what the answer stands, and how it is printed.
    #[command(flatten)]
    pub answer: AnswerArgs,
}

/// What `inbox` takes.
#[derive(Debug, Args)]
pub struct InboxArgs {
    /// Whose
    #[arg(value_name = "DEALER", required_unless_present = "unassigned")]
    pub dealer: Option<String>,
    /// What no dealer is responsible for, and what is therefore in nobody's inbox
    #[arg(long, conflicts_with_all = ["dealer", "watch"])]
    pub unassigned: bool,
    /// Only what stands so; may be repeated [default: open]
    #[arg(long = "state", value_enum, value_name = "STATE")]
    pub states: Vec<State>,
    /// Only what is owed of this kind; may be repeated
    #[arg(long = "kind", value_enum, value_name = "KIND")]
    pub kinds: Vec<Kind>,
    /// Only what came by this channel, for example `survey`
    #[arg(long, value_parser = channel)]
    pub channel: Option<Channel>,
    /// Only of this survey
    #[arg(long, value_parser = said)]
    pub survey: Option<String>,
    /// Only what is owed at or before this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub due_until: Option<Timestamp>,
    /// Only where at least this share of the budget is used up, for example 0.75
    #[arg(long, value_name = "SHARE")]
    pub min_share: Option<f64>,
    /// Which comes first
    #[arg(long, value_enum, value_name = "ORDER", default_value_t = Order::Due)]
    pub order: Order,
    /// Every page, not just the first
    #[arg(long)]
    pub all: bool,
    /// Go on with what changes, until stopped; by what is recorded and by time passing
    #[arg(long, conflicts_with_all = ["as_of", "known_at", "policy"])]
    pub watch: bool,
    /// Stop watching after this many changes
    #[arg(long, value_name = "N", requires = "watch")]
    pub changes: Option<u64>,
    /// On what the answer stands, and how it is printed.
    #[command(flatten)]
    pub answer: AnswerArgs,
}

impl InboxArgs {
    /// The first page that is asked for, but for a supposed policy.
    pub(in crate::cli) fn request(&self) -> ListObligationsRequest {
        let states = self.states.iter().map(|it| WireState::from(*it).into());
        let kinds = self.kinds.iter().map(|it| WireKind::from(*it).into());
        ListObligationsRequest {
            dealer_id: self.dealer.clone().unwrap_or_default(),
            unassigned: self.unassigned,
            filter: Some(ObligationFilter {
                states: states.collect(),
                kinds: kinds.collect(),
                channel: self.channel.map_or(0, Into::into),
                survey: self.survey.clone().unwrap_or_default(),
                due_until: self.due_until,
                min_share: self.min_share.unwrap_or_default(),
                ..ObligationFilter::default()
            }),
            order: WireOrder::from(self.order).into(),
            as_of: self.answer.vantage.as_of,
            known_at: self.answer.vantage.known_at.clone(),
            at_least: self.answer.vantage.at_least.clone(),
            ..ListObligationsRequest::default()
        }
    }
}

fn channel(text: &str) -> Result<Channel, String> {
    Channel::from_short_name(text).ok_or_else(|| {
        "must be one of in_person, phone, email, portal, app, message, survey, vehicle, factory, api, other".to_owned()
    })
}

/// How an obligation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum State {
    /// Nobody has met it.
    Open,
    /// Met by its deadline
    AnsweredInTime,
    /// Met after its deadline
    AnsweredLate,
    /// Closed before anybody met it.
    ClosedUnanswered,
    /// Does not count.
    Excluded,
}

impl From<State> for WireState {
    fn from(state: State) -> Self {
        match state {
            State::Open => Self::Open,
            State::AnsweredInTime => Self::AnsweredInTime,
            State::AnsweredLate => Self::AnsweredLate,
            State::ClosedUnanswered => Self::ClosedUnanswered,
            State::Excluded => Self::Excluded,
        }
    }
}

/// What is owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// The first reply.
    FirstReply,
    /// The reply to a further message.
    NextReply,
    /// The outcome.
    Resolution,
}

impl From<Kind> for WireKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::FirstReply => Self::FirstReply,
            Kind::NextReply => Self::NextReply,
            Kind::Resolution => Self::Resolution,
        }
    }
}

/// Which obligation comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Order {
    /// The earliest due.
    Due,
    /// The oldest.
    Age,
    /// The greatest share of its budget used up.
    Share,
}

impl From<Order> for WireOrder {
    fn from(order: Order) -> Self {
        match order {
            Order::Due => Self::Due,
            Order::Age => Self::Age,
            Order::Share => Self::Share,
        }
    }
}
