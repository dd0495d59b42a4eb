//! Which touchpoints belong to the trace of a case, and why.
//!
//! - The core: whatever names the case.
//! - Feedback: the streams of feedback that the core names, or that the case springs from.
//! - Defects: whatever is about a defect that the core names, or about one that links of humans connect with it.
//! - Visits: the whole of each visit that the core, or a touchpoint of such a defect, names.
//! - Causes: whatever the core names by causation or by a reference in its payload, what that names, and so on.
//! - Effects: whatever names the core in the same ways, what names that, and so on. The two directions never mix, so the
//!   other effects of a cause are no members.
//! - Correlation: whatever shares a correlation id with the core.
//!
//! Only touchpoints in force bring others in. One that was corrected or retracted belongs for the same reasons, and
//! stands beside what took its place. A reference to any touchpoint of a chain of corrections means the chain. Servings of
//! context packs are never members: they are annotations of what was done after them.
//!
//! The search does no reading: it says what it [wants](Membership::wanted) to be looked up, and takes what was found.

use std::collections::{BTreeMap, BTreeSet};

use super::touchpoint::Traced;
use crate::vehicles::same_defect::SeenLinks;
use crate::{HistoryKey, TouchpointKey};

/// Touchpoints to look up. All those of a lookup that count have to be [added](Membership::add), others may be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Lookup {
    /// Those that name the case.
    Case,
    /// Those of a stream.
    Stream(String),
    /// Those about a defect, and links of it with another.
    Defect(String),
    /// Those with a correlation id.
    Correlation(String),
    /// The one with this key.
    Touchpoint(TouchpointKey),
    /// Those that name this one by causation or in their payload.
    Naming(TouchpointKey),
}

/// The search for the members.
#[derive(Debug)]
pub(super) struct Membership {
    case_id: String,
    pub(super) found: Vec<Traced>,
    by_key: BTreeMap<TouchpointKey, usize>,
    naming: BTreeMap<TouchpointKey, Vec<usize>>,
    about_defect: BTreeMap<String, Vec<usize>>,
    links: SeenLinks<HistoryKey>,
    /// Streams of feedback and of visits whose touchpoints are members.
    pub(super) streams: BTreeSet<String>,
    pub(super) defects: BTreeSet<String>,
    pub(super) correlations: BTreeSet<String>,
    /// The causes, with all keys of their chains.
    pub(super) causes: BTreeSet<TouchpointKey>,
    /// What effects are effects of: all keys of its chain, each with the index of the one in force.
    pub(super) origins: BTreeMap<TouchpointKey, usize>,
    /// The chains of touchpoints that do not count at the instant of the question, by the key of each.
    passed_over: BTreeMap<TouchpointKey, Vec<TouchpointKey>>,
    expanded: BTreeSet<Work>,
    work: Vec<Work>,
    looked_up: BTreeSet<Lookup>,
    wanted: Vec<Lookup>,
    /// Defects whose touchpoints are being looked up.
    awaited: Vec<String>,
}

/// A touchpoint, by its index, of which the consequences are still to be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Work {
    /// It is in the core.
    Core(usize),
    /// It is about one of the defects.
    Defect(usize),
    /// It is a cause.
    Cause(usize),
    /// Whatever names it is an effect.
    Origin(usize),
}

impl Membership {
    /// Begins a search.
    pub(super) fn of(case_id: &str) -> Self {
        let mut search = Self {
            case_id: case_id.to_owned(),
            found: Vec::new(),
            by_key: BTreeMap::new(),
            naming: BTreeMap::new(),
            about_defect: BTreeMap::new(),
            links: SeenLinks::default(),
            streams: BTreeSet::new(),
            defects: BTreeSet::new(),
            correlations: BTreeSet::new(),
            causes: BTreeSet::new(),
            origins: BTreeMap::new(),
            passed_over: BTreeMap::new(),
            expanded: BTreeSet::new(),
            work: Vec::new(),
            looked_up: BTreeSet::new(),
            wanted: Vec::new(),
            awaited: Vec::new(),
        };
        search.want(Lookup::Case);
        search
    }

    /// Whether a touchpoint names the case.
    pub(super) fn is_core(&self, touchpoint: &Traced) -> bool {
        touchpoint.subjects.case_id == self.case_id
    }

    /// The index of a touchpoint that was found.
    pub(super) fn index(&self, key: &TouchpointKey) -> Option<usize> {
        self.by_key.get(key).copied()
    }

    /// The indexes of the touchpoints found that name this one.
    pub(super) fn naming(&self, key: &TouchpointKey) -> &[usize] {
        self.naming.get(key).map_or(&[], Vec::as_slice)
    }

    /// Adds a touchpoint that counts at the instant of the question.
    pub(super) fn add(&mut self, touchpoint: Traced) {
        let key = TouchpointKey::from(&touchpoint.key);
        if touchpoint.is_serving || self.by_key.contains_key(&key) {
            return;
        }
        let at = self.found.len();
        self.by_key.insert(key, at);
        for named in &touchpoint.references {
            self.naming.entry(named.clone()).or_default().push(at);
        }
        let defect_id = &touchpoint.subjects.defect_id;
        if !defect_id.is_empty() {
            let about = self.about_defect.entry(defect_id.clone()).or_default();
            about.push(at);
        }
        let chain = touchpoint.chain();
        if chain.len() > 1 || !touchpoint.is_in_force() {
            let beside = touchpoint.replacements().chain(chain.iter().cloned());
            for key in beside.collect::<Vec<_>>() {
                self.want(Lookup::Touchpoint(key));
            }
        }
        if touchpoint.is_in_force() {
            if self.is_core(&touchpoint) {
                self.work.push(Work::Core(at));
            }
            if self.defects.contains(defect_id) {
                self.work.push(Work::Defect(at));
            }
            let mut references = touchpoint.references.iter();
            if references.any(|named| self.origins.contains_key(named)) {
                self.work.push(Work::Origin(at));
            }
            if let Some(link) = &touchpoint.link {
                self.links.add(&touchpoint.key, link);
            }
        }
        if chain.iter().any(|key| self.causes.contains(key)) {
            self.work.push(Work::Cause(at));
        }
        self.found.push(touchpoint);
    }

