//! Durations as people write them: `500ms`, `60s`, `10m`, `2h`.

/// Reads a duration into milliseconds; a bare number is seconds.
pub fn millis(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let number: f64 =
        text[..digits].parse().map_err(|_| format!("`{text}` is not a duration such as `30s`"))?;
    let factor = match text[digits..].trim() {
        "ms" => 1.0,
        "" | "s" => 1_000.0,
        "m" | "min" => 60_000.0,
        "h" => 3_600_000.0,
        "d" => 86_400_000.0,
        unit => return Err(format!("`{unit}` is not a unit of time: use ms, s, m, h or d")),
    };
    Ok((number * factor).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::millis;

    #[test]
    fn units_are_read() {
        assert_eq!(millis("500ms"), Ok(500));
        assert_eq!(millis("1.5s"), Ok(1_500));
        assert_eq!(millis("10m"), Ok(600_000));
        assert_eq!(millis("7"), Ok(7_000));
        assert!(millis("soon").is_err());
        assert!(millis("3 weeks").unwrap_err().contains("weeks"));
    }
}
