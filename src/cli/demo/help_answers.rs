//! What a server answers about the owner who is the customer: the turn-away and who helped, who called knowing what, and
//! what it makes friends do.

use std::fmt::Write as _;

use ownerline_proto::v1::{
    AssistanceFilter, ContactFilter, GetAssistanceRequest, GetOwnerAdvocacyRequest,
    ListContactsRequest,
};

use super::person::{OTHER_BRANDS_DEALER, OWNER};
use super::stage::{MARGIN, Stage, indented};
use crate::cli::terminal_text::count;
use crate::cli::{CliError, advocacy, assistance, contacts};

/// The answers beside the situation.
pub(super) async fn report(stage: &Stage<'_>) -> Result<String, CliError> {
    let mut text = turned_away(stage).await?;
    text += &called(stage).await?;
    text += &advocate(stage).await?;
    Ok(text)
}

/// Who turned the owner away, and who helped; and how often that happens in the network.
async fn turned_away(stage: &Stage<'_>) -> Result<String, CliError> {
    let ask = async |dealer_id: &str| {
        let filter = AssistanceFilter {
            dealer_id: dealer_id.to_owned(),
            ..AssistanceFilter::default()
        };
        let request = GetAssistanceRequest {
            filter: Some(filter),
            as_of: Some(stage.now),
            at_least: stage.at_least.to_owned(),
            ..GetAssistanceRequest::default()
        };
        assistance::ask(stage.server, request).await
    };
    let answer = ask(OTHER_BRANDS_DEALER).await?;
    let says = "Who was turned away by the other dealer, who took it up, and how it ended:";
    let mut text = stage.answer(says, &format!("assistance --dealer {OTHER_BRANDS_DEALER}"));
    text += &indented(&assistance::listed(&answer).aligned(stage.room()));
    let total = ask("").await?.total.unwrap_or_default();
    let turn_aways = total.turn_aways.unwrap_or_default();
    let outcome = total.outcome.unwrap_or_default();
    let _ = writeln!(
        text,
        "{:MARGIN$}In the whole network owners were turned away {} times, and told what to do next {} times; {} of these matters were solved.",
        "",
        count(turn_aways.turn_aways),
        count(turn_aways.told_next_step.map_or(0, |it| it.count)),
        count(outcome.solved.map_or(0, |it| it.count)),
    );
    Ok(text)
}

/// Who called the owner, and who knew what had happened.
async fn called(stage: &Stage<'_>) -> Result<String, CliError> {
    let filter = ContactFilter {
        owner_id: OWNER.to_owned(),
        ..ContactFilter::default()
    };
    let request = ListContactsRequest {
        filter: Some(filter),
        as_of: Some(stage.now),
        at_least: stage.at_least.to_owned(),
        ..ListContactsRequest::default()
    };
    let answer = contacts::ask(stage.server, request).await?;
    let says = "Who called the owner, and whether they knew what had happened:";
    let text = stage.answer(says, &format!("contacts --owner {OWNER}"));
    Ok(text + &indented(&contacts::listed(&answer).aligned(stage.room())))
}

/// What counts for the advocacy score of the owner.
async fn advocate(stage: &Stage<'_>) -> Result<String, CliError> {
    let request = GetOwnerAdvocacyRequest {
        owner_id: OWNER.to_owned(),
        as_of: Some(stage.now),
        at_least: stage.at_least.to_owned(),
        ..GetOwnerAdvocacyRequest::default()
    };
    let answer = advocacy::ask(stage.server, request).await?;
    let says = "What it makes friends do, as evidence of an advocacy score:";
    let text = stage.answer(says, &format!("advocacy {OWNER}"));
    Ok(text + &indented(&advocacy::short(&answer, stage.room())))
}
