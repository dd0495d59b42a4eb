//! The words of owners and the replies of dealers: themes with many ways to put them.

use crate::chance::Chance;

/// The tone of a verbatim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Praise.
    Positive,
    /// Praise and a complaint.
    Mixed,
    /// A complaint.
    Negative,
    /// Praise given for an incentive.
    Incentivised,
}

/// A theme with phrases of praise and of complaint.
struct Theme {
    good: [&'static str; 6],
    bad: [&'static str; 6],
}

const THEMES: [Theme; 10] = [
    Theme {
        // Information.
        good: [
            "they called before I had to ask",
            "I was kept in the picture all the way",
            "every question was answered the same day",
            "I always knew what came next",
            "they explained the work so that I understood it",
            "the updates with photographs were a joy",
        ],
        bad: [
            "nobody called me back",
            "I had to ring three times to learn anything",
            "I was told something else every time",
            "the app said ready and it was not",
            "my message was never answered",
            "I heard of the delay from a stranger",
        ],
    },
    Theme {
        // Time.
        good: [
            "it was ready an hour early",
            "I was in and out before lunch",
            "no waiting at all",
            "they fitted me in the same day",
            "the appointment was kept to the minute",
            "quick as a pit stop",
        ],
        bad: [
            "I waited two hours with an appointment",
            "it took nine days for one part",
            "the date was moved twice",
            "a morning's job became a week",
            "the first free slot was in a month",
            "I lost a day of work over it",
        ],
    },
    Theme {
        // The repair.
        good: [
            "the fault is gone for good",
            "they found what nobody else had found",
            "it drives like new",
            "fixed at the first attempt",
            "they even saw to the rattle I had given up on",
            "the technician took a test drive with me",
        ],
        bad: [
            "the same light was on again before I got home",
            "the fault came back after two days",
            "they could not find anything and charged me",
            "third visit, same noise",
            "they replaced parts until something helped",
            "now there is a new rattle",
        ],
    },
    Theme {
        // People.
        good: [
            "the advisor knew me and the car",
            "everybody was friendly without fuss",
            "I felt taken seriously",
            "they treated my old car like a new one",
            "the young technician was patient and clever",
            "I was greeted before I reached the desk",
        ],
        bad: [
            "the man at the desk did not look up",
            "I was made to feel like a nuisance",
            "nobody was responsible",
            "the tone on the telephone was rude",
            "I was sent from desk to desk",
            "they talked down to me",
        ],
    },
    Theme {
        // Handover.
        good: [
            "the handover was a little ceremony",
            "they took an hour to show me everything",
            "the car stood there like a jewel",
            "they remembered the colour of my first one",
            "the tank was full and the telephone was paired",
            "I drove home grinning",
        ],
        bad: [
            "the handover took ten minutes in the rain",
            "the car was handed over dirty",
            "half of what I ordered was missing",
            "nobody could explain the screen",
            "there was a scratch on the door at delivery",
            "the second key is still missing",
        ],
    },
    Theme {
        // Price.
        good: [
            "the invoice was what they had said",
            "they found a cheaper way and told me",
            "fair price for honest work",
            "they did not charge the small things",
            "worth every penny",
            "the quote was clear to the last line",
        ],
        bad: [
            "the invoice was twice the quote",
            "a fortune for a filter",
            "I paid for work I never asked for",
            "they charged the diagnosis and found nothing",
            "too expensive for what it was",
            "nobody could explain the price",
        ],
    },
    Theme {
        // The loaner and the house.
        good: [
            "the loaner was better than my own",
            "they picked the car up at my door",
            "good coffee and a quiet place to work",
            "the car came back spotless",
            "they drove me to the station",
            "a loaner was ready without asking",
        ],
        bad: [
            "no loaner although it was promised",
            "the loaner smelled of smoke",
            "my car came back dirty",
            "I had to take the bus home",
            "the waiting room was cold",
            "they left grease on the seat",
        ],
    },
    Theme {
        // The car.
        good: [
            "the engine is a delight",
            "the seats are perfect on long drives",
            "it turns heads everywhere",
            "not one fault in two years",
            "the cold weather does not bother it",
            "the sound system is superb",
        ],
        bad: [
            "the screen freezes every week",
            "the engine light comes and goes",
            "the brakes squeal in the morning",
            "water drips in at the roof",
            "the range is a joke in winter",
            "it shakes at motorway speed",
        ],
    },
    Theme {
        // The factory and the wait.
        good: [
            "following the build was half the fun",
            "the picture of the bare body hangs in my office",
            "they told me about the delay before I noticed",
            "the new date held",
            "seeing the paint go on was wonderful",
            "the wait was made short",
        ],
        bad: [
            "silence for two months after the order",
            "the promised day passed without a word",
            "the tracker showed the same stage for weeks",
            "the photographs stopped coming",
            "I learned of the rework by accident",
            "it stood in a port and nobody knew which",
        ],
    },
    Theme {
        // Promises.
        good: [
            "they promised little and kept all of it",
            "what they said on Monday was true on Friday",
            "they called even when there was nothing new",
            "somebody took my side",
            "they put it right without a discussion",
            "they helped although it was not their fault",
        ],
        bad: [
            "three promises, none kept",
            "they said tomorrow for a week",
            "nobody takes responsibility",
            "the manufacturer and the dealer blame each other",
            "I still do not know why it happened",
            "they closed my complaint without a word",
        ],
    },
];

const GOOD_OPENINGS: [&str; 10] = [
    "",
    "Honestly,",
    "As always,",
    "What a difference:",
    "For once,",
    "To my surprise,",
    "Credit where it is due:",
    "After eleven years with the brand:",
    "Short and sweet:",
    "All good:",
];
const BAD_OPENINGS: [&str; 10] = [
    "",
    "Sadly,",
    "Once again",
    "I am disappointed:",
    "For this kind of money:",
    "I expected more:",
    "To be fair I was patient, but",
    "Let me be plain:",
    "After eleven years with the brand:",
    "Unbelievable:",
];
const GOOD_CLOSINGS: [&str; 9] = [
    "",
    "Thank you.",
    "I will be back.",
    "My neighbour has ordered one since.",
    "Keep it up.",
    "I tell everybody.",
    "That is how it should be.",
    "Best service I ever had.",
    "Happy customer.",
];
const BAD_CLOSINGS: [&str; 9] = [
    "",
    "Please call me.",
    "I want an answer.",
    "My next car will be another brand.",
    "What happens now?",
    "Who is in charge?",
    "I will not be back.",
    "This has to be put right.",
    "Not good enough.",
];
const INCENTIVES: [&str; 6] = [
    "they asked me to give all tens",
    "got a free service for this answer",
    "the voucher was a nice touch",
    "the manager filled it in with me",
    "they said only excellent counts",
    "a gift for five minutes of my time",
];

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn clause(chance: &mut Chance, good: bool) -> &'static str {
    let theme = chance.one_of(&THEMES);
    chance.text(if good { &theme.good } else { &theme.bad })
}

/// A text of an opening, clauses and a closing.
fn sentences(opening: &str, clauses: &[&str], closing: &str) -> String {
    let body = clauses.join(", and ");
    let said = if opening.is_empty() {
        body
    } else {
        format!("{opening} {body}")
    };
    let text = format!("{}. {closing}", capital(&said));
    text.trim_end().to_owned()
}

/// The verbatim of a feedback item.
pub(crate) fn verbatim(chance: &mut Chance, tone: Tone) -> String {
    let good = tone != Tone::Negative;
    let first = clause(chance, good);
    let second = clause(chance, good);
    let one = [first];
    let two = [first, second];
    let clauses: &[&str] = if first == second || chance.happens(0.45) {
        &one
    } else {
        &two
    };
    match tone {
        Tone::Positive => sentences(
            chance.text(&GOOD_OPENINGS),
            clauses,
            chance.text(&GOOD_CLOSINGS),
        ),
        Tone::Negative => sentences(
            chance.text(&BAD_OPENINGS),
            clauses,
            chance.text(&BAD_CLOSINGS),
        ),
        Tone::Mixed => {
            let but = clause(chance, false);
            format!(
                "{}, but {but}. {}",
                capital(first),
                chance.text(&BAD_CLOSINGS)
            )
            .trim_end()
            .to_owned()
        }
        Tone::Incentivised => {
            let why = chance.text(&INCENTIVES);
            sentences(chance.text(&GOOD_OPENINGS), &[first, why], "")
        }
    }
}

/// A message of an owner.
pub(crate) fn owner_message(chance: &mut Chance, negative: bool) -> String {
    let opening = chance.text(&[
        "Thank you for the answer.",
        "I read your message.",
        "About your call:",
        "As discussed:",
        "One more thing:",
    ]);
    let said = clause(chance, !negative);
    format!("{opening} {}.", capital(said))
}

/// The reply of a person at the dealer.
pub(crate) fn dealer_reply(chance: &mut Chance, negative: bool) -> String {
    let (openings, middles): (&[&str], &[&str]) = if negative {
        (
            &[
                "I am sorry.",
                "That should not have happened.",
                "You are right, and I want to put it right.",
                "Thank you for telling us so plainly.",
                "I have read every word.",
            ],
            &[
                "I spoke with the workshop this morning",
                "I looked at the whole history of your car",
                "the invoice was checked line by line",
                "the part is ordered and paid by us",
                "I asked the manufacturer for help",
                "the technician remembers the noise you describe",
            ],
        )
    } else {
        (
            &[
                "What a kind message.",
                "Thank you, I read it to the whole team.",
                "That makes our day.",
                "Good to hear.",
            ],
            &[
                "the technician was proud",
                "we will keep it that way",
                "your car was a pleasure to work on",
                "I will pass it on to the plant",
            ],
        )
    };
    let closing = chance.text(&[
        "You can reach me directly, also on Saturdays.",
        "I call you tomorrow at ten.",
        "Come by whenever you like.",
        "If anything is left open, tell me.",
        "Safe journeys.",
    ]);
    let (opening, middle) = (chance.text(openings), chance.text(middles));
    format!("{opening} {}. {closing}", capital(middle))
}

/// What the owner told a friend.
pub(crate) fn referral_note(chance: &mut Chance) -> String {
    let why = clause(chance, true);
    format!("told a friend: {why}")
}
