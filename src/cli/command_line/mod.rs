//! The command line: every command, and the flags that all of them share.

mod definition;

use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::cli::advocacy::advocates::{self, AdvocatesArgs};
use crate::cli::advocacy::{self, AdvocacyArgs};
use crate::cli::assistance::{self, AssistanceArgs};
use crate::cli::bench::{self, BenchArgs};
use crate::cli::bookings::{self, BookingsArgs};
use crate::cli::bundled::{self, CompletionsArgs, ManArgs, ProtoCommand, VersionArgs};
use crate::cli::cases::{self, CaseArgs};
use crate::cli::contacts::{self, ContactsArgs};
use crate::cli::context_pack::{self, ContextPackArgs};
use crate::cli::demo::{self, DemoArgs};
use crate::cli::directory::{self, DealersArgs, OwnersArgs, TouchpointsArgs};
use crate::cli::error::CliError;
use crate::cli::feedback::inbox::{self, InboxArgs};
use crate::cli::feedback::{self, FeedbackArgs};
use crate::cli::generate::{self, GenerateArgs};
use crate::cli::health::{self, HealthArgs};
use crate::cli::import::{self, ImportArgs};
use crate::cli::log::{self, LogArgs};
use crate::cli::loyalty::{self, LoyaltyArgs};
use crate::cli::orders::{self, OrderArgs};
use crate::cli::output::Output;
use crate::cli::policy::{self, PolicyArgs};
use crate::cli::projections::{self, ProjectionsArgs};
use crate::cli::repairs::{self, RepairsArgs};
use crate::cli::response_times::{self, ResponseTimesArgs};
use crate::cli::retract::{self, RetractArgs};
use crate::cli::scores::{self, ScoresArgs};
use crate::cli::serve::{
    self, CHECK_CONFIG_ABOUT, CHECK_CONFIG_EXAMPLES, CheckConfigArgs, SERVE_ABOUT, SERVE_EXAMPLES,
    ServeArgs,
};
use crate::cli::time;
use crate::cli::timeline::{self, TimelineArgs};

/// The command line.
#[derive(Debug, Parser)]
#[command(
    name = "ownerline",
    version,
    about = "Customer journeys of car owners: one way in, one log, many ways to look",
    long_about = "Customer journeys of car owners: one way in, one log, many ways to look.\n\n\
        Touchpoints between owners and a brand are recorded in one append-only log. Every question is \
            answered from it: as things were at an instant, and as they were known at an instant.",
    after_long_help = EXIT_CODES
)]
pub struct Cli {
    /// The address of the server
    #[arg(
        long,
        global = true,
        env = "OWNERLINE_SERVER",
        value_name = "URL",
        default_value = "http://127.0.0.1:7431",
        help_heading = "Connection"
    )]
    pub server: String,
    /// Give up after this long, for example 30s or 5m [default: never]
    #[arg(
        long,
        global = true,
        value_name = "DURATION",
        value_parser = time::duration,
        help_heading = "Connection"
    )]
    pub timeout: Option<Duration>,
    /// The command to run.
    #[command(subcommand)]
    pub command: Command,
}

const EXIT_CODES: &str = "Exit codes:\n  \
    0  success (also when the reader of a pipe went away)\n  \
    1  failure; the error says why\n  \
    2  import, retract: finished, but some touchpoints were refused; log verify, backup, restore: damage was\n     \
    found; projections rebuild: not every rebuild took over, or a certificate differs; health: not serving";

