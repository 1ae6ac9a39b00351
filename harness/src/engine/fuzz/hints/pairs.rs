//! A quick no for texts.

/// Pairs of bytes that stand in some texts: most of what is compared stands in none, and is told by this at once.
pub(super) struct Pairs([u64; 64]);

impl Pairs {
    /// Of these texts.
    pub(super) fn of<'a>(texts: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut all = Self([0; 64]);
        for pair in texts.flat_map(|text| text.windows(2)) {
            let (word, bit) = Self::place(pair[0], pair[1]);
            all.0[word] |= bit;
        }
        all
    }

    /// Whether a text may hold this part; of less than two bytes none does.
    pub(super) fn may_hold(&self, part: &[u8]) -> bool {
        let [first, second, ..] = *part else { return false };
        let (word, bit) = Self::place(first, second);
        self.0[word] & bit != 0
    }

    fn place(first: u8, second: u8) -> (usize, u64) {
        let mixed = u32::from(first) * 31 + u32::from(second) * 1_021;
        ((mixed >> 6) as usize % 64, 1 << (mixed % 64))
    }
}
