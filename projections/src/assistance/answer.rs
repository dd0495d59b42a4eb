//! The answer about help beyond the sale: from the states of the views to the figures that are published together.

use std::collections::{BTreeMap, BTreeSet};

use ownerline_proto::v1::{Assistance, AssistanceGroup};

use super::fold::VIEW;
use super::publish::{Experience, published};
use super::question::{AssistanceQuestion, Spot};
use super::read::Reader;
use super::selection::{Filter, Selected, Selection, select};
use super::solution::{Entry, Sequels};
use super::tally::Tally;
use super::turn_away::{BrandOf, TurnedAway};
use super::wanted::Wanted;
use crate::civil::CivilCalendar;
use crate::fold::groups::Groups;
use crate::fold::state::StateError;
use crate::network::{self, FilterNames, Network, unknown_name};
use crate::person::identity::Persons;
use crate::person::{PersonLookup, identity, ownership};
use crate::policy::{self, Policies, PolicyStates};
use crate::{AnswerError, HistoryKey, Snapshots, Vantage};
use crate::{corrections, feedback, timeline, vehicles};

/// The views that help beyond the sale is read from.
pub const ASSISTANCE_VIEWS: [&str; 9] = [
    VIEW.name,
    timeline::VIEW.name,
    corrections::VIEW.name,
    identity::VIEW.name,
    ownership::VIEW.name,
    vehicles::VIEW.name,
    network::VIEW.name,
    feedback::VIEW.name,
    policy::VIEW.name,
];

/// The most turn-aways that are listed, the newest.
pub const LISTED: usize = 100;

/// The figures that are published together, and the newest turn-aways.
#[derive(Debug, Clone, PartialEq)]
pub struct AssistanceFigures {
    /// Over everything that counts.
    pub total: Assistance,
    /// By group, in the order of their keys.
    pub groups: Vec<AssistanceGroup>,
    /// There are more groups than are kept.
    pub groups_cut: bool,
    /// The newest turn-aways, newest first: at most [`LISTED`].
    pub turn_aways: Vec<TurnedAway>,
    /// There are more.
    pub turn_aways_cut: bool,
}

/// Answers a question about help beyond the sale.
///
/// # Errors
/// If the scope names an unknown dealer, market or brand, the viewer may not see the whole network and the scope names no
/// dealer, or a state cannot be read.
pub fn answer(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: &AssistanceQuestion,
) -> Result<AssistanceFigures, AnswerError> {
    let scope = &question.scope;
    if !vantage.viewer.sees_network() && scope.dealer_id.is_none() {
        return Err(AnswerError::OutOfScope { what: "assistance" });
    }
    let validity = vantage.validity()?;
    let state = snapshots.state(network::VIEW.name);
    let names = FilterNames {
        dealer_id: scope.dealer_id.as_deref(),
        market: scope.market.as_deref(),
    };
    let feedback = snapshots.state(feedback::VIEW.name);
    names.refuse_unknown(state, feedback, &validity, vantage.viewer)?;
    let network = Network::load(state, &validity, vantage.as_of)?;
    refuse_unknown_brand(snapshots, vantage, &network, scope.brand.as_deref())?;
    let persons = Persons::of_all(snapshots.state(identity::VIEW.name), &validity)?;
    let persons = PersonLookup::of_all(&persons);
    let reader = Reader::new(snapshots, &validity, vantage.as_of);
    let filter = Filter {
        question,
        network: &network,
        calendar: CivilCalendar::default(),
    };
    let mut counting = Counting {
        filter,
        vantage,
        total: Tally::default(),
        groups: Groups::default(),
        listed: BTreeMap::new(),
        is_cut: false,
    };
    let selected = select(&reader, &persons, &mut counting.filter)?;
    let sequels = sequels(&reader, &persons, &selected, &mut counting)?;
    counting.goodwill(&reader, &persons)?;
    for it in selected.turn_aways {
        counting.turn_away(&reader, &sequels, it)?;
    }
    let policies = Policies::load(PolicyStates::of(snapshots), vantage.as_of, vantage.known_at)?;
    let experience = Experience {
        feedback,
        validity: &validity,
        as_of: vantage.as_of,
        policies: &policies,
    };
    counting.finish(&experience)
}

/// Refuses a brand that neither a vehicle nor a dealer has.
fn refuse_unknown_brand(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    network: &Network,
    brand: Option<&str>,
) -> Result<(), AnswerError> {
    let Some(brand) = brand else {
        return Ok(());
    };
    let dealers = network.dealers().flat_map(|(_, dealers)| dealers);
    let carried = dealers.flat_map(|(_, dealer)| &dealer.brands);
    let mut known: BTreeSet<String> = carried.cloned().collect();
    if known.contains(brand) {
        return Ok(());
    }
    let (state, validity) = (snapshots.state(vehicles::VIEW.name), vantage.validity()?);
    vehicles::every_vehicle(state, &validity, vantage.as_of, |_, vehicle| {
        known.insert(vehicle.brand);
        Ok(())
    })?;
    match known.contains(brand) {
        true => Ok(()),
        false => Err(unknown_name(
            "filter.brand",
            "brand",
            brand,
            known.iter().map(String::as_str),
        )),
    }
}

