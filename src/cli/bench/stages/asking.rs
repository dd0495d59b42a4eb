//! The stage of queries for response times, scores and cases.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use ownerline_load::{
    LoadError, Run, ServerProcess, dealers_with_feedback, owners_with_evidence, query_all_scores,
    query_cases, query_open_cases, query_response_times, query_scores, query_traces,
};
use ownerline_proto::time;
use ownerline_proto::v1::ResponseTimeFilter;

use super::{LOAD_SEED, MIB, Stages};
use crate::cli::CliError;
use crate::cli::bench::figure::Figure;

/// The cases that are queried in turn.
const CASES: u32 = 1_000;
/// The number of owners that are searched for some with evidence.
const LOOKED_AT: usize = 2_000;

impl Stages<'_> {
    /// Measures B10, B11 and B16.
    pub(super) async fn ask(&mut self, server: &ServerProcess) -> Result<(), CliError> {
        (self.announce)("querying response times, scores and cases");
        self.response_times(server).await?;
        self.scores(server).await?;
        self.cases(server).await
    }

    /// Measures B10: one dealer and quarter, and the whole network.
    async fn response_times(&mut self, server: &ServerProcess) -> Result<(), CliError> {
        let (dealers, received) = dealers_with_feedback(server.url()).await?;
        let (from, until) = quarter(Timestamp::now())?;
        // Only dealers of the load: B8 writes more feedback for one dealer than any of them has in a quarter.
        let of_load = format!("dealer~{LOAD_SEED}.");
        let of_dealers: Vec<ResponseTimeFilter> = dealers
            .into_iter()
            .filter(|dealer_id| dealer_id.starts_with(&of_load))
            .map(|dealer_id| ResponseTimeFilter {
                dealer_id,
                from: Some(from),
                until: Some(until),
                ..ResponseTimeFilter::default()
            })
            .collect();
        let (questions, of_all) = (self.plan.questions, self.plan.of_all);
        let network = [ResponseTimeFilter::default()];
        if of_dealers.is_empty() {
            let finding = "no dealer of the load has any feedback".to_owned();
            return Err(LoadError::WrongAnswer { finding }.into());
        }
        // The first calls fill the caches, which writing has emptied.
        query_response_times(server.url(), &of_dealers, questions / 10).await?;
        let of_dealer = query_response_times(server.url(), &of_dealers, questions).await?;
        let of_network = query_response_times(server.url(), &network, of_all).await?;
        let note = format!(
            "{} dealers of the load in turn; {received} pieces of feedback in total, all received in this quarter",
            of_dealers.len()
        );
        for (what, run, target, most) in [
            ("one dealer and quarter", of_dealer, "p99 ≤ 5 ms", 5.0),
            ("the whole network", of_network, "p99 ≤ 500 ms", 500.0),
        ] {
            let what = format!("GetResponseTimes now, {what}");
            self.figures
                .push(self.p99("B10", what, &run, target, most).note(&note));
        }
        Ok(())
    }

    /// Measures B11: the explained score of owners with evidence.
    async fn scores(&mut self, server: &ServerProcess) -> Result<(), CliError> {
        let owners = self.load.owners();
        let owners = owners.get(..LOOKED_AT).unwrap_or(owners);
        let (owners, pieces) = owners_with_evidence(server.url(), owners).await?;
        if owners.is_empty() {
            let finding = "no owner that was searched has any evidence".to_owned();
            return Err(LoadError::WrongAnswer { finding }.into());
        }
        let run = query_scores(server.url(), &owners, self.plan.questions).await?;
        let (took, all) = query_all_scores(server.url()).await?;
        let total = all.total.unwrap_or_default();
        let peak = server
            .memory()
            .map_or(0.0, |memory| memory.peak as f64 / MIB);
        let note = format!(
            "as the client sees it; {} owners with {:.1} pieces of evidence each; nothing was recorded before the month \
             began, so the brand means cost nothing here: reading everybody once ({} persons, ListAdvocates) took \
             {:.2} s; the memory of the server was at most {peak:.0} MiB until then",
            owners.len(),
            pieces as f64 / owners.len() as f64,
            total.n + total.insufficient,
            took.as_secs_f64(),
        );
        let what = "GetOwnerAdvocacy, one call at a time".to_owned();
        let figure = self.p99("B11", what, &run, "p99 ≤ 2 ms", 2.0);
        self.figures.push(figure.note(note));
        Ok(())
    }

    /// Measures B16: open cases, and their traces.
    async fn cases(&mut self, server: &ServerProcess) -> Result<(), CliError> {
        let (took, open) = query_open_cases(server.url(), CASES).await?;
        let cases: Vec<String> = open.cases.into_iter().map(|case| case.case_id).collect();
        if cases.is_empty() {
            let finding = "the load has no open case".to_owned();
            return Err(LoadError::WrongAnswer { finding }.into());
        }
        let run = query_cases(server.url(), &cases, self.plan.questions).await?;
        let note = format!(
            "as the client sees it; {} of {} open cases in turn; the first page of all of them (ListCases) took {:.1} ms",
            cases.len(),
            open.total,
            took.as_secs_f64() * 1e3,
        );
        let what = "GetCase, one call at a time".to_owned();
        let figure = self.p99("B16", what, &run, "p99 ≤ 3 ms", 3.0);
        self.figures.push(figure.note(note));
        let (run, touchpoints) = query_traces(server.url(), &cases, self.plan.questions).await?;
        let note = format!(
            "as the client sees it; the same cases, with {:.1} touchpoints in a trace",
            touchpoints as f64 / self.plan.questions as f64,
        );
        let what = "TraceCase, its first message, one call at a time".to_owned();
        let figure = self.p99("B16", what, &run, "p99 ≤ 3 ms", 3.0);
        self.figures.push(figure.note(note));
        Ok(())
    }

    /// The p99 of a run as a figure, in milliseconds.
    fn p99(
        &self,
        bar: &'static str,
        what: String,
        run: &Run,
        target: &'static str,
        most: f64,
    ) -> Figure {
        Figure::new(bar, what, run.latencies.millis(0.99), "ms", target)
            .latencies(&run.latencies)
            .judged(self.plan.judges_size(), |it| it.at_most(most))
    }
}

