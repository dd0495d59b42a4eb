//! The stages that write: in streams while the log grows, one touchpoint per call, and at a steady pace.

use ownerline_load::{
    CONNECTIONS, IN_FLIGHT, JourneyFeed, MESSAGE, ResourceUsage, Run, ServerProcess,
    ack_to_visible, echo_unary, per_second, query_timelines, record_in_streams, record_unary,
    wait_until_live,
};
use ownerline_proto::v1::Touchpoint;
use prost::Message as _;

use super::{Stages, UNARY_SEED, UNTIL, add, used_each};
use crate::app::bare_log;
use crate::cli::CliError;
use crate::cli::bench::figure::Figure;

/// The most touchpoints that the writer commits with one sync.
const GROUP: u64 = 1_024;

impl Stages<'_> {
    /// Measures B2, B5 and B9: the log grows to its size, and timelines are queried at a tenth of it and at the end.
    pub(super) async fn load(&mut self, server: &ServerProcess) -> Result<(), CliError> {
        let (events, leg) = (self.plan.events, self.plan.leg);
        (self.announce)(&format!("recording {events} touchpoints in streams"));
        let (mut all, mut early, mut late) = (None, None, None);
        let (mut at_tenth, mut done, mut bytes) = (None, 0, 0);
        let mut used = Some(ResourceUsage::default());
        while done < events {
            // Generated before the clock starts.
            let size = usize::try_from(leg.min(events - done)).unwrap_or(MESSAGE);
            let touchpoints = self.load.take(size);
            bytes += bytes_of(&touchpoints);
            let before = server.usage();
            let run = record_in_streams(server.url(), touchpoints, &self.acked).await?;
            done += size as u64;
            // Half a tenth before and after a tenth of the size; then the last tenth.
            if done > events / 20 && done <= events * 3 / 20 {
                add(&mut early, &run)?;
            }
            if done > events - events / 10 {
                add(&mut late, &run)?;
            }
            add(&mut all, &run)?;
            // Every leg begins with all views at the head.
            wait_until_live(server.url(), self.plan.patience).await?;
            gather(&mut used, server, before);
            if at_tenth.is_none() && done >= events / 10 {
                at_tenth = Some(self.ask_timelines(server).await?);
            }
        }
        (self.announce)(&format!("querying {} timelines", self.plan.timelines));
        let at_end = self.ask_timelines(server).await?;
        self.timeline_figures(at_tenth, &at_end).await?;
        if let (Some(all), Some(early), Some(late)) = (all, early, late) {
            let used = used_each(used, events);
            self.append_figures(&all, &early, &late, bytes / events.max(1), &used)?;
        }
        Ok(())
    }

    async fn ask_timelines(&self, server: &ServerProcess) -> Result<Run, CliError> {
        let (owners, count) = (self.load.owners(), self.plan.timelines);
        // Fills the caches, which writing has emptied.
        query_timelines(server.url(), owners, count / 10).await?;
        Ok(query_timelines(server.url(), owners, count).await?)
    }

    async fn timeline_figures(&mut self, early: Option<Run>, late: &Run) -> Result<(), CliError> {
        let mut journeys = JourneyFeed::new(UNARY_SEED, UNTIL);
        let touchpoints = journeys.take(self.plan.timelines);
        let echo = echo_unary(self.echo.url(), touchpoints, 1).await?;
        let p99 = |run: &Run| run.latencies.millis(0.99);
        let early = early.as_ref().and_then(p99);
        let value = p99(late);
        let mut figure = Figure::new(
            "B5",
            "GetTimeline, newest 50, one call at a time",
            value,
            "ms",
            "p99 ≤ 1 ms, ≤ 1.5 × at a tenth",
        );
        figure.yardstick = p99(&echo);
        figure.ratio = value.zip(early).map(|(late, early)| late / early);
        let judges = self.plan.judges_size();
        self.figures.push(
            figure
                .latencies(&late.latencies)
                .judged(judges, |it| {
                    it.at_most(1.0) && it.ratio.is_some_and(|ratio| ratio <= 1.5)
                })
                .note(format!(
                    "as the client sees it; the yardstick is the p99 of one echo at a time, the ratio that to the p99 at a \
                     tenth of the log ({:.3} ms)",
                    early.unwrap_or_default()
                )),
        );
        Ok(())
    }

    fn append_figures(
        &mut self,
        all: &Run,
        early: &Run,
        late: &Run,
        bytes: u64,
        used: &str,
    ) -> Result<(), CliError> {
        let rows = self.plan.events.clamp(GROUP, 300_000);
        let folder = self.folder.join("bare");
        std::fs::create_dir(&folder).map_err(|source| CliError::Runtime { source })?;
        let bare = bare_log(&folder, rows, GROUP, usize::try_from(bytes).unwrap_or(0))?;
        // The disk space is for what is measured.
        std::fs::remove_dir_all(&folder).map_err(|source| CliError::Runtime { source })?;
        let judges = self.plan.judges();
        self.figures.push(
            Figure::new(
                "B2",
                format!("RecordStream, {CONNECTIONS} streams, messages of {MESSAGE}"),
                Some(all.rate()),
                "/s",
                "100,000/s",
            )
            .beside(per_second(rows, bare))
            .latencies(&all.latencies)
            .judged(judges, |it| it.at_least(100_000.0))
            .note(format!(
                "generated journeys, {bytes} bytes per touchpoint, all views following; the yardstick is a bare SQLite loop \
                 with {GROUP} rows of that size per commit{used}"
            )),
        );
        let judges = self.plan.judges_size();
        let figure = Figure::new(
            "B9",
            "append rate at the end ÷ at a tenth",
            Some(late.rate() / early.rate()),
            "",
            "≥ 0.85",
        );
        self.figures
            .push(figure.judged(judges, |it| it.at_least(0.85)).note(format!(
                "{:.0}/s and {:.0}/s",
                late.rate(),
                early.rate()
            )));
        Ok(())
    }

    /// Measures B1: one touchpoint per call, alternating with the echo of the same messages.
    pub(super) async fn record(&mut self, server: &ServerProcess) -> Result<(), CliError> {
        let (rounds, calls) = (self.plan.rounds, self.plan.calls);
        (self.announce)(&format!(
            "recording {rounds} × {calls} touchpoints, one per call, and their echo"
        ));
        let mut journeys = JourneyFeed::new(UNARY_SEED, UNTIL);
        let (mut product, mut echo) = (None, None);
        let (mut used, mut views) = (Some(ResourceUsage::default()), Vec::new());
        for _ in 0..rounds {
            let touchpoints = journeys.take(calls);
            let same = touchpoints.clone();
            add(
                &mut echo,
                &echo_unary(self.echo.url(), same, IN_FLIGHT).await?,
            )?;
            let before = server.usage();
            let run = record_unary(server.url(), touchpoints, IN_FLIGHT, &self.acked).await?;
            add(&mut product, &run)?;
            // The next echo has the machine to itself, as this round had.
            views = wait_until_live(server.url(), self.plan.patience).await?;
            gather(&mut used, server, before);
        }
        let used = used_each(used, u64::from(rounds) * calls as u64);
        let views: Vec<&str> = views.iter().map(|view| view.name.as_str()).collect();
        if let (Some(product), Some(echo)) = (product, echo) {
            let judges = self.plan.judges();
            self.figures.push(
                Figure::new(
                    "B1",
                    format!("Record, {IN_FLIGHT} in flight, {CONNECTIONS} connections"),
                    Some(product.rate()),
                    "/s",
                    "0.5 × echo, 34,800/s, p99 ≤ 20 ms",
                )
                .beside(echo.rate())
                .latencies(&product.latencies)
                .judged(judges, |it| {
                    it.ratio_at_least(0.5) && it.at_least(34_800.0) && it.p99_at_most(20.0)
                })
                .note(format!("views live: {}{used}", views.join(", "))),
            );
        }
        Ok(())
    }

    /// Measures B8: the time from the acknowledgement to the timeline, at a steady pace.
    pub(super) async fn visible(&mut self, server: &ServerProcess) -> Result<(), CliError> {
        let paced = self.plan.paced;
        (self.announce)(&format!(
            "recording at {}/s for {:?}",
            paced.rate, paced.length
        ));
        let run = ack_to_visible(server.url(), paced, &self.acked).await?;
        let value = run.latencies.millis(0.99);
        // A slower pace would be easier.
        let kept_pace = run.rate() >= 0.98 * paced.rate as f64;
        let judges = self.plan.judges();
        self.figures.push(
            Figure::new(
                "B8",
                format!("acknowledged → on the timeline, at {}/s", paced.rate),
                value,
                "ms",
                "p99 ≤ 25 ms",
            )
            .latencies(&run.latencies)
            .judged(judges, |it| kept_pace && it.at_most(25.0))
            .note(format!(
                "the pace was {:.0}/s; {} measurements",
                run.rate(),
                run.latencies.count()
            )),
        );
        Ok(())
    }
}

/// Adds the resources that the server has used since; the sum is unknown as soon as one of them is.
fn gather(sum: &mut Option<ResourceUsage>, server: &ServerProcess, since: Option<ResourceUsage>) {
    *sum = match (*sum, server.usage(), since) {
        (Some(mut sum), Some(now), Some(then)) => {
            sum += now - then;
            Some(sum)
        }
        _ => None,
    };
}

fn bytes_of(touchpoints: &[Touchpoint]) -> u64 {
    touchpoints.iter().map(|it| it.encoded_len() as u64).sum()
}
