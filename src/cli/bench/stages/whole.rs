//! The stages that concern the whole log: following it, killing and opening the server, rebuilding the views.

use std::time::{Duration, Instant};

use ownerline_load::{
    JourneyFeed, LoadError, MESSAGE, MemoryWatch, ResourceUsage, ServerProcess, check_acknowledged,
    echo_stream, per_second, query_timelines, read_log, record_in_streams, wait_until_live,
};

use super::{CRASH_SEED, DATA, MIB, Stages, UNTIL, add, used};
use crate::cli::CliError;
use crate::cli::bench::figure::Figure;

impl Stages<'_> {
    /// Measures B3: the whole log, alternating with the same batches from the echo. Everything must be there.
    pub(super) async fn replay(&mut self, server: &ServerProcess) -> Result<(), CliError> {
        (self.announce)("following the log from its start, and the echo");
        let (mut product, mut echo) = (None, None);
        let (before, mut counted) = (server.usage(), 0);
        for _ in 0..self.plan.rounds {
            let (run, batch) = read_log(server.url()).await?;
            counted += run.count;
            self.counted(run.count, self.acked.count())?;
            add(
                &mut echo,
                &echo_stream(self.echo.url(), batch, run.count).await?,
            )?;
            add(&mut product, &run)?;
        }
        let used = used(server, before, counted);
        let found = check_acknowledged(server.url(), &self.acked).await?;
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
                    "{} touchpoints counted, as many as acknowledged; {found} looked up by id and found{used}",
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
        let finding =
            format!("{acknowledged} touchpoints were acknowledged, the log has {counted}");
        Err(LoadError::WrongAnswer { finding }.into())
    }

    /// Measures B7: the peak memory of the server.
    pub(super) async fn memory(
        &mut self,
        server: &ServerProcess,
        watch: MemoryWatch,
    ) -> Result<(), CliError> {
        let anonymous = watch.end().await?;
        let peak = server.memory().map(|memory| memory.peak as f64 / MIB);
        let judges = self.plan.judges_size();
        self.figures.push(
            Figure::new("B7", "peak resident memory", peak, "MiB", "≤ 1,024 MiB")
                .judged(judges, |it| it.at_most(1_024.0))
                .note(match anonymous {
                    Some(bytes) => format!(
                        "VmHWM; anonymous memory (RssAnon) at most {:.0} MiB",
                        bytes as f64 / MIB
                    ),
                    None => "not available on this system".to_owned(),
                }),
        );
        Ok(())
    }

    /// Measures B6: the server is killed while it writes, and opened again. What was acknowledged must be there.
    pub(super) async fn crash(&mut self, server: ServerProcess) -> Result<ServerProcess, CliError> {
        (self.announce)("killing the server while it writes, and opening it again");
        let size = usize::try_from(self.plan.leg * 2).unwrap_or(MESSAGE);
        let touchpoints = JourneyFeed::new(CRASH_SEED, UNTIL).take(size);
        let (url, acked, before) = (
            server.url().to_owned(),
            self.acked.clone(),
            self.acked.count(),
        );
        let load = tokio::spawn(async move { record_in_streams(&url, touchpoints, &acked).await });
        let begun = Instant::now();
        let enough = before + size as u64 / 3;
        while self.acked.count() < enough && begun.elapsed() < self.plan.patience {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        server.kill()?;
        // Interrupted, unless everything was acknowledged just before.
        let _ = load.await.map_err(LoadError::from)?;
        let begun = Instant::now();
        let server = self.serve(DATA)?;
        let opened = begun.elapsed();
        let first = self.load.owners().get(..1).unwrap_or_default();
        query_timelines(server.url(), first, 1).await?;
        let answered = begun.elapsed();
        let (run, _) = read_log(server.url()).await?;
        let (acknowledged, sent) = (self.acked.count(), before + size as u64);
        if !(acknowledged..=sent).contains(&run.count) {
            self.counted(run.count, acknowledged)?;
        }
        let found = check_acknowledged(server.url(), &self.acked).await?;
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
                "{:.2} s to the first timeline; {acknowledged} acknowledged, {} in the log, {found} looked up and found",
                answered.as_secs_f64(),
                run.count
            )),
        );
        Ok(server)
    }

    /// Measures B4: the views are deleted and rebuilt from the log.
    pub(super) async fn rebuild(&mut self, server: ServerProcess) -> Result<(), CliError> {
        (self.announce)("deleting the views and rebuilding them");
        let (counted, _) = read_log(server.url()).await?;
        let before = wait_until_live(server.url(), self.plan.patience).await?;
        server.kill()?;
        let views = self.data().join("views");
        std::fs::remove_dir_all(views).map_err(|source| CliError::Runtime { source })?;
        let begun = Instant::now();
        let server = self.serve(DATA)?;
        let after = wait_until_live(server.url(), self.plan.patience).await?;
        let took = begun.elapsed();
        let certified = |views: &[ownerline_proto::v1::Projection]| {
            let each = views.iter();
            each.map(|it| (it.name.clone(), it.applied_count, it.applied_hash.clone()))
                .collect::<Vec<_>>()
        };
        if certified(&before) != certified(&after) {
            let finding =
                "the rebuilt views do not have the certificates of those before".to_owned();
            return Err(LoadError::WrongAnswer { finding }.into());
        }
        let judges = self.plan.judges_size();
        let used = used(&server, Some(ResourceUsage::default()), counted.count);
        let memory = server
            .memory()
            .map_or(0.0, |memory| memory.peak as f64 / MIB);
        self.figures.push(
            Figure::new(
                "B4",
                format!("all {} views rebuilt", after.len()),
                Some(per_second(counted.count, took)),
                "/s",
                "80,000/s",
            )
            .judged(judges, |it| it.at_least(80_000.0))
            .note(format!(
                "{} touchpoints in {:.2} s from the start of the server, same certificates; memory at most {memory:.0} MiB{used}",
                counted.count,
                took.as_secs_f64()
            )),
        );
        Ok(())
    }
}
