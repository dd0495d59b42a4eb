//! A touchpoint with everything that corrects it, as known at a position, and which of it is in force.
//! Nothing here recurses: chains are as long as clients make them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use ownerline_proto::schema::Schema;

use super::fold::key;
use super::inherit::Inherited;
use super::rows::{FACTS, Fact, LINKS, Link, MARKS, Mark, Ref, decode};
use super::standing::{Replacement, Standing, Ties};
use crate::HistoryKey;
use crate::fold::state::{StateError, StateRead};
use crate::sight::Sight;

/// A touchpoint of which the rest is known.
#[derive(Clone)]
struct Node {
    key: HistoryKey,
    kind: u32,
    stream: String,
    sight: Sight,
    /// The fields that it sets itself; not read for a retraction.
    said: Inherited,
}

impl Node {
    /// A retraction.
    fn naming(key: &HistoryKey, link: &Link) -> Self {
        Self {
            key: key.clone(),
            kind: link.kind,
            stream: link.stream.clone(),
            sight: link.sight(),
            said: Inherited::default(),
        }
    }

    fn name(&self) -> (String, String) {
        (self.key.source.clone(), self.key.id.clone())
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

struct Known<'s> {
    state: &'s dyn StateRead,
    at: u64,
    /// The number of the kind that retracts.
    retraction: u32,
    nodes: Once<Option<Node>>,
    marks: Once<Mark>,
    links: Once<Rc<[(HistoryKey, Link)]>>,
}

/// What was read of touchpoints, by (source, id): each is looked at several times.
struct Once<T>(RefCell<BTreeMap<(String, String), T>>);

impl<T> Default for Once<T> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<T: Clone> Once<T> {
    fn get(
        &self,
        source: &str,
        id: &str,
        read: impl FnOnce() -> Result<T, StateError>,
    ) -> Result<T, StateError> {
        let name = (source.to_owned(), id.to_owned());
        if let Some(known) = self.0.borrow().get(&name) {
            return Ok(known.clone());
        }
        let found = read()?;
        self.0.borrow_mut().insert(name, found.clone());
        Ok(found)
    }
}

/// Whether a touchpoint names another or is named by one.
pub(super) fn is_marked(state: &dyn StateRead, source: &str, id: &str) -> Result<bool, StateError> {
    Ok(state.get(&key(MARKS, source, id))?.is_some())
}

/// What else a touchpoint hangs together with, if it names another or is named by one.
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
        names: named.map(|named| (named.source, named.id)).collect(),
    }))
}

/// How a touchpoint stands, and everything that hangs together with it by corrections.
pub(super) fn standings(
    state: &dyn StateRead,
    known_at: u64,
    source: &str,
    id: &str,
) -> Result<BTreeMap<(String, String), Standing>, StateError> {
    let retraction = Schema::get().kind_by_name("touchpoint_retracted");
    let known = Known {
        state,
        at: known_at,
        retraction: retraction.map_or(u32::MAX, |kind| kind.number),
        nodes: Once::default(),
        marks: Once::default(),
        links: Once::default(),
    };
    let Some(asked) = known.node(source, id)? else {
        return Ok(BTreeMap::new());
    };
    let (root, circle) = known.root(asked)?;
    let (nodes, children) = known.below(root, &circle)?;
    known.judge(&nodes, &children, &circle)
}

