//! The model of the score: a scoring policy and a lexicon, ready to be applied.

use ownerline_proto::time::Instant;
use ownerline_proto::v1::scoring_policy::Parameter;
use ownerline_proto::v1::{LexiconPolicy, ScoringPolicy};
use prost::Message;
use thiserror::Error;

use super::lexicon::Lexicon;

/// A component of the score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Component {
    /// What the owner did among friends and in public.
    Advocacy,
    /// What the owner bought next.
    Repurchase,
    /// What the owner's words are about.
    Verbatim,
    /// How matters were handled.
    Case,
    /// What the owner answered when asked for a number.
    Survey,
}

impl Component {
    /// All components, in the order of every answer.
    pub const ALL: [Self; 5] = [
        Self::Advocacy,
        Self::Repurchase,
        Self::Verbatim,
        Self::Case,
        Self::Survey,
    ];

    /// The name of its weight and its half-life in a scoring policy.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Advocacy => "advocacy",
            Self::Repurchase => "repurchase",
            Self::Verbatim => "verbatim",
            Self::Case => "case",
            Self::Survey => "survey",
        }
    }

    pub(super) fn of<T>(self, all: &[T; 5]) -> &T {
        let [advocacy, repurchase, verbatim, case, survey] = all;
        match self {
            Self::Advocacy => advocacy,
            Self::Repurchase => repurchase,
            Self::Verbatim => verbatim,
            Self::Case => case,
            Self::Survey => survey,
        }
    }

    pub(super) fn of_mut<T>(self, all: &mut [T; 5]) -> &mut T {
        let [advocacy, repurchase, verbatim, case, survey] = all;
        match self {
            Self::Advocacy => advocacy,
            Self::Repurchase => repurchase,
            Self::Verbatim => verbatim,
            Self::Case => case,
            Self::Survey => survey,
        }
    }
}

