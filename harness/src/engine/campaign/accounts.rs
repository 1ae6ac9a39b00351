//! Accounts that a run makes for itself before it begins, where nobody gave it two.

use std::sync::Arc;
use std::time::Duration;

use super::crew::runtime;
use super::events::Progress;
use super::run::{Campaign, CampaignError};
use crate::accounts::{self, Accounts};
use crate::execute::{Session, SessionConfig};
use crate::identity::{Spec, Wallet};

/// Finds the logins of those of whom only a name and a password are known, and makes accounts where there are too few.
pub(super) fn prepare(
    campaign: &mut Campaign,
    config: &SessionConfig,
    progress: &mut dyn FnMut(&Progress),
) -> Result<String, CampaignError> {
    let mut notes = Vec::new();
    if campaign.identities.iter().any(|identity| matches!(identity.spec, Spec::User { .. })) {
        progress(&Progress::begin("logins"));
        let mut identities = std::mem::take(&mut campaign.identities);
        let surface = Arc::clone(&campaign.surface);
        let seed = campaign.seed;
        notes = with_session(campaign, config, async |session| {
            accounts::complete(&mut identities, &surface, session, seed).await
        })?
        .unwrap_or_default();
        campaign.identities = identities;
    }
    let made = make(campaign, config, progress)?;
    campaign.identities.extend(made.identities);
    notes.extend((!made.note.is_empty()).then_some(made.note));
    Ok(notes.join("; "))
}

/// The longest that this may take.
const LONGEST: Duration = Duration::from_secs(30);
/// With two, what one makes can be asked for by the other.
const ENOUGH: usize = 2;

/// Makes them, where the run may and the document says how.
fn make(
    campaign: &Campaign,
    config: &SessionConfig,
    progress: &mut dyn FnMut(&Progress),
) -> Result<Accounts, CampaignError> {
    if campaign.identities.len() >= ENOUGH {
        return Ok(Accounts::default());
    }
    let note = |text: &str| Accounts { note: text.to_owned(), ..Accounts::default() };
    if let Some(why) = accounts::missing(&campaign.surface) {
        return Ok(note(why));
    }
    if !campaign.self_register {
        return Ok(note("no account was made: scope.self_register permits it"));
    }
    if campaign.settings.safe_only {
        return Ok(note("no account was made: only safe methods are sent"));
    }
    progress(&Progress::begin("accounts"));
    let (surface, seed) = (&campaign.surface, campaign.seed);
    let made = with_session(campaign, config, async |session| accounts::make(surface, session, seed).await)?;
    Ok(made.unwrap_or_else(|| note("no account was made: the run was stopped, or the target was too slow")))
}

/// Does something with a session that nobody uses afterwards; `None` when the run was stopped, or it took too long.
fn with_session<T>(
    campaign: &Campaign,
    config: &SessionConfig,
    work: impl AsyncFnOnce(&Session) -> T,
) -> Result<Option<T>, CampaignError> {
    let failed = |error: std::io::Error| CampaignError::Worker(format!("a worker could not start: {error}"));
    let runtime = runtime(&*campaign.factory).map_err(failed)?;
    runtime.block_on(async {
        let lane = campaign.factory.open().await.map_err(CampaignError::Worker)?.lane;
        let wallet = Arc::new(Wallet::new(Vec::new(), Arc::clone(&campaign.vault)));
        let session = Session::new(lane, wallet, config.clone());
        // A share of the run, or a while where it has no end: a target that hangs must not hold it up.
        let longest = campaign.time.map_or(LONGEST, |time| (time / 5).min(LONGEST));
        let over = async {
            if campaign.factory.virtual_clock() {
                std::future::pending::<()>().await;
            } else {
                tokio::time::sleep(longest).await;
            }
        };
        tokio::select! {
            done = work(&session) => Ok(Some(done)),
            () = campaign.halt.stopped() => Ok(None),
            () = over => Ok(None),
        }
    })
}
