//! The kinds of touchpoints that decide to whom a stream belongs, by number.

use std::sync::LazyLock;

use ownerline_proto::schema::Schema;

static KINDS: LazyLock<Kinds> = LazyLock::new(Kinds::look_up);

/// Numbers of kinds; `None` where the schema has no such kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kinds {
    booked: Option<u32>,
    cancelled: Option<u32>,
    opened: Option<u32>,
    assigned: Option<u32>,
    withdrawn: Option<u32>,
    handed_over: Option<u32>,
    /// The kinds that say nothing of their own about a matter.
    derived: [Option<u32>; 4],
    /// What makes an appointment a visit.
    of_visits: [Option<u32>; 8],
}

/// Whether a touchpoint of this kind in the stream of a visit says that it takes place: the vehicle came or went, or help
/// was given or declined. A reported defect does not.
pub(crate) fn takes_place(kind: u32) -> bool {
    KINDS.of_visits.contains(&Some(kind))
}

impl Kinds {
    pub(super) fn new() -> Self {
        *KINDS
    }

    fn look_up() -> Self {
        let number = |name: &str| Schema::get().kind_by_name(name).map(|kind| kind.number);
        Self {
            booked: number("appointment_booked"),
            cancelled: number("appointment_cancelled"),
            opened: number("case_opened"),
            assigned: number("vin_assigned"),
            withdrawn: number("vin_withdrawn"),
            handed_over: number("handover_completed"),
            derived: [
                number("obligation_warned"),
                number("obligation_breached"),
                number("obligation_outcome_revised"),
                number("touchpoint_retracted"),
            ],
            of_visits: [
                number("vehicle_dropped_off"),
                number("vehicle_picked_up"),
                number("repair_attempted"),
                number("work_performed"),
                number("recall_performed"),
                number("loaner_provided"),
                number("assistance_declined"),
                number("resolved_elsewhere"),
            ],
        }
    }

    /// Whether it says something of its own about a matter. The clock-keeper's events only repeat the subjects that
    /// others named, and a retraction only takes back: neither begins a matter, brings a car or fills in subjects.
    pub(super) fn tells(&self, kind: u32) -> bool {
        !self.derived.contains(&Some(kind))
    }

    /// Whether it books an appointment.
    pub(super) fn books(&self, kind: u32) -> bool {
        self.booked == Some(kind)
    }

    /// Whether it says that a car came to a visit: everything told of it that is not about its appointment.
    pub(super) fn brings(&self, kind: u32) -> bool {
        self.tells(kind) && self.booked != Some(kind) && self.cancelled != Some(kind)
    }

    /// Whether it opens a case.
    pub(super) fn opens(&self, kind: u32) -> bool {
        self.opened == Some(kind)
    }

    /// Whether it assigns a car to an order: an assignment, or a handover that names another car.
    pub(super) fn assigns(&self, kind: u32) -> bool {
        self.assigned == Some(kind) || self.handed_over == Some(kind)
    }

    /// Whether it takes a car from an order.
    pub(super) fn withdraws(&self, kind: u32) -> bool {
        self.withdrawn == Some(kind)
    }
}