/// Declares the commands and how each is run, from one list.
macro_rules! commands {
    (|$server:ident, $output:ident| $(
        $(#[$about:meta])* $name:ident $(($args:ident: $type:ty))? => $run:expr;
    )+) => {
        /// The commands.
        #[derive(Debug, Subcommand)]
        pub enum Command {
            $($(#[$about])* $name $(($type))?,)+
        }

        impl Command {
            /// Runs the command against a server and returns its exit code.
            pub(in crate::cli) async fn execute(
                self,
                $server: &str,
                $output: &mut Output<'_>,
            ) -> Result<u8, CliError> {
                match self {
                    $(Self::$name $(($args))? => $run,)+
                }
            }
        }
    };
}

commands! { |server, output|
    /// Serve the log of a data directory over gRPC
    #[command(long_about = SERVE_ABOUT, after_long_help = SERVE_EXAMPLES)]
    Serve(args: ServeArgs) => serve::serve(&args, output).await;
    /// Try it out: a temporary server with an invented network of dealers and owners
    #[command(long_about = demo::ABOUT, after_long_help = demo::EXAMPLES)]
    Demo(args: DemoArgs) => demo::run(&args, output).await;
    /// Check whether a server is serving, for probes
    #[command(long_about = health::ABOUT, after_long_help = health::EXAMPLES)]
    Health(args: HealthArgs) => health::run(server, &args, output).await;
    /// Generate realistic journeys as CloudEvents lines
    #[command(long_about = generate::ABOUT, after_long_help = generate::EXAMPLES)]
    Generate(args: GenerateArgs) => generate::run(&args, output);
    /// Import history from a file of CloudEvents lines
    #[command(long_about = import::ABOUT, after_long_help = import::EXAMPLES)]
    Import(args: ImportArgs) => import::run(server, &args, output).await;
    /// Retract what a wrong import brought in
    #[command(long_about = retract::ABOUT, after_long_help = retract::EXAMPLES)]
    Retract(args: RetractArgs) => retract::run(server, &args, output).await;
    /// Show everything that happened to one owner
    #[command(long_about = timeline::ABOUT, after_long_help = timeline::EXAMPLES)]
    Timeline(args: Box<TimelineArgs>) => timeline::run(server, &args, output).await;
    /// Show what to know before contacting an owner, and record that it was shown
    #[command(long_about = context_pack::ABOUT, after_long_help = context_pack::EXAMPLES)]
    ContextPack(args: Box<ContextPackArgs>) => context_pack::run(server, &args, output).await;
    /// Show one order: where the car is, what was promised, and what the owner heard
    #[command(long_about = orders::ABOUT, after_long_help = orders::EXAMPLES)]
    Order(args: Box<OrderArgs>) => orders::run(server, &args, output).await;
    /// Show one case or its story, or list cases by what is due next
    #[command(long_about = cases::ABOUT, after_long_help = cases::EXAMPLES)]
    Case(args: Box<CaseArgs>) => cases::run(server, &args, output).await;
    /// Show who contacted owners, with or without knowing what there was to know
    #[command(long_about = contacts::ABOUT, after_long_help = contacts::EXAMPLES)]
    Contacts(args: Box<ContactsArgs>) => contacts::run(server, &args, output).await;
    /// Show help beyond the sale: who was turned away, who helped, and how it ended
    #[command(long_about = assistance::ABOUT, after_long_help = assistance::EXAMPLES)]
    Assistance(args: Box<AssistanceArgs>) => assistance::run(server, &args, output).await;
    /// Show what an owner booked at workshops, and what became of it
    #[command(long_about = bookings::ABOUT, after_long_help = bookings::EXAMPLES)]
    Bookings(args: Box<BookingsArgs>) => bookings::run(server, &args, output).await;
    /// Show where a car stands by the rules about repeated repairs
    #[command(long_about = repairs::ABOUT, after_long_help = repairs::EXAMPLES)]
    Repairs(args: Box<RepairsArgs>) => repairs::run(server, &args, output).await;
    /// Show how long owners wait for a reply
    #[command(long_about = response_times::ABOUT, after_long_help = response_times::EXAMPLES)]
    ResponseTimes(args: Box<ResponseTimesArgs>) => response_times::run(server, &args, output).await;
    /// Show survey scores (NPS, CSAT, CES) and response rates
    #[command(long_about = scores::ABOUT, after_long_help = scores::EXAMPLES)]
    Scores(args: Box<ScoresArgs>) => scores::run(server, &args, output).await;
    /// Show one feedback: what was owed for it, by whom, and how it ended
    #[command(after_long_help = feedback::EXAMPLES)]
    Feedback(args: Box<FeedbackArgs>) => feedback::run(server, &args, output).await;
    /// Show what a dealer owes, most urgent first
    #[command(after_long_help = inbox::EXAMPLES)]
    Inbox(args: Box<InboxArgs>) => inbox::run(server, &args, output).await;
    /// Explain the advocacy score of one owner
    #[command(long_about = advocacy::ABOUT, after_long_help = advocacy::EXAMPLES)]
    Advocacy(args: Box<AdvocacyArgs>) => advocacy::run(server, &args, output).await;
    /// Show how advocacy scores are distributed, and who has the highest
    #[command(long_about = advocates::ABOUT, after_long_help = advocates::EXAMPLES)]
    Advocates(args: Box<AdvocatesArgs>) => advocates::run(server, &args, output).await;
    /// Show how many owners come back to the same make
    #[command(long_about = loyalty::ABOUT, after_long_help = loyalty::EXAMPLES)]
    Loyalty(args: Box<LoyaltyArgs>) => loyalty::run(server, &args, output).await;
    /// List touchpoints, the last recorded first
    #[command(long_about = directory::TOUCHPOINTS_ABOUT, after_long_help = directory::TOUCHPOINTS_EXAMPLES)]
    Touchpoints(args: Box<TouchpointsArgs>) => directory::touchpoints(server, &args, output).await;
    /// List owners
    #[command(long_about = directory::OWNERS_ABOUT, after_long_help = directory::OWNERS_EXAMPLES)]
    Owners(args: Box<OwnersArgs>) => directory::owners(server, &args, output).await;
    /// List dealers
    #[command(after_long_help = directory::DEALERS_EXAMPLES)]
    Dealers(args: Box<DealersArgs>) => directory::dealers(server, &args, output).await;
    /// Publish policies, list them, show which one is in force
    #[command(long_about = policy::ABOUT, after_long_help = policy::EXAMPLES)]
    Policy(args: Box<PolicyArgs>) => policy::run(server, &args, output).await;
    /// List the read models, or rebuild them
    #[command(long_about = projections::ABOUT, after_long_help = projections::EXAMPLES)]
    Projections(args: ProjectionsArgs) => projections::run(server, &args, output).await;
    /// Inspect, verify, back up or restore the log of a data directory
    #[command(long_about = log::ABOUT, after_long_help = log::EXAMPLES)]
    Log(args: LogArgs) => log::run(&args, output);
    /// Print the settings that a server would run with
    #[command(long_about = CHECK_CONFIG_ABOUT, after_long_help = CHECK_CONFIG_EXAMPLES)]
    CheckConfig(args: CheckConfigArgs) => serve::check_config(&args, output);
    /// Measure this build on this machine, beside yardsticks
    #[command(long_about = bench::ABOUT, after_long_help = bench::EXAMPLES)]
    Bench(args: BenchArgs) => bench::run(&args, output).await;
    /// Export the API contract as .proto files
    #[command(subcommand)]
    Proto(args: ProtoCommand) => bundled::proto(&args, output);
    /// Print completions for a shell
    #[command(after_long_help = "Examples:\n  \
        ownerline completions bash > ~/.local/share/bash-completion/completions/ownerline\n  \
        ownerline completions zsh > ~/.zfunc/_ownerline")]
    Completions(args: CompletionsArgs) =>
        bundled::completions(Cli::definition(), args.shell, output);
    /// Write the manual pages to a directory
    #[command(after_long_help = "Example:\n  ownerline man ~/.local/share/man/man1")]
    Man(args: ManArgs) => bundled::man(Cli::definition(), &args.directory, output);
    /// Print the version, commit and profile of this build
    Version(args: VersionArgs) => bundled::version(args.format, output);
    /// Serve the yardstick of `bench`
    #[command(hide = true)]
    BenchEcho => bench::echo(output).await;
}

#[cfg(test)]
mod tests;
