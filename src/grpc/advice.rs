//! What callers are told to do next, by what their call does.

/// What a method does, and so what may have happened when it ends halfway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It changes nothing that a retry could repeat.
    Reads,
    /// It records touchpoints, each under its source and id.
    Records,
    /// It begins or ends rebuilds, however often it is called.
    Rebuilds,
}

impl Effect {
    /// What to do once the deadline has passed.
    pub(crate) fn advice(self) -> &'static str {
        match self {
            Self::Reads => "ask again, with a later one",
            Self::Records => {
                "a write may or may not have been kept: retry it with the same source and id"
            }
            Self::Rebuilds => "it may or may not have taken effect: repeat the call to know",
        }
    }
}

/// How a reader that was too slow goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resume {
    /// From the position of the last message.
    FromPosition,
    /// By sending again what has no result.
    WithoutResult,
    /// By the same call.
    SameCall,
    /// By the same call, which answers anew.
    FromStart,
}

impl Resume {
    /// What to do.
    pub(crate) fn advice(self) -> &'static str {
        match self {
            Self::FromPosition => "continue from the last position that was read",
            Self::WithoutResult => {
                "send again what has no result, with the same source and id: it may or may not be recorded"
            }
            Self::SameCall => "the work goes on; repeat the call to follow it",
            Self::FromStart => "repeat the call, and read its messages as they come",
        }
    }

    /// What the stream did that the reader has not read.
    pub(crate) fn effect(self) -> Effect {
        match self {
            Self::WithoutResult => Effect::Records,
            Self::FromPosition | Self::SameCall | Self::FromStart => Effect::Reads,
        }
    }
}
