//! Bodies: services that refuse what they should, in every way there is, and services with one gap.

use proofhouse::case::Place;
use proofhouse::execute::SessionConfig;
use proofhouse::identity::{Identity, Wallet};

use super::keeper::{Keeper, LENIENCIES, Leniency, Odd, Reader, Rules, Shows, Weakness, world};
use super::lab::{Lab, Rng, TRACES, Tally, active};

fn trial(check: &str, salt: u64, sound: bool, draw: impl Fn(&mut Keeper, &mut Rng) -> Option<&'static str>) {
    let wallet = Wallet::new(vec![Identity::bearer("alice", "token-of-alice")], std::sync::Arc::default());
    let lab = Lab::new(wallet, SessionConfig::default());
    let check = active(check);
    let mut tally = Tally::default();
    for seed in 0..TRACES {
        let seed = seed ^ salt << 32;
        let mut rng = Rng::new(seed ^ 0x77);
        let mut keeper = Keeper::new(seed, &mut rng);
        let member = draw(&mut keeper, &mut rng);
        let (world, mut subject) = world(keeper.shows);
        subject.place = member.map(|name| Place::Node(format!("/{name}")));
        let note = keeper.note();
        lab.put(Box::new(keeper), seed);
        let found = lab.cell(check, &subject, &world, seed);
        tally.count(&found.verdict, &note, sound, || found.tell());
    }
    if sound { tally.sound(check.about().id) } else { tally.defective(check.about().id) }
}

const MEMBERS: &[&str] = &["title", "kind", "count"];

/// Failures that come by themselves, and everything that is no gap of this kind.
fn any_sound(keeper: &mut Keeper, rng: &mut Rng) -> Option<&'static str> {
    keeper.flaky = rng.pick(&[0.0, 0.0, 0.0, 0.0, 0.01, 0.04]);
    if rng.chance(0.02) {
        keeper.flaky = 0.2;
    }
    keeper.period = rng.chance(0.03).then(|| rng.int(2, 5));
    if rng.chance(0.05) {
        keeper.reader = rng.pick(&[Reader::Blind, Reader::Queue]);
    }
    if rng.chance(0.1) {
        keeper.shows = Shows::Nothing;
    }
    Some(rng.pick(MEMBERS))
}

#[test]
fn failures_sound() {
    trial("input-server-error", 41, true, any_sound);
}

#[test]
fn failures_defective() {
    // One value of one member that fails every time: the smallest effect.
    trial("input-server-error", 42, false, |keeper, rng| {
        let (name, odd) = rng.pick(&[
            ("title", Odd::Null),
            ("title", Odd::List),
            ("title", Odd::Empty),
            ("title", Odd::Nul),
            ("title", Odd::Long),
            ("kind", Odd::Null),
            ("kind", Odd::List),
            ("count", Odd::Zero),
            ("count", Odd::Negative),
            ("count", Odd::Huge),
        ]);
        keeper.filter = None;
        keeper.flaky = rng.pick(&[0.0, 0.0, 0.01]);
        keeper.weakness = Weakness::Value(name, odd);
        Some(name)
    });
}

#[test]
fn flaky_sound() {
    trial("input-flaky-operation", 43, true, |keeper, rng| {
        keeper.flaky = rng.pick(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.002, 0.01, 0.02]);
        None
    });
}

#[test]
fn flaky_defective() {
    // Two of five fail, or one of so many in turn.
    trial("input-flaky-operation", 44, false, |keeper, rng| {
        keeper.failure = 500;
        if rng.chance(0.5) {
            keeper.flaky = 0.4;
        } else {
            keeper.period = Some(rng.pick(&[3, 4, 5]));
        }
        None
    });
}

#[test]
fn malformed_sound() {
    trial("input-json-malformed", 45, true, any_sound);
}

#[test]
fn malformed_defective() {
    // One kind of flaw, or a parser that fails.
    trial("input-json-malformed", 46, false, |keeper, rng| {
        keeper.filter = None;
        if rng.chance(0.2) {
            keeper.reader = Reader::Strict;
            keeper.weakness = Weakness::Malformed;
        } else {
            let leniency: Leniency = rng.pick(LENIENCIES);
            keeper.reader = Reader::Lenient(leniency);
            keeper.rules = rng.pick(&[Rules::Refused, Rules::Mended]);
        }
        None
    });
}

#[test]
fn schema_sound() {
    trial("input-schema-violation-accepted", 47, true, any_sound);
}

#[test]
fn schema_defective() {
    // One keyword of one member is forgotten, and the value is shown or can be read.
    trial("input-schema-violation-accepted", 48, false, |keeper, rng| {
        keeper.filter = None;
        keeper.rules =
            Rules::Forgotten(rng.pick(&["type", "enum", "minimum", "maximum", "minLength", "maxLength"]));
        None
    });
}

#[test]
fn depth_sound() {
    trial("input-json-depth", 49, true, any_sound);
}

#[test]
fn depth_defective() {
    // It fails on 1,000 levels each time, or takes two seconds.
    trial("input-json-depth", 50, false, |keeper, rng| {
        keeper.filter = None;
        let most = rng.pick(&[64, 120, 255, 500, 900]);
        keeper.weakness = if rng.chance(0.6) {
            Weakness::Depth(most)
        } else {
            Weakness::Slow(most, 2_000 + rng.int(0, 4_000))
        };
        None
    });
}
