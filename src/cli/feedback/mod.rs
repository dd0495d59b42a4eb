//! `feedback`: one feedback with what was owed for it. `inbox`: what a dealer owes.

mod args;
pub(super) mod inbox;
mod rows;
mod story;
mod words;

use ownerline_proto::v1::GetFeedbackRequest;

pub(super) use self::args::{EXAMPLES, FeedbackArgs};
pub(in crate::cli) use self::words::kind_in_words;
use crate::cli::policy::read_sla;
use crate::cli::report::Report;
use crate::cli::{CliError, Output, clients};

pub(super) async fn run(
    server: &str,
    args: &FeedbackArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let request = GetFeedbackRequest {
        feedback_id: args.feedback.clone(),
        as_of: args.answer.vantage.as_of,
        known_at: args.answer.vantage.known_at.clone(),
        at_least: args.answer.vantage.at_least.clone(),
        what_if: read_sla(args.answer.policy.as_deref())?,
    };
    let mut client = clients::feedback(server).await?;
    let answer = client.get_feedback(request).await?.into_inner();
    output.answer(&answer, args.answer.format, |answer, width| {
        let feedback = answer.feedback.clone().unwrap_or_default();
        Report::new()
            .text(story::story(answer, width))
            .for_programs(rows::table(&feedback))
            .stale(answer.stale)
    })
}
