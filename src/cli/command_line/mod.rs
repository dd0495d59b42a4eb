//! What can be typed, and the help that teaches it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::cli::advocacy::advocates::{self, AdvocatesArgs};
use crate::cli::advocacy::{self, AdvocacyArgs};
use crate::cli::bench::BenchArgs;
use crate::cli::bundled::ProtoCommand;
use crate::cli::context_pack::ContextPackArgs;
use crate::cli::demo::DemoArgs;
use crate::cli::directory::{self, DealersArgs, OwnersArgs, TouchpointsArgs};
use crate::cli::feedback::args::{FEEDBACK_EXAMPLES, FeedbackArgs, INBOX_EXAMPLES, InboxArgs};
use crate::cli::generate::GenerateArgs;
use crate::cli::health::{self, HealthArgs};
use crate::cli::import::args::{self as import, ImportArgs};
use crate::cli::log::LogArgs;
use crate::cli::loyalty::{self, LoyaltyArgs};
use crate::cli::policy::PolicyArgs;
use crate::cli::projections::ProjectionsArgs;
use crate::cli::report::FormatArgs;
use crate::cli::response_times::{self, ResponseTimesArgs};
use crate::cli::retract::args::{self as retract, RetractArgs};
use crate::cli::scores::{self, ScoresArgs};
use crate::cli::serve::{CheckConfigArgs, ServeArgs};
use crate::cli::time;
use crate::cli::timeline::TimelineArgs;

mod definition;

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
    #[command(after_long_help = FEEDBACK_EXAMPLES)]
    Feedback(Box<FeedbackArgs>),
    /// Show what a dealer owes, most urgent first
    #[command(after_long_help = INBOX_EXAMPLES)]
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
    #[command(long_about = directory::TOUCHPOINTS_ABOUT, after_long_help = directory::TOUCHPOINTS_EXAMPLES)]
    Touchpoints(Box<TouchpointsArgs>),
    /// Find owners
    #[command(long_about = directory::OWNERS_ABOUT, after_long_help = directory::OWNERS_EXAMPLES)]
    Owners(Box<OwnersArgs>),
    /// Find dealers
    #[command(after_long_help = directory::DEALERS_EXAMPLES)]
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

#[cfg(test)]
mod tests;
