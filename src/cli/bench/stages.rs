//! What is run, in order: load, read, kill, rebuild; each stage adds its figures.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ownerline_proto::v1::Touchpoint;
use prost::Message as _;

use super::figure::Figure;
use super::plan::Plan;
use crate::app::bare_log;
use crate::bench::{
    Acked, CONNECTIONS, Child, IN_FLIGHT, MESSAGE, MemoryWatch, Run, Series, ack_to_visible,
    count_log, echo_stream, echo_unary, find_acknowledged, per_second, record_all, record_unary,
    timelines, wait_until_live,
};
use crate::cli::CliError;

/// Journeys of the load, and of the unary records.
const LOAD_SEED: u64 = 1;
const UNARY_SEED: u64 = 2;
const CRASH_SEED: u64 = 3;
/// The end of every journey, 2026-01-01: the same load at any time.
const UNTIL: i64 = 1_767_225_600;
/// What the writer commits with one sync at most.
const GROUP: u64 = 1_024;
const MIB: f64 = 1_048_576.0;

/// A run on its way.
pub(super) struct Stages<'a> {
    plan: Plan,
    folder: &'a Path,
    say: &'a mut dyn FnMut(&str),
    echo: Child,
    acked: Arc<Acked>,
    load: Series,
    figures: Vec<Figure>,
}

