//! A reference model beside the service: what a wallet holds, in a dozen lines. Whatever was sent before, every answer
//! is what the model says.

use std::collections::BTreeMap;

use example_model::{Bug, app};
use proofhouse::checks::{Observation, Observed};
use proofhouse::{Cases, Rig};
use proptest::test_runner::{Config, RngSeed, TestRunner};
use serde_json::Value;

/// What each wallet holds.
#[derive(Default)]
struct Model {
    wallets: BTreeMap<String, i64>,
}

impl Model {
    /// What the wallet that an answer shows must hold after a request; `None` where it must be refused.
    fn apply(&mut self, one: &Observation<'_>) -> Option<i64> {
        let sent = one.sent_json().unwrap_or_default();
        let amount = sent["amount"].as_i64().unwrap_or_default();
        let path = one.target();
        let id = path.split('/').nth(2).unwrap_or_default().to_owned();
        match one.operation {
            "POST /wallets" => {
                let id = one.answer_json()?["id"].as_str()?.to_owned();
                self.wallets.insert(id, 0);
                Some(0)
            }
            "GET /wallets/{id}" => self.wallets.get(&id).copied(),
            "POST /wallets/{id}/deposits" => self.add(&id, amount),
            "POST /wallets/{id}/withdrawals" => self.add(&id, -amount),
            "POST /transfers" => {
                let name = |member: &str| sent[member].as_str().unwrap_or_default().to_owned();
                let (from, to) = (name("from_wallet_id"), name("to_wallet_id"));
                self.wallets.get(&to)?;
                self.add(&from, -amount)?;
                self.add(&to, amount)
            }
            other => panic!("the model does not know {other}"),
        }
    }

    fn add(&mut self, id: &str, amount: i64) -> Option<i64> {
        let balance = self.wallets.get_mut(id)?;
        let after = *balance + amount;
        (after >= 0).then(|| {
            *balance = after;
            after
        })
    }
}

/// Every answer of a trace is what the model says.
fn as_the_model_says(trace: Observed<'_>) -> Result<(), String> {
    let mut model = Model::default();
    trace.all().try_for_each(|one| {
        let expected = model.apply(&one);
        let came = one.answer_json().filter(|_| one.is_success()).map(|json| json["balance"].clone());
        if came == expected.map(Value::from) {
            Ok(())
        } else {
            Err(format!("{}: {came:?}, and the model says {expected:?}", one.operation))
        }
    })
}

fn rig(bug: Option<Bug>) -> Rig {
    proofhouse::prove_with(move || async move { app(bug) })
        .openapi(include_str!("../openapi.yaml"))
        .without_corpora()
        .rig()
}

/// So many sequences of up to a dozen requests; the smallest that is not as the model says.
fn run(rig: &Rig, cases: u32, seed: u64) -> Result<(), (usize, String)> {
    let config =
        Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(seed), ..Config::default() };
    let sequences: Cases = rig.cases().sequence(2, 12);
    let result = TestRunner::new(config).run(&sequences, |sequence| {
        rig.send(&sequence).holds("as-the-model-says", as_the_model_says)?;
        Ok(())
    });
    result.map_err(|error| match error {
        proptest::test_runner::TestError::Fail(why, drawn) => (drawn.case().steps.len(), why.to_string()),
        proptest::test_runner::TestError::Abort(why) => panic!("{why}"),
    })
}

#[test]
fn the_service_does_what_the_model_says() {
    let rig = rig(None);
    run(&rig, 500, 1).map_err(|(_, why)| why).unwrap();
}

/// How many requests it takes to show a bug.
#[expect(clippy::match_same_arms, reason = "each says which requests they are")]
fn smallest(bug: Bug) -> usize {
    match bug {
        // Open, deposit, withdraw more.
        Bug::Overdraft => 3,
        // Open two, deposit, transfer twice, read.
        Bug::FreeTransfer => 7,
        // Open, deposit twice.
        Bug::LosesHundred => 3,
    }
}

fn is_found(bug: Bug, seeds: std::ops::RangeInclusive<u64>) {
    let rig = rig(Some(bug));
    for seed in seeds {
        let (steps, why) = run(&rig, 500, seed).expect_err("planted");
        assert!(steps <= smallest(bug), "{bug:?}, seed {seed}: {steps} steps\n{why}");
    }
}

#[test]
fn every_planted_bug_is_found_within_500_sequences_and_made_small() {
    Bug::ALL.into_iter().for_each(|bug| is_found(bug, 1..=2));
}

#[test]
#[ignore = "half a minute: `just examples` runs it"]
fn every_planted_bug_is_found_for_twenty_seeds() {
    Bug::ALL.into_iter().for_each(|bug| is_found(bug, 1..=20));
}

/// The same model as an invariant of the campaign: whatever any check sends.
#[test]
fn the_model_holds_in_the_campaign_too() {
    let gate = proofhouse::gate::Gate { prove: Vec::new(), ..proofhouse::gate::Gate::default() };
    proofhouse::prove_with(|| async { app(None) })
        .openapi(include_str!("../openapi.yaml"))
        .invariant("as-the-model-says", |trace| {
            // Only what was sent as documented: the model knows nothing else.
            trace.all().all(proofhouse::checks::Observation::is_valid).then(|| as_the_model_says(*trace))
        })
        .checks(["as-the-model-says", "service-panic"])
        .gate(gate)
        .without_corpora()
        .cases(500)
        .run()
        .assert_holds();
}
