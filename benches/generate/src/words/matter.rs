//! Texts about one matter: what its case is about, what the owner seeks, what is proposed, promised and reported.

use super::faults::Fault;
use crate::chance::Chance;

/// The matter of a complaint or a case.
#[derive(Clone, Copy)]
pub(crate) enum Matter {
    /// A fault of the car.
    Fault(&'static Fault),
    /// The delivery of a car.
    Delivery,
    /// Work or an invoice of a workshop.
    Service,
    /// The treatment of the owner.
    Treatment,
}

/// The texts of one matter.
struct Texts {
    remedies: &'static [&'static str],
    next_steps: &'static [&'static str],
    promises: &'static [&'static str],
    news: &'static [&'static str],
    causes: &'static [&'static str],
    outcomes: &'static [&'static str],
    reasons_for_tasks: &'static [&'static str],
}

const OF_FAULT: Texts = Texts {
    remedies: &[
        "a car that works",
        "an answer to why it happened",
        "my money back for the repair",
        "a loaner until it is done",
        "a replacement of the part, not another reset",
    ],
    next_steps: &[
        "A field engineer drives with the owner.",
        "The part is replaced on suspicion.",
        "A second dealer looks at the car.",
        "The data of the last fault is read out first.",
        "We call every Friday, also when there is nothing new.",
    ],
    promises: &[
        "I call you on the day, whatever I know.",
        "The part is ordered today.",
        "You have a loaner until it is done.",
        "You get the report in writing.",
        "An engineer looks at it this week.",
    ],
    news: &[
        "The part has arrived.",
        "The engineer found the cause.",
        "The car is on the lift now.",
        "The workshop can begin on Monday.",
    ],
    causes: &[
        "A connector that lets water in; the later one is sealed.",
        "Software that reads one sensor too early when it is cold.",
        "A batch of parts with a weak seal.",
    ],
    outcomes: &[
        "repaired, and it holds",
        "part replaced on goodwill",
        "car taken back",
        "explained, nothing owed",
        "owner gave up asking",
        "repaired elsewhere at our cost",
    ],
    reasons_for_tasks: &["the part", "a date on the lift", "the data of the fault"],
};

const OF_DELIVERY: Texts = Texts {
    remedies: &[
        "a date that holds",
        "a car to drive until mine comes",
        "somebody who tells me before I ask",
    ],
    next_steps: &[
        "The plant confirms the date in writing.",
        "We call every Friday, also when there is nothing new.",
        "The dealer lends a car until the handover.",
    ],
    promises: &[
        "I call you on the day, whatever I know.",
        "You get the new date in writing.",
        "You have a car until yours comes.",
    ],
    news: &[
        "The car left the port.",
        "The plant confirmed the week.",
        "The lorry is booked.",
    ],
    causes: &[
        "The order was changed in one system only.",
        "The car missed its ship by a day.",
    ],
    outcomes: &[
        "delivered, with an apology",
        "settled with a set of winter wheels",
        "explained, nothing owed",
    ],
    reasons_for_tasks: &["a date from the plant", "a car to lend"],
};

const OF_SERVICE: Texts = Texts {
    remedies: &[
        "my money back",
        "an invoice that I can read",
        "an apology from the dealer",
        "the scratch polished out",
    ],
    next_steps: &[
        "The invoice is checked line by line.",
        "The manager of the workshop calls.",
        "The owner sends photographs.",
    ],
    promises: &[
        "I call you on the day, whatever I know.",
        "The invoice is taken back.",
        "You get the answer in writing.",
    ],
    news: &[
        "The workshop found the job sheet.",
        "The invoice is corrected.",
        "The manager has agreed.",
    ],
    causes: &[
        "Two jobs were written on one sheet.",
        "The work was ordered for another car.",
    ],
    outcomes: &[
        "the invoice was corrected",
        "polished out, no charge",
        "explained, nothing owed",
        "owner gave up asking",
    ],
    reasons_for_tasks: &["the job sheet", "the invoice"],
};

const OF_TREATMENT: Texts = Texts {
    remedies: &[
        "an apology from the dealer",
        "somebody who calls when they say so",
        "an answer to why it happened",
    ],
    next_steps: &[
        "The manager of the dealer calls.",
        "One person is named who answers from now on.",
    ],
    promises: &[
        "I call you on the day, whatever I know.",
        "You get the answer in writing.",
    ],
    news: &[
        "The manager has listened to the call.",
        "The dealer has answered.",
    ],
    causes: &[
        "Messages went to a mailbox that nobody read.",
        "Two people each thought that the other would call.",
    ],
    outcomes: &[
        "settled with an apology",
        "explained, nothing owed",
        "owner gave up asking",
    ],
    reasons_for_tasks: &["the owner waits for an answer"],
};

impl Matter {
    fn texts(self) -> &'static Texts {
        match self {
            Self::Fault(_) => &OF_FAULT,
            Self::Delivery => &OF_DELIVERY,
            Self::Service => &OF_SERVICE,
            Self::Treatment => &OF_TREATMENT,
        }
    }

    /// The subject of the case.
    pub(crate) fn subject(self, chance: &mut Chance) -> String {
        let what = match self {
            Self::Fault(fault) => chance.text(fault.says()),
            Self::Delivery => chance.text(&[
                "a delivery that moved again",
                "a handover without the second key",
            ]),
            Self::Service => chance.text(&[
                "an invoice for work not asked for",
                "a scratch that was not there before",
                "a service that took a week",
            ]),
            Self::Treatment => chance.text(&["a promise nobody kept", "nobody calls back"]),
        };
        let detail = chance.text(&[
            "and nobody calls",
            "for the second time",
            "two weeks before a long journey",
            "although it was agreed in writing",
        ]);
        format!("{what}, {detail}")
    }

    /// The remedy that the owner seeks.
    pub(crate) fn remedy(self, chance: &mut Chance) -> &'static str {
        chance.text(self.texts().remedies)
    }

    /// A proposed next step.
    pub(crate) fn next_step(self, chance: &mut Chance) -> &'static str {
        chance.text(self.texts().next_steps)
    }

    /// The text of a promise.
    pub(crate) fn promise(self, chance: &mut Chance) -> &'static str {
        chance.text(self.texts().promises)
    }

    /// A progress update, with or without new information.
    pub(crate) fn progress_update(self, chance: &mut Chance, has_news: bool) -> &'static str {
        if has_news {
            return chance.text(self.texts().news);
        }
        chance.text(&[
            "Nothing new today. I call again on Friday.",
            "Still no date; I keep asking.",
            "They have not answered yet. You are not forgotten.",
        ])
    }

    /// A root cause.
    pub(crate) fn root_cause(self, chance: &mut Chance) -> &'static str {
        chance.text(self.texts().causes)
    }

    /// The outcome of the case.
    pub(crate) fn outcome(self, chance: &mut Chance) -> &'static str {
        chance.text(self.texts().outcomes)
    }

    /// Why a task is assigned.
    pub(crate) fn reason_for_task(self, chance: &mut Chance) -> &'static str {
        chance.text(self.texts().reasons_for_tasks)
    }
}
