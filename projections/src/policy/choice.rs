//! Which version is in force for somebody and an instant.

use std::cmp::Ordering;
use std::sync::Arc;

use ownerline_proto::time::Instant;
use ownerline_proto::v1::policy_published::{Body, Kind};
use ownerline_proto::v1::{
    CalendarPolicy, LexiconPolicy, RepeatRepairPolicy, ScoringPolicy, StageMappingPolicy,
    SurveyPolicy, VisibilityPolicy,
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

/// For whom something has to be in force. An empty text is nobody: nothing of that scope applies.
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

/// How close a version comes to somebody: greater is more specific. `None`: it is for others.
fn specificity(version: &Version, place: Place<'_>) -> Option<u8> {
    let scope = version.published.scope.as_ref();
    let (dealer_id, market) = scope.map_or(("", ""), |it| (&it.dealer_id, &it.market));
    match (dealer_id, market) {
        ("", "") => Some(u8::from(version.publication.is_some())),
        ("", market) => (market == place.market).then_some(2),
        (dealer_id, _) => (dealer_id == place.dealer_id).then_some(3),
    }
}

/// Which of two versions that both apply comes first; the greater is in force.
fn precedence(a: &Version, b: &Version) -> Ordering {
    let date = a.effective_from.cmp(&b.effective_from);
    let number = a.published.version.cmp(&b.published.version);
    date.then(number).then_with(|| a.place().cmp(&b.place()))
}

/// The version that is in force for somebody at `start`, of those that are given and can be used.
pub(super) fn chosen<'v>(
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
    /// The market a dealer was in at an instant (nanoseconds since the Unix epoch); empty if none is
    /// known, or no policy is for a market.
    #[must_use]
    pub fn place<'p>(&'p self, dealer_id: &'p str, at: impl Into<Instant>) -> Place<'p> {
        let dealer = self.network().dealer(dealer_id, at.into().nearest());
        let market = dealer.map_or("", |dealer| &dealer.market);
        Place { dealer_id, market }
    }

    /// The version of a kind, and if asked of a name, that is in force for what began at `start`
    /// (nanoseconds since the Unix epoch). There is one of every kind where no name is asked for.
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
            .filter(|it| it.published.kind() == kind);
        let named = of_kind.filter(|it| name.is_none_or(|name| it.published.name == name));
        chosen(named, place, start)
    }

    /// The calendar of this name.
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

    /// The survey of this name.
    #[must_use]
    pub fn survey(&self, name: &str, place: Place<'_>, start: Instant) -> Option<&SurveyPolicy> {
        let version = self.in_force(Kind::Survey, Some(name), place, start)?;
        body!(version, Survey)
    }

    /// The scoring model, with its version.
    #[must_use]
    pub fn scoring(&self, place: Place<'_>, start: Instant) -> Option<(&Version, &ScoringPolicy)> {
        let version = self.in_force(Kind::Scoring, None, place, start)?;
        Some((version, body!(version, Scoring)?))
    }

    /// Which words mean what.
    #[must_use]
    pub fn lexicon(&self, place: Place<'_>, start: Instant) -> Option<(&Version, &LexiconPolicy)> {
        let version = self.in_force(Kind::Lexicon, None, place, start)?;
        Some((version, body!(version, Lexicon)?))
    }

    /// Who may not see what.
    #[must_use]
    pub fn visibility(
        &self,
        place: Place<'_>,
        start: Instant,
    ) -> Option<(&Version, &VisibilityPolicy)> {
        let version = self.in_force(Kind::Visibility, None, place, start)?;
        Some((version, body!(version, Visibility)?))
    }

    /// When repeated repairs matter to the law.
    #[must_use]
    pub fn repeat_repair(
        &self,
        place: Place<'_>,
        start: Instant,
    ) -> Option<(&Version, &RepeatRepairPolicy)> {
        let version = self.in_force(Kind::RepeatRepair, None, place, start)?;
        Some((version, body!(version, RepeatRepair)?))
    }

    /// What the codes of a plant mean.
    #[must_use]
    pub fn stage_mapping(
        &self,
        place: Place<'_>,
        start: Instant,
    ) -> Option<(&Version, &StageMappingPolicy)> {
        let version = self.in_force(Kind::StageMapping, None, place, start)?;
        Some((version, body!(version, StageMapping)?))
    }
}