    /// Passes over a touchpoint that does not count at the instant of the question. A reference to it still means the
    /// rest of its chain.
    pub(super) fn pass_over(&mut self, touchpoint: &Traced) {
        let chain = touchpoint.chain();
        let is_cause = chain.iter().any(|key| self.causes.contains(key));
        let key = TouchpointKey::from(&touchpoint.key);
        self.passed_over.insert(key, chain.clone());
        if is_cause {
            for member in chain {
                self.reach_cause(member);
            }
        }
    }

    /// What to look up next, once everything that was wanted before is added; nothing if every member is found.
    pub(super) fn wanted(&mut self) -> Vec<Lookup> {
        // Only now every link of these defects is known, so that the last of each pair counts.
        for defect_id in std::mem::take(&mut self.awaited) {
            for other in self.links.linked(&defect_id) {
                self.reach_defect(&other);
            }
        }
        self.draw_consequences();
        for lookup in &self.wanted {
            if let Lookup::Defect(defect_id) = lookup {
                self.awaited.push(defect_id.clone());
            }
        }
        std::mem::take(&mut self.wanted)
    }

    fn want(&mut self, lookup: Lookup) {
        let is_found = match &lookup {
            Lookup::Touchpoint(key) => self.by_key.contains_key(key),
            _ => false,
        };
        if !is_found && self.looked_up.insert(lookup.clone()) {
            self.wanted.push(lookup);
        }
    }

    /// Clients decide how long a chain of causes is, so this does not recurse.
    fn draw_consequences(&mut self) {
        while let Some(work) = self.work.pop() {
            if !self.expanded.insert(work) {
                continue;
            }
            match work {
                Work::Core(at) => self.expand_core(at),
                Work::Defect(at) => self.expand_defect(at),
                Work::Cause(at) => self.expand_cause(at),
                Work::Origin(at) => self.expand_origin(at),
            }
        }
    }

    fn expand_core(&mut self, at: usize) {
        let Some(core) = self.found.get(at) else {
            return;
        };
        let subjects = core.subjects.clone();
        let feedback = [&core.origin_feedback_id, &subjects.feedback_id].map(Clone::clone);
        let (correlation_id, named) = (core.correlation_id.clone(), core.references.clone());
        for feedback_id in feedback {
            self.reach_stream("feedback", &feedback_id);
        }
        self.reach_stream("visit", &subjects.visit_id);
        self.reach_defect(&subjects.defect_id);
        if !correlation_id.is_empty() && self.correlations.insert(correlation_id.clone()) {
            self.want(Lookup::Correlation(correlation_id));
        }
        for cause in named {
            self.reach_cause(cause);
        }
        self.work.push(Work::Origin(at));
    }

    fn expand_defect(&mut self, at: usize) {
        let visit_id = self.found.get(at).map(|it| it.subjects.visit_id.clone());
        self.reach_stream("visit", &visit_id.unwrap_or_default());
    }

    fn expand_cause(&mut self, at: usize) {
        let Some(cause) = self.found.get(at) else {
            return;
        };
        let named = match cause.is_in_force() {
            true => cause.references.clone(),
            false => Vec::new(),
        };
        for member in cause.chain() {
            self.reach_cause(member);
        }
        for cause in named {
            self.reach_cause(cause);
        }
    }

    fn expand_origin(&mut self, at: usize) {
        let Some(origin) = self.found.get(at) else {
            return;
        };
        for key in origin.chain() {
            if self.origins.insert(key.clone(), at).is_some() {
                continue;
            }
            let effects = self.naming(&key).iter();
            let effects = effects.filter(|effect| {
                let effect = self.found.get(**effect);
                effect.is_some_and(Traced::is_in_force)
            });
            let effects: Vec<Work> = effects.map(|effect| Work::Origin(*effect)).collect();
            self.work.extend(effects);
            self.want(Lookup::Naming(key));
        }
    }

    fn reach_stream(&mut self, category: &str, id: &str) {
        let stream = format!("{category}-{id}");
        if !id.is_empty() && self.streams.insert(stream.clone()) {
            self.want(Lookup::Stream(stream));
        }
    }

    fn reach_defect(&mut self, defect_id: &str) {
        if defect_id.is_empty() || !self.defects.insert(defect_id.to_owned()) {
            return;
        }
        let about = self.about_defect.get(defect_id).into_iter().flatten();
        let in_force = about.filter(|at| self.found.get(**at).is_some_and(Traced::is_in_force));
        let work: Vec<Work> = in_force.map(|at| Work::Defect(*at)).collect();
        self.work.extend(work);
        self.want(Lookup::Defect(defect_id.to_owned()));
    }

    fn reach_cause(&mut self, key: TouchpointKey) {
        // Whatever is in a chain that is reached is reached.
        let mut reached = vec![key];
        while let Some(key) = reached.pop() {
            if !self.causes.insert(key.clone()) {
                continue;
            }
            reached.extend(self.passed_over.get(&key).into_iter().flatten().cloned());
            match self.index(&key) {
                Some(at) => self.work.push(Work::Cause(at)),
                None => self.want(Lookup::Touchpoint(key)),
            }
        }
    }
}
