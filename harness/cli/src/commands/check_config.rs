//! `check-config`

use std::sync::Arc;

use proofhouse::checks::{CHECKS, Practice};
use proofhouse::exit::ExitCode;
use proofhouse::identity::Vault;
use proofhouse::message::inert_text;

use super::run::selection;
use crate::args::RunArgs;
use crate::error::Failure;
use crate::output;
use crate::resolve::{Document, resolve};

pub(crate) fn check_config(args: &RunArgs) -> Result<ExitCode, Failure> {
    let selection = selection(&args.checks)?;
    let mut resolved = resolve(args.url.as_deref(), &args.target, Document::Needed)?;
    resolved.select(&args.include, &args.exclude)?;
    let mut lines = vec![
        format!("target      {}", resolved.target_name()),
        format!("document    {}, {} operations", resolved.surface.title, resolved.surface.operations.len()),
    ];
    let vault = Arc::new(Vault::default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Environment(error.to_string()))?;
    let mut failed = Vec::new();
    runtime.block_on(async {
        failed.extend(resolved.complete(&vault).await?);
        let session = resolved.session(&vault).await?;
        for identity in &resolved.identities {
            if matches!(identity.spec, proofhouse::identity::Spec::User { .. }) {
                // Told above.
                continue;
            }
            let role = identity.role.as_deref().unwrap_or("no role");
            if session.log_in(&identity.name).await {
                lines.push(format!("identity    {} ({role}): has a credential", identity.name));
            } else {
                let why = session.wallet().failure(&identity.name).unwrap_or_default();
                failed.push(vault.redact(&format!("the identity `{}` cannot log in: {why}", identity.name)));
            }
        }
        Ok::<_, Failure>(())
    })?;
    lines.push(format!("accounts    {}", resolved.accounts(args.safe).0));
    for practice in Practice::ALL {
        let own: Vec<_> = CHECKS
            .iter()
            .map(proofhouse::checks::Kind::about)
            .filter(|about| about.practice == *practice && selection.has(about.id))
            .collect();
        if !own.is_empty() {
            let ids: Vec<_> = own.iter().map(|about| about.id).collect();
            lines.push(format!("{:11} {}", practice.to_string(), ids.join(", ")));
        }
    }
    lines.extend(resolved.warnings.iter().map(|warning| format!("warning     {warning}")));
    output::result(&vault.redact(&inert_text(&lines.join("\n"))));
    if failed.is_empty() { Ok(ExitCode::Proven) } else { Err(Failure::NotProven(failed.join("\n"))) }
}
