//! `checks` and `explain`

use proofhouse::checks::{CHECKS, by_id};
use proofhouse::exit::ExitCode;
use proofhouse::report::{self, text};
use serde_json::json;

use super::run::unknown_check;
use crate::args::{ChecksArgs, ExplainArgs, ListFormat};
use crate::error::Failure;
use crate::output;

pub(crate) fn checks(args: &ChecksArgs) -> Result<ExitCode, Failure> {
    if let Some(url) = &args.why_not {
        let url = Some(url.as_str()).filter(|url| !url.is_empty());
        return super::dry_run::why_not(url, &args.target);
    }
    let text = match args.format {
        ListFormat::Text => text::check_table(),
        ListFormat::Markdown => report::checks_markdown(),
        ListFormat::Json => {
            let checks: Vec<_> = CHECKS
                .iter()
                .map(|check| {
                    let about = check.about();
                    json!({
                        "id": about.id,
                        "title": about.title,
                        "practice": about.practice,
                        "severity": about.severity,
                        "grain": about.grain,
                        "phase": about.phase,
                        "needs": about.needs,
                        "effect": about.effect,
                        "isolation": about.isolation,
                        "cwe": about.cwe,
                        "owasp": about.owasp,
                        "wfc_code": about.wfc,
                    })
                })
                .collect();
            serde_json::to_string_pretty(&checks).unwrap_or_default()
        }
    };
    output::result(&text);
    Ok(ExitCode::Proven)
}

pub(crate) fn explain(args: &ExplainArgs) -> Result<ExitCode, Failure> {
    let check = by_id(&args.check).ok_or_else(|| unknown_check(&args.check))?;
    output::result(&text::explain(check.about().id).unwrap_or_default());
    Ok(ExitCode::Proven)
}
