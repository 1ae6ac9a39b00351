//! Numbers.

use serde_json::{Number, Value as Json};

use super::flat::{Flat, kind};
use crate::generate::Source;

/// What the document does not bound stays in a range that services accept.
const USUAL: i128 = 1_000;

pub(super) fn kind_of(value: &Json) -> u8 {
    match value {
        Json::Null => kind::NULL,
        Json::Bool(_) => kind::BOOLEAN,
        Json::Number(number) if number.as_f64().is_some_and(|number| number.fract() == 0.0) => kind::INTEGER,
        Json::Number(_) => kind::FRACTION,
        Json::String(_) => kind::STRING,
        Json::Array(_) => kind::ARRAY,
        Json::Object(_) => kind::OBJECT,
    }
}

/// Equality of JSON Schema: `1` and `1.0` are one value.
pub(super) fn equal(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(a), Json::Number(b)) => {
            a == b || (exact(one).is_none() && a.as_f64() == b.as_f64()) || {
                exact(one).zip(exact(other)).is_some_and(|(a, b)| a == b)
            }
        }
        (Json::Array(a), Json::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| equal(a, b)))
        }
        _ => one == other,
    }
}

/// The whole number, if it is one.
fn exact(value: &Json) -> Option<i128> {
    let whole = || {
        let number = value.as_f64()?;
        (number.fract() == 0.0 && number.abs() < 1e30).then_some(number as i128)
    };
    value.as_i64().map(i128::from).or_else(|| value.as_u64().map(i128::from)).or_else(whole)
}

/// Whether a number satisfies one keyword.
pub(super) fn fits(keyword: &str, wanted: &Json, value: &Json) -> bool {
    let (Some(limit), Some(number)) = (wanted.as_f64(), value.as_f64()) else { return true };
    let order = match (exact(wanted), exact(value)) {
        (Some(limit), Some(number)) => number.cmp(&limit),
        _ => number.total_cmp(&limit),
    };
    match keyword {
        "minimum" => order.is_ge(),
        "maximum" => order.is_le(),
        "exclusiveMinimum" => order.is_gt(),
        "exclusiveMaximum" => order.is_lt(),
        "multipleOf" => Step::of(wanted).is_none_or(|step| step.divides(value)),
        _ => true,
    }
}

/// `multipleOf` as a decimal fraction: `digits` / 10^`scale`.
#[derive(Clone, Copy, Debug)]
struct Step {
    digits: i128,
    scale: u32,
}

impl Step {
    fn of(value: &Json) -> Option<Self> {
        let (digits, scale) = decimal(&value.to_string())?;
        (digits > 0).then_some(Self { digits, scale })
    }

    fn divides(self, value: &Json) -> bool {
        let Some((digits, scale)) = decimal(&value.to_string()) else { return true };
        let by = |power: u32| 10_i128.checked_pow(power);
        let left = scale.max(self.scale);
        let number = by(left - scale).and_then(|factor| digits.checked_mul(factor));
        let step = by(left - self.scale).and_then(|factor| self.digits.checked_mul(factor));
        number.zip(step).is_none_or(|(number, step)| number % step == 0)
    }
}

/// `12.50e-1` as digits and the number of those after the point.
fn decimal(text: &str) -> Option<(i128, u32)> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i32 = exponent.trim_start_matches('+').parse().ok()?;
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: i128 = format!("{whole}{part}").parse().ok()?;
    let scale = i32::try_from(part.len()).ok()? - exponent;
    match u32::try_from(scale) {
        Ok(scale) if scale <= 30 => Some((digits, scale)),
        Ok(_) => None,
        Err(_) => Some((digits.checked_mul(10_i128.checked_pow(scale.unsigned_abs())?)?, 0)),
    }
}