/// The quarter of an instant, in UTC.
fn quarter(now: Timestamp) -> Result<(pbjson_types::Timestamp, pbjson_types::Timestamp), CliError> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let month = (today.month() - 1) / 3 * 3 + 1;
    let begin = Date::new(today.year(), month, 1);
    let ends = begin.and_then(|begin| {
        let start = |date: Date| date.to_zoned(TimeZone::UTC).map(|it| it.timestamp());
        Ok((start(begin)?, start(begin.checked_add(3.months())?)?))
    });
    let (from, until) = ends.map_err(|error| CliError::Runtime {
        source: std::io::Error::other(error),
    })?;
    let wire = |instant: Timestamp| {
        time::timestamp(i64::try_from(instant.as_nanosecond()).unwrap_or(i64::MAX))
    };
    Ok((wire(from), wire(until)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_has_three_months_and_years_begin_with_one() {
        for (now, from, until) in [
            (
                "2026-01-01T00:00:00Z",
                "2026-01-01T00:00:00Z",
                "2026-04-01T00:00:00Z",
            ),
            (
                "2026-12-31T23:59:59Z",
                "2026-10-01T00:00:00Z",
                "2027-01-01T00:00:00Z",
            ),
        ] {
            let quarter = quarter(now.parse().unwrap()).unwrap();
            let instant = |text: &str| text.parse::<Timestamp>().unwrap().as_second();
            assert_eq!(
                (quarter.0.seconds, quarter.1.seconds),
                (instant(from), instant(until))
            );
        }
    }
}
