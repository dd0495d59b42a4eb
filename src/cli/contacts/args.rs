//! The arguments of `contacts`.

use clap::{Args, ValueEnum};
use ownerline_proto::v1::list_contacts_request::Listed as WireListed;

use crate::cli::filters::not_blank;
use crate::cli::report::FormatArgs;
use crate::cli::time::{self, PeriodEnd};
use crate::cli::vantage::VantageArgs;

/// The long help of `contacts`.
pub(in crate::cli) const ABOUT: &str = "Shows who contacted owners, newest first: the dealer and the vendor, the agents, how long it took, whether \
    they had read what there was to know (a context pack in the 24 hours before), and whether a follow-up \
    about a visit made sense by what was known then. The totals are of the whole selection.\n\n\
    docs/contacts.md says how each figure is computed and what it does not say.";

/// The examples of `contacts`.
pub(in crate::cli) const EXAMPLES: &str = "Examples:\n  \
    ownerline contacts --owner owner-1\n  \
    ownerline contacts --dealer dealer-7 --from 2026-01-01 --to 2026-04-01\n  \
    ownerline contacts --operated-by 'Contact Desk Ltd' --listed without-pack\n  \
    ownerline contacts --agent agent-7 --listed irrelevant\n  \
    ownerline contacts --dealer dealer-7 --json | jq .totals.withPack";

/// The arguments of `contacts`.
#[derive(Debug, Args)]
pub struct ContactsArgs {
    /// Only contacts with this person, by any of their ids
    #[arg(long, value_parser = not_blank)]
    pub owner: Option<String>,
    /// Only contacts of this dealer, or on its behalf
    #[arg(long, value_parser = not_blank)]
    pub dealer: Option<String>,
    /// Only contacts by this organisation, for example a call-centre vendor
    #[arg(long, value_name = "NAME", value_parser = not_blank)]
    pub operated_by: Option<String>,
    /// Only contacts in which this agent took part
    #[arg(long, value_parser = not_blank)]
    pub agent: Option<String>,
    /// Only contacts that began at or after this date, in the time zone of the dealer, or this instant
    #[arg(long, value_name = "DATE|TIME", value_parser = time::period_end, allow_hyphen_values = true)]
    pub from: Option<PeriodEnd>,
    /// Only contacts that began before this date, in the time zone of the dealer, or this instant
    #[arg(long, value_name = "DATE|TIME", value_parser = time::period_end, allow_hyphen_values = true)]
    pub to: Option<PeriodEnd>,
    /// List only these; the totals count the others, too
    #[arg(long, value_enum, value_name = "WHICH")]
    pub listed: Option<Listed>,
    /// Greatest number of contacts listed
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: usize,
    /// The instant and the position that the answer reflects.
    #[command(flatten)]
    pub vantage: VantageArgs,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// The contacts to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Listed {
    /// Without a context pack
    WithoutPack,
    /// With one
    WithPack,
    /// Follow-ups that made no sense
    Irrelevant,
}

impl From<Listed> for WireListed {
    fn from(listed: Listed) -> Self {
        match listed {
            Listed::WithoutPack => Self::WithoutPack,
            Listed::WithPack => Self::WithPack,
            Listed::Irrelevant => Self::Irrelevant,
        }
    }
}
