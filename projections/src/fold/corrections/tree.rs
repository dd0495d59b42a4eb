//! The tree of a touchpoint and its corrections, as known at a position, and which of them is in force.
//! Nothing here recurses, because clients decide how long a chain is.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use ownerline_proto::schema::Schema;

use super::fold::key;
use super::inherit::Inherited;
use super::rows::{FACTS, Fact, LINKS, Link, MARKS, Mark, Ref, decode};
use super::standing::{Replacement, Standing, Ties};
use crate::fold::state::{StateError, StateRead};
use crate::sight::Sight;
use crate::{HistoryKey, Position, TouchpointKey};

/// A known touchpoint.
#[derive(Clone)]
struct Node {
    key: HistoryKey,
    kind: u32,
    stream: String,
    sight: Sight,
    /// The fields that it declares or inherits; not read for a retraction.
    fields: Inherited,
}

impl Node {
    /// The node of a retraction.
    fn of_retraction(key: &HistoryKey, link: &Link) -> Self {
        Self {
            key: key.clone(),
            kind: link.kind,
            stream: link.stream.clone(),
            sight: link.sight(),
            fields: Inherited::default(),
        }
    }

    fn name(&self) -> TouchpointKey {
        TouchpointKey::from(&self.key)
    }

    fn replacement(&self) -> Replacement {
        Replacement {
            key: self.key.clone(),
            sight: self.sight,
        }
    }

    fn is_before(&self, other: &HistoryKey) -> bool {
        self.key.is_before(other)
    }
}

/// The reader of the known touchpoints around a chain.
struct KnownNodes<'s> {
    state: &'s dyn StateRead,
    at: Position,
    /// The number of the kind that retracts.
    retraction: u32,
    nodes: Memo<Option<Node>>,
    marks: Memo<Mark>,
    links: Memo<Rc<[(HistoryKey, Link)]>>,
}

/// Memoized reads by key: each touchpoint is needed several times.
struct Memo<T>(RefCell<BTreeMap<TouchpointKey, T>>);

impl<T> Default for Memo<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T: Clone> Memo<T> {
    fn get(
        &self,
        source: &str,
        id: &str,
        read: impl FnOnce() -> Result<T, StateError>,
    ) -> Result<T, StateError> {
        let name = TouchpointKey::new(source, id);
        if let Some(known) = self.0.borrow().get(&name) {
            return Ok(known.clone());
        }
        let value = read()?;
        self.0.borrow_mut().insert(name, value.clone());
        Ok(value)
    }
}

/// Whether a touchpoint names another or is named by one.
pub(super) fn is_marked(state: &dyn StateRead, source: &str, id: &str) -> Result<bool, StateError> {
    Ok(state.get(&key(MARKS, source, id))?.is_some())
}

/// Returns the stream and the targets of a touchpoint, if it names another or is named by one.
pub(super) fn ties(
    state: &dyn StateRead,
    source: &str,
    id: &str,
) -> Result<Option<Ties>, StateError> {
    let Some(bytes) = state.get(&key(MARKS, source, id))? else {
        return Ok(None);
    };
    let mark = decode::<Mark>(&bytes)?;
    let named = [mark.corrects, mark.retracts].into_iter().flatten();
    let stream = match state.get(&key(FACTS, source, id))? {
        Some(bytes) => decode::<Fact>(&bytes)?.stream,
        None => String::new(),
    };
    Ok(Some(Ties {
        stream,
        names: named
            .map(|Ref { source, id }| TouchpointKey { source, id })
            .collect(),
    }))
}

/// Returns the standings of a touchpoint and of its whole chain of corrections.
pub(super) fn standings(
    state: &dyn StateRead,
    known_at: Position,
    source: &str,
    id: &str,
) -> Result<BTreeMap<TouchpointKey, Standing>, StateError> {
    let retraction = Schema::get().kind_by_name("touchpoint_retracted");
    let known = KnownNodes {
        state,
        at: known_at,
        retraction: retraction.map_or(u32::MAX, |kind| kind.number),
        nodes: Memo::default(),
        marks: Memo::default(),
        links: Memo::default(),
    };
    let Some(node) = known.node(source, id)? else {
        return Ok(BTreeMap::new());
    };
    let (root, circle) = known.root(node)?;
    let (nodes, children) = known.below(root, &circle)?;
    known.judge(&nodes, &children, &circle)
}

