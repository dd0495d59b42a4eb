//! Verifies a whole log: every digest, the order, the identities, and the index.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::path::Path;

use super::digest::Certificate;
use super::files::{self, INDEX, LOCK};
use super::hashes::{Hash128, Hashing};
use super::index::{Index, IndexError};
use super::log_reader::LogReader;
use super::options::EmbeddedOptions;
use super::schema::Copied;
use crate::store::{Head, OpenError, Position, ReadError, StoredEvent};

/// The number of findings that are listed; further ones are only counted.
const MAX_FINDINGS: usize = 1_000;
/// Events read at once.
const BATCH: usize = 1_000;

/// A violation of the format or of the contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The first position concerned; [`Position::START`] if no single event is.
    pub from: Position,
    /// The last position concerned.
    pub to: Position,
    /// A description.
    pub what: String,
}

/// Whether the index agrees with the log. The index is derived: deleting it loses nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexVerdict {
    /// Every event up to a position was compared; disagreements are findings.
    Checked {
        /// The last position in the index.
        applied: Position,
    },
    /// A server has it open; stop the server to have it checked.
    InUse,
    /// There is no readable index; the next start rebuilds it.
    Absent,
}

/// The result of a verification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verification {
    /// The end of the log when the check began.
    pub head: Head,
    /// The number of events that match their digest.
    pub sound: u64,
    /// The number of streams with such events.
    pub streams: u64,
    /// The findings, by position; at most 1,000.
    pub findings: Vec<Finding>,
    /// The number of further findings.
    pub more: u64,
    /// The certificate, equal to that of a backup with the same touchpoints; `None` if some are damaged.
    pub certificate: Option<Certificate>,
    /// Whether the index agrees.
    pub index: IndexVerdict,
}

impl Verification {
    /// Returns whether there are no findings.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

/// Verifies the log of a data directory up to its current head. Calls `progress` with (position, head). Needs
/// about 50 bytes of memory per event.
///
/// # Errors
/// If the log cannot be opened. Damage inside it is a finding.
pub fn verify(
    data: &Path,
    progress: &mut dyn FnMut(Position, Position),
) -> Result<Verification, OpenError> {
    let mut log = LogReader::open(data)?;
    let copied = log.copied();
    let head = log.head().map_err(|error| OpenError::Damaged {
        path: files::shown(data),
        reason: error.to_string(),
    })?;
    let mut check = Check::new(data, &log, head);
    check.descriptor_sets(&log);
    let mut after = Position::START;
    while after < head.position {
        let before = after;
        match log.read(after, BATCH) {
            Ok(events) => {
                for event in events
                    .iter()
                    .take_while(|event| event.position <= head.position)
                {
                    check.event(event);
                    after = event.position;
                }
                check.certify(&log, before, after);
                if events.is_empty() {
                    after = check.damaged(after, "the row is missing".to_owned());
                }
            }
            Err(ReadError::Damaged { reason, .. }) => after = check.damaged(after, reason),
            Err(error) => after = check.damaged(after, error.to_string()),
        }
        progress(after, head.position);
    }
    check.certificate_of_copy(copied);
    check.ends_of_streams();
    Ok(check.found)
}

struct Check {
    found: Verification,
    hashing: Hashing,
    index: Option<Index>,
    /// Held so that no server opens the index in the meantime.
    _lock: Option<File>,
    recorded_at: i64,
    last: HashMap<Hash128, (u64, Position)>,
    identities: HashSet<Hash128>,
    /// Whether damage was found. After it, a gap in a stream is no further finding.
    damage: bool,
}

impl Check {
    fn new(data: &Path, log: &LogReader, head: Head) -> Self {
        let (index, lock, verdict) = open_index(data, log);
        Self {
            found: Verification {
                head,
                sound: 0,
                streams: 0,
                findings: Vec::new(),
                more: 0,
                certificate: Some(Certificate::default()),
                index: verdict,
            },
            hashing: Hashing::new(None),
            index,
            _lock: lock,
            recorded_at: i64::MIN,
            last: HashMap::new(),
            identities: HashSet::new(),
            damage: false,
        }
    }

    /// Checks the descriptor sets, without which the file does not explain itself.
    fn descriptor_sets(&mut self, log: &LogReader) {
        let damaged = match log.damaged_descriptor_sets() {
            Some(versions) => versions,
            None => {
                return self.finding(Position::START, "the table schema is unreadable".to_owned());
            }
        };
        for version in damaged {
            let what = format!("the descriptor set of schema version {version} is damaged");
            self.finding(Position::START, what);
        }
    }

    fn certify(&mut self, log: &LogReader, after: Position, through: Position) {
        let certificate = self.found.certificate.take();
        self.found.certificate =
            certificate.and_then(|certificate| log.certify(certificate, after, through).ok());
    }

