//! The pages of an inbox, put together.

use ownerline_proto::v1::{ListObligationsRequest, ListObligationsResponse};

use crate::cli::{CliError, clients};

/// The first page, or all of them put together.
pub(in crate::cli) async fn pages(
    client: &mut clients::Feedback,
    mut request: ListObligationsRequest,
    all: bool,
) -> Result<ListObligationsResponse, CliError> {
    let mut whole = client.list_obligations(request.clone()).await?.into_inner();
    while all && !whole.next_page_token.is_empty() {
        request.page_token = std::mem::take(&mut whole.next_page_token);
        let page = client.list_obligations(request.clone()).await?.into_inner();
        whole.items.extend(page.items);
        whole.next_page_token = page.next_page_token;
        whole.stale = page.stale;
    }
    Ok(whole)
}
