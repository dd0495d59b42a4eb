//! The order of kinds at one instant. Dates without a time are reported as midnight, so the instant alone often does
//! not say which of two touchpoints came first.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ownerline_proto::schema::Schema;
use ownerline_proto::v1::touchpoint::Payload;
use ownerline_proto::v1::{ProductionStage, Touchpoint};

/// The place of a touchpoint among those of its instant, by its kind: the second part of history order, before source
/// and id. Kinds for which the domain has no rule share [`Rank::NEUTRAL`].
///
/// One number for every kind makes the order total and transitive. Exceptions that depend on other touchpoints (such
/// as the release of a holding that began at that very instant) belong to the fold concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rank(u8);

/// The kind whose touchpoints at one instant are ordered by the stages they name.
const STAGE: &str = "production_stage_reached";

/// The kinds that open something, before [`CONTINUES`]. Steps follow each other; kinds of one step share a rank.
const OPENS: &[&[&str]] = &[
    &[
        "owner_registered",
        "vehicle_registered",
        "dealer_registered",
    ],
    &["survey_eligible"],
    &["survey_invited", "survey_not_invited"],
    &["invitation_delivered", "invitation_bounced"],
    &["appointment_booked"],
    &[
        "feedback_received",
        "order_placed",
        "vehicle_dropped_off",
        "offer_made",
        "driving_tip_offered",
        "recall_issued",
        "context_pack_served",
    ],
    &["case_opened"],
    // A person's previous holding ends before the next begins.
    &["vehicle_released"],
    &["vehicle_acquired"],
    &["advocate_released"],
    &[
        "case_acknowledged",
        "advocate_assigned",
        "desired_outcome_stated",
        "next_step_proposed",
        "commitment_made",
        "root_cause_requested",
        "task_assigned",
        "case_paused_on_owner",
    ],
    // The car that an order had is withdrawn before it gets another.
    &["vin_withdrawn"],
    &["vin_assigned"],
    &["order_held"],
    &["order_hold_lifted"],
    &["delivery_window_planned"],
    &["delivery_date_promised"],
    &[STAGE],
    &["stage_photographed"],
    &["delivery_date_revised"],
    &["defect_reported", "vehicle_issue_reported"],
    &["repair_attempted"],
];

/// The kinds that come after all kinds in neither list.
const CONTINUES: &[&[&str]] = &[
    &["feedback_edited", "owner_message_received"],
    &[
        "dealer_replied",
        "case_resumed",
        "commitment_kept",
        "commitment_broken",
        "commitment_withdrawn",
        "task_done",
        "next_step_agreed",
        "next_step_declined",
        "progress_update_sent",
        "root_cause_provided",
        "root_cause_declined",
    ],
    &["reply_withdrawn", "reply_bounced"],
    &["case_resolved"],
    &["resolution_confirmed", "resolution_rejected"],
    &["vehicle_picked_up"],
    &["feedback_closed", "case_closed", "vehicle_issue_closed"],
    &["feedback_reopened", "case_reopened"],
    &["handover_completed"],
    &["order_cancelled"],
    &["touchpoint_retracted"],
];

/// The number of ranks that the stages take: one each, the first for an unspecified stage.
const STAGES: u8 = 23;

impl Rank {
    /// The rank of every kind in neither list.
    pub const NEUTRAL: Self = Self(NEUTRAL);

    /// The rank of a touchpoint.
    #[must_use]
    pub fn of(touchpoint: &Touchpoint, kind_number: u32) -> Self {
        let rank = Self::of_kind(kind_number);
        match &touchpoint.payload {
            Some(Payload::ProductionStageReached(it)) => Self(rank.0 + place(it.stage())),
            _ => rank,
        }
    }

    /// The rank of a kind, by the number of its field in `Touchpoint.payload`.
    #[must_use]
    pub fn of_kind(number: u32) -> Self {
        static RANKS: LazyLock<BTreeMap<u32, Rank>> = LazyLock::new(|| {
            let named = ranks().into_iter();
            let kind = |name| Schema::get().kind_by_name(name);
            named
                .filter_map(|(name, rank)| Some((kind(name)?.number, rank)))
                .collect()
        });
        RANKS.get(&number).copied().unwrap_or(Self::NEUTRAL)
    }

    /// The rank of a kind, by its short name.
    pub(crate) fn of_name(name: &str) -> Self {
        let kind = Schema::get().kind_by_name(name);
        kind.map_or(Self::NEUTRAL, |kind| Self::of_kind(kind.number))
    }

    /// The byte that encodes it in keys.
    #[must_use]
    pub fn byte(self) -> u8 {
        self.0
    }

