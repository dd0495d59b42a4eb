//! The numbers of the kinds of touchpoints that decide whose a stream is.

use std::sync::LazyLock;

use ownerline_proto::schema::Schema;

static KINDS: LazyLock<Kinds> = LazyLock::new(Kinds::look_up);

/// Numbers of kinds; absent if the schema does not have it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kinds {
    booked: Option<u32>,
    cancelled: Option<u32>,
    opened: Option<u32>,
    assigned: Option<u32>,
    withdrawn: Option<u32>,
    handed_over: Option<u32>,
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
        }
    }

    /// Whether it books an appointment.
    pub(super) fn books(&self, kind: u32) -> bool {
        self.booked == Some(kind)
    }

    /// Whether it says something about an appointment only, so that no car came.
    pub(super) fn is_appointment(&self, kind: u32) -> bool {
        self.booked == Some(kind) || self.cancelled == Some(kind)
    }

    /// Whether it opens a case.
    pub(super) fn opens(&self, kind: u32) -> bool {
        self.opened == Some(kind)
    }

    /// Whether it says which car an order is: by an assignment, or by a handover that names another.
    pub(super) fn assigns(&self, kind: u32) -> bool {
        self.assigned == Some(kind) || self.handed_over == Some(kind)
    }

    /// Whether it takes a car from an order.
    pub(super) fn withdraws(&self, kind: u32) -> bool {
        self.withdrawn == Some(kind)
    }
}