impl<'a> Stages<'a> {
    /// Runs everything in `folder`; nothing it started is left when it comes back, however it does.
    pub(super) async fn run(
        plan: Plan,
        folder: &'a Path,
        say: &'a mut dyn FnMut(&str),
    ) -> Result<Vec<Figure>, CliError> {
        let echo = Child::start(&["bench-echo"], folder, plan.patience)?;
        let mut stages = Self {
            plan,
            folder,
            say,
            echo,
            acked: Arc::default(),
            load: Series::new(LOAD_SEED, UNTIL),
            figures: Vec::new(),
        };
        let server = stages.serve()?;
        let watch = server.watch_memory();
        stages.load(&server).await?;
        stages.record(&server).await?;
        stages.visible(&server).await?;
        stages.replay(&server).await?;
        stages.memory(&server, watch).await?;
        let server = stages.crash(server).await?;
        stages.rebuild(server).await?;
        stages.figures.sort_by_key(|figure| figure.bar);
        Ok(stages.figures)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn serve(&self) -> Result<Child, CliError> {
        let data = self.data().display().to_string();
        let arguments = ["serve", "--listen", "127.0.0.1:0", "--data", &data];
        Ok(Child::start(&arguments, self.folder, self.plan.patience)?)
    }

    /// B2, B5 and B9: the log grows to its size, and is asked for timelines at a tenth of it and at the end.
    async fn load(&mut self, server: &Child) -> Result<(), CliError> {
        let (events, leg) = (self.plan.events, self.plan.leg);
        (self.say)(&format!("recording {events} touchpoints in streams"));
        let (mut all, mut early, mut late) = (None, None, None);
        let (mut at_tenth, mut done, mut bytes) = (None, 0, 0);
        while done < events {
            // Made before the clock runs, and not in the way of what is measured.
            let size = usize::try_from(leg.min(events - done)).unwrap_or(MESSAGE);
            let touchpoints = self.load.take(size);
            bytes += bytes_of(&touchpoints);
            let run = record_all(server.url(), touchpoints, &self.acked).await?;
            done += size as u64;
            // The last half before a tenth and the first behind it; the last tenth.
            if done > events / 20 && done <= events * 3 / 20 {
                add(&mut early, &run)?;
            }
            if done > events - events / 10 {
                add(&mut late, &run)?;
            }
            add(&mut all, &run)?;
            // Every leg begins with the views at the head, the timelines too.
            wait_until_live(server.url(), self.plan.patience).await?;
            if at_tenth.is_none() && done >= events / 10 {
                at_tenth = Some(self.ask_timelines(server).await?);
            }
        }
        (self.say)(&format!("asking for {} timelines", self.plan.timelines));
        let at_end = self.ask_timelines(server).await?;
        self.timeline_figures(at_tenth, &at_end).await?;
        if let (Some(all), Some(early), Some(late)) = (all, early, late) {
            self.append_figures(&all, &early, &late, bytes / events.max(1))?;
        }
        Ok(())
    }

    async fn ask_timelines(&self, server: &Child) -> Result<Run, CliError> {
        let (owners, count) = (self.load.owners(), self.plan.timelines);
        // Warms the caches of a server that has been writing.
        timelines(server.url(), owners, count / 10).await?;
        Ok(timelines(server.url(), owners, count).await?)
    }

    async fn timeline_figures(&mut self, early: Option<Run>, late: &Run) -> Result<(), CliError> {
        let mut series = Series::new(UNARY_SEED, UNTIL);
        let touchpoints = series.take(self.plan.timelines);
        let echo = echo_unary(self.echo.url(), touchpoints, 1).await?;
        let p99 = |run: &Run| run.spread.millis(0.99);
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
                .spread(&late.spread)
                .judged(judges, |it| {
                    it.at_most(1.0) && it.ratio.is_some_and(|ratio| ratio <= 1.5)
                })
                .note(format!(
                    "as the client sees it; the yardstick is the p99 of one echo at a time; the ratio is to the p99 \
                     at a tenth of the log ({:.3} ms)",
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
    ) -> Result<(), CliError> {
        let rows = self.plan.events.clamp(GROUP, 300_000);
        let folder = self.folder.join("bare");
        std::fs::create_dir(&folder).map_err(|source| CliError::Runtime { source })?;
        let bare = bare_log(&folder, rows, GROUP, usize::try_from(bytes).unwrap_or(0))?;
        // The disk is for what is measured.
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
            .spread(&all.spread)
            .judged(judges, |it| it.at_least(100_000.0))
            .note(format!(
                "generated journeys, {bytes} bytes a touchpoint; all views follow meanwhile; the yardstick is a bare SQLite \
                 loop, {GROUP} rows of that size a commit"
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

    /// B1: one touchpoint a call, in turns with the echo of the same messages.
    async fn record(&mut self, server: &Child) -> Result<(), CliError> {
        let (rounds, calls) = (self.plan.rounds, self.plan.calls);
        (self.say)(&format!(
            "recording {rounds} × {calls} touchpoints one a call, and their echo"
        ));
        let mut series = Series::new(UNARY_SEED, UNTIL);
        let (mut product, mut echo) = (None, None);
        for _ in 0..rounds {
            let touchpoints = series.take(calls);
            let same = touchpoints.clone();
            add(
                &mut echo,
                &echo_unary(self.echo.url(), same, IN_FLIGHT).await?,
            )?;
            let run = record_unary(server.url(), touchpoints, IN_FLIGHT, &self.acked).await?;
            add(&mut product, &run)?;
        }
        let views = wait_until_live(server.url(), self.plan.patience).await?;
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
                .spread(&product.spread)
                .judged(judges, |it| {
                    it.ratio_at_least(0.5) && it.at_least(34_800.0) && it.p99_at_most(20.0)
                })
                .note(format!("views live: {}", views.join(", "))),
            );
        }
        Ok(())
    }

    /// B8: from the acknowledgement to the timeline, at a steady pace.
    async fn visible(&mut self, server: &Child) -> Result<(), CliError> {
        let paced = self.plan.paced;
        (self.say)(&format!(
            "recording at {}/s for {:?}",
            paced.rate, paced.length
        ));
        let run = ack_to_visible(server.url(), paced, &self.acked).await?;
        let value = run.spread.millis(0.99);
        // A pace that was not kept is an easier one.
        let kept = run.rate() >= 0.98 * paced.rate as f64;
        let judges = self.plan.judges();
        self.figures.push(
            Figure::new(
                "B8",
                format!("acknowledged → on the timeline, at {}/s", paced.rate),
                value,
                "ms",
                "p99 ≤ 25 ms",
            )
            .spread(&run.spread)
            .judged(judges, |it| kept && it.at_most(25.0))
            .note(format!(
                "the pace was {:.0}/s; {} looks",
                run.rate(),
                run.spread.count()
            )),
        );
        Ok(())
    }

    /// B3: the whole log, in turns with the same batches from the echo; and everything must be there.
    async fn replay(&mut self, server: &Child) -> Result<(), CliError> {
        (self.say)("following the log from its start, and its echo");
        let (mut product, mut echo) = (None, None);
        for _ in 0..self.plan.rounds {
            let (run, batch) = count_log(server.url()).await?;
            self.counted(run.count, self.acked.count())?;
            add(
                &mut echo,
                &echo_stream(self.echo.url(), batch, run.count).await?,
            )?;
            add(&mut product, &run)?;
        }
        let found = find_acknowledged(server.url(), &self.acked).await?;
        if let (Some(product), Some(echo)) = (product, echo) {
            let judges = self.plan.judges();
            self.figures.push(
                Figure::new(
                    "B3",
                    "Subscribe from the start, one subscriber",
                    Some(product.rate()),
                    "/s",
                    "900,000/s, 0.4 × echo",
                )
                .beside(echo.rate())
                .judged(judges, |it| it.at_least(900_000.0) && it.ratio_at_least(0.4))
                .note(format!(
                    "{} touchpoints counted as acknowledged, {found} asked for by their ids and found",
                    self.acked.count()
                )),
            );
        }
        Ok(())
    }

    fn counted(&self, counted: u64, acknowledged: u64) -> Result<(), CliError> {
        if counted == acknowledged {
            return Ok(());
        }
        let what = format!("{acknowledged} touchpoints were acknowledged, the log has {counted}");
        Err(crate::bench::BenchError::Lost { what }.into())
    }

    /// B7: what the server had in memory through all of it.
    async fn memory(&mut self, server: &Child, watch: MemoryWatch) -> Result<(), CliError> {
        let anonymous = watch.end().await?;
        let peak = server.memory().map(|memory| memory.peak as f64 / MIB);
        let judges = self.plan.judges_size();
        self.figures.push(
            Figure::new(
                "B7",
                "resident memory, most under all of it",
                peak,
                "MiB",
                "≤ 1,024 MiB",
            )
            .judged(judges, |it| it.at_most(1_024.0))
            .note(match anonymous {
                Some(bytes) => format!(
                    "VmHWM; of its own (RssAnon) at most {:.0} MiB",
                    bytes as f64 / MIB
                ),
                None => "this system does not say".to_owned(),
            }),
        );
        Ok(())
    }

    /// B6: killed while it writes, opened again; what was acknowledged must be there.
    async fn crash(&mut self, server: Child) -> Result<Child, CliError> {
        (self.say)("killing it while it writes, and opening it again");
        let size = usize::try_from(self.plan.leg * 2).unwrap_or(MESSAGE);
        let touchpoints = Series::new(CRASH_SEED, UNTIL).take(size);
        let (url, acked, before) = (
            server.url().to_owned(),
            self.acked.clone(),
            self.acked.count(),
        );
        let load = tokio::spawn(async move { record_all(&url, touchpoints, &acked).await });
        let begun = Instant::now();
        let enough = before + size as u64 / 3;
        while self.acked.count() < enough && begun.elapsed() < self.plan.patience {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        server.kill()?;
        // Broken off, unless everything was acknowledged just before.
        let _ = load.await.map_err(crate::bench::BenchError::from)?;
        let begun = Instant::now();
        let server = self.serve()?;
        let opened = begun.elapsed();
        let first = self.load.owners().get(..1).unwrap_or_default();
        timelines(server.url(), first, 1).await?;
        let answered = begun.elapsed();
        let (run, _) = count_log(server.url()).await?;
        let (acknowledged, sent) = (self.acked.count(), before + size as u64);
        if !(acknowledged..=sent).contains(&run.count) {
            self.counted(run.count, acknowledged)?;
        }
        let found = find_acknowledged(server.url(), &self.acked).await?;
        let judges = self.plan.judges_size();
        self.figures.push(
            Figure::new(
                "B6",
                "kill -9 while writing, until serving again",
                Some(opened.as_secs_f64()),
                "s",
                "≤ 2 s",
            )
            .judged(judges, |it| it.at_most(2.0))
            .note(format!(
                "{:.2} s to the first timeline; {acknowledged} acknowledged, {} in the log, {found} asked for and found",
                answered.as_secs_f64(),
                run.count
            )),
        );
        Ok(server)
    }

    /// B4: the views are deleted and built anew from the log.
    async fn rebuild(&mut self, server: Child) -> Result<(), CliError> {
        (self.say)("deleting the views and building them anew");
        let (counted, _) = count_log(server.url()).await?;
        let before = wait_until_live(server.url(), self.plan.patience).await?;
        server.kill()?;
        let views = self.data().join("views");
        std::fs::remove_dir_all(views).map_err(|source| CliError::Runtime { source })?;
        let begun = Instant::now();
        let server = self.serve()?;
        let after = wait_until_live(server.url(), self.plan.patience).await?;
        let took = begun.elapsed();
        let certified = |views: &[ownerline_proto::v1::Projection]| {
            let each = views.iter();
            each.map(|it| (it.name.clone(), it.applied_count, it.applied_hash.clone()))
                .collect::<Vec<_>>()
        };
        if certified(&before) != certified(&after) {
            let what =
                "the views built anew do not have the certificates of those before".to_owned();
            return Err(crate::bench::BenchError::Lost { what }.into());
        }
        let judges = self.plan.judges_size();
        let memory = server
            .memory()
            .map_or(0.0, |memory| memory.peak as f64 / MIB);
        self.figures.push(
            Figure::new(
                "B4",
                format!("all {} views built anew", after.len()),
                Some(per_second(counted.count, took)),
                "/s",
                "80,000/s",
            )
            .judged(judges, |it| it.at_least(80_000.0))
            .note(format!(
                "{} touchpoints in {:.2} s from the start of the server, same certificates; its memory at most {memory:.0} MiB",
                counted.count,
                took.as_secs_f64()
            )),
        );
        Ok(())
    }
}

fn add(sum: &mut Option<Run>, run: &Run) -> Result<(), CliError> {
    match sum {
        Some(sum) => sum.add(run),
        None => {
            let mut first = Run {
                count: 0,
                took: Duration::ZERO,
                spread: crate::bench::Spread::new()?,
            };
            first.add(run);
            *sum = Some(first);
        }
    }
    Ok(())
}

fn bytes_of(touchpoints: &[Touchpoint]) -> u64 {
    touchpoints.iter().map(|it| it.encoded_len() as u64).sum()
}
