//! What can be typed, and the help that teaches it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use ownerline_proto::schema::Schema;
use ownerline_proto::v1::{KnownAt, Visibility};
use pbjson_types::Timestamp;

mod definition;
mod log;
mod projections;
mod proto;

pub(super) use log::{LogArgs, LogCommand};
pub(super) use projections::{ProjectionsArgs, ProjectionsCommand, RebuildArgs};
pub(super) use proto::ProtoCommand;

use super::advocacy::{self, AdvocacyArgs};
use super::advocates::{self, AdvocatesArgs};
use super::context_pack::ContextPackArgs;
use super::filter::said;
use super::finding::{self, DealersArgs, OwnersArgs, TouchpointsArgs};
use super::health::{self, HealthArgs};
use super::import::args::{self as import, ImportArgs};
use super::inbox::{self, FeedbackArgs, InboxArgs};
use super::loyalty::{self, LoyaltyArgs};
use super::policy::PolicyArgs;
use super::report::FormatArgs;
use super::response_times::{self, ResponseTimesArgs};
use super::retract::args::{self as retract, RetractArgs};
use super::scores::{self, ScoresArgs};
use super::time;

/// The whole command line.
#[derive(Debug, Parser)]
#[command(
    name = "ownerline",
    version,
    about = "The journey of an owner: one way in, one log, many ways to look",
    long_about = "The journey of an owner: one way in, one log, many ways to look.\n\n\
        Touchpoints between owners and a brand go into one append-only log; everything asked is\n\
        answered from it, as it was and as it was known.",
    after_long_help = EXIT_CODES
)]
pub struct Cli {
    /// The server to talk to
    #[arg(
        long,
        global = true,
        env = "OWNERLINE_SERVER",
        value_name = "URL",
        default_value = "http://127.0.0.1:7431"
    )]
    pub server: String,
    /// Give up after this long, for example 30s [default: never]
    #[arg(long, global = true, value_name = "DURATION", value_parser = time::duration)]
    pub timeout: Option<Duration>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes:\n  \
    0  everything was done (also when the reader of a pipe went away)\n  \
    1  it was not done; the error says why\n  \
    2  import: it ran to the end, but some lines were refused; log verify, backup, restore: damage was found;\n     \
    projections rebuild: not all took over, or a certificate differs; health: it is not serving";

