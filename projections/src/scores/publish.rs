//! Turns counts into the figures of the contract: as far as they may be shown, rounded to 1e-6, never NaN.

use ownerline_proto::v1::funnel_position::Standing;
use ownerline_proto::v1::score_figure::NoShrunken;
use ownerline_proto::v1::score_results::Excluded;
use ownerline_proto::v1::{
    FunnelPosition, OwnerScores, ScoreFigure, ScoreGroup, ScoreInvitations, ScoreResults,
    ShrunkenFigure,
};

use super::Counted;
use super::compare::{Drawn, Network, OfAnswers, OfShares};
use super::tally::{Answers, InvitationCounts, Tally};
use crate::stats::{Funnel, FunnelStanding, Proportion, Shown, Z_95, rounded};

impl Counted {
    /// The total, the groups sorted by key, and whether there are more groups than are kept.
    #[must_use]
    pub fn publish(self) -> (ScoreResults, Vec<ScoreGroup>, bool) {
        let compared = self.network.as_ref().unwrap_or(&self.shown);
        let network = self.is_of_peers.then(|| Network::of(compared));
        let groups = self.shown.groups.by_key.iter();
        let groups = groups.map(|(key, tally)| ScoreGroup {
            key: key.clone(),
            results: Some(results(tally, network.as_ref())),
        });
        let groups = groups.collect();
        // The total has no peers.
        let total = results(&self.shown.total, None);
        (total, groups, self.shown.groups.is_cut)
    }
}

fn results(tally: &Tally, network: Option<&Network>) -> ScoreResults {
    let excluded = tally.excluded.iter();
    let excluded = excluded.map(|(reason, items)| Excluded {
        reason: *reason,
        items: *items,
    });
    let scores = network.map(|network| &network.scores);
    let with_excluded = network.map(Network::with_excluded);
    ScoreResults {
        received: tally.received,
        unsolicited: tally.unsolicited,
        excluded: tally.excluded.values().sum(),
        excluded_by_reason: excluded.collect(),
        flagged: tally.flagged,
        integrity_flag: tally.flagged > 0,
        scores: Some(owner_scores(&tally.scores, scores)),
        with_excluded: Some(owner_scores(&tally.with_excluded(), with_excluded)),
        invitations: Some(invitations(
            &tally.invitations,
            network.map(|network| &network.response_rate),
        )),
    }
}

fn owner_scores(answers: &Answers, network: Option<&OfAnswers>) -> OwnerScores {
    let Answers { nps, csat, ces, .. } = answers;
    let unusable = answers.unusable;
    let of_nps = network.map(|network| &network.nps);
    let of_csat = network.map(|network| &network.csat);
    let of_top_three = network.map(|network| &network.top_three);
    OwnerScores {
        nps: Some(figure(
            nps.shown(Z_95),
            unusable.nps,
            of_nps.map(|network| network.drawn(nps)),
            of_nps.and_then(|network| network.funnel(nps)),
        )),
        csat: Some(share(*csat, unusable.csat, of_csat)),
        ces_mean: Some(figure(ces.mean_shown(Z_95), unusable.ces, None, None)),
        ces_top_three: Some(share(ces.top_three(), unusable.ces, of_top_three)),
    }
}

fn invitations(invitations: &InvitationCounts, network: Option<&OfShares>) -> ScoreInvitations {
    let Proportion { successes, n } = invitations.delivered;
    ScoreInvitations {
        eligible: invitations.eligible,
        invited: invitations.invited,
        not_invited: invitations.not_invited,
        bounced: invitations.bounced,
        delivered: n,
        answered: successes,
        unanswered: n - successes,
        response_rate: Some(share(invitations.delivered, 0, network)),
    }
}

fn share(share: Proportion, unusable: u64, network: Option<&OfShares>) -> ScoreFigure {
    figure(
        share.shown(Z_95),
        unusable,
        network.map(|network| network.drawn(share)),
        network.and_then(|network| network.funnel(share)),
    )
}

fn figure(
    shown: Shown,
    unusable: u64,
    drawn: Option<Drawn>,
    funnel: Option<Funnel>,
) -> ScoreFigure {
    let interval = shown.interval();
    let (shrunk, no_shrunken) = match drawn {
        Some(Ok(shrunk)) => (Some(shrunk), NoShrunken::Unspecified),
        Some(Err(because)) => (None, because),
        None => (None, NoShrunken::Unspecified),
    };
    ScoreFigure {
        n: shown.n(),
        point: shown.point().map(rounded),
        low: interval.map(|it| rounded(it.low)),
        high: interval.map(|it| rounded(it.high)),
        unusable,
        shrunken: shrunk.map(|it| ShrunkenFigure {
            expected: rounded(it.expected),
            low: rounded(it.interval.low),
            high: rounded(it.interval.high),
            network_share: rounded(it.network_share),
        }),
        no_shrunken: no_shrunken.into(),
        // Its standing would reveal a point that may not be shown.
        funnel: funnel
            .zip(shown.point())
            .map(|(funnel, point)| FunnelPosition {
                centre: rounded(funnel.centre),
                warning_low: rounded(funnel.warning.low),
                warning_high: rounded(funnel.warning.high),
                alarm_low: rounded(funnel.alarm.low),
                alarm_high: rounded(funnel.alarm.high),
                standing: standing(funnel.standing(point)).into(),
            }),
    }
}

fn standing(standing: FunnelStanding) -> Standing {
    match standing {
        FunnelStanding::FarBelow => Standing::FarBelow,
        FunnelStanding::Below => Standing::Below,
        FunnelStanding::Within => Standing::Within,
        FunnelStanding::Above => Standing::Above,
        FunnelStanding::FarAbove => Standing::FarAbove,
    }
}
