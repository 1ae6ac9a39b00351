//! Values that stand elsewhere: `env:VAR`, `file:PATH`, `cmd:COMMAND`; `lit:` escapes.

/// Reads a value that may be indirect. The error names the value's kind, never its content.
#[expect(clippy::disallowed_methods, reason = "the command line resolves the environment")]
pub(crate) fn read_indirect(value: &str) -> Result<String, String> {
    if let Some(literal) = value.strip_prefix("lit:") {
        return Ok(literal.to_owned());
    }
    if let Some(name) = value.strip_prefix("env:") {
        return std::env::var(name).map_err(|_| format!("the environment variable `{name}` is not set"));
    }
    if let Some(path) = value.strip_prefix("file:") {
        let text = std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"))?;
        return Ok(text.trim_end_matches(['\n', '\r']).to_owned());
    }
    if let Some(command) = value.strip_prefix("cmd:") {
        // An argument list, never a shell.
        let mut words = command.split_whitespace();
        let program = words.next().ok_or("`cmd:` needs a command")?;
        let output = std::process::Command::new(program)
            .args(words)
            .output()
            .map_err(|error| format!("the command `{program}` cannot be run: {error}"))?;
        if !output.status.success() {
            return Err(format!("the command `{program}` ended with {}", output.status));
        }
        let text =
            String::from_utf8(output.stdout).map_err(|_| format!("what `{program}` printed is not text"))?;
        return Ok(text.trim_end_matches(['\n', '\r']).to_owned());
    }
    Ok(value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::read_indirect;

    #[test]
    fn values_are_read_where_they_stand() {
        assert_eq!(read_indirect("plain"), Ok("plain".to_owned()));
        assert_eq!(read_indirect("lit:env:X"), Ok("env:X".to_owned()));
        assert_eq!(read_indirect("cmd:echo a b"), Ok("a b".to_owned()));
        assert!(read_indirect("env:PROOFHOUSE_NOT_SET_ANYWHERE").unwrap_err().contains("not set"));
        assert!(read_indirect("file:/nowhere/key").unwrap_err().contains("/nowhere/key"));
        assert!(read_indirect("cmd:false").unwrap_err().contains("false"));
    }
}
