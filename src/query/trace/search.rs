//! The search for the trace of a case: the views say which touchpoints to read, and those say what to look for next.

use ownerline_projections::trace::{Trace, TraceQuestion, TraceReading, TraceSearch};
use ownerline_projections::{Recorded, Viewer};

use super::parts::TraceParts;
use crate::query::basis::{Answer, Bounds};
use crate::query::error::QueryError;
use crate::query::needs::TRACE;
use crate::query::reads::{Reads, Stand};
use crate::query::recorded::as_folded;
use crate::store::{Direction, Position, ReadStream, Revision, StoredEvent, StreamName};

/// Touchpoints that are read from the log and taken at once.
const READ_AT_ONCE: usize = 512;

/// The trace to read.
#[derive(Debug, Clone)]
pub struct TraceAsk {
    /// The case.
    pub case_id: String,
    /// At most so many entries, and never more than [`TraceReads::entries`]; absent: as many as that.
    pub limit: Option<usize>,
    /// The position and the instant to reflect.
    pub bounds: Bounds,
}

/// Reads traces. Cheap to clone.
#[derive(Clone)]
pub struct TraceReads {
    /// What they are read with.
    pub reads: Reads,
    /// Entries of a trace at most.
    pub entries: usize,
    /// Touchpoints that a search takes at most.
    pub touchpoints: usize,
}

impl TraceReads {
    /// The trace of a case, whose entries are still to be read.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn trace(
        &self,
        ask: TraceAsk,
        viewer: &Viewer,
    ) -> Result<Answer<TraceParts>, QueryError> {
        let limit = ask.limit.unwrap_or(self.entries).min(self.entries);
        // Everything is looked up in one snapshot.
        let stand = self.reads.stand(TRACE, &ask.bounds, viewer).await?;
        let search = Box::new(TraceSearch::new(TraceQuestion {
            case_id: ask.case_id,
            limit,
            most_found: self.touchpoints,
        }));
        let trace = self.search(&stand, search).await?;
        let parts = TraceParts::new(self.reads.store.clone(), trace);
        Ok(self.reads.answer(stand.basis, parts))
    }

    async fn search(&self, stand: &Stand, search: Box<TraceSearch>) -> Result<Trace, QueryError> {
        let mut searching = begin(stand, search, Vec::new()).await?;
        loop {
            let (search, reading) = match searching {
                Searching::Over(trace) => return Ok(trace),
                Searching::Reads(search, reading) => (search, reading),
            };
            searching = self.read(stand, search, reading).await?;
        }
    }

    /// Reads what a search wants, and goes on with it.
    async fn read(
        &self,
        stand: &Stand,
        mut search: Box<TraceSearch>,
        reading: TraceReading,
    ) -> Result<Searching, QueryError> {
        let mut waiting: Vec<StoredEvent> = Vec::new();
        for positions in reading.positions.chunks(READ_AT_ONCE) {
            search = take(stand, search, std::mem::take(&mut waiting)).await?;
            waiting = self.reads.store.read_positions(positions.to_vec()).await?;
        }
        for stream in reading.streams {
            let mut from = Some(Revision(0));
            while from.is_some() && search.room() > waiting.len() {
                if waiting.len() >= READ_AT_ONCE {
                    search = take(stand, search, std::mem::take(&mut waiting)).await?;
                }
                let read = ReadStream {
                    stream: StreamName::new(stream.as_str()),
                    from,
                    direction: Direction::Forward,
                    max: READ_AT_ONCE,
                };
                let events = self.reads.store.read_stream(read).await?;
                from = next(&events, stand.basis.known_at);
                waiting.extend(events);
            }
        }
        begin(stand, search, waiting).await
    }
}

/// Where a stream goes on, if more of it may be known.
fn next(events: &[StoredEvent], known_at: Position) -> Option<Revision> {
    let last = events.last().filter(|_| events.len() == READ_AT_ONCE)?;
    let more = last.position < known_at;
    more.then(|| Revision(last.revision.0.saturating_add(1)))
}

/// How far a search is.
enum Searching {
    /// It found everything.
    Over(Trace),
    /// It has to read more.
    Reads(Box<TraceSearch>, TraceReading),
}

/// Takes the last of what was read, and says what comes next.
async fn begin(
    stand: &Stand,
    mut search: Box<TraceSearch>,
    events: Vec<StoredEvent>,
) -> Result<Searching, QueryError> {
    let read = folded(&events)?;
    let searching = stand.ask(move |snapshots, vantage| {
        search.take(snapshots, vantage, &read)?;
        let reading = search.next(snapshots, vantage)?;
        Ok(match reading.is_empty() {
            true => Searching::Over(search.finish(snapshots, vantage)?),
            false => Searching::Reads(search, reading),
        })
    });
    searching.await
}

/// Takes some of what was read.
async fn take(
    stand: &Stand,
    mut search: Box<TraceSearch>,
    events: Vec<StoredEvent>,
) -> Result<Box<TraceSearch>, QueryError> {
    if events.is_empty() {
        return Ok(search);
    }
    let read = folded(&events)?;
    let taking = stand.ask(move |snapshots, vantage| {
        search.take(snapshots, vantage, &read)?;
        Ok(search)
    });
    taking.await
}

fn folded(events: &[StoredEvent]) -> Result<Vec<Recorded>, QueryError> {
    events.iter().map(as_folded).collect()
}
