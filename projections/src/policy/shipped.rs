//! Version 0 of each kind, which ships as a file and is in force until another is published.

use std::sync::{Arc, OnceLock};

use ownerline_proto::v1::PolicyPublished;

use super::version::Version;

/// Proto3 JSON of `PolicyPublished`, one for each kind.
const FILES: [&str; 9] = [
    include_str!("../../policies/calendar.json"),
    include_str!("../../policies/lexicon.json"),
    include_str!("../../policies/repeat-repair.json"),
    include_str!("../../policies/scoring.json"),
    include_str!("../../policies/sla.json"),
    include_str!("../../policies/stage-mapping.json"),
    include_str!("../../policies/survey.json"),
    include_str!("../../policies/tips.json"),
    include_str!("../../policies/visibility.json"),
];

/// Returns the versions that ship with the server, by name, one for each kind. Each is for the network, and its name is
/// its kind in lower case (`sla`, `repeat-repair` …).
#[must_use]
pub fn shipped() -> &'static [Arc<Version>] {
    static SHIPPED: OnceLock<Vec<Arc<Version>>> = OnceLock::new();
    // A test checks that every file is a usable policy.
    SHIPPED.get_or_init(|| {
        let parsed = FILES.iter().map(|file| serde_json::from_str(file));
        let parsed = parsed.filter_map(Result::<PolicyPublished, _>::ok);
        parsed
            .map(|published| Arc::new(Version::shipped(published)))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use ownerline_proto::schema::{Limits, Schema};
    use ownerline_proto::time;
    use prost::{Message as _, Name as _};

    use super::*;
    use crate::policy::check;

    #[test]
    fn every_file_is_a_policy_of_its_own_kind_that_can_be_used() {
        let mut kinds = Vec::new();
        for file in FILES {
            let mut published: PolicyPublished = serde_json::from_str(file).unwrap();
            kinds.push(published.kind);
            assert_eq!(published.version, 0);
            let name = published.kind().as_str_name().to_lowercase();
            assert_eq!(
                Some(published.name.replace('-', "_").as_str()),
                name.strip_prefix("kind_")
            );
            assert_eq!(check(&published), []);
            // What the door says about it, apart from what a shipped one has not.
            published.effective_from = Some(time::timestamp(0));
            let name = PolicyPublished::full_name();
            let encoded = published.encode_to_vec();
            let checked = Schema::get().check(&name, &encoded, "", Limits::default());
            let violations = checked.violations;
            assert!(violations.is_empty(), "{violations:?}");
        }
        kinds.sort_unstable();
        assert_eq!(kinds, (1..=9).collect::<Vec<i32>>());
        assert!(shipped().is_sorted_by_key(|version| &version.published.name));
    }
}
