//! `inbox`: what a dealer owes, most urgent first, once or as it changes.

mod args;
mod pages;
mod table;
mod watch;

pub(in crate::cli) use self::args::{EXAMPLES, InboxArgs, Kind};
pub(in crate::cli) use self::pages::pages;
pub(in crate::cli) use self::table::table;
use crate::cli::pages::Extent;
use crate::cli::policy::read_sla;
use crate::cli::{CliError, Output, clients};

pub(in crate::cli) async fn run(
    server: &str,
    args: &InboxArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let mut request = args.request();
    request.what_if = read_sla(args.answer.policy.as_deref())?;
    let mut client = clients::feedback(server).await?;
    if args.watch {
        let json = args.answer.format.as_json_lines()?;
        return watch::run(client, request, json, args.changes, output).await;
    }
    let answer = pages(&mut client, &request, Extent::of_all(args.all)).await?;
    output.answer(&answer, args.answer.format, |answer, _| {
        table::report(&request, answer)
    })
}
