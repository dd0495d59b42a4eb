//! `timeline`: everything that happened to one owner, page by page or as it happens.

mod args;
mod json;
mod rows;
mod story;
mod watch;

use ownerline_proto::v1::get_timeline_request::Order;
use ownerline_proto::v1::{GetTimelineRequest, GetTimelineResponse, TimelineFilter, Visibility};

pub(super) use self::args::{ABOUT, EXAMPLES, TimelineArgs};
use self::story::Story;
pub(super) use self::story::who;
use crate::cli::pages::{Extent, collect};
use crate::cli::report::{Format, Report, STALE};
use crate::cli::{CliError, Output, SUCCESS, clients};

pub(super) async fn run(
    server: &str,
    args: &TimelineArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    if args.watch {
        let json = args.format.as_json_lines()?;
        return watch::run(server, request(args), json, args.changes, output).await;
    }
    let mut pages = Pages::open(server, request(args)).await?;
    match args.format.format() {
        Some(Format::Json) => as_json(&mut pages, args.all, output).await,
        Some(Format::Csv | Format::Ndjson) => as_rows(&mut pages, args, output).await,
        Some(Format::Table) | None => as_text(&mut pages, args.all, output).await,
    }
}

/// Prints the pages for people.
async fn as_text(pages: &mut Pages, all: bool, output: &mut Output<'_>) -> Result<u8, CliError> {
    let mut story = Story::new(&pages.request, output.width);
    let mut is_first = true;
    loop {
        let page = pages.next().await?;
        if std::mem::take(&mut is_first) && page.stale {
            output.write(STALE)?;
        }
        for entry in &page.entries {
            let text = story.entry(entry);
            output.write(&text)?;
        }
        if !all || page.next_page_token.is_empty() {
            let text = story.end(&page);
            output.write(&text)?;
            return Ok(SUCCESS);
        }
    }
}

/// Prints one row per entry.
async fn as_rows(
    pages: &mut Pages,
    args: &TimelineArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let answer = pages.collect(Extent::of_all(args.all)).await?;
    let table = rows::table(&answer.entries);
    let mut report = Report::new().table(table).stale(answer.stale);
    if !answer.next_page_token.is_empty() {
        report = report.warning("There are more; use --all to show them.\n");
    }
    output.report(&report, args.format)?;
    Ok(SUCCESS)
}

/// Prints all pages as one JSON object, as they come.
async fn as_json(pages: &mut Pages, all: bool, output: &mut Output<'_>) -> Result<u8, CliError> {
    let mut answer = json::Answer::new(&mut output.out);
    loop {
        let page = pages.next().await?;
        answer.entries(&page.entries)?;
        if !all || page.next_page_token.is_empty() {
            answer.end(page)?;
            return Ok(SUCCESS);
        }
    }
}

/// The pages of one timeline.
pub(super) struct Pages {
    client: clients::Timelines,
    request: GetTimelineRequest,
}

impl Pages {
    pub(super) async fn open(server: &str, request: GetTimelineRequest) -> Result<Self, CliError> {
        let client = clients::timelines(server).await?;
        Ok(Self { client, request })
    }

    /// Returns the next page; after the last one, the first again.
    async fn next(&mut self) -> Result<GetTimelineResponse, CliError> {
        let page = self.client.get_timeline(self.request.clone()).await?;
        let page = page.into_inner();
        self.request.page_token.clone_from(&page.next_page_token);
        Ok(page)
    }

    /// Returns the next pages put together.
    pub(super) async fn collect(
        &mut self,
        extent: Extent,
    ) -> Result<GetTimelineResponse, CliError> {
        let ask = async |_, _| self.next().await;
        collect(extent, ask, |answer: &mut GetTimelineResponse| {
            (&mut answer.entries, &mut answer.next_page_token)
        })
        .await
    }
}

fn request(args: &TimelineArgs) -> GetTimelineRequest {
    let order = if args.oldest_first {
        Order::OldestFirst
    } else {
        Order::NewestFirst
    };
    GetTimelineRequest {
        owner_id: args.owner.clone(),
        filter: Some(TimelineFilter {
            types: args.types.clone(),
            vin: args.vin.clone().unwrap_or_default(),
            dealer_id: args.dealer.clone().unwrap_or_default(),
            order_id: args.order.clone().unwrap_or_default(),
            case_id: args.case.clone().unwrap_or_default(),
            visit_id: args.visit.clone().unwrap_or_default(),
            feedback_id: args.feedback.clone().unwrap_or_default(),
            from: args.from,
            until: args.until,
            visible_to: args.visible_to.map_or(0, |it| Visibility::from(it).into()),
        }),
        order: order.into(),
        as_of: args.vantage.as_of,
        known_at: args.vantage.known_at.clone(),
        at_least: args.vantage.at_least.clone(),
        page_size: args.page_size,
        page_token: String::new(),
    }
}
