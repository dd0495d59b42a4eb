//! How many histories a property is tried with.

use proptest::prelude::ProptestConfig;

/// So many, or as many as `PROPTEST_CASES` says.
pub(crate) fn cases(usual: u32) -> ProptestConfig {
    let asked = ProptestConfig::default();
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => asked,
        None => ProptestConfig {
            cases: usual,
            ..asked
        },
    }
}
