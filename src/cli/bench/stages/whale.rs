//! The stage of one owner with very many touchpoints, beside one with a hundredth of them.

use ownerline_load::{
    Run, ServerProcess, Whale, ack_to_watch, query_context_packs, query_timelines, read_timeline,
    record_in_streams, wait_until_live,
};

use super::{Stages, UNTIL};
use crate::cli::CliError;
use crate::cli::bench::figure::Figure;

/// The pieces of feedback that are recorded at once.
const LEG: u64 = 2_000;
/// The rows of a large page.
const LARGE_PAGE: u32 = 1_000;
/// The page of `ownerline timeline --all`: what the server chooses.
const PAGE_OF_CLI: u32 = 0;
/// How often the timeline of the small owner is read: once would be over too soon.
const REPEATS: u32 = 20;

impl Stages<'_> {
    /// Measures B19 to B22 on a server of their own, so that they change no other figure.
    pub(super) async fn whale(&mut self) -> Result<(), CliError> {
        let whale = Whale {
            number: 1,
            items: self.plan.whale_items,
            until: UNTIL,
        };
        let small = Whale {
            number: 2,
            items: self.plan.whale_items / 100,
            until: UNTIL,
        };
        (self.announce)(&format!(
            "one owner of {} touchpoints, and one of {}",
            whale.touchpoints(),
            small.touchpoints()
        ));
        let server = self.serve("whale")?;
        for owner in [&small, &whale] {
            self.record_whale(&server, owner).await?;
        }
        wait_until_live(server.url(), self.plan.patience).await?;
        self.first_pages(&server, &whale, &small).await?;
        self.every_page(&server, &whale, &small).await?;
        self.packs(&server, &whale).await?;
        self.watch(&server, &whale).await
    }

    async fn record_whale(&self, server: &ServerProcess, owner: &Whale) -> Result<(), CliError> {
        record_in_streams(server.url(), owner.cars(), &self.whale_acked).await?;
        let mut begin = 0;
        while begin < owner.items {
            let end = owner.items.min(begin + LEG);
            let touchpoints = owner.of_items(begin..end);
            record_in_streams(server.url(), touchpoints, &self.whale_acked).await?;
            begin = end;
        }
        Ok(())
    }

    async fn first_pages(
        &mut self,
        server: &ServerProcess,
        whale: &Whale,
        small: &Whale,
    ) -> Result<(), CliError> {
        let questions = self.plan.whale_questions;
        let mut runs = Vec::new();
        for owner in [small, whale] {
            let owner = [owner.owner_id()];
            query_timelines(server.url(), &owner, questions / 10).await?;
            runs.push(query_timelines(server.url(), &owner, questions).await?);
        }
        let p99 = |run: Option<&Run>| run.and_then(|run| run.latencies.millis(0.99));
        let (small, large) = (p99(runs.first()), p99(runs.last()));
        let mut figure = Figure::new(
            "B19",
            format!(
                "GetTimeline, newest 50 of {} touchpoints",
                whale.touchpoints()
            ),
            large,
            "ms",
            "p99 ≤ 5 ms",
        );
        figure.yardstick = small;
        figure.ratio = large.zip(small).map(|(large, small)| large / small);
        if let Some(run) = runs.last() {
            figure = figure.latencies(&run.latencies);
        }
        let judges = self.plan.judges_whale();
        self.figures
            .push(figure.judged(judges, |it| it.at_most(5.0)).note(
                "one call at a time; the yardstick is the p99 of an owner with a hundredth of the touchpoints",
            ));
        Ok(())
    }

    async fn every_page(
        &mut self,
        server: &ServerProcess,
        whale: &Whale,
        small: &Whale,
    ) -> Result<(), CliError> {
        for (page_size, pages) in [
            (LARGE_PAGE, "pages of 1,000"),
            (PAGE_OF_CLI, "the pages of the command line"),
        ] {
            let mut few = Run::empty()?;
            for _ in 0..REPEATS {
                let (owner, rows) = (small.owner_id(), small.touchpoints());
                few.add(&read_timeline(server.url(), &owner, page_size, rows).await?);
            }
            let (owner, rows) = (whale.owner_id(), whale.touchpoints());
            let all = read_timeline(server.url(), &owner, page_size, rows).await?;
            let judges = self.plan.judges_whale();
            let mut figure = Figure::new(
                "B20",
                format!("GetTimeline, all of {rows} touchpoints in {pages}"),
                Some(all.rate()),
                "/s",
                "a row costs ≤ 1.5 × that of an owner with a hundredth",
            )
            .latencies(&all.latencies);
            figure.yardstick = Some(few.rate());
            figure.ratio = Some(few.rate() / all.rate());
            self.figures.push(
                figure
                    .judged(judges, |it| it.ratio.is_some_and(|ratio| ratio <= 1.5))
                    .note(format!(
                        "{:.1} s in all; the yardstick is the rate of an owner with a hundredth of the touchpoints, the \
                         ratio what a row costs more than there",
                        all.elapsed.as_secs_f64()
                    )),
            );
        }
        Ok(())
    }

    async fn packs(&mut self, server: &ServerProcess, whale: &Whale) -> Result<(), CliError> {
        let (owner, count) = (whale.owner_id(), self.plan.whale_packs);
        let run = query_context_packs(server.url(), &owner, count).await?;
        let judges = self.plan.judges_whale();
        self.figures.push(
            Figure::new(
                "B21",
                format!("GetContextPack of {} touchpoints", whale.touchpoints()),
                run.latencies.millis(0.99),
                "ms",
                "p99 ≤ 200 ms",
            )
            .latencies(&run.latencies)
            .judged(judges, |it| it.at_most(200.0))
            .note("one call at a time; each pack is recorded as served"),
        );
        Ok(())
    }

    async fn watch(&mut self, server: &ServerProcess, whale: &Whale) -> Result<(), CliError> {
        // More of the same owner: feedback that begins after what is recorded so far.
        let more = Whale {
            items: whale.items + self.plan.whale_changes,
            ..whale.clone()
        };
        let changes = more.received(whale.items..more.items);
        let owner = whale.owner_id();
        let limit = self.plan.patience;
        let run = ack_to_watch(server.url(), &owner, changes, &self.whale_acked, limit).await?;
        let judges = self.plan.judges_whale();
        self.figures.push(
            Figure::new(
                "B22",
                format!(
                    "acknowledged → message of WatchTimeline, {} touchpoints",
                    whale.touchpoints()
                ),
                run.latencies.millis(0.99),
                "ms",
                "p99 ≤ 100 ms",
            )
            .latencies(&run.latencies)
            .judged(judges, |it| it.at_most(100.0))
            .note(format!("{} changes, one at a time", run.latencies.count())),
        );
        Ok(())
    }
}
