//! P13, the A-B-A frame: a state is only what it seems if the plain request shows it before and after.

/// What one request of a frame showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framed {
    /// Let through.
    Allowed,
    /// Held back.
    Denied,
    /// Neither is certain.
    Unclear,
}

/// The plain request, the variant, and the plain request again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The plain request before.
    pub before: Framed,
    /// The variant.
    pub variant: Framed,
    /// The plain request after.
    pub after: Framed,
}

impl Frame {
    /// Whether the variant got through a state that held before and after: a way round, and no refill.
    pub fn is_bypass(self) -> bool {
        self == Self { before: Framed::Denied, variant: Framed::Allowed, after: Framed::Denied }
    }

    /// Whether something let through was held back in between and let through again: a state that ends.
    pub fn is_passing(self) -> bool {
        self == Self { before: Framed::Allowed, variant: Framed::Denied, after: Framed::Allowed }
    }

    /// Whether what was held back stays held back.
    pub fn is_stuck(self) -> bool {
        self.variant == Framed::Denied && self.after == Framed::Denied
    }
}

#[cfg(test)]
mod tests {
    use super::Framed::{Allowed, Denied, Unclear};
    use super::*;

    #[test]
    fn only_whole_frames_count() {
        let frame = |before, variant, after| Frame { before, variant, after };
        assert!(frame(Denied, Allowed, Denied).is_bypass());
        assert!(!frame(Denied, Allowed, Allowed).is_bypass(), "the bucket refilled");
        assert!(!frame(Unclear, Allowed, Denied).is_bypass());
        assert!(frame(Allowed, Denied, Allowed).is_passing());
        assert!(frame(Allowed, Denied, Denied).is_stuck());
    }
}
