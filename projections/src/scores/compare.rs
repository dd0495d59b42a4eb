//! What groups are compared with: the network they belong to.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::counter::Sheet;
use super::tally::Answers;
use crate::stats::{
    Funnel, NpsAnswers, NpsShrinkage, Proportion, ProportionShrinkage, Shrunk, Z_95,
};

/// The network's figures, and how alike its groups are.
pub(super) struct Network {
    pub(super) scores: OfAnswers,
    pub(super) with_excluded: OfAnswers,
    pub(super) response_rate: OfShares,
}

/// Of answers.
pub(super) struct OfAnswers {
    pub(super) nps: OfNps,
    pub(super) csat: OfShares,
    pub(super) top_three: OfShares,
}

/// Of a share.
pub(super) struct OfShares {
    network: Proportion,
    shrinkage: Option<ProportionShrinkage>,
    /// Small groups have the same counts again and again, and an interval takes long to find.
    known: RefCell<BTreeMap<Proportion, Shrunk>>,
}

/// Of NPS.
pub(super) struct OfNps {
    network: NpsAnswers,
    shrinkage: Option<NpsShrinkage>,
}

impl Network {
    pub(super) fn of(sheet: &Sheet) -> Self {
        let groups = || sheet.groups.by_key.values();
        let scores: Vec<Answers> = groups().map(|it| it.scores.clone()).collect();
        let with_excluded: Vec<Answers> = groups().map(|it| it.with_excluded()).collect();
        let total = &sheet.total;
        Self {
            scores: OfAnswers::of(&total.scores, &scores),
            with_excluded: OfAnswers::of(&total.with_excluded(), &with_excluded),
            response_rate: OfShares::of(
                total.asked.delivered,
                groups().map(|it| it.asked.delivered),
            ),
        }
    }
}

impl OfAnswers {
    fn of(total: &Answers, groups: &[Answers]) -> Self {
        let nps: Vec<NpsAnswers> = groups.iter().map(|it| it.nps).collect();
        Self {
            nps: OfNps {
                network: total.nps,
                shrinkage: NpsShrinkage::new(&nps).map(|it| it.towards(&total.nps)),
            },
            csat: OfShares::of(total.csat, groups.iter().map(|it| it.csat)),
            top_three: OfShares::of(
                total.ces.top_three(),
                groups.iter().map(|it| it.ces.top_three()),
            ),
        }
    }
}

impl OfShares {
    fn of(network: Proportion, groups: impl Iterator<Item = Proportion>) -> Self {
        let groups: Vec<Proportion> = groups.collect();
        Self {
            network,
            shrinkage: ProportionShrinkage::new(&groups).map(|it| it.towards(network)),
            known: RefCell::default(),
        }
    }

    pub(super) fn shrunk(&self, group: Proportion) -> Option<Shrunk> {
        let shrinkage = self.shrinkage.as_ref()?;
        let mut known = self.known.borrow_mut();
        let shrunk = known.entry(group);
        Some(*shrunk.or_insert_with(|| shrinkage.shrunk(group, Z_95)))
    }

    pub(super) fn funnel(&self, group: Proportion) -> Option<Funnel> {
        Funnel::of_share(self.network, group.n)
    }
}

impl OfNps {
    pub(super) fn shrunk(&self, group: &NpsAnswers) -> Option<Shrunk> {
        let shrinkage = self.shrinkage.as_ref()?;
        Some(shrinkage.shrunk(group, Z_95))
    }

    pub(super) fn funnel(&self, group: &NpsAnswers) -> Option<Funnel> {
        self.network.funnel(group.n())
    }
}
