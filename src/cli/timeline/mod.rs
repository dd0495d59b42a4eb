//! `timeline`: one owner's story, for people or as JSON, page by page or as it happens.

mod args;
mod json;
mod rows;
pub(super) mod story;
mod watch;

use ownerline_proto::v1::get_timeline_request::Order;
use ownerline_proto::v1::{GetTimelineRequest, GetTimelineResponse, TimelineFilter, Visibility};

pub(super) use self::args::TimelineArgs;
use self::story::Story;
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
        Some(Format::Table) | None => tell(&mut pages, args.all, output).await,
    }
}

/// Tells the story of one owner to people.
async fn tell(pages: &mut Pages, all: bool, output: &mut Output<'_>) -> Result<u8, CliError> {
    let mut story = Story::new(&pages.request, output.width);
    let mut is_first = true;
    loop {
        let page = pages.next().await?;
        if std::mem::take(&mut is_first) && page.stale {
            output.write(STALE)?;
        }
        for entry in &page.entries {
            let text = story.entry(entry);
            output
                .out
                .write_all(text.as_bytes())
                .map_err(CliError::Output)?;
        }
        if !all || page.next_page_token.is_empty() {
            let text = story.end(&page);
            output
                .out
                .write_all(text.as_bytes())
                .map_err(CliError::Output)?;
            return Ok(SUCCESS);
        }
    }
}

/// One row an entry, in the order of the pages.
async fn as_rows(
    pages: &mut Pages,
    args: &TimelineArgs,
    output: &mut Output<'_>,
) -> Result<u8, CliError> {
    let mut entries = Vec::new();
    loop {
        let page = pages.next().await?;
        entries.extend(page.entries);
        if !args.all || page.next_page_token.is_empty() {
            let mut report = Report::new().table(rows::table(&entries)).stale(page.stale);
            if !page.next_page_token.is_empty() {
                report = report.warning("There is more: repeat with --all.\n");
            }
            output.report(&report, args.format)?;
            return Ok(SUCCESS);
        }
    }
}

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

/// The pages of one question.
pub(super) struct Pages {
    client: clients::Timelines,
    request: GetTimelineRequest,
}

impl Pages {
    pub(super) async fn open(server: &str, request: GetTimelineRequest) -> Result<Self, CliError> {
        let client = clients::timelines(server).await?;
        Ok(Self { client, request })
    }

    /// The next page; after the last one, the first again.
    pub(super) async fn next(&mut self) -> Result<GetTimelineResponse, CliError> {
        let page = self.client.get_timeline(self.request.clone()).await?;
        let page = page.into_inner();
        self.request.page_token.clone_from(&page.next_page_token);
        Ok(page)
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
        as_of: args.as_of,
        known_at: args.known_at.clone(),
        at_least: args.at_least.clone(),
        page_size: args.page_size,
        page_token: String::new(),
    }
}
