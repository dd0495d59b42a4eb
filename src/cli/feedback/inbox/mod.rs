//! `inbox`: what a dealer owes, most urgent first; at once, or as it changes.

mod pages;
mod table;
mod watch;

use super::args::InboxArgs;
use crate::cli::policy::read_sla;
use crate::cli::{CliError, Output, clients};

pub(in crate::cli) use self::pages::pages;
pub(in crate::cli) use self::table::table;

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
    let answer = pages(&mut client, request.clone(), args.all).await?;
    output.answer(&answer, args.answer.format, |answer, _| {
        table::inbox(&request, answer)
    })
}
