//! `advocates`: the distribution of scores, and the persons with the highest ones.

mod args;
mod table;

use ownerline_proto::v1::ListAdvocatesRequest;
use ownerline_proto::v1::list_advocates_request::GroupBy;

pub(in crate::cli) use self::args::{ABOUT, AdvocatesArgs, EXAMPLES};
use crate::cli::filters::applied_filters;
use crate::cli::policy::read_model;
use crate::cli::{CliError, Output, clients};

pub(in crate::cli) async fn run(
    server: &str,
    args: &AdvocatesArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let group_by = args.group_by.map(GroupBy::from).unwrap_or_default();
    let request = ListAdvocatesRequest {
        group_by: group_by.into(),
        dealer_id: args.dealer.clone().unwrap_or_default(),
        market: args.market.clone().unwrap_or_default(),
        least_confidence: args.least_confidence,
        limit: args.top,
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
        model: read_model(&args.model)?,
    };
    let mut client = clients::advocacy(server).await?;
    let answer = client.list_advocates(request).await?.into_inner();
    output.answer(&answer, args.format, |answer, _| {
        let filters = [
            ("dealer", args.dealer.clone()),
            ("market", args.market.clone()),
        ];
        table::report(group_by, &applied_filters(&filters), answer)
    })
}
