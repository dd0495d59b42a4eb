//! The pages of an inbox.

use ownerline_proto::v1::{ListObligationsRequest, ListObligationsResponse};

use crate::cli::pages::{Extent, collect};
use crate::cli::{CliError, clients};

/// Asks for an inbox, in pages of the size that the request chooses.
pub(in crate::cli) async fn pages(
    client: &mut clients::Feedback,
    request: &ListObligationsRequest,
    extent: Extent,
) -> Result<ListObligationsResponse, CliError> {
    let ask = async |_, page_token| {
        let request = ListObligationsRequest {
            page_token,
            ..request.clone()
        };
        Ok(client.list_obligations(request).await?.into_inner())
    };
    collect(extent, ask, |answer: &mut ListObligationsResponse| {
        (&mut answer.items, &mut answer.next_page_token)
    })
    .await
}
