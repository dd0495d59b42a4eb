//! `feedback`: one item, what was owed for it by whom, and how it ended.

mod rows;
mod story;

use ownerline_proto::v1::GetFeedbackRequest;

use super::inbox::{FeedbackArgs, client, supposed};
use super::report::Report;
use super::{CliError, Output};

pub(super) async fn run(
    server: &str,
    args: &FeedbackArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let request = GetFeedbackRequest {
        feedback_id: args.feedback.clone(),
        as_of: args.answer.stand.as_of,
        known_at: args.answer.stand.known_at.clone(),
        at_least: args.answer.stand.at_least.clone(),
        what_if: supposed(args.answer.policy.as_deref())?,
    };
    let answer = client(server).await?.get_feedback(request).await?;
    let answer = answer.into_inner();
    output.answer(&answer, args.answer.format, |answer, width| {
        let item = answer.feedback.clone().unwrap_or_default();
        Report::new()
            .text(story::told(answer, width))
            .for_programs(rows::table(&item))
    })
}