impl KnownNodes<'_> {
    fn node(&self, source: &str, id: &str) -> Result<Option<Node>, StateError> {
        self.nodes.get(source, id, || self.read_node(source, id))
    }

    fn read_node(&self, source: &str, id: &str) -> Result<Option<Node>, StateError> {
        let Some(bytes) = self.state.get(&key(FACTS, source, id))? else {
            return Ok(None);
        };
        let fact = decode::<Fact>(&bytes)?;
        let declared = Inherited::declared(&fact);
        Ok((fact.position() <= self.at).then(|| Node {
            sight: declared.sight,
            fields: declared,
            key: HistoryKey {
                occurred_at: fact.occurred_at,
                rank: fact.rank(),
                source: source.to_owned(),
                id: id.to_owned(),
                position: fact.position(),
            },
            kind: fact.kind,
            stream: fact.stream,
        }))
    }

    fn mark(&self, node: &Node) -> Result<Mark, StateError> {
        let (source, id) = (&node.key.source, &node.key.id);
        self.marks.get(source, id, || {
            let bytes = self.state.get(&key(MARKS, source, id))?;
            bytes.map_or_else(|| Ok(Mark::default()), |bytes| decode(&bytes))
        })
    }

    /// Whether the first may correct the second.
    fn may_correct(&self, kind: u32, stream: &str, corrected: &Node) -> bool {
        kind == corrected.kind && stream == corrected.stream && kind != self.retraction
    }

    /// The touchpoint that another corrects, if it is known and fits.
    fn parent(&self, node: &Node) -> Result<Option<Node>, StateError> {
        let Some(Ref { source, id }) = self.mark(node)?.corrects else {
            return Ok(None);
        };
        let parent = self.node(&source, &id)?;
        Ok(parent.filter(|parent| self.may_correct(node.kind, &node.stream, parent)))
    }

    /// Returns the first touchpoint of a chain. If the chain goes in a circle, also returns the circle; then the first is
    /// where the chain meets it.
    fn root(&self, from: Node) -> Result<(Node, BTreeSet<TouchpointKey>), StateError> {
        let mut path: Vec<TouchpointKey> = vec![from.name()];
        let mut passed: BTreeMap<TouchpointKey, usize> = [(from.name(), 0)].into();
        let mut root = from;
        while let Some(parent) = self.parent(&root)? {
            let name = parent.name();
            if let Some(start) = passed.get(&name) {
                return Ok((parent, path.drain(*start..).collect()));
            }
            passed.insert(name.clone(), path.len());
            path.push(name);
            root = parent;
        }
        Ok((root, BTreeSet::new()))
    }

    /// Returns a touchpoint and all its direct and indirect corrections, each after its target, and for each of them the
    /// indexes of its corrections, in history order.
    fn below(
        &self,
        root: Node,
        circle: &BTreeSet<TouchpointKey>,
    ) -> Result<(Vec<Node>, Vec<Vec<usize>>), StateError> {
        // Each corrects one, so none comes twice; the set makes the loop end for damaged rows, too.
        let mut passed: BTreeSet<TouchpointKey> = [root.name()].into();
        let mut nodes = vec![root];
        let mut children = Vec::new();
        let mut at = 0;
        while let Some(node) = nodes.get(at).cloned() {
            let mut corrections = Vec::new();
            for (key, link) in self.links(&node)?.iter() {
                let fits = !link.retracts && self.may_correct(link.kind, &link.stream, &node);
                let name = TouchpointKey::from(key);
                if fits
                    && !circle.contains(&name)
                    && passed.insert(name)
                    && let Some(mut correction) = self.node(&key.source, &key.id)?
                {
                    correction.fields.inherit(&node.fields);
                    correction.sight = correction.fields.sight;
                    corrections.push(nodes.len());
                    nodes.push(correction);
                }
            }
            children.push(corrections);
            at += 1;
        }
        Ok((nodes, children))
    }

    /// Decides the standing of each node.
    fn judge(
        &self,
        nodes: &[Node],
        children: &[Vec<usize>],
        circle: &BTreeSet<TouchpointKey>,
    ) -> Result<BTreeMap<TouchpointKey, Standing>, StateError> {
        let mut retracted = Vec::with_capacity(nodes.len());
        for node in nodes {
            retracted.push(self.retracted_by(node)?);
        }
        // Corrections come after their target, so a backward pass sees the corrections of a node before the node.
        let mut ends: Vec<Option<usize>> = vec![None; nodes.len()];
        for (at, corrections) in children.iter().enumerate().rev() {
            let last = corrections.iter().rev();
            let end = last
                .filter_map(|child| ends.get(*child).copied().flatten())
                .next();
            let itself = retracted.get(at).is_some_and(Option::is_none).then_some(at);
            if let Some(slot) = ends.get_mut(at) {
                *slot = end.or(itself);
            }
        }
        let end = ends.first().copied().flatten();
        let chain: Arc<[HistoryKey]> = nodes.iter().map(|node| node.key.clone()).collect();
        let under_end = end.map(|end| below(end, children)).unwrap_or_default();
        let mut standings = BTreeMap::new();
        for (at, (node, retracted_by)) in nodes.iter().zip(retracted).enumerate() {
            // A node in force because its corrections were retracted does not replace them.
            let other = end.filter(|_| !under_end.contains(&at));
            let standing = Standing {
                corrected_by: other.and_then(|end| nodes.get(end)).map(Node::replacement),
                retracted_by,
                without_effect: self.is_without_effect(node, circle)?,
                inherited: (at > 0).then(|| Arc::new(node.fields.clone())),
                chain: Arc::clone(&chain),
            };
            standings.insert(node.name(), standing);
        }
        Ok(standings)
    }

    /// Whether a touchpoint names a known one that it cannot correct or retract.
    fn is_without_effect(
        &self,
        node: &Node,
        circle: &BTreeSet<TouchpointKey>,
    ) -> Result<bool, StateError> {
        if circle.contains(&node.name()) {
            return Ok(true);
        }
        let mark = self.mark(node)?;
        if let Some(Ref { source, id }) = mark.corrects
            && let Some(corrected) = self.node(&source, &id)?
            && !self.may_correct(node.kind, &node.stream, &corrected)
        {
            return Ok(true);
        }
        let Some(Ref { source, id }) = mark.retracts else {
            return Ok(false);
        };
        let retracted = self.node(&source, &id)?;
        Ok(retracted
            .is_some_and(|retracted| !self.may_retract(&node.key, &node.stream, &retracted)))
    }

    fn may_retract(&self, key: &HistoryKey, stream: &str, retracted: &Node) -> bool {
        stream == retracted.stream
            && (retracted.kind != self.retraction || retracted.is_before(key))
    }

    /// The retractions that name a touchpoint and fit, in history order.
    fn retractions(&self, node: &Node) -> Result<Vec<Node>, StateError> {
        let links = self.links(node)?;
        let retracts = |(key, link): &&(HistoryKey, Link)| {
            link.retracts && self.may_retract(key, &link.stream, node)
        };
        let fitting = links.iter().filter(retracts);
        let nodes = fitting.map(|(key, link)| Node::of_retraction(key, link));
        Ok(nodes.collect())
    }

    /// The last retraction of a touchpoint that is itself in force.
    fn retracted_by(&self, node: &Node) -> Result<Option<Replacement>, StateError> {
        let direct = self.retractions(node)?;
        if direct.is_empty() {
            return Ok(None);
        }
        let mut waiting = direct.clone();
        let mut by: BTreeMap<HistoryKey, Vec<HistoryKey>> = BTreeMap::new();
        while let Some(next) = waiting.pop() {
            if by.contains_key(&next.key) {
                continue;
            }
            let retractions = self.retractions(&next)?;
            by.insert(
                next.key,
                retractions.iter().map(|by| by.key.clone()).collect(),
            );
            waiting.extend(retractions);
        }
        // Only later retractions can retract a retraction, so a backward pass decides those first.
        let mut in_force: BTreeSet<HistoryKey> = BTreeSet::new();
        for (key, retractions) in by.into_iter().rev() {
            if !retractions.iter().any(|by| in_force.contains(by)) {
                in_force.insert(key);
            }
        }
        let last = direct.iter().rev().find(|by| in_force.contains(&by.key));
        Ok(last.map(Node::replacement))
    }

    /// The known touchpoints that name one, in history order.
    fn links(&self, node: &Node) -> Result<Rc<[(HistoryKey, Link)]>, StateError> {
        let (source, id) = (&node.key.source, &node.key.id);
        self.links.get(source, id, || self.read_links(source, id))
    }

    fn read_links(&self, source: &str, id: &str) -> Result<Rc<[(HistoryKey, Link)]>, StateError> {
        let mut rows = Vec::new();
        let links = LINKS.under(&[source, id]).known_at(self.at);
        links.each(self.state, |entry| {
            rows.push((entry.key()?, entry.row()?));
            Ok(())
        })?;
        Ok(rows.into())
    }
}

/// The indexes of a touchpoint and of all its direct and indirect corrections.
fn below(top: usize, children: &[Vec<usize>]) -> BTreeSet<usize> {
    let mut indexes = BTreeSet::new();
    let mut waiting = vec![top];
    while let Some(at) = waiting.pop() {
        indexes.insert(at);
        waiting.extend(children.get(at).into_iter().flatten());
    }
    indexes
}