    /// Compares the certificate that a copy stores with that of its rows, unless it has grown in the meantime.
    fn certificate_of_copy(&mut self, copied: Option<Copied>) {
        let at = self.found.head.position;
        if let (Some(copied), Some(certificate)) = (copied, self.found.certificate)
            && copied.position == at
            && copied.certificate != certificate
        {
            self.finding(
                at,
                "the certificate of the backup does not match".to_owned(),
            );
        }
    }

    /// Records an unreadable event, and returns its position, from which to continue.
    fn damaged(&mut self, after: Position, what: String) -> Position {
        self.found.certificate = None;
        let at = Position(after.0 + 1);
        self.damage = true;
        self.finding(at, what);
        at
    }

    fn event(&mut self, event: &StoredEvent) {
        self.found.sound += 1;
        if event.recorded_at < self.recorded_at {
            self.finding(event.position, "recorded before its predecessor".to_owned());
        }
        self.recorded_at = event.recorded_at;
        let stream = self.hashing.stream(event.stream.as_str().as_bytes());
        let previous = self.last.insert(stream, (event.revision.0, event.position));
        let expected = previous.map_or(0, |(revision, _)| revision + 1);
        if event.revision.0 < expected || (event.revision.0 > expected && !self.damage) {
            let what = format!("revision {} where {expected} is due", event.revision.0);
            self.finding(event.position, what);
        }
        let (source, id) = (event.key.source.as_bytes(), event.key.id.as_bytes());
        let identity = self.hashing.identity(source, id);
        if !self.identities.insert(identity) {
            self.finding(
                event.position,
                "its source and id are stored before".to_owned(),
            );
        }
        self.indexed(event, &stream, &identity);
    }

    /// Checks that the index finds the event by its identity and its revision.
    fn indexed(&mut self, event: &StoredEvent, stream: &Hash128, identity: &Hash128) {
        let Some(index) = &self.index else { return };
        if event.position > index.applied() {
            return;
        }
        let by_identity = index
            .identity(identity)
            .map(|positions| positions.contains(&event.position));
        let by_revision = index
            .revision(stream, event.revision)
            .map(|position| position == Some(event.position));
        for (found, what) in [(by_identity, "identity"), (by_revision, "revision")] {
            match found {
                Ok(true) => {}
                Ok(false) => {
                    self.finding(
                        event.position,
                        format!("the index does not know its {what}"),
                    );
                }
                Err(error) => self.finding(event.position, format!("the index: {error}")),
            }
        }
    }

    /// Compares the last revision of each stream in the index with that in the log.
    fn ends_of_streams(&mut self) {
        self.found.streams = self.last.len() as u64;
        let Some(index) = self.index.take() else {
            return;
        };
        if index.applied() < self.found.head.position {
            // The last event of a stream may be one that the index lacks.
            return;
        }
        let mut wrong: Vec<Position> = Vec::new();
        for (stream, (revision, position)) in &self.last {
            let indexed = index.last_of_stream(stream).ok().flatten();
            if indexed.map(|(r, p)| (r.0, p)) != Some((*revision, *position)) {
                wrong.push(*position);
            }
        }
        wrong.sort_unstable();
        for position in wrong {
            let what = "the index has another end of its stream".to_owned();
            self.finding(position, what);
        }
    }

    fn finding(&mut self, at: Position, what: String) {
        let findings = &mut self.found.findings;
        let full = findings.len() >= MAX_FINDINGS;
        match findings.last_mut() {
            // Consecutive positions with the same finding are one finding.
            Some(last) if last.to.0 + 1 == at.0 && last.what == what => last.to = at,
            _ if full => self.found.more += 1,
            _ => findings.push(Finding {
                from: at,
                to: at,
                what,
            }),
        }
    }
}

/// Opens the index, unless it is in use or unreadable.
fn open_index(data: &Path, log: &LogReader) -> (Option<Index>, Option<File>, IndexVerdict) {
    let lock = match files::lock(&data.join(LOCK)) {
        Ok(lock) => lock,
        Err(OpenError::InUse { .. }) => return (None, None, IndexVerdict::InUse),
        Err(_) => return (None, None, IndexVerdict::Absent),
    };
    let directory = data.join(INDEX);
    if !directory.exists() {
        return (None, Some(lock), IndexVerdict::Absent);
    }
    let options = EmbeddedOptions::new(data, bytes::Bytes::new());
    match Index::open(&directory, &options, log.identity()) {
        Ok((index, Some(checkpoint))) if checkpoint.log == log.identity() => {
            let applied = index.applied();
            (Some(index), Some(lock), IndexVerdict::Checked { applied })
        }
        Err(IndexError::InUse) => (None, Some(lock), IndexVerdict::InUse),
        Ok(_) | Err(_) => (None, Some(lock), IndexVerdict::Absent),
    }
}
