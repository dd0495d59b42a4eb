//! 128-bit hashes: the keys of the index.

/// The key of a stream, or of a (source, id), in the index.
pub(super) type Hash128 = [u8; 16];

/// Computes the keys. A test seam can shorten identity hashes, so that they collide.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hashing {
    identity_mask: u128,
}

impl Hashing {
    pub(super) fn new(identity_bits: Option<u32>) -> Self {
        let identity_mask = match identity_bits {
            None | Some(128..) => u128::MAX,
            Some(bits) => (1 << bits) - 1,
        };
        Self { identity_mask }
    }

    pub(super) fn stream(self, name: &[u8]) -> Hash128 {
        hash(&[name]).to_be_bytes()
    }

    pub(super) fn identity(self, source: &[u8], id: &[u8]) -> Hash128 {
        (hash(&[source, id]) & self.identity_mask).to_be_bytes()
    }
}

/// The first 16 bytes of BLAKE3 over the parts, each preceded by its length.
fn hash(parts: &[&[u8]]) -> u128 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut first = [0; 16];
    hasher.finalize_xof().fill(&mut first);
    u128::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_border_between_source_and_id_counts() {
        let hashing = Hashing::new(None);
        assert_ne!(hashing.identity(b"ab", b"c"), hashing.identity(b"a", b"bc"));
    }

    #[test]
    fn hashes_cut_short_collide() {
        let hashing = Hashing::new(Some(1));
        let distinct: std::collections::BTreeSet<Hash128> =
            (0..100u8).map(|n| hashing.identity(b"s", &[n])).collect();
        assert_eq!(distinct.len(), 2);
    }
}
