//! What databases, their drivers and mappers say when they fail, and statements and addresses that get out.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::{EVIDENCE, find, in_layers};
use crate::message::inert;

/// What gives a database away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseLeak {
    /// The family of the sign, such as `postgresql`.
    pub detector: &'static str,
    /// The telling text, inert.
    pub evidence: String,
    /// It holds a password.
    pub secret: bool,
    /// How many different signs there are.
    pub signs: usize,
}

/// A text that a search begins with, what it must look like, and the family.
type Sign = (&'static str, &'static str, &'static str);

/// Signs that tell alone: no prose has them.
const SIGNS: &[Sign] = &[
    ("mysql", "error in your SQL syntax", r"[Yy]ou have an error in your SQL syntax; check the manual"),
    ("mysql", "Duplicate entry ", r"\bDuplicate entry '[^'\n]*' for key '"),
    (
        "mysql",
        "Unknown column ",
        r"\bUnknown column '[^'\n]+' in '(?:field list|where clause|order clause|on clause|group statement)'",
    ),
    ("mysql", "t exist", r"\bTable '[\w$]+\.[\w$]+' doesn't exist"),
    ("mysql", "a foreign key constraint fails", r"\ba foreign key constraint fails \("),
    ("sqlstate", "SQLSTATE", r"\bSQLSTATE(?:\[\w{5}\]|: ?\w{5}\b|=\w{5}\b)"),
    ("mysql", "ERROR ", r"\bERROR \d{4} \([0-9A-Z]{5}\)"),
    ("postgresql", "syntax error at or near", r#"\bsyntax error at or near ["\\]"#),
    ("postgresql", "unterminated quoted string at", r"\bunterminated quoted string at or near\b"),
    (
        "postgresql",
        " constraint",
        r#"\bviolates (?:unique|foreign key|check|not-null|exclusion) constraint\b(?: \\*"|\n|$|")"#,
    ),
    (
        "postgresql",
        "=(",
        r"\bKey \([\w, ]+\)=\([^)\n]*\) (?:already exists|is not present in table|conflicts with)",
    ),
    ("postgresql", "relation ", r#"\bERROR: +relation "[\w.]+" does not exist"#),
    ("postgresql", "PgDatabaseError", r"\bPgDatabaseError \{"),
    ("postgresql", "psycopg", r"\bpsycopg[23]?\.(?:errors|OperationalError|ProgrammingError|IntegrityError)"),
    ("postgresql", "PSQLException", r"\borg\.postgresql\.util\.PSQLException"),
    ("sqlite", ": syntax error", r#"\bnear \\*"[^"\n]{0,120}": syntax error"#),
    ("sqlite", "constraint failed: ", r"\b(?:UNIQUE|NOT NULL|CHECK) constraint failed: \w+(?:\.\w+)?"),
    ("sqlite", "FOREIGN KEY constraint failed", r"\bFOREIGN KEY constraint failed\b"),
    ("sqlite", "no such table: ", r"\bno such table: \w+"),
    (
        "sqlite",
        "SQLITE_",
        r"\bSQLITE_(?:ERROR|CONSTRAINT|MISMATCH|BUSY|LOCKED|RANGE|READONLY|CORRUPT|IOERR|FULL)\b",
    ),
    ("sqlite", "sqlite3.", r"\bsqlite3\.(?:Operational|Integrity|Programming|Interface)Error\b"),
    ("sqlserver", "Unclosed quotation mark", r"\bUnclosed quotation mark after the character string\b"),
    ("sqlserver", "Incorrect syntax near", r"\bIncorrect syntax near (?:the keyword )?'"),
    ("sqlserver", "Level ", r"\bMsg \d+, Level \d+, State \d+"),
    ("sqlserver", " constraint ", r"\bViolation of (?:PRIMARY KEY|UNIQUE KEY|UNIQUE) constraint '"),
    (
        "sqlserver",
        "Conversion failed when converting",
        r"\bConversion failed when converting the \w+ value '",
    ),
    (
        "sqlserver",
        "SqlException",
        r"\bSystem\.Data\.SqlClient\.SqlException|\bMicrosoft\.Data\.SqlClient\.SqlException",
    ),
    ("oracle", "ORA-", r"\bORA-\d{5}: "),
    ("db2", "SQLCODE", r"\bDB2 SQL [Ee]rror: SQLCODE"),
    ("mongodb", "E11000", r"\bE11000 duplicate key error\b"),
    ("mongodb", "MongoServerError", r"\bMongoServerError: "),
    ("mongodb", "Cast to ObjectId failed", r"\bCast to ObjectId failed for value\b"),
    ("mapper", "SequelizeDatabaseError", r"\bSequelizeDatabaseError\b"),
    ("mapper", "sqlalchemy.exc.", r"\bsqlalchemy\.exc\.\w+Error\b"),
    ("mapper", "ActiveRecord::", r"\bActiveRecord::[A-Z]\w+"),
    ("mapper", "PrismaClient", r"\bPrismaClient(?:KnownRequest|UnknownRequest|Validation)Error\b"),
    ("mapper", "QueryFailedError", r"\bQueryFailedError: "),
    ("mapper", "org.hibernate.", r"\borg\.hibernate\.(?:exception\.)?\w+Exception\b"),
    ("mapper", "Npgsql.PostgresException", r"\bNpgsql\.PostgresException\b"),
    (
        "statement",
        "SELECT ",
        r#"\bSELECT\s[^;]{1,2000}?\sFROM\s+[`"\[\\]*\w+[^;]{0,2000}?(?:\$\d\b|=\s*\?|@p\d\b|:\w+\b|[`"\]\\]\.[`"\[\\]|LIKE\s+')"#,
    ),
    (
        "statement",
        "INSERT INTO ",
        r#"\bINSERT INTO\s+[`"\[\\]*[\w.]+[`"\]\\]*\s*\([^)\n]{1,1000}\)\s*VALUES\s*\("#,
    ),
    (
        "statement",
        "UPDATE ",
        r#"\bUPDATE\s+[`"\[\\]*\w+[`"\]\\]*\s+SET\s+[`"\[\\]*\w+[`"\]\\]*\s*=\s*(?:\$\d|\?|@p\d|:\w|')"#,
    ),
    (
        "statement",
        "DELETE FROM ",
        r#"\bDELETE FROM\s+[`"\[\\]*\w+[`"\]\\]*\s+WHERE\s+[`"\[\\]*[\w.]+[`"\]\\]*\s*=\s*(?:\$\d|\?|@p\d|:\w|')"#,
    ),
    (
        "address",
        "://",
        r#"\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql|sqlserver)(?:\+\w+)?://[^\s"'<>/:@]{1,80}:[^\s"'<>/@]{1,120}@[\w.-]+"#,
    ),
    (
        "address",
        "jdbc:",
        r#"\bjdbc:(?:mysql|mariadb|postgresql|oracle|sqlserver|db2|h2)[:\w]*:?(?://|@)[\w.-]+"#,
    ),
];

/// Substrings for a prefilter: each text in which [`database_leak`] finds something contains one of them, escaped or not.
pub const NEEDLES: &[&str] = &needles();

const fn needles() -> [&'static str; SIGNS.len()] {
    let mut needles = [""; SIGNS.len()];
    let mut at = 0;
    while at < SIGNS.len() {
        needles[at] = SIGNS[at].1;
        at += 1;
    }
    needles
}

static COMPILED: LazyLock<Vec<Regex>> =
    LazyLock::new(|| SIGNS.iter().map(|(_, _, pattern)| find::compile(pattern)).collect());

/// What a text tells of a database, raw or under up to three layers of escapes.
pub fn database_leak(text: &str) -> Option<DatabaseLeak> {
    in_layers(text, |layer| {
        let mut signs = BTreeSet::new();
        let mut first: Option<DatabaseLeak> = None;
        for ((detector, needle, _), pattern) in SIGNS.iter().zip(COMPILED.iter()) {
            if memchr::memmem::find(layer, needle.as_bytes()).is_none() {
                continue;
            }
            let Some(found) = pattern.find(layer) else { continue };
            signs.insert(*detector);
            let secret = *detector == "address" && found.as_bytes().contains(&b'@');
            let evidence = inert(found.as_bytes(), EVIDENCE).to_string();
            first.get_or_insert(DatabaseLeak { detector, evidence, secret, signs: 0 });
        }
        first.map(|first| DatabaseLeak { signs: signs.len(), ..first })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drivers_say_is_known() {
        for (text, detector) in [
            (r#"{"detail": "no such table: dish_misses in INSERT INTO x"}"#, "sqlite"),
            (r#"{"error": "near \"'\": syntax error"}"#, "sqlite"),
            ("UNIQUE constraint failed: accounts.name", "sqlite"),
            (
                "ERROR: duplicate key value violates unique constraint \"users_email_key\"\nDETAIL: Key (email)=(a@b.example) already exists.",
                "postgresql",
            ),
            (
                r#"{"message":"insert or update on table \"o\" violates foreign key constraint \"o_fk\""}"#,
                "postgresql",
            ),
            ("SQLSTATE[42S22]: Column not found", "sqlstate"),
            ("Duplicate entry 'a' for key 'users.email'", "mysql"),
            ("ORA-00942: table or view does not exist", "oracle"),
            ("E11000 duplicate key error collection: shop.users index: email_1", "mongodb"),
            ("Failed: SELECT id, name FROM users WHERE name = $1", "statement"),
            ("INSERT INTO `orders` (`id`, `note`) VALUES (?, ?)", "statement"),
            ("connect postgres://app:s3cret@db.internal/app", "address"),
        ] {
            let found = database_leak(text).map(|found| found.detector);
            assert_eq!(found, Some(detector), "{text}");
        }
        assert!(database_leak("postgres://app:s3cret@db/app").is_some_and(|found| found.secret));
    }

    #[test]
    fn prose_is_not() {
        for text in [
            "the name violates a unique constraint",
            "Please select a dish from the menu where the price is lower",
            "SELECT a plan FROM the list",
            "duplicate entry for this key",
            "update your profile and set a name",
            "see https://docs.example/a:b@c",
            "table 4 doesn't exist",
            "a syntax error near the end of your query",
            "relation \"friend\" does not exist",
        ] {
            assert_eq!(database_leak(text), None, "{text}");
        }
    }
}
