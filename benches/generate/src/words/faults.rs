//! Faults of cars, and how owners describe them.

use crate::chance::Chance;

/// A fault of a car.
pub(crate) struct Fault {
    /// Its name at the service desk.
    pub(crate) name: &'static str,
    /// Whether it is a danger.
    pub(crate) safety: bool,
    says: [&'static str; 3],
}

static FAULTS: [Fault; 9] = [
    Fault {
        name: "engine light",
        safety: false,
        says: [
            "the engine light is on",
            "the engine light comes and goes",
            "a yellow light since Monday",
        ],
    },
    Fault {
        name: "brakes",
        safety: true,
        says: [
            "the brakes squeal",
            "the pedal feels soft",
            "it pulls to the left when I brake",
        ],
    },
    Fault {
        name: "steering",
        safety: true,
        says: [
            "the steering went heavy on the motorway",
            "a click in the steering",
            "the wheel shakes",
        ],
    },
    Fault {
        name: "infotainment",
        safety: false,
        says: [
            "the screen goes black",
            "the telephone disconnects",
            "the map hangs",
        ],
    },
    Fault {
        name: "noise",
        safety: false,
        says: [
            "a rattle behind the dashboard",
            "a hum from the rear axle",
            "a knock when it is cold",
        ],
    },
    Fault {
        name: "water",
        safety: false,
        says: ["water in the boot", "the carpet is wet", "the roof drips"],
    },
    Fault {
        name: "charging",
        safety: false,
        says: [
            "it stops charging at eighty",
            "the flap does not open",
            "half the range in winter",
        ],
    },
    Fault {
        name: "doors",
        safety: true,
        says: [
            "a door opened while driving",
            "the handle does not come out",
            "the child lock does not hold",
        ],
    },
    Fault {
        name: "climate",
        safety: false,
        says: [
            "the heating blows cold",
            "the glass fogs up",
            "a smell from the vents",
        ],
    },
];

impl Fault {
    /// The words in which owners describe it.
    pub(crate) fn says(&self) -> &[&'static str] {
        &self.says
    }
}

/// Every fault.
#[cfg(test)]
pub(crate) fn faults() -> &'static [Fault] {
    &FAULTS
}

/// A random fault.
pub(crate) fn fault(chance: &mut Chance) -> &'static Fault {
    chance.one_of(&FAULTS)
}

/// The owner's description of a fault.
pub(crate) fn symptom(chance: &mut Chance, fault: &Fault) -> String {
    let what = chance.text(fault.says());
    let when = chance.text(&[
        "since the last service",
        "mostly when it is cold",
        "every other day",
        "after rain",
        "above a hundred",
        "only when my family is in the car",
        "again",
    ]);
    format!("{what}, {when}")
}