impl Known<'_> {
    fn node(&self, source: &str, id: &str) -> Result<Option<Node>, StateError> {
        self.nodes.get(source, id, || self.read_node(source, id))
    }

    fn read_node(&self, source: &str, id: &str) -> Result<Option<Node>, StateError> {
        let Some(bytes) = self.state.get(&key(FACTS, source, id))? else {
            return Ok(None);
        };
        let fact = decode::<Fact>(&bytes)?;
        let said = Inherited::said(&fact);
        Ok((fact.position <= self.at).then(|| Node {
            sight: said.sight,
            said,
            key: HistoryKey {
                occurred_at: fact.occurred_at,
                rank: fact.rank(),
                source: source.to_owned(),
                id: id.to_owned(),
                position: fact.position,
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

    /// What a touchpoint corrects, if that is known and fits.
    fn parent(&self, node: &Node) -> Result<Option<Node>, StateError> {
        let Some(Ref { source, id }) = self.mark(node)?.corrects else {
            return Ok(None);
        };
        let parent = self.node(&source, &id)?;
        Ok(parent.filter(|parent| self.may_correct(node.kind, &node.stream, parent)))
    }

    /// What the chain of a touchpoint began with; and, if the chain goes in a circle, the circle: then
    /// it begins where the touchpoint meets it.
    fn root(&self, from: Node) -> Result<(Node, BTreeSet<(String, String)>), StateError> {
        let mut path: Vec<(String, String)> = vec![from.name()];
        let mut passed: BTreeMap<(String, String), usize> = [(from.name(), 0)].into();
        let mut root = from;
        while let Some(parent) = self.parent(&root)? {
            let name = parent.name();
            if let Some(met) = passed.get(&name) {
                return Ok((parent, path.drain(*met..).collect()));
            }
            passed.insert(name.clone(), path.len());
            path.push(name);
            root = parent;
        }
        Ok((root, BTreeSet::new()))
    }

    /// A touchpoint and everything that corrects it, directly or not, each behind what it corrects;
    /// and the indexes of the corrections of each, in history order.
    fn below(
        &self,
        root: Node,
        circle: &BTreeSet<(String, String)>,
    ) -> Result<(Vec<Node>, Vec<Vec<usize>>), StateError> {
        // Each corrects one, so that none comes twice; but for damaged rows, which must come to an end, too.
        let mut met: BTreeSet<(String, String)> = [root.name()].into();
        let mut nodes = vec![root];
        let mut children = Vec::new();
        let mut at = 0;
        while let Some(node) = nodes.get(at).cloned() {
            let mut corrections = Vec::new();
            for (key, link) in self.links(&node)?.iter() {
                let fits = !link.retracts && self.may_correct(link.kind, &link.stream, &node);
                let name = (key.source.clone(), key.id.clone());
                if fits
                    && !circle.contains(&name)
                    && met.insert(name)
                    && let Some(mut correction) = self.node(&key.source, &key.id)?
                {
                    correction.said.inherit(&node.said);
                    correction.sight = correction.said.sight;
                    corrections.push(nodes.len());
                    nodes.push(correction);
                }
            }
            children.push(corrections);
            at += 1;
        }
        Ok((nodes, children))
    }

    /// Says of each which is in force in its place, and what retracted it.
    fn judge(
        &self,
        nodes: &[Node],
        children: &[Vec<usize>],
        circle: &BTreeSet<(String, String)>,
    ) -> Result<BTreeMap<(String, String), Standing>, StateError> {
        let mut retracted = Vec::with_capacity(nodes.len());
        for node in nodes {
            retracted.push(self.retracted_by(node)?);
        }
        // Corrections stand behind what they correct, so that backwards each comes after its own.
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
        let mut found = BTreeMap::new();
        for (at, (node, retracted_by)) in nodes.iter().zip(retracted).enumerate() {
            // What stands again because its corrections were retracted does not correct them.
            let other = end.filter(|_| !under_end.contains(&at));
            let standing = Standing {
                corrected_by: other.and_then(|end| nodes.get(end)).map(Node::replacement),
                retracted_by,
                without_effect: self.is_without_effect(node, circle)?,
                inherited: (at > 0).then(|| Arc::new(node.said.clone())),
                chain: Arc::clone(&chain),
            };
            found.insert(node.name(), standing);
        }
        Ok(found)
    }

    /// Whether a touchpoint names a known one that it cannot correct or retract.
    fn is_without_effect(
        &self,
        node: &Node,
        circle: &BTreeSet<(String, String)>,
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
        let found = links.iter().filter(retracts);
        Ok(found.map(|(key, link)| Node::naming(key, link)).collect())
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
        // A retraction is retracted by later ones only, so that backwards those are decided.
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
        let mut found = Vec::new();
        let links = LINKS.under(&[source, id]).known_at(self.at);
        links.each(self.state, |entry| {
            found.push((entry.key()?, entry.row()?));
            Ok(())
        })?;
        Ok(found.into())
    }
}

/// The indexes of a touchpoint and of everything that corrects it.
fn below(top: usize, children: &[Vec<usize>]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut waiting = vec![top];
    while let Some(at) = waiting.pop() {
        found.insert(at);
        waiting.extend(children.get(at).into_iter().flatten());
    }
    found
}
