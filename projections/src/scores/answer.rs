//! The answer about scores: from the states of the views to the figures that are published together.

use ownerline_proto::v1::{ScoreGroup, ScoreResults};

use super::{Counted, GroupBy, Question, Reading, Scope, count};
use crate::advocacy::{self, suspected};
use crate::feedback::{self, OnePart, Part, RunParts};
use crate::fold::corrections;
use crate::network::{self, FilterNames, Network};
use crate::policy;
use crate::policy::{Policies, PolicyStates};
use crate::vehicles;
use crate::{AnswerError, Snapshots, Vantage};

/// The views that scores are read from.
pub const VIEWS: [&str; 6] = [
    feedback::VIEW.name,
    corrections::VIEW.name,
    policy::VIEW.name,
    network::VIEW.name,
    vehicles::VIEW.name,
    advocacy::VIEW.name,
];

/// A question about scores.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScoresQuestion {
    /// Which answers of owners.
    pub scope: Scope,
    /// The dimension to group by.
    pub group_by: Option<GroupBy>,
}

/// The figures that are published together.
#[derive(Debug, Clone, PartialEq)]
pub struct ScoresFigures {
    /// Over everything in the scope.
    pub total: ScoreResults,
    /// By group, in the order of their keys.
    pub groups: Vec<ScoreGroup>,
    /// There are more groups than are kept.
    pub groups_cut: bool,
}

impl ScoresQuestion {
    /// Whether only the items of one dealer are read, which are few.
    #[must_use]
    pub fn is_of_one_dealer(&self) -> bool {
        self.scope.is_of_one_dealer(self.group_by)
    }
}

/// Answers a question about scores.
///
/// # Errors
/// If the scope names an unknown dealer or market, the viewer may not see the whole network and the scope names no dealer,
/// or a state cannot be read.
pub fn answer(
    snapshots: &Snapshots<'_>,
    vantage: &Vantage<'_>,
    question: &ScoresQuestion,
    parts: &impl RunParts,
) -> Result<ScoresFigures, AnswerError> {
    let scope = &question.scope;
    if !vantage.viewer.sees_network() && !question.is_of_one_dealer() {
        return Err(AnswerError::OutOfScope { what: "a score" });
    }
    let [feedback, _, _, network, vehicles, advocacy] = VIEWS.map(|view| snapshots.state(view));
    let as_of = vantage.as_of;
    let policies = Policies::load(PolicyStates::of(snapshots), as_of, vantage.known_at)?;
    let (network, suspected) = {
        let validity = vantage.validity()?;
        let names = FilterNames {
            dealer_id: scope.dealer_id.as_deref(),
            market: scope.market.as_deref(),
        };
        names.refuse_unknown(network, feedback, &validity, vantage.viewer)?;
        let network = Network::load(network, &validity, as_of)?;
        (network, suspected(advocacy, &validity, as_of)?)
    };
    let of_item = Question {
        scope,
        group_by: question.group_by,
        as_of,
        policies: &policies,
        network: &network,
        suspected: &suspected,
    };
    let count_part = |part: Part| -> Result<Counted, AnswerError> {
        let validity = vantage.validity()?;
        let reading = Reading {
            feedback,
            vehicles,
            validity: &validity,
            question: of_item,
            is_over: vantage.cancellation(),
        };
        Ok(count(reading, part)?)
    };
    let counted = match question.is_of_one_dealer() {
        true => OnePart.run(&count_part)?,
        false => parts.run(&count_part)?,
    };
    let mut whole = Counted::new(&of_item);
    for part in counted {
        whole.merge(part);
    }
    let (total, groups, groups_cut) = whole.publish();
    Ok(ScoresFigures {
        total,
        groups,
        groups_cut,
    })
}
