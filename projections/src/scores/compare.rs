//! The network that groups belong to and are compared with.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use ownerline_proto::v1::score_figure::NoShrunken;

use super::counter::Sheet;
use super::tally::Answers;
use crate::stats::{
    Funnel, INTERVAL_FROM, NETWORK_ANSWERS, NETWORK_GROUPS, NpsAnswers, NpsShrinkage, Proportion,
    ProportionShrinkage, Shrunk, Z_95,
};

/// A figure drawn towards the network's, or the reason why there is none.
pub(super) type Drawn = Result<Shrunk, NoShrunken>;

/// The network's figures, and how alike its groups are.
pub(super) struct Network {
    pub(super) scores: OfAnswers,
    /// `None` where nothing is excluded and both are the same.
    with_excluded: Option<OfAnswers>,
    pub(super) response_rate: OfShares,
}

/// The network's answers.
pub(super) struct OfAnswers {
    pub(super) nps: OfNps,
    pub(super) csat: OfShares,
    pub(super) top_three: OfShares,
}

/// A share of the network.
pub(super) struct OfShares {
    network: Proportion,
    groups: Vec<Proportion>,
    is_cut: bool,
    /// Computed for the first group that needs it.
    shrinkage: OnceCell<Option<ProportionShrinkage>>,
    /// A cache: many small groups have the same counts, and an interval takes long to compute.
    known: RefCell<BTreeMap<Proportion, Shrunk>>,
}

/// The network's NPS.
pub(super) struct OfNps {
    network: NpsAnswers,
    groups: Vec<NpsAnswers>,
    is_cut: bool,
    shrinkage: OnceCell<Option<NpsShrinkage>>,
    known: RefCell<BTreeMap<NpsAnswers, Shrunk>>,
}

impl Network {
    pub(super) fn of(sheet: &Sheet) -> Self {
        let groups = || sheet.groups.by_key.values();
        let is_cut = sheet.groups.is_cut;
        let total = &sheet.total;
        let scores: Vec<Answers> = groups().map(|it| it.scores.clone()).collect();
        let with_excluded = || {
            let groups: Vec<Answers> = groups().map(|it| it.with_excluded()).collect();
            OfAnswers::of(&total.with_excluded(), &groups, is_cut)
        };
        Self {
            scores: OfAnswers::of(&total.scores, &scores, is_cut),
            with_excluded: (!total.excluded.is_empty()).then(with_excluded),
            response_rate: OfShares::of(
                total.invitations.delivered,
                groups().map(|it| it.invitations.delivered),
                is_cut,
            ),
        }
    }

    pub(super) fn with_excluded(&self) -> &OfAnswers {
        self.with_excluded.as_ref().unwrap_or(&self.scores)
    }
}

impl OfAnswers {
    fn of(total: &Answers, groups: &[Answers], is_cut: bool) -> Self {
        let nps = groups.iter().map(|it| it.nps);
        Self {
            nps: OfNps {
                network: total.nps,
                groups: nps.filter(|it| it.n() > 0).collect(),
                is_cut,
                shrinkage: OnceCell::new(),
                known: RefCell::default(),
            },
            csat: OfShares::of(total.csat, groups.iter().map(|it| it.csat), is_cut),
            top_three: OfShares::of(
                total.ces.top_three(),
                groups.iter().map(|it| it.ces.top_three()),
                is_cut,
            ),
        }
    }
}

impl OfShares {
    fn of(network: Proportion, groups: impl Iterator<Item = Proportion>, is_cut: bool) -> Self {
        Self {
            network,
            groups: groups.filter(|it| it.n > 0).collect(),
            is_cut,
            shrinkage: OnceCell::new(),
            known: RefCell::default(),
        }
    }

    pub(super) fn drawn(&self, group: Proportion) -> Drawn {
        is_enough(group.n, self.groups.len(), self.network.n)?;
        let shrinkage = self.shrinkage.get_or_init(|| match self.is_cut {
            true => ProportionShrinkage::within(&self.groups, self.network),
            false => ProportionShrinkage::new(&self.groups),
        });
        let shrinkage = shrinkage.as_ref().ok_or(NoShrunken::FewGroups)?;
        let mut known = self.known.borrow_mut();
        let shrunk = known.entry(group);
        Ok(*shrunk.or_insert_with(|| shrinkage.shrunk(group, Z_95)))
    }

    pub(super) fn funnel(&self, group: Proportion) -> Option<Funnel> {
        Funnel::of_share(self.network, group.n)
    }
}

impl OfNps {
    pub(super) fn drawn(&self, group: &NpsAnswers) -> Drawn {
        is_enough(group.n(), self.groups.len(), self.network.n())?;
        let shrinkage = self.shrinkage.get_or_init(|| match self.is_cut {
            true => NpsShrinkage::within(&self.groups, &self.network),
            false => NpsShrinkage::new(&self.groups),
        });
        let shrinkage = shrinkage.as_ref().ok_or(NoShrunken::FewGroups)?;
        let mut known = self.known.borrow_mut();
        let shrunk = known.entry(*group);
        Ok(*shrunk.or_insert_with(|| shrinkage.shrunk(group, Z_95)))
    }

    pub(super) fn funnel(&self, group: &NpsAnswers) -> Option<Funnel> {
        self.network.funnel(group.n())
    }
}

/// Whether a figure of a group may be drawn towards the network's: no figure of any kind is shown for few answers, and a
/// small network says nothing about its groups.
fn is_enough(answers: u64, groups: usize, network: u64) -> Result<(), NoShrunken> {
    if answers < INTERVAL_FROM {
        return Err(NoShrunken::FewAnswers);
    }
    if groups < NETWORK_GROUPS {
        return Err(NoShrunken::FewGroups);
    }
    if network < NETWORK_ANSWERS {
        return Err(NoShrunken::FewNetworkAnswers);
    }
    Ok(())
}
