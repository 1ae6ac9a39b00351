//! proptest strategies. What they draw is made smaller by the one shrinker, step by step and edit by edit.

use std::sync::{Arc, Mutex, PoisonError};

use proptest::strategy::{NewTree, Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::drawn::Drawn;
use super::rig::Rig;
use crate::case::Case;
use crate::generate::{Family, World, draw_family};
use crate::shrink::Tree;
use crate::surface::Surface;

/// Draws cases. Narrower ones come from its methods.
///
/// ```no_run
/// use proofhouse::Cases;
/// use proptest::prelude::*;
///
/// # fn service() -> axum::Router { axum::Router::new() }
/// # const DOCUMENT: &str = "";
/// let rig = proofhouse::prove_with(|| async { service() }).openapi(DOCUMENT).rig();
/// proptest!(|(case in rig.cases().malformed_json())| {
///     rig.send(&case).refused()?;
/// });
/// ```
#[derive(Clone, Debug)]
pub struct Cases {
    world: Arc<World>,
    family: Family,
    saved: Arc<Mutex<Saved>>,
}

/// What is sent before anything is drawn.
#[derive(Debug, Default)]
struct Saved {
    cases: Vec<Case>,
    /// Nothing is drawn at all: a case is replayed.
    only: bool,
}

impl Surface {
    /// Cases from the document alone, which nobody sends in particular: see [`Cases::of`], and [`Rig::cases`] for those
    /// that know the service.
    pub fn cases(&self) -> Cases {
        Cases::new(Arc::new(World::assumed(Arc::new(self.clone()), Vec::<String>::new())), Saved::default())
    }
}

impl Rig {
    /// Cases from what was learned of the service: who gets in where, and where objects come from. What was found
    /// before comes first; with `PROOFHOUSE_REPLAY`, that case and nothing else.
    pub fn cases(&self) -> Cases {
        let (cases, only) = self.saved();
        Cases::new(Arc::clone(self.world()), Saved { cases, only })
    }
}

impl Cases {
    fn new(world: Arc<World>, saved: Saved) -> Self {
        Self { world, family: Family::Any, saved: Arc::new(Mutex::new(saved)) }
    }

    /// Sent by these.
    pub fn of<T: Into<String>>(mut self, names: impl IntoIterator<Item = T>) -> Self {
        self.world = Arc::new(World::assumed(Arc::clone(&self.world.surface), names));
        self
    }

    /// Valid requests, as the document has them.
    pub fn valid(self) -> Self {
        self.family(Family::Valid)
    }

    /// Valid requests whose JSON body is changed in one to three nodes.
    pub fn edited_body(self) -> Self {
        self.family(Family::EditedBody)
    }

    /// Valid requests with a forgery of their sender's web token.
    pub fn forged_token(self) -> Self {
        self.family(Family::ForgedToken)
    }

    /// Valid requests that say a media type of their body which the document does not list, or none.
    pub fn bad_media_type(self) -> Self {
        self.family(Family::MediaType)
    }

    /// Valid requests whose body is not JSON any more.
    pub fn malformed_json(self) -> Self {
        self.family(Family::MalformedJson)
    }

    /// Valid requests with text behind one input that interpreters stumble over.
    pub fn injection(self) -> Self {
        self.family(Family::Injection)
    }

    /// So many valid requests one after the other, by one sender, on the same objects.
    pub fn sequence(self, least: usize, most: usize) -> Self {
        self.family(Family::Sequence(least, most))
    }

    /// Cases of a family.
    pub fn family(mut self, family: Family) -> Self {
        self.family = family;
        self
    }

    /// The next of what was found before.
    fn next_saved(&self) -> Option<Case> {
        let mut saved = self.saved.lock().unwrap_or_else(PoisonError::into_inner);
        if saved.only { saved.cases.first().cloned() } else { saved.cases.pop() }
    }
}

impl Strategy for Cases {
    type Tree = Smaller;
    type Value = Drawn;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let case = self.next_saved().or_else(|| draw_family(&self.world, self.family, runner.rng()));
        let case = case.ok_or("the document has no operation that such a case can be made of")?;
        Ok(Smaller { drawn: case.clone().into(), tree: Tree::new(case) })
    }
}

/// A drawn case that gets smaller.
#[derive(Clone, Debug)]
pub struct Smaller {
    drawn: Drawn,
    tree: Tree,
}

impl ValueTree for Smaller {
    type Value = Drawn;

    fn current(&self) -> Drawn {
        self.drawn.smaller(self.tree.current())
    }

    fn simplify(&mut self) -> bool {
        self.tree.simplify()
    }

    fn complicate(&mut self) -> bool {
        self.tree.complicate()
    }
}