/// What can be done.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the log of a data directory
    #[command(
        long_about = "Serves the log of a data directory over gRPC, until SIGINT or SIGTERM drains it. A second\n\
            signal ends it at once; what was acknowledged is on stable storage either way.\n\n\
            Settings come in layers: defaults, a TOML file, OWNERLINE_<SECTION>_<KEY> in the\n\
            environment, flags. `check-config` prints the result.",
        after_long_help = "Examples:\n  \
            ownerline serve --data ./ownerline-data\n  \
            ownerline serve --config ownerline.toml --listen 127.0.0.1:0\n\n\
            Exit codes:\n  \
            0        drained after a signal\n  \
            1        could not start, or ended by itself\n  \
            130,143  ended at once by a second SIGINT or SIGTERM"
    )]
    Serve(ServeArgs),
    /// See it at work: a server, a network of dealers and owners, four situations told
    #[command(
        long_about = "Starts a server on a free port in a temporary directory, records 18 months of an invented\n\
            network of dealers and owners over gRPC, tells four situations in it as short timelines that\n\
            the server answers, and removes everything again. The same seed makes the same network on\n\
            the same day.",
        after_long_help = "Examples:\n  \
            ownerline demo\n  \
            ownerline demo --keep\n  \
            ownerline demo --owners 5000 --seed 1"
    )]
    Demo(DemoArgs),
    /// Say whether a server takes calls, for probes
    #[command(long_about = health::LONG_ABOUT, after_long_help = health::EXAMPLES)]
    Health(HealthArgs),
    /// Make up realistic journeys, as CloudEvents lines
    #[command(
        long_about = "Makes up the journeys of owners who do not exist, and prints one CloudEvents line a touchpoint:\n\
            dealers with habits, orders, cars, visits, faults that come back, surveys and replies, cases\n\
            and promises, friends, resales; late, corrected, withdrawn and repeated reports.\n\n\
            The same arguments print the same bytes on every machine, and owner k's journey does not\n\
            depend on how many owners there are. One owner at a time is in memory, at any number.\n\
            Ids carry the seed, so that journeys of several seeds fit into one log.",
        after_long_help = "Examples:\n  \
            ownerline generate --owners 1000 --seed 7 | ownerline import -\n  \
            ownerline generate --owners 20 --seed 1 --months 6 | jq -r .type | sort | uniq -c\n  \
            ownerline generate --owners 100000 --seed 7 --dealers 80 | gzip > journeys.ndjson.gz\n  \
            ownerline generate --owners 1000 --seed 7 | head -1000"
    )]
    Generate(GenerateArgs),
    /// Bring in history from a file of CloudEvents lines
    #[command(long_about = import::ABOUT, after_long_help = import::EXAMPLES)]
    Import(ImportArgs),
    /// Take a wrong import back
    #[command(long_about = retract::ABOUT, after_long_help = retract::EXAMPLES)]
    Retract(RetractArgs),
    /// Tell the story of one owner
    #[command(
        long_about = "Tells the story of one owner: everything that happened between this person and the brand,\n\
            across cars, dealers and ids, newest first.\n\n\
            `--as-of` asks how it was, `--known-at` what was known. A time is RFC 3339\n\
            (2014-01-04T09:30:00Z), a date (2014-01-04, its midnight in the zone of --tz or else UTC), or a\n\
            span before now (-7d, -2w, \"3 months ago\").",
        after_long_help = "Examples:\n  \
            ownerline timeline owner-1\n  \
            ownerline timeline owner-1 --all --oldest-first --type dealer_replied --type feedback_received\n  \
            ownerline timeline owner-1 --as-of 2024-03-01 --known-at 2024-03-01 --visible-to dealer\n  \
            ownerline timeline owner-1 --all --json | jq '.entries[].headline'\n  \
            ownerline timeline owner-1 --watch"
    )]
    Timeline(Box<TimelineArgs>),
    /// Say what to know before contacting an owner, and record that it was said
    #[command(
        long_about = "Says what to know before contacting an owner: promises, cases, defects, the last visit, the\n\
            last feedback, who holds the relationship, and what not to say again; and what is not known.\n\n\
            It is recorded that the pack was served, and to whom, before it is shown.",
        after_long_help = "Examples:\n  \
            ownerline context-pack owner-1 --actor agent-7\n  \
            ownerline context-pack owner-1 --actor dialer --actor-kind system --visible-to dealer\n  \
            ownerline context-pack owner-1 --actor agent-7 --json | jq .pack.openCommitments"
    )]
    ContextPack(Box<ContextPackArgs>),
    /// Say how long owners wait for an answer
    #[command(long_about = response_times::LONG_ABOUT, after_long_help = response_times::EXAMPLES)]
    ResponseTimes(Box<ResponseTimesArgs>),
    /// Say what owners answer when they are asked for a number, and how many answer
    #[command(long_about = scores::LONG_ABOUT, after_long_help = scores::EXAMPLES)]
    Scores(Box<ScoresArgs>),
    /// Tell what was owed for one feedback, by whom, and how it ended
    #[command(after_long_help = inbox::FEEDBACK_EXAMPLES)]
    Feedback(Box<FeedbackArgs>),
    /// Show what a dealer owes, most urgent first
    #[command(after_long_help = inbox::INBOX_EXAMPLES)]
    Inbox(Box<InboxArgs>),
    /// How much of an advocate an owner is, and why
    #[command(long_about = advocacy::ABOUT, after_long_help = advocacy::EXAMPLES)]
    Advocacy(Box<AdvocacyArgs>),
    /// How scores are distributed, and who has the highest
    #[command(long_about = advocates::ABOUT, after_long_help = advocates::EXAMPLES)]
    Advocates(Box<AdvocatesArgs>),
    /// Who comes back for the same make
    #[command(long_about = loyalty::ABOUT, after_long_help = loyalty::EXAMPLES)]
    Loyalty(Box<LoyaltyArgs>),
    /// List touchpoints, the last recorded first: to find one whose id is not known
    #[command(long_about = finding::TOUCHPOINTS_ABOUT, after_long_help = finding::TOUCHPOINTS_EXAMPLES)]
    Touchpoints(Box<TouchpointsArgs>),
    /// Find owners
    #[command(long_about = finding::OWNERS_ABOUT, after_long_help = finding::OWNERS_EXAMPLES)]
    Owners(Box<OwnersArgs>),
    /// Find dealers
    #[command(after_long_help = finding::DEALERS_EXAMPLES)]
    Dealers(Box<DealersArgs>),
    /// Publish rules as data, list them, show which is in force
    #[command(
        long_about = "Policies are rules as data: what is owed by when, when business is open, how scores are formed …\n\
            Versions never change; which is in force for whom and when is asked as it was and as it was known.",
        after_long_help = "Examples:\n  \
            ownerline policy list\n  \
            ownerline policy show --kind sla --dealer dealer-7\n  \
            ownerline policy publish sla.json"
    )]
    Policy(Box<PolicyArgs>),
    /// Look at the read models, and build them anew
    #[command(
        long_about = "Looks at the read models: how far each has come and whether it is complete; and builds them\n\
            anew from the log while they serve.",
        after_long_help = "Examples:\n  ownerline projections list\n  ownerline projections rebuild timeline"
    )]
    Projections(ProjectionsArgs),
    /// Look at the log itself, back it up, restore it
    #[command(
        long_about = "Looks at the log of a data directory, read-only, also while a server runs on it; and copies\n\
            it away and back.",
        after_long_help = "Examples:\n  \
            ownerline log stat --data ./ownerline-data\n  \
            ownerline log backup --data ./ownerline-data --to ./ownerline-backup\n  \
            ownerline log cat --data ./ownerline-data | gzip > history.ndjson.gz"
    )]
    Log(LogArgs),
    /// Print the settings a server would run with
    #[command(
        long_about = "Prints the settings that `serve` would run with, as TOML, each with where it comes from; or\n\
            everything that is wrong with them, at once.",
        after_long_help = "Examples:\n  \
            ownerline check-config\n  \
            OWNERLINE_LIMITS_PAGE_ENTRIES=500 ownerline check-config --config ownerline.toml"
    )]
    CheckConfig(CheckConfigArgs),
    /// Measure this build on this machine, beside yardsticks
    #[command(
        long_about = "Starts a server in a process of its own over a temporary directory, loads it over gRPC, kills\n\
            it, builds its views anew, and says how fast all that was: one line for each bar of\n\
            docs/performance.md, beside a yardstick that is measured in the same run. Counts are checked\n\
            afterwards: everything acknowledged must be there. It ends by itself and removes what it made.\n\n\
            A bar holds, does not hold, or is not judged where the run is too small for it.",
        after_long_help = "Examples:\n  \
            ownerline bench --quick\n  \
            ownerline bench --events 5000000 --data /some/disk\n  \
            ownerline bench --json | jq 'select(.holds == false)'\n\n\
            Exit codes:\n  \
            0  everything was measured and nothing was lost, whatever holds\n  \
            1  it could not be finished, or a count is not right"
    )]
    Bench(BenchArgs),
    /// The contract as files, for clients
    #[command(subcommand)]
    Proto(ProtoCommand),
    /// Print completions for a shell
    #[command(after_long_help = "Examples:\n  \
        ownerline completions bash > ~/.local/share/bash-completion/completions/ownerline\n  \
        ownerline completions zsh > ~/.zfunc/_ownerline")]
    Completions {
        /// Which
        #[arg(value_name = "SHELL")]
        shell: clap_complete::Shell,
    },
    /// Write the manual pages into a directory
    #[command(after_long_help = "Example:\n  ownerline man ~/.local/share/man/man1")]
    Man {
        /// Where to; made if it is not there
        #[arg(value_name = "DIR")]
        directory: PathBuf,
    },
    /// Say which build this is
    Version {
        /// How the answer is printed.
        #[command(flatten)]
        format: FormatArgs,
    },
    /// The yardstick of `bench`
    #[command(hide = true)]
    BenchEcho,
}