/// A number between the bounds, now and then one of them.
pub(super) fn draw(flat: &Flat<'_>, whole: bool, source: &mut dyn Source) -> Option<Json> {
    let step = flat.each("multipleOf").find_map(Step::of);
    if whole && step.is_none_or(|step| step.scale == 0) {
        return integer(flat, step.map_or(1, |step| step.digits), source);
    }
    let scale = step.map_or(2, |step| step.scale);
    let unit = step.map_or(1, |step| step.digits);
    let power = 10_f64.powi(i32::try_from(scale).ok()?);
    let bound = |keyword| flat.each(keyword).filter_map(Json::as_f64);
    let tiny = unit as f64 / power;
    let low = bound("minimum").chain(bound("exclusiveMinimum")).reduce(f64::max);
    let high = bound("maximum").chain(bound("exclusiveMaximum")).reduce(f64::min);
    let (low, high) = match (low, high) {
        (Some(low), Some(high)) => (low, high),
        (Some(low), None) => (low, low + (tiny * 1_000.0).max(USUAL as f64)),
        (None, Some(high)) => (high - (tiny * 1_000.0).max(USUAL as f64), high),
        (None, None) => (0.0, (tiny * 1_000.0).max(USUAL as f64)),
    };
    let open = |keyword, limit: f64| flat.each(keyword).any(|value| value.as_f64() == Some(limit));
    // In units, so that every candidate is a multiple.
    let units = |limit: f64| limit * power / unit as f64;
    let mut first = (units(low) - 1e-9).ceil();
    let mut last = (units(high) + 1e-9).floor();
    if !(first.abs() < 1e17 && last.abs() < 1e17) {
        return float_between(low, high, source);
    }
    if open("exclusiveMinimum", low) && first <= units(low) + 1e-9 {
        first += 1.0;
    }
    if open("exclusiveMaximum", high) && last >= units(high) - 1e-9 {
        last -= 1.0;
    }
    if first > last {
        return if step.is_none() { float_between(low, high, source) } else { None };
    }
    let at = between(first as i128, last as i128, source)?;
    let digits = at.checked_mul(unit)?;
    // A decimal text is the closest number to what is meant; a product of floats is not.
    let sign = if digits < 0 { "-" } else { "" };
    let divisor = 10_i128.checked_pow(scale)?;
    let (before, after) = (digits.abs() / divisor, digits.abs() % divisor);
    let text = match scale {
        0 => format!("{sign}{before}"),
        scale => format!("{sign}{before}.{after:0width$}", width = scale as usize),
    };
    let number: f64 = text.parse().ok()?;
    if after == 0 && (whole || scale == 0) {
        return integer_json(digits / divisor);
    }
    Number::from_f64(number).map(Json::Number)
}

fn float_between(low: f64, high: f64, source: &mut dyn Source) -> Option<Json> {
    let share = source.int(1..=999) as f64 / 1_000.0;
    Number::from_f64(low + (high - low) * share).map(Json::Number)
}

fn integer(flat: &Flat<'_>, step: i128, source: &mut dyn Source) -> Option<Json> {
    let bound = |keyword: &'static str, round: fn(f64) -> f64| {
        flat.each(keyword).filter_map(move |value| {
            let rounded = || value.as_f64().map(|number| round(number).clamp(-1e30, 1e30) as i128);
            exact(value).or_else(rounded)
        })
    };
    let strictly = |keyword: &'static str, round: fn(f64) -> f64, by: i128| {
        flat.each(keyword).filter_map(move |value| {
            let rounded = || value.as_f64().map(|number| round(number).clamp(-1e30, 1e30) as i128);
            exact(value).map(|number| number + by).or_else(rounded)
        })
    };
    let (least, most) = match flat.text("format") {
        Some("int32") => (i128::from(i32::MIN), i128::from(i32::MAX)),
        _ => (i128::from(i64::MIN), i128::from(i64::MAX)),
    };
    let low = bound("minimum", f64::ceil).chain(strictly("exclusiveMinimum", f64::ceil, 1)).max();
    let high = bound("maximum", f64::floor).chain(strictly("exclusiveMaximum", f64::floor, -1)).min();
    let span = USUAL.max(step.saturating_mul(100));
    let (low, high) = match (low, high) {
        (Some(low), Some(high)) => (low, high),
        (Some(low), None) => (low, low.saturating_add(span).min(most.max(low))),
        (None, Some(high)) => (
            (if high >= 1 { 1.max(high.saturating_sub(span)) } else { high.saturating_sub(span) }).max(least),
            high,
        ),
        (None, None) => (i128::from(step == 1), span),
    };
    let (low, high) = (low.max(i128::from(i64::MIN)), high.min(i128::from(u64::MAX)));
    let first = low.div_euclid(step) + i128::from(low.rem_euclid(step) != 0);
    let last = high.div_euclid(step);
    integer_json(between(first, last, source)?.checked_mul(step)?)
}

fn integer_json(number: i128) -> Option<Json> {
    i64::try_from(number).map(Json::from).or_else(|_| u64::try_from(number).map(Json::from)).ok()
}

/// A number of the range; each end in one of ten draws.
fn between(first: i128, last: i128, source: &mut dyn Source) -> Option<i128> {
    if first > last {
        return None;
    }
    match source.int(0..=9) {
        8 => Some(first),
        9 => Some(last),
        _ => {
            let span = u64::try_from(last - first).unwrap_or(u64::MAX);
            Some(first + i128::from(source.int(0..=span)))
        }
    }
}