/// Reads the help that is wanted once: counts the visits in which somebody helped, and keeps what may have followed a
/// turn-away.
fn sequels(
    reader: &Reader<'_>,
    persons: &PersonLookup<'_>,
    selection: &Selection,
    counting: &mut Counting<'_>,
) -> Result<Sequels, StateError> {
    let mut whose = reader.whose(persons);
    let mut sequels = Sequels::default();
    let wanted = Wanted {
        question: counting.filter.question,
        network: counting.filter.network,
        ties: &selection.ties,
        between: selection.between,
    };
    reader.help(&mut whose, &wanted, |visit, whose| {
        if let Some(first) = visit.entries.iter().find(|it| it.helps()) {
            counting.helped(reader, first)?;
        }
        let is_spoilt = visit.has_failed || selection.refuses(reader, &visit.visit_id)?;
        for mut entry in visit.entries {
            if !entry
                .ties_back()
                .iter()
                .any(|it| selection.ties.contains(it))
            {
                continue;
            }
            entry.persons = reader.persons(whose, &entry)?;
            let solves = entry.solves(is_spoilt);
            sequels.add(entry, solves);
        }
        Ok(())
    })?;
    Ok(sequels)
}

/// Counts in total and by group, and keeps the newest turn-aways.
struct Counting<'a> {
    filter: Filter<'a>,
    vantage: &'a Vantage<'a>,
    total: Tally,
    groups: Groups<Tally>,
    listed: BTreeMap<HistoryKey, TurnedAway>,
    is_cut: bool,
}

impl Counting<'_> {
    fn count(&mut self, spot: Spot<'_>, count: impl Fn(&mut Tally)) {
        count(&mut self.total);
        let key = self.filter.key(spot);
        if let Some(group) = key.and_then(|key| self.groups.group(&key)) {
            count(group);
        }
    }

    fn helped(&mut self, reader: &Reader<'_>, first: &Entry) -> Result<(), StateError> {
        let brand = reader.brand(&first.vin)?;
        let (dealer_id, at) = (&first.dealer_id, first.key.occurred_at);
        let spot = Spot {
            dealer_id,
            brand: &brand,
            at,
        };
        if self.filter.selects(spot) {
            let is_other = BrandOf::of(self.filter.network, dealer_id, at, &brand);
            self.count(spot, |tally| tally.helped.add(is_other));
        }
        Ok(())
    }

    fn goodwill(
        &mut self,
        reader: &Reader<'_>,
        persons: &PersonLookup<'_>,
    ) -> Result<(), StateError> {
        let mut whose = reader.whose(persons);
        reader.goodwill(|key, mut granted| {
            if !self.filter.may_select(&granted.dealer_id, key.occurred_at)
                || !reader.is_in_force(&key, &mut granted)?
            {
                return Ok(());
            }
            if !granted.visit_id.is_empty() {
                let stream = format!("visit-{}", granted.visit_id);
                let of_visit = whose.filled().first(&stream)?;
                for (mine, theirs) in [
                    (&mut granted.dealer_id, &of_visit.dealer_id),
                    (&mut granted.vin, &of_visit.vin),
                ] {
                    if mine.is_empty() {
                        mine.clone_from(theirs);
                    }
                }
            }
            let dealer_id = match granted.dealer_id.as_str() {
                "" => &granted.actor_dealer_id,
                dealer_id => dealer_id,
            };
            let brand = reader.brand(&granted.vin)?;
            let spot = Spot {
                dealer_id,
                brand: &brand,
                at: key.occurred_at,
            };
            if self.filter.selects(spot) {
                self.count(spot, |tally| {
                    tally.granted(&granted.currency, granted.value_minor);
                });
            }
            Ok(())
        })
    }

    fn turn_away(
        &mut self,
        reader: &Reader<'_>,
        sequels: &Sequels,
        selected: Selected,
    ) -> Result<(), StateError> {
        let (taken_up, solution) = sequels.of(&selected.entry, &selected.ties);
        let Entry {
            key,
            visit_id,
            owner_id,
            vin,
            dealer_id,
            ..
        } = selected.entry;
        let mut feedback: BTreeMap<String, (bool, bool)> = BTreeMap::new();
        for feedback_id in reader.feedback(&visit_id)? {
            feedback.entry(feedback_id).or_default().0 = true;
        }
        let others = taken_up.iter().chain(&solution);
        let others: BTreeSet<&str> = others.map(|it| it.visit_id.as_str()).collect();
        for other in others {
            for feedback_id in reader.feedback(other)? {
                feedback.entry(feedback_id).or_default().1 = true;
            }
        }
        let brand = BrandOf::of(
            self.filter.network,
            &dealer_id,
            key.occurred_at,
            &selected.vehicle_brand,
        );
        let it = TurnedAway {
            key,
            visit_id,
            owner_id,
            vin,
            dealer_id,
            vehicle_brand: selected.vehicle_brand,
            brand,
            reason: selected.reason,
            safety: selected.safety,
            told_next_step: selected.told_next_step,
            taken_up,
            solution,
            feedback,
        };
        let spot = Spot {
            dealer_id: &it.dealer_id,
            brand: &it.vehicle_brand,
            at: it.key.occurred_at,
        };
        let waited = self.vantage.as_of.since(it.key.occurred_at);
        self.count(spot, |tally| tally.turned_away(&it, waited));
        self.listed.insert(it.key.clone(), it);
        if self.listed.len() > LISTED {
            self.listed.pop_first();
            self.is_cut = true;
        }
        Ok(())
    }

    fn finish(self, experience: &Experience<'_>) -> Result<AssistanceFigures, AnswerError> {
        let viewer = self.vantage.viewer;
        let mut groups = Vec::with_capacity(self.groups.by_key.len());
        for (key, tally) in self.groups.by_key {
            groups.push(AssistanceGroup {
                key,
                assistance: Some(published(tally, experience)?),
            });
        }
        let listed = self.listed.into_values().rev();
        Ok(AssistanceFigures {
            total: published(self.total, experience)?,
            groups,
            groups_cut: self.groups.is_cut,
            turn_aways: listed.map(|it| it.seen_by(viewer)).collect(),
            turn_aways_cut: self.is_cut,
        })
    }
}