macro_rules! evidence {
    ($($(#[$doc:meta])* $variant:ident $name:literal $component:ident),* $(,)?) => {
        /// A kind of evidence for or against the brand, and its value.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Evidence {
            $($(#[$doc])* $variant,)*
        }

        impl Evidence {
            /// All kinds.
            pub const ALL: [Self; 15] = [$(Self::$variant),*];

            /// The name of its strength in a scoring policy.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// The component it belongs to.
            #[must_use]
            pub fn component(self) -> Component {
                match self {
                    $(Self::$variant => Component::$component,)*
                }
            }
        }
    };
}

evidence! {
    /// The owner sent a friend: 1.
    ReferralMade "referral_made" Advocacy,
    /// A friend put the brand on the list: 1.
    ConsiderationListed "consideration_listed" Advocacy,
    /// A friend drove the car: 1.
    RefereeTestDrove "referee_test_drove" Advocacy,
    /// A friend bought a car: 1.
    RefereePurchased "referee_purchased" Advocacy,
    /// The owner spoke in public: 1, or -1 against the brand.
    AdvocacyObserved "advocacy_observed" Advocacy,
    /// The owner bought or leased again: 1.
    Repurchased "repurchased" Repurchase,
    /// The owner bought elsewhere: -1.
    Defected "defected" Repurchase,
    /// The owner's words are about a theme: its sign.
    ThemeHit "theme_hit" Verbatim,
    /// A promise was kept: .5.
    CommitmentKept "commitment_kept" Case,
    /// A promise was broken: -1.
    CommitmentBroken "commitment_broken" Case,
    /// The owner confirmed an outcome: 1.
    ResolutionConfirmed "resolution_confirmed" Case,
    /// The owner did not accept an outcome: -.5.
    ResolutionRejected "resolution_rejected" Case,
    /// A defect was reported again, in a later visit: -.7.
    DefectRepeated "defect_repeated" Case,
    /// An obligation was not met in time: -.5.
    ObligationBreached "obligation_breached" Case,
    /// A survey was answered with a score: clamp((score − 7.5)/2.5, −1, 1).
    SurveyAnswered "survey_answered" Survey,
}

/// A scoring policy cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("scoring policy: {}", .violations.join("; "))]
pub struct ModelError {
    /// All violations, each naming its field.
    pub violations: Vec<String>,
}

/// A scoring policy and a lexicon, ready to be applied.
#[derive(Debug, Clone)]
pub struct Model {
    pub(super) weights: [f64; 5],
    /// In nanoseconds.
    pub(super) half_lives: [f64; 5],
    pub(super) strengths: [f64; 15],
    pub(super) k: f64,
    pub(super) lexicon: Lexicon,
    digest: [u8; 32],
}

const DAY: f64 = 86_400e9;

impl Model {
    /// Builds a model. Every name of [`Component`] needs a weight and a half-life, every name of [`Evidence`] a strength,
    /// each once; weights are not negative and sum to 1 (to 1e-9), half-lives are positive, strengths and `k` are not
    /// negative.
    ///
    /// # Errors
    /// Lists every violation.
    pub fn new(scoring: &ScoringPolicy, lexicon: &LexiconPolicy) -> Result<Self, ModelError> {
        let mut violations = Vec::new();
        let components = Component::ALL.map(Component::name);
        let weights = read("weights", &scoring.weights, components, &mut violations);
        let half_lives = read(
            "half_lives",
            &scoring.half_lives,
            components,
            &mut violations,
        );
        let evidence = Evidence::ALL.map(Evidence::name);
        let strengths = read("strengths", &scoring.strengths, evidence, &mut violations);
        if violations.is_empty() {
            let sum: f64 = weights.iter().sum();
            if (sum - 1.0).abs() > 1e-9 {
                violations.push(format!("weights: sum to {sum}, not to 1"));
            }
            for (days, name) in half_lives.iter().zip(components) {
                if *days <= 0.0 {
                    violations.push(format!("half_lives: {name} is not positive"));
                }
            }
        }
        if !(scoring.k.is_finite() && scoring.k >= 0.0) {
            violations.push("k: is not a number of at least 0".to_owned());
        }
        if !violations.is_empty() {
            return Err(ModelError { violations });
        }
        let mut hasher = blake3::Hasher::new();
        for bytes in [scoring.encode_to_vec(), lexicon.encode_to_vec()] {
            hasher.update(&(bytes.len() as u64).to_le_bytes());
            hasher.update(&bytes);
        }
        Ok(Self {
            weights,
            half_lives: half_lives.map(|days| days * DAY),
            strengths,
            k: scoring.k,
            lexicon: Lexicon::new(lexicon),
            digest: *hasher.finalize().as_bytes(),
        })
    }

    /// A digest of both policies, for cache keys.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    pub(super) fn strength(&self, evidence: Evidence) -> f64 {
        let place = evidence as usize;
        self.strengths.get(place).copied().unwrap_or_default()
    }

    /// The share that time leaves of evidence: 1 at first, halved with every half-life.
    pub(super) fn decay(&self, component: Component, occurred_at: i64, as_of: Instant) -> f64 {
        let age = as_of.since(occurred_at).max(0) as f64;
        libm::exp2(-age / component.of(&self.half_lives))
    }
}

fn read<const N: usize>(
    field: &str,
    parameters: &[Parameter],
    names: [&str; N],
    violations: &mut Vec<String>,
) -> [f64; N] {
    for parameter in parameters {
        if !names.contains(&parameter.name.as_str()) {
            violations.push(format!("{field}: {:?} is not known", parameter.name));
        }
    }
    names.map(|name| {
        let mut matching = parameters.iter().filter(|it| it.name == name);
        let (first, second) = (matching.next(), matching.next());
        match (first, second) {
            (Some(only), None) if only.value.is_finite() && only.value >= 0.0 => only.value,
            (Some(_), None) => {
                violations.push(format!("{field}: {name} is not a number of at least 0"));
                0.0
            }
            (Some(_), Some(_)) => {
                violations.push(format!("{field}: {name} is there twice"));
                0.0
            }
            (None, _) => {
                violations.push(format!("{field}: {name} is missing"));
                0.0
            }
        }
    })
}
