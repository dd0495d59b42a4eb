//! Policies: every version, and which is in force for whom and when.

use std::sync::Arc;

use ownerline_projections::Viewer;
use ownerline_projections::policy::{
    Flaw, Policies, PolicyAnswer, PolicyFilter, PolicyQuestion, Version, answer, list, policies,
};
use ownerline_proto::time::Instant;
use prost::Message as _;

use super::answer_budget::AnswerBudget;
use super::basis::{Answer, Bounds};
use super::error::QueryError;
use super::needs::POLICIES;
use super::page::{Page, PageAsk};
use super::reads::Reads;
use crate::store::Position;

/// More bytes than the reason and the tags of a violation take.
const VIOLATION_BYTES: usize = 32;

/// Policies of a page where the request does not say.
const DEFAULT_PAGE: usize = 100;

/// More bytes than the position, the instants and the tags of a policy take.
const POLICY_BYTES: usize = 256;

/// The most bytes that an answer needs for a policy.
fn most_bytes(version: &Version) -> usize {
    let flaw = match &version.flaw {
        Some(Flaw::Unusable(violations)) => {
            let each = violations.iter();
            let each = each.map(|it| it.field.len() + it.description.len() + VIOLATION_BYTES);
            each.sum()
        }
        _ => POLICY_BYTES,
    };
    let key = version.publication.as_ref().map(|it| &it.key);
    let key = key.map_or(0, |key| key.source.len() + key.id.len());
    version.published.encoded_len() + flaw + key + POLICY_BYTES
}

/// Reads policies. Cheap to clone.
#[derive(Clone)]
pub struct PolicyReads {
    /// What they are read with.
    pub reads: Reads,
}

impl PolicyReads {
    /// One page of policies, by name, then version.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn list(
        &self,
        filter: PolicyFilter,
        page: &PageAsk,
        viewer: &Viewer,
    ) -> Result<Answer<Page<Vec<Arc<Version>>>>, QueryError> {
        let reads = &self.reads;
        let size = reads.page_size(page, DEFAULT_PAGE)?;
        let begin = reads.begin(page).await?;
        // What ships with the server has no position, so a page ends at its place in the list, which is pinned.
        let from = begin.after.unwrap_or_default().0;
        let from = usize::try_from(from).unwrap_or(usize::MAX);
        let listed = reads.ask_for(POLICIES, begin.wanted, viewer, move |snapshots, vantage| {
            list(snapshots, vantage, &filter, from, size + 1)
        });
        let listed = listed.await?;
        let basis = listed.basis;
        Ok(listed.map(|mut entries| {
            let mut more = entries.len() > size;
            entries.truncate(size);
            more |= AnswerBudget::of_answer().cut(&mut entries, |it| most_bytes(it));
            let last = Position(from.saturating_add(entries.len()) as u64);
            Page {
                next: more.then(|| reads.token(&page.query, basis, last)),
                entries,
            }
        }))
    }

    /// One policy.
    ///
    /// # Errors
    /// See [`QueryError`]; [`QueryError::Unknown`] if there is none.
    pub async fn get(
        &self,
        question: PolicyQuestion,
        bounds: &Bounds,
        viewer: &Viewer,
    ) -> Result<Answer<PolicyAnswer>, QueryError> {
        let found = self
            .reads
            .ask(POLICIES, bounds, viewer, move |snapshots, vantage| {
                answer(snapshots, vantage, &question)
            });
        found.await
    }

    /// Every policy that counts now, as known at `at_least` or later.
    ///
    /// # Errors
    /// See [`QueryError`].
    pub async fn now(&self, at_least: Position, viewer: &Viewer) -> Result<Policies, QueryError> {
        let bounds = Bounds {
            at_least: Some(at_least),
            // A publication that is told a little ahead of the clock is published already.
            as_of: Some(Instant::MAX),
            ..Bounds::default()
        };
        let all = self.reads.ask(POLICIES, &bounds, viewer, policies);
        Ok(all.await?.value)
    }
}
