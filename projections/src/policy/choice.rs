//! The choice of the version in force for a dealer or market at an instant.

use std::cmp::Ordering;
use std::sync::Arc;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::{
    CalendarPolicy, LexiconPolicy, RepeatRepairPolicy, ScoringPolicy, StageMappingPolicy,
    SurveyPolicy, TipsPolicy, VisibilityPolicy,
};

use super::load::Policies;
use super::version::Version;

/// The body of a version, if it is of this kind.
macro_rules! body {
    ($version:expr, $kind:ident) => {
        match &$version.published.body {
            Some(Body::$kind(body)) => Some(body),
            _ => None,
        }
    };
}

/// The dealer and market for which a policy has to be in force. Scopes of an empty dealer or market do not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place<'p> {
    /// A dealer.
    pub dealer_id: &'p str,
    /// The market the dealer is in.
    pub market: &'p str,
}

impl Place<'_> {
    /// The whole network.
    pub const NETWORK: Place<'static> = Place {
        dealer_id: "",
        market: "",
    };
}

/// Returns how specific a version is for a place; greater is more specific. `None` if it is for others.
fn specificity(version: &Version, place: Place<'_>) -> Option<u8> {
    let scope = version.published.scope.as_ref();
    let (dealer_id, market) = scope.map_or(("", ""), |it| (&it.dealer_id, &it.market));
    match (dealer_id, market) {
        ("", "") => Some(u8::from(version.publication.is_some())),
        ("", market) => (market == place.market).then_some(2),
        (dealer_id, _) => (dealer_id == place.dealer_id).then_some(3),
    }
}

/// Compares two versions of the same specificity; the greater is in force.
fn precedence(a: &Version, b: &Version) -> Ordering {
    let date = a.effective_from.cmp(&b.effective_from);
    let number = a.published.version.cmp(&b.published.version);
    date.then(number).then_with(|| a.place().cmp(&b.place()))
}

/// Chooses among these versions the one in force for a place at `start`; unusable ones are never in force.
pub(super) fn choose<'v>(
    versions: impl Iterator<Item = &'v Arc<Version>>,
    place: Place<'_>,
    start: Instant,
) -> Option<&'v Arc<Version>> {
    versions
        .filter(|version| version.flaw.is_none() && version.effective_from <= start)
        .filter_map(|version| Some((specificity(version, place)?, version)))
        .max_by(|(a, one), (b, other)| a.cmp(b).then_with(|| precedence(one, other)))
        .map(|(_, version)| version)
}

impl Policies {
    /// Returns the place of a dealer at an instant. The market is empty if it is unknown, or if no policy is for a market.
    #[must_use]
    pub fn place<'p>(&'p self, dealer_id: &'p str, at: impl Into<Instant>) -> Place<'p> {
        let dealer = self.network().dealer(dealer_id, at.into().nearest());
        let market = dealer.map_or("", |dealer| &dealer.market);
        Place { dealer_id, market }
    }

    /// Returns the version of a kind, and of a name if given, in force for matters that began at `start`. Without a name
    /// there is always one.
    #[must_use]
    pub fn in_force(
        &self,
        kind: Kind,
        name: Option<&str>,
        place: Place<'_>,
        start: Instant,
    ) -> Option<&Arc<Version>> {
        let of_kind = self
            .versions()
            .iter()
            .filter(|version| version.published.kind() == kind);
        let of_name =
            of_kind.filter(|version| name.is_none_or(|name| version.published.name == name));
        choose(of_name, place, start)
    }

    /// Returns the calendar of this name.
    #[must_use]
    pub fn calendar(
        &self,
        name: &str,
        place: Place<'_>,
        start: Instant,
    ) -> Option<&CalendarPolicy> {
        let version = self.in_force(Kind::Calendar, Some(name), place, start)?;
        body!(version, Calendar)
    }

    /// Returns the survey of this name.
    #[must_use]
    pub fn survey(&self, name: &str, place: Place<'_>, start: Instant) -> Option<&SurveyPolicy> {
        let version = self.in_force(Kind::Survey, Some(name), place, start)?;
        body!(version, Survey)
    }

    /// Returns the scoring policy with its version.
    #[must_use]
    pub fn scoring(&self, place: Place<'_>, start: Instant) -> Option<(&Version, &ScoringPolicy)> {
        let version = self.in_force(Kind::Scoring, None, place, start)?;
        Some((version, body!(version, Scoring)?))
    }

    /// Returns the lexicon with its version.
    #[must_use]
    pub fn lexicon(&self, place: Place<'_>, start: Instant) -> Option<(&Version, &LexiconPolicy)> {
        let version = self.in_force(Kind::Lexicon, None, place, start)?;
        Some((version, body!(version, Lexicon)?))
    }

    /// Returns the visibility policy with its version.
    #[must_use]
    pub fn visibility(
        &self,
        place: Place<'_>,
        start: Instant,
    ) -> Option<(&Version, &VisibilityPolicy)> {
        let version = self.in_force(Kind::Visibility, None, place, start)?;
        Some((version, body!(version, Visibility)?))
    }

    /// Returns the rules about repeated repairs with their version.
    #[must_use]
    pub fn repeat_repair(
        &self,
        place: Place<'_>,
        start: Instant,
    ) -> Option<(&Version, &RepeatRepairPolicy)> {
        let version = self.in_force(Kind::RepeatRepair, None, place, start)?;
        Some((version, body!(version, RepeatRepair)?))
    }

    /// Returns the meanings of plant codes with their version.
    #[must_use]
    pub fn stage_mapping(
        &self,
        place: Place<'_>,
        start: Instant,
    ) -> Option<(&Version, &StageMappingPolicy)> {
        let version = self.in_force(Kind::StageMapping, None, place, start)?;
        Some((version, body!(version, StageMapping)?))
    }

    /// Returns the policy about driving tips and alerts with its version.
    #[must_use]
    pub fn tips(&self, place: Place<'_>, start: Instant) -> Option<(&Version, &TipsPolicy)> {
        let version = self.in_force(Kind::Tips, None, place, start)?;
        Some((version, body!(version, Tips)?))
    }
}
