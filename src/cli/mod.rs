//! The command line: what people and scripts type, and what they read back.
//!
//! Nothing here prints by itself: every command writes to the [`Output`] it is given. A folder or file that is named
//! like a command holds that command; the others hold what several commands share.

mod advocacy;
mod assistance;
mod bench;
mod bookings;
mod bundled;
mod cases;
mod clients;
mod command_line;
mod connect;
mod contacts;
mod context_pack;
pub mod demo;
mod directory;
mod durations;
mod error;
mod exit_code;
mod feedback;
mod filters;
mod generate;
mod group_by;
mod health;
mod import;
mod log;
mod loyalty;
mod orders;
mod output;
mod pages;
mod policy;
mod progress;
mod projections;
mod proxies;
mod repairs;
mod report;
mod response_times;
mod retract;
mod retry;
mod run;
mod scores;
mod serve;
mod terminal_text;
mod time;
mod timeline;
mod trace;
mod vantage;
mod watch_loop;

pub use command_line::{Cli, Command};
pub use error::CliError;
pub use exit_code::{FAILURE, FOUND, SOME_REFUSED, SUCCESS};
pub use output::Output;
pub use run::{main, run, to_the_end};
pub use serve::serve_with;
