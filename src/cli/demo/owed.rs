//! The dealer who keeps most owners waiting, and its most urgent obligations.

use ownerline_proto::v1::{ListObligationsRequest, ListObligationsResponse};

use super::stage::Stage;
use crate::cli::feedback::inbox::{pages, table};
use crate::cli::pages::Extent;
use crate::cli::terminal_text::count;
use crate::cli::{CliError, clients};

/// The number of obligations that are shown.
const SHOWN: u32 = 5;

/// Returns the inbox with most open obligations, the first one of equals; `None` if nobody is waiting.
pub(super) async fn fullest(
    stage: &Stage<'_>,
    dealers: &[String],
) -> Result<Option<(String, ListObligationsResponse)>, CliError> {
    let mut client = clients::feedback(stage.server).await?;
    let mut fullest: Option<(String, ListObligationsResponse)> = None;
    for dealer in dealers {
        let request = ListObligationsRequest {
            dealer_id: dealer.clone(),
            as_of: Some(stage.now),
            at_least: stage.at_least.to_owned(),
            page_size: SHOWN,
            ..ListObligationsRequest::default()
        };
        let inbox = pages(&mut client, &request, Extent::FirstPage).await?;
        let most = fullest.as_ref().map_or(0, |(_, inbox)| inbox.total);
        if inbox.total > most {
            fullest = Some((dealer.clone(), inbox));
        }
    }
    Ok(fullest)
}

pub(super) fn report(
    stage: &Stage<'_>,
    inbox: Option<&(String, ListObligationsResponse)>,
) -> String {
    let Some((dealer, inbox)) = inbox else {
        return "\nNo owner is waiting for any dealer.\n".to_owned();
    };
    let as_of = inbox.as_of.unwrap_or_default();
    let table = table(&inbox.items, &as_of).aligned(stage.width);
    let owed = match inbox.total {
        1 => "it owes 1 answer".to_owned(),
        total => format!("it owes {} answers", count(total)),
    };
    let program = stage.program;
    format!(
        "\nMost owners are waiting for {dealer}: {owed}. The most urgent (times are UTC):\n\
         $ {program} inbox {dealer}\n{table}"
    )
}
