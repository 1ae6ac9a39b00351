//! Which operations are attacked, and how carefully: `--include`, `--exclude` and `[[operation]]`.

use proofhouse::generate::{Budget, LeftOut, OperationPattern, Settings};
use proofhouse::surface::{Operation, Surface};

use crate::config::{EffectName, OperationTable};
use crate::error::Failure;

/// How often something is sent that reaches people or their money, where nothing else is said.
const BUDGET: u32 = 3;

/// Leaves operations out, as the command line says. A pattern that means nothing is a mistake.
pub(crate) fn by_flags(
    include: &[String],
    exclude: &[String],
    surface: &mut Surface,
    settings: &mut Settings,
) -> Result<(), Failure> {
    let wanted = patterns("--include", include)?;
    let unwanted = patterns("--exclude", exclude)?;
    for (flag, patterns) in [("--include", &wanted), ("--exclude", &unwanted)] {
        let known = |pattern: &OperationPattern| {
            let left_out = settings.left_out.iter().any(|left| covers_name(pattern, &left.operation));
            left_out || surface.operations.iter().any(|operation| pattern.covers(operation))
        };
        if let Some((text, _)) = patterns.iter().find(|(_, pattern)| !known(pattern)) {
            return Err(Failure::Usage(format!(
                "{flag} {text}: no operation of the document is meant by it; `run --dry-run` lists them"
            )));
        }
    }
    leave_out(surface, settings, &|operation| {
        let meant = |(_, pattern): &&(String, OperationPattern)| pattern.covers(operation);
        match unwanted.iter().find(meant) {
            Some((text, _)) => Some(format!("--exclude {text}")),
            None if wanted.is_empty() || wanted.iter().any(|one| meant(&one)) => None,
            None => Some("not among what --include names".to_owned()),
        }
    });
    if surface.operations.is_empty() {
        return Err(Failure::Usage("--include and --exclude leave no operation to attack".to_owned()));
    }
    Ok(())
}

/// Takes what the file says of single operations; gives what means none of them.
pub(crate) fn by_file(
    tables: &[OperationTable],
    surface: &mut Surface,
    settings: &mut Settings,
) -> Result<Vec<String>, Failure> {
    let mut unmet = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        let place = format!("[[operation]] {}", index + 1);
        check(table, &place)?;
        let patterns = patterns(&format!("{place}: match"), &table.r#match)?;
        for (text, pattern) in &patterns {
            let meant: Vec<_> = surface
                .operations
                .iter()
                .filter(|operation| pattern.covers(operation))
                .map(Operation::name)
                .collect();
            if meant.is_empty() && !settings.left_out.iter().any(|left| covers_name(pattern, &left.operation))
            {
                unmet.push(format!("{place}: `{text}` means no operation of the document"));
            }
            take(table, meant, settings);
        }
        if table.r#as.skip {
            let meant =
                |operation: &Operation| patterns.iter().find(|(_, pattern)| pattern.covers(operation));
            leave_out(surface, settings, &|operation| {
                meant(operation).map(|(text, _)| format!("[[operation]] match = \"{text}\", skip"))
            });
        }
    }
    Ok(unmet)
}

/// The same where there is no document: what is named whole is still kept in.
pub(crate) fn unseen(tables: &[OperationTable], settings: &mut Settings) -> Result<(), Failure> {
    for (index, table) in tables.iter().enumerate() {
        let place = format!("[[operation]] {}", index + 1);
        check(table, &place)?;
        let patterns = patterns(&format!("{place}: match"), &table.r#match)?;
        let whole = patterns.into_iter().filter_map(|(text, _)| {
            let (method, path) = text.split_once(' ')?;
            (path.starts_with('/') && !text.contains('*'))
                .then(|| format!("{} {}", method.to_uppercase(), path.trim()))
        });
        let whole: Vec<_> = whole.collect();
        if table.r#as.skip {
            let why = "[[operation]], skip".to_owned();
            settings
                .left_out
                .extend(whole.into_iter().map(|operation| LeftOut { operation, why: why.clone() }));
        } else {
            take(table, whole, settings);
        }
    }
    Ok(())
}

/// Notes the effect of these operations.
fn take(table: &OperationTable, operations: Vec<String>, settings: &mut Settings) {
    let Some(effect) = table.r#as.effect else { return };
    let (name, default) = match effect {
        EffectName::Message => ("message", Some(BUDGET)),
        EffectName::Payment => ("payment", Some(BUDGET)),
        EffectName::Reset => ("reset", None),
        EffectName::SwitchOff => ("switch-off", None),
        EffectName::Credential => ("credential", None),
    };
    for operation in operations {
        if default.is_none() && !settings.hazards.contains(&operation) {
            settings.hazards.push(operation.clone());
        }
        if let Some(most) = table.r#as.budget.or(default) {
            // What stands last counts.
            settings.budgets.retain(|budget| budget.operation != operation);
            settings.budgets.push(Budget { operation, effect: name.to_owned(), most });
        }
    }
}

fn check(table: &OperationTable, place: &str) -> Result<(), Failure> {
    let said = &table.r#as;
    let why = match (said.skip, said.effect, said.budget) {
        _ if table.r#match.is_empty() => "match is empty: name operations, such as [\"POST /otp\"]",
        (true, None, None) | (false, Some(_), _) => return Ok(()),
        (true, _, _) => "as has skip, and something beside it: what is left out has no effect and no budget",
        (false, None, _) => {
            "as needs skip = true, or effect = \"message\", \"payment\", \"reset\", \"switch-off\" or \"credential\""
        }
    };
    Err(Failure::Usage(format!("{place}: {why}")))
}

fn patterns(place: &str, texts: &[String]) -> Result<Vec<(String, OperationPattern)>, Failure> {
    let read = |text: &String| {
        let pattern =
            OperationPattern::parse(text).map_err(|why| Failure::Usage(format!("{place}: {why}")))?;
        Ok((text.clone(), pattern))
    };
    texts.iter().map(read).collect()
}

/// Takes operations out of the surface for which there is a reason.
fn leave_out(surface: &mut Surface, settings: &mut Settings, why: &dyn Fn(&Operation) -> Option<String>) {
    let left_out = &mut settings.left_out;
    surface.operations.retain(|operation| match why(operation) {
        Some(why) => {
            left_out.push(LeftOut { operation: operation.name(), why });
            false
        }
        None => true,
    });
}

fn covers_name(pattern: &OperationPattern, name: &str) -> bool {
    let Some((method, path)) = name.split_once(' ') else { return false };
    pattern.covers(&Operation { method: method.to_owned(), path: path.to_owned(), ..Operation::default() })
}
