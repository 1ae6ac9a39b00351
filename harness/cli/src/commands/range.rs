//! `range`

use std::net::SocketAddr;

use proofhouse::exit::ExitCode;
use proofhouse_range::{Range, defects};

use crate::args::RangeArgs;
use crate::embedded::configured;
use crate::error::Failure;
use crate::output;

pub(crate) fn range(args: &RangeArgs) -> Result<ExitCode, Failure> {
    if args.list {
        let lines = defects()
            .iter()
            .map(|defect| format!("{:45} {:28} {}\n", defect.id, defect.fires.join(", "), defect.title));
        output::result(&lines.collect::<String>());
        return Ok(ExitCode::Proven);
    }
    let named = if args.defects.is_empty() { vec!["none".to_owned()] } else { args.defects.clone() };
    let config = configured(&named)?;
    let address = SocketAddr::from(([127, 0, 0, 1], args.port));
    let range = Range::start_at(&config, address)
        .map_err(|error| Failure::Environment(format!("{address}: {error}")))?;
    let accounts = &config.accounts;
    output::result(&format!(
        "The range listens on {url}; its document is {url}/openapi.json. Ctrl-C ends it.\n\
         These accounts are made anew at each start:\n\
         --identity 'alice@customer=login:POST:/login:{{\"username\":\"{}\",\"password\":\"{}\"}}:/access_token'\n\
         --identity 'bob@customer=login:POST:/login:{{\"username\":\"{}\",\"password\":\"{}\"}}:/access_token'\n\
         --identity 'olga@admin=login:POST:/login:{{\"username\":\"{}\",\"password\":\"{}\"}}:/access_token'\n\
         --identity 'reports@reports=apikey:header:X-API-Key:{}'\n\
         --identity 'kitchen@kitchen=basic:{}:{}'",
        accounts.alice.name,
        accounts.alice.password,
        accounts.bob.name,
        accounts.bob.password,
        accounts.admin.name,
        accounts.admin.password,
        accounts.api_key,
        accounts.kitchen_name,
        accounts.kitchen_password,
        url = range.url(),
    ));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::Environment(error.to_string()))?;
    let _ = runtime.block_on(tokio::signal::ctrl_c());
    Ok(ExitCode::Proven)
}
