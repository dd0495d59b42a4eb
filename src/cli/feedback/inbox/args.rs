//! The arguments of `inbox`.

use clap::{Args, ValueEnum};
use ownerline_proto::v1::list_obligations_request::Order as WireOrder;
use ownerline_proto::v1::obligation::State as WireState;
use ownerline_proto::v1::sla_policy::obligation::Kind as WireKind;
use ownerline_proto::v1::{Channel, ListObligationsRequest, ObligationFilter};
use pbjson_types::Timestamp;

use crate::cli::feedback::args::AnswerArgs;
use crate::cli::filters::{channel, not_blank};
use crate::cli::time;

/// The examples of `inbox`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline inbox dealer-7\n  \
    ownerline inbox dealer-7 --watch\n  \
    ownerline inbox --unassigned\n  \
    ownerline inbox dealer-7 --state answered-late --state closed-unanswered --all\n  \
    ownerline inbox dealer-7 --min-share 0.75 --json | jq '.items[].obligation.dueAt'";

/// The arguments of `inbox`.
#[derive(Debug, Args)]
pub struct InboxArgs {
    /// The dealer
    #[arg(value_name = "DEALER", required_unless_present = "unassigned")]
    pub dealer: Option<String>,
    /// List what no dealer is responsible for, and what is therefore in no inbox
    #[arg(long, conflicts_with_all = ["dealer", "watch"])]
    pub unassigned: bool,
    /// Only obligations in this state; may be repeated [default: open]
    #[arg(long = "state", value_enum, value_name = "STATE")]
    pub states: Vec<State>,
    /// Only obligations of this kind; may be repeated
    #[arg(long = "kind", value_enum, value_name = "KIND")]
    pub kinds: Vec<Kind>,
    /// Only for feedback received by this channel, for example `survey`
    #[arg(long, value_parser = channel)]
    pub channel: Option<Channel>,
    /// Only for feedback to this survey
    #[arg(long, value_parser = not_blank)]
    pub survey: Option<String>,
    /// Only obligations due at or before this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub due_until: Option<Timestamp>,
    /// Only obligations with at least this share of their budget used up, for example 0.75; 1 is the deadline
    #[arg(long, value_name = "SHARE")]
    pub min_share: Option<f64>,
    /// The order of the list
    #[arg(long, value_enum, value_name = "ORDER", default_value_t = Order::Due)]
    pub order: Order,
    /// List every page, not only the first
    #[arg(long)]
    pub all: bool,
    /// Keep printing changes until stopped: by what is recorded, and by the passing of time
    #[arg(long, conflicts_with_all = ["as_of", "known_at", "policy"])]
    pub watch: bool,
    /// Stop watching after this many changes
    #[arg(long, value_name = "N", requires = "watch")]
    pub changes: Option<u64>,
    /// What the answer reflects, and how it is printed.
    #[command(flatten)]
    pub answer: AnswerArgs,
}

impl InboxArgs {
    /// The request of the first page, without a policy to judge by.
    pub(super) fn request(&self) -> ListObligationsRequest {
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

/// The state of an obligation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum State {
    /// Not met yet
    Open,
    /// Met by its deadline
    AnsweredInTime,
    /// Met after its deadline
    AnsweredLate,
    /// Closed before it was met
    ClosedUnanswered,
    /// Does not count
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

/// A kind of obligation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A first reply
    FirstReply,
    /// A reply to a further message
    NextReply,
    /// An outcome, of feedback or of a case
    Resolution,
    /// The word that a case is known
    Acknowledgement,
    /// News about a case
    ProgressUpdate,
    /// A promise made in a case
    Commitment,
    /// A task of a case
    Task,
}

impl From<Kind> for WireKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::FirstReply => Self::FirstReply,
            Kind::NextReply => Self::NextReply,
            Kind::Resolution => Self::Resolution,
            Kind::Acknowledgement => Self::Acknowledgement,
            Kind::ProgressUpdate => Self::ProgressUpdate,
            Kind::Commitment => Self::Commitment,
            Kind::Task => Self::Task,
        }
    }
}

/// The order of an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Order {
    /// Earliest due first
    Due,
    /// Oldest first
    Age,
    /// Greatest share of the budget used up first
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