/// What `bench` takes.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// A small run: that everything works and nothing is lost, not how fast it is
    #[arg(long, conflicts_with = "events")]
    pub quick: bool,
    /// How many touchpoints the log has when it is measured
    #[arg(long, value_name = "N", default_value_t = 500_000, value_parser = clap::value_parser!(u64).range(20_000..=50_000_000))]
    pub events: u64,
    /// Where to make the temporary directory: on the disk to be measured [default: that of the system]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// What `serve` takes.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// The data directory; made if it is not there [default: ./ownerline-data]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:7431]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// Where to answer `GET /metrics` for a Prometheus server [default: off]
    #[arg(long, value_name = "ADDRESS")]
    pub metrics_listen: Option<String>,
    /// A TOML file of settings
    #[arg(long, value_name = "FILE", env = "OWNERLINE_CONFIG")]
    pub config: Option<PathBuf>,
}

/// What `check-config` takes.
#[derive(Debug, Args)]
pub struct CheckConfigArgs {
    /// A TOML file of settings
    #[arg(long, value_name = "FILE", env = "OWNERLINE_CONFIG")]
    pub config: Option<PathBuf>,
}

/// What `demo` takes.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Leave the server running until Ctrl-C, with commands to try
    #[arg(long)]
    pub keep: bool,
    /// How many owners are made up, beside the four of the situations
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub owners: u64,
    /// What the randomness comes from; another seed makes other owners
    #[arg(long, value_name = "S", default_value_t = 7)]
    pub seed: u64,
}