    /// Decodes a byte of a key.
    #[must_use]
    pub fn of_byte(byte: u8) -> Self {
        Self(byte)
    }
}

const NEUTRAL: u8 = 64;

/// The canonical place of a stage.
fn place(stage: ProductionStage) -> u8 {
    // The numbers of the stages are their canonical order.
    let number = u8::try_from(i32::from(stage)).unwrap_or(STAGES);
    number.min(STAGES - 1)
}

/// Every kind of both lists with its rank.
fn ranks() -> Vec<(&'static str, Rank)> {
    let mut ranked = Vec::new();
    for (first, steps) in [(0, OPENS), (NEUTRAL + 1, CONTINUES)] {
        let mut next: u8 = first;
        for step in steps {
            ranked.extend(step.iter().map(|name| (*name, Rank(next))));
            next += if step.contains(&STAGE) { STAGES } else { 1 };
        }
    }
    ranked
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The rules of the domain, chain by chain.
    const RULES: &[&[&[&str]]] = &[
        &[
            &["case_opened"],
            &[
                "case_acknowledged",
                "commitment_made",
                "advocate_assigned",
                "task_assigned",
                "next_step_proposed",
                "root_cause_requested",
                "case_paused_on_owner",
            ],
            &["owner_message_received"],
            &[
                "case_resumed",
                "commitment_kept",
                "commitment_broken",
                "commitment_withdrawn",
                "task_done",
                "next_step_agreed",
                "progress_update_sent",
            ],
            &["case_resolved"],
            &["resolution_confirmed", "resolution_rejected"],
            &["case_closed"],
            &["case_reopened"],
        ],
        &[&["advocate_released"], &["advocate_assigned"]],
        &[
            &["vehicle_dropped_off"],
            &["defect_reported"],
            &["repair_attempted"],
            &["vehicle_picked_up"],
        ],
        &[
            &["order_placed"],
            &["vin_withdrawn"],
            &["vin_assigned"],
            &["order_held"],
            &["order_hold_lifted"],
            &["delivery_date_promised"],
            &[STAGE],
            &["stage_photographed"],
            &["delivery_date_revised"],
            &["handover_completed"],
            &["order_cancelled"],
        ],
        &[
            &["feedback_received"],
            &["feedback_closed"],
            &["feedback_reopened"],
        ],
        &[&["vehicle_released"], &["vehicle_acquired"]],
        &[&["dealer_registered"], &["dealer_changed"]],
    ];

    #[test]
    fn ranks_follow_every_chain_of_the_domain() {
        for steps in RULES.iter().flat_map(|chain| chain.windows(2)) {
            for (before, after) in steps[0]
                .iter()
                .flat_map(|before| steps[1].iter().map(move |after| (before, after)))
            {
                assert!(
                    Rank::of_name(before) < Rank::of_name(after),
                    "{before} before {after}"
                );
            }
        }
    }

    #[test]
    fn every_kind_of_the_lists_exists_and_is_listed_once() {
        let mut names = BTreeSet::new();
        for (name, rank) in ranks() {
            assert!(Schema::get().kind_by_name(name).is_some(), "{name}");
            assert!(names.insert(name), "{name} is listed twice");
            assert_ne!(rank, Rank::NEUTRAL, "{name}");
        }
        let opening: usize = OPENS.iter().map(|step| step.len()).sum();
        let opens = ranks();
        let last = opens[..opening].iter().map(|(_, rank)| *rank).max();
        assert!(last < Some(Rank::NEUTRAL));
    }

    #[test]
    fn stages_of_one_instant_stand_in_canonical_order_before_their_photographs() {
        let number = Schema::get().kind_by_name(STAGE).unwrap().number;
        let of = |stage: i32| {
            let payload = ownerline_proto::v1::ProductionStageReached {
                stage,
                ..Default::default()
            };
            let touchpoint = Touchpoint {
                payload: Some(Payload::ProductionStageReached(payload)),
                ..Touchpoint::default()
            };
            Rank::of(&touchpoint, number)
        };
        let stages = (0..).take_while(|stage| ProductionStage::try_from(*stage).is_ok());
        let ranks: Vec<Rank> = stages.map(of).collect();
        assert_eq!(ranks.len(), usize::from(STAGES));
        assert!(ranks.is_sorted_by(|a, b| a < b));
        assert!(
            ranks
                .iter()
                .all(|it| *it < Rank::of_name("stage_photographed"))
        );
        assert!(
            ranks
                .iter()
                .all(|it| *it > Rank::of_name("delivery_date_promised"))
        );
    }
}
