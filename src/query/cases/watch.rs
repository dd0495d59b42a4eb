//! Watching a case: the whole of it whenever it stands differently, by what was recorded and by time passing.
//!
//! Of the case that was answered only a digest is kept, without what changes with every instant. A look is taken when
//! something was recorded that may bear on it, though not more often than [`REST`] allows; and at the next instant at
//! which time alone changes something. In between nothing is read.

use std::time::Duration;

use ownerline_projections::Viewer;
use ownerline_projections::cases::{CaseAnswer, CaseQuestion, answer};

use super::one::CaseFile;
use super::reads::CaseReads;
use crate::query::basis::Basis;
use crate::query::error::QueryError;
use crate::query::needs::CASES;
use crate::query::watching::{LookAt, Rest, WatchFrom, WatchPace, Watching, Woken};

/// At least 50 ms between two looks, which keep a fifth of a core busy at most.
const REST: Rest = Rest {
    least: Duration::from_millis(50),
    times: 4,
};

/// One step of a watch.
#[derive(Debug, Clone)]
pub struct CaseStep {
    /// The case; `None` if nothing changed for a while.
    pub file: Option<CaseFile>,
    /// What it reflects.
    pub basis: Basis,
}

/// A running watch. Dropping it ends it.
pub struct CaseWatch {
    watching: Watching,
    reads: CaseReads,
    case_id: String,
    /// The digest of what the watcher knows.
    known: Option<blake3::Hash>,
    /// Nothing was looked at yet.
    is_new: bool,
}

impl CaseReads {
    /// Begins to watch.
    ///
    /// # Errors
    /// [`QueryError::Unknown`] if nothing of the case is known. An error also if a position lies behind the end of the
    /// log, or the views do not reach it in time.
    pub async fn watch(
        &self,
        case_id: String,
        from: WatchFrom,
        pace: WatchPace,
        viewer: &Viewer,
    ) -> Result<CaseWatch, QueryError> {
        let watching = Watching::begin(&self.reads, CASES, viewer, from, pace, REST).await?;
        let mut watch = CaseWatch {
            watching,
            reads: self.clone(),
            case_id,
            known: None,
            is_new: true,
        };
        match watch.watching.basis() {
            Some(basis) => {
                // Only the views can say again what was answered then.
                let (_, then) = watch.look(LookAt::Again(basis)).await?;
                watch.known = Some(digest(&then));
            }
            None => {
                watch.look(LookAt::Now).await?;
            }
        }
        Ok(watch)
    }
}

impl CaseWatch {
    /// The next step: at once for the first, then when something changed or was silent for long enough.
    ///
    /// # Errors
    /// If a view cannot be read or has stopped; the watch is over then.
    pub async fn next(&mut self) -> Result<CaseStep, QueryError> {
        loop {
            if !self.is_new && self.watching.wait().await? == Woken::BySilence {
                let basis = self.watching.still();
                return Ok(CaseStep { file: None, basis });
            }
            let (basis, answer) = self.look(LookAt::Now).await?;
            self.is_new = false;
            self.watching.complete(basis, answer.reach());
            let digest = Some(digest(&answer));
            if digest != self.known {
                self.known = digest;
                let file = self.reads.file(answer).await?;
                self.watching.tells();
                return Ok(CaseStep {
                    file: Some(file),
                    basis,
                });
            }
        }
    }

    async fn look(&mut self, at: LookAt) -> Result<(Basis, CaseAnswer), QueryError> {
        let question = CaseQuestion {
            case_id: self.case_id.clone(),
            ..CaseQuestion::default()
        };
        let looked = self.watching.look(at, move |snapshots, vantage| {
            answer(snapshots, vantage, &question)
        });
        looked.await
    }
}

/// Of everything that is said about a case, but for what changes with every instant.
fn digest(answer: &CaseAnswer) -> blake3::Hash {
    blake3::hash(answer.said().as_bytes())
}
