//! `contacts`: who contacted owners, with or without knowing what there was to know.

mod args;
mod sheet;

use ownerline_proto::v1::list_contacts_request::Listed as WireListed;
use ownerline_proto::v1::{ContactFilter, ListContactsRequest, ListContactsResponse};

pub(super) use self::args::{ABOUT, ContactsArgs, EXAMPLES};
pub(super) use self::sheet::{listed, of};
use crate::cli::pages::{Extent, collect};
use crate::cli::time::PeriodEnd;
use crate::cli::{CliError, Output, clients};

pub(super) async fn run(
    server: &str,
    args: &ContactsArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let request = request(args);
    let mut client = clients::contacts(server).await?;
    let ask = async |page_size, page_token| {
        let request = ListContactsRequest {
            page_size,
            page_token,
            ..request.clone()
        };
        Ok(client.list_contacts(request).await?.into_inner())
    };
    let extent = Extent::AtMost(args.limit);
    let answer = collect(extent, ask, |answer: &mut ListContactsResponse| {
        (&mut answer.contacts, &mut answer.next_page_token)
    });
    let answer = answer.await?;
    output.answer(&answer, args.format, |answer, _| sheet::sheet(args, answer))
}

fn request(args: &ContactsArgs) -> ListContactsRequest {
    let filter = ContactFilter {
        owner_id: args.owner.clone().unwrap_or_default(),
        dealer_id: args.dealer.clone().unwrap_or_default(),
        operated_by: args.operated_by.clone().unwrap_or_default(),
        agent_id: args.agent.clone().unwrap_or_default(),
        from: args.from.as_ref().and_then(PeriodEnd::instant),
        until: args.to.as_ref().and_then(PeriodEnd::instant),
        from_date: args.from.as_ref().map(PeriodEnd::date).unwrap_or_default(),
        until_date: args.to.as_ref().map(PeriodEnd::date).unwrap_or_default(),
    };
    let listed = args.listed.map(WireListed::from).unwrap_or_default();
    ListContactsRequest {
        filter: Some(filter),
        listed: listed.into(),
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
        ..ListContactsRequest::default()
    }
}

/// Asks a server for the newest contacts.
pub(super) async fn ask(
    server: &str,
    request: ListContactsRequest,
) -> Result<ListContactsResponse, CliError> {
    let mut client = clients::contacts(server).await?;
    Ok(client.list_contacts(request).await?.into_inner())
}