/// What `generate` takes.
#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// How many owners
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=1_000_000_000))]
    pub owners: u64,
    /// What the randomness comes from; another seed makes other owners
    #[arg(long, value_name = "S")]
    pub seed: u64,
    /// How many months the period has
    #[arg(long, value_name = "M", default_value_t = 18, value_parser = clap::value_parser!(u32).range(1..=600))]
    pub months: u32,
    /// How many dealers the network has
    #[arg(long, value_name = "D", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub dealers: u32,
    /// The end of the period: everything happens before it
    #[arg(long = "to", alias = "until", value_name = "TIME", default_value = "2026-01-01", value_parser = time::within_reach, allow_hyphen_values = true)]
    pub until: Timestamp,
}

/// What `timeline` takes.
#[derive(Debug, Args)]
pub struct TimelineArgs {
    /// Whose story
    #[arg(value_name = "OWNER")]
    pub owner: String,
    /// Every page, not just the first
    #[arg(long)]
    pub all: bool,
    /// As it was at this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub as_of: Option<Timestamp>,
    /// As it was known at this position of the log, or at this instant
    #[arg(long, value_name = "POSITION|TIME", value_parser = time::known_at, allow_hyphen_values = true)]
    pub known_at: Option<KnownAt>,
    /// Only this kind of touchpoint, for example `dealer_replied`; may be repeated
    #[arg(long = "type", value_name = "TYPE", value_parser = type_name)]
    pub types: Vec<String>,
    /// Only about this vehicle
    #[arg(long, value_parser = said)]
    pub vin: Option<String>,
    /// Only what this dealer owes
    #[arg(long, value_parser = said)]
    pub dealer: Option<String>,
    /// Only about this order
    #[arg(long, value_parser = said)]
    pub order: Option<String>,
    /// Only about this case
    #[arg(long, value_parser = said)]
    pub case: Option<String>,
    /// Only about this visit
    #[arg(long, value_parser = said)]
    pub visit: Option<String>,
    /// Only about this feedback
    #[arg(long, value_parser = said)]
    pub feedback: Option<String>,
    /// Only what happened at or after this instant
    #[arg(long, value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub from: Option<Timestamp>,
    /// Only what happened before this instant
    #[arg(long = "to", alias = "until", value_name = "TIME", value_parser = time::instant, allow_hyphen_values = true)]
    pub until: Option<Timestamp>,
    /// The zone in which dates and times without an offset are read [default: UTC]
    #[arg(long, value_name = "ZONE", value_parser = time::named_zone)]
    pub tz: Option<String>,
    /// Only what a dealer or the owner may see
    #[arg(long, value_enum, value_name = "WHO")]
    pub visible_to: Option<Viewer>,
    /// From the beginning, not from the end
    #[arg(long)]
    pub oldest_first: bool,
    /// How many entries the server answers at once
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub page_size: u32,
    /// Wait until the answer stands at least on this position
    #[arg(
        long,
        value_name = "POSITION",
        default_value = "",
        hide_default_value = true
    )]
    pub at_least: String,
    /// Go on with what changes, until stopped; the story comes oldest first, or as one JSON object a change
    #[arg(long, conflicts_with_all = ["all", "as_of", "known_at", "oldest_first"])]
    pub watch: bool,
    /// Stop watching after this many changes
    #[arg(long, value_name = "N", requires = "watch")]
    pub changes: Option<u64>,
    /// How the answer is printed.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// For whose eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Viewer {
    /// What a dealer may see.
    Dealer,
    /// What the owner may see.
    Owner,
}

impl From<Viewer> for Visibility {
    fn from(viewer: Viewer) -> Self {
        match viewer {
            Viewer::Dealer => Self::Dealer,
            Viewer::Owner => Self::Owner,
        }
    }
}

/// The CloudEvents type of a kind named in short or in full.
pub(super) fn type_name(text: &str) -> Result<String, String> {
    let schema = Schema::get();
    if let Some(kind) = schema
        .kind_by_name(text)
        .or_else(|| schema.kind_by_type(text))
    {
        return Ok(kind.type_name.clone());
    }
    let alike: Vec<&str> = schema
        .kinds()
        .iter()
        .map(|kind| &*kind.name)
        .filter(|name| {
            text.split('_')
                .any(|word| word.len() > 3 && name.contains(word))
        })
        .take(8)
        .collect();
    Err(if alike.is_empty() {
        "there is no such kind of touchpoint".to_owned()
    } else {
        format!(
            "there is no such kind of touchpoint; there are {}",
            alike.join(", ")
        )
    })
}

#[cfg(test)]
mod tests;
