//! What databases, their drivers and mappers say when they fail, and statements and addresses that get out.
//!
//! A text of documentation may quote one of these; whoever looks for them compares with a harmless request.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::{EVIDENCE, LOOK, READ, ROUNDS, find, head, unescape};
use crate::message::inert;

/// What a database said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseError {
    /// The pattern that told, in kebab-case: `mysql-syntax`, `postgresql-detail`.
    pub detector: &'static str,
    /// The database could not read the statement itself: what an unbalanced quote in a statement put together from
    /// text does, and nothing that is bound as a parameter can do.
    pub syntax: bool,
    /// It holds a password.
    pub secret: bool,
    /// How many kinds of signs the text shows: products, mappers, statements, addresses.
    pub signs: usize,
    /// The telling text, inert, at most 300 characters.
    pub evidence: String,
}

/// A detector, texts of which one is in all that it finds, and what that must look like.
type Sign = (&'static str, &'static [&'static str], &'static str);

/// The statement itself could not be read.
const SYNTAX: &[Sign] = &[
    (
        "mysql-syntax",
        &["SQL syntax", "check the manual", "1064"],
        r"You have an error in your SQL syntax|check the manual that corresponds to your \w+ (?:server|version)|\b1064 \(42000\)",
    ),
    (
        "postgresql-syntax",
        &["yntax error at", "unterminated", "lexical error", "PG::SyntaxError", "42601", "\": syntax error"],
        r#"\bsyntax error at or near ["\\]|(?:ERROR: +|pq: )syntax error at end of input|\bsyntax error at end of input(?:\\n|\n)LINE \d|unterminated (?:quoted|bit|hexadecimal|dollar-quoted) (?:string|identifier|string literal) at or near\b|at or near \\*"[^"\n]{0,80}": (?:syntax|lexical) error|PG::SyntaxError|SQLSTATE:? ?\[?42601\b"#,
    ),
    (
        "sqlite-syntax",
        &[": syntax error", "unrecognized token: ", "incomplete input", "SQLITE_ERROR"],
        r#"\bnear \\*["'][^\n]{0,120}["']: syntax error|\bunrecognized token: \\*["'][^\n]|\bincomplete input in (?:SELECT|INSERT|UPDATE|DELETE|WITH)\b|SQLITE_ERROR[^\n]{0,40}(?:syntax error|incomplete input)"#,
    ),
    (
        "sql-server-syntax",
        &["Unclosed quotation mark", "Incorrect syntax near"],
        r"Unclosed quotation mark (?:after|before) the character string|Incorrect syntax near (?:the keyword )?'",
    ),
    ("oracle-syntax", &["ORA-0", "PLS-00103"], r"ORA-(?:009[0-3]\d|01756|01740|01742)\b|PLS-00103:"),
    ("db2-syntax", &["SQL0", "SQLCODE"], r"\bSQL0(?:104|010|007)N\b|SQLCODE ?[=:] ?-(?:104|10|7)\b"),
    (
        "access-syntax",
        &["Syntax error "],
        r"Syntax error (?:\(missing operator\) |in string )?in query expression|Syntax error in (?:FROM|WHERE|UPDATE|INSERT INTO) (?:clause|statement)",
    ),
    (
        "h2-syntax",
        &["JdbcSQLSyntaxError", "Syntax error in SQL"],
        r"JdbcSQLSyntaxErrorException|Syntax error in SQL statement",
    ),
    (
        "hsqldb-syntax",
        &["org.hsqldb."],
        r"org\.hsqldb\.\w*[^\n]{0,80}(?:malformed string|unexpected token|unexpected end of statement)",
    ),
    (
        "firebird-syntax",
        &["Dynamic SQL Error"],
        r"Dynamic SQL Error[^\n]{0,80}(?:-104|[Tt]oken unknown|unexpected end)",
    ),
    ("clickhouse-syntax", &["DB::"], r"DB::Exception: Syntax error|\bCode: 62\. DB::"),
    (
        "sql-compilation",
        &["SQL compilation error", "PARSE_SYNTAX_ERROR", "Unclosed string literal"],
        r"SQL compilation error|\[PARSE_SYNTAX_ERROR\]|Syntax error: Unclosed string literal",
    ),
    (
        "driver-syntax",
        &["SQLSyntaxError", "BadSqlGrammar", "bad SQL grammar", "QuerySyntaxException", "SQLSTATE[42000]"],
        r"SQLSyntaxErrorException|BadSqlGrammarException|bad SQL grammar \[|\bQuerySyntaxException\b|SQLSTATE\[42000\][^\n]{0,80}[Ss]yntax",
    ),
];

/// The statement was read and failed: names of tables, columns and constraints, drivers, mappers; statements and
/// addresses. Each tells alone: no prose has it.
const DETAIL: &[Sign] = &[
    ("mysql-detail", &["Duplicate entry "], r"\bDuplicate entry '[^'\n]*' for key '"),
    (
        "mysql-detail",
        &["Unknown column "],
        r"\bUnknown column '[^'\n]+' in '(?:field list|where clause|order clause|on clause|group statement)'",
    ),
    ("mysql-detail", &["t exist"], r"\bTable '[\w$]+\.[\w$]+' doesn't exist"),
    ("mysql-detail", &["a foreign key constraint fails"], r"\ba foreign key constraint fails \("),
    ("sqlstate", &["SQLSTATE"], r"\bSQLSTATE(?:\[\w{5}\]|: ?\w{5}\b|=\w{5}\b)"),
    ("mysql-detail", &["ERROR "], r"\bERROR \d{4} \([0-9A-Z]{5}\)"),
    (
        "postgresql-detail",
        &[" constraint"],
        r#"\bviolates (?:unique|foreign key|check|not-null|exclusion) constraint\b(?: \\*"|\n|$|")"#,
    ),
    (
        "postgresql-detail",
        &["=("],
        r"\bKey \([\w, ]+\)=\([^)\n]*\) (?:already exists|is not present in table|conflicts with)",
    ),
    ("postgresql-detail", &["relation "], r#"\bERROR: +relation "[\w.]+" does not exist"#),
    (
        "postgresql-detail",
        &["invalid input syntax for "],
        r#"\binvalid input syntax for (?:type )?(?:integer|bigint|smallint|uuid|numeric|boolean|date|timestamp|json)\b[\w ]*: \\*""#,
    ),
    ("postgresql-detail", &["PgDatabaseError"], r"\bPgDatabaseError \{"),
    (
        "postgresql-detail",
        &["psycopg"],
        r"\bpsycopg[23]?\.(?:errors|OperationalError|ProgrammingError|IntegrityError)",
    ),
    ("postgresql-detail", &["PSQLException"], r"\borg\.postgresql\.util\.PSQLException"),
    (
        "sqlite-detail",
        &["constraint failed: "],
        r"\b(?:UNIQUE|NOT NULL|CHECK) constraint failed: \w+(?:\.\w+)?",
    ),
    ("sqlite-detail", &["FOREIGN KEY constraint failed"], r"\bFOREIGN KEY constraint failed\b"),
    ("sqlite-detail", &["no such table: ", "no such column: "], r"\bno such (?:table|column): \w+"),
    (
        "sqlite-detail",
        &["SQLITE_"],
        r"\bSQLITE_(?:ERROR|CONSTRAINT|MISMATCH|BUSY|LOCKED|RANGE|READONLY|CORRUPT|IOERR|FULL)\b",
    ),
    ("sqlite-detail", &["sqlite3."], r"\bsqlite3\.(?:Operational|Integrity|Programming|Interface)Error\b"),
    ("sql-server-detail", &["Level "], r"\bMsg \d+, Level \d+, State \d+"),
    (
        "sql-server-detail",
        &[" constraint "],
        r"\bViolation of (?:PRIMARY KEY|UNIQUE KEY|UNIQUE) constraint '",
    ),
    (
        "sql-server-detail",
        &["Conversion failed when converting"],
        r"\bConversion failed when converting the \w+ value '",
    ),
    (
        "sql-server-detail",
        &["SqlException"],
        r"\bSystem\.Data\.SqlClient\.SqlException|\bMicrosoft\.Data\.SqlClient\.SqlException",
    ),
    ("oracle-detail", &["ORA-"], r"\bORA-\d{5}: "),
    ("db2-detail", &["SQL0", "SQL1", "SQLCODE"], r"\bDB2 SQL [Ee]rror: SQLCODE|\bSQL[01]\d{3}N +[A-Z]"),
    ("mongodb-detail", &["E11000"], r"\bE11000 duplicate key error\b"),
    ("mongodb-detail", &["MongoServerError"], r"\bMongoServerError: "),
    ("mongodb-detail", &["Cast to ObjectId failed"], r"\bCast to ObjectId failed for value\b"),
    ("mongodb-detail", &["operator: $"], r"\bunknown (?:top level )?operator: \$\w"),
    ("redis-detail", &["WRONGTYPE"], r"\bWRONGTYPE Operation against a key holding\b"),
    ("elasticsearch-detail", &["search_phase_execution_exception"], r"\bsearch_phase_execution_exception\b"),
    ("neo4j-detail", &["Neo.ClientError."], r"\bNeo\.ClientError\.\w+\.\w+"),
    ("mapper-detail", &["SequelizeDatabaseError"], r"\bSequelizeDatabaseError\b"),
    ("mapper-detail", &["sqlalchemy.exc."], r"\bsqlalchemy\.exc\.\w+Error\b"),
    ("mapper-detail", &["ActiveRecord::"], r"\bActiveRecord::[A-Z]\w+"),
    ("mapper-detail", &["PrismaClient"], r"\bPrismaClient(?:KnownRequest|UnknownRequest|Validation)Error\b"),
    ("mapper-detail", &["QueryFailedError"], r"\bQueryFailedError: "),
    ("mapper-detail", &["org.hibernate."], r"\borg\.hibernate\.(?:exception\.)?\w+Exception\b"),
    ("mapper-detail", &["Npgsql.PostgresException"], r"\bNpgsql\.PostgresException\b"),
    (
        "statement",
        &["SELECT "],
        r#"\bSELECT\s[^;]{1,2000}?\sFROM\s+[`"\[\\]*\w+[^;]{0,2000}?(?:\$\d\b|=\s*\?|@p\d\b|:\w+\b|[`"\]\\]\.[`"\[\\]|LIKE\s+')"#,
    ),
    (
        "statement",
        &["INSERT INTO "],
        r#"\bINSERT INTO\s+[`"\[\\]*[\w.]+[`"\]\\]*\s*\([^)\n]{1,1000}\)\s*VALUES\s*\("#,
    ),
    (
        "statement",
        &["UPDATE "],
        r#"\bUPDATE\s+[`"\[\\]*\w+[`"\]\\]*\s+SET\s+[`"\[\\]*\w+[`"\]\\]*\s*=\s*(?:\$\d|\?|@p\d|:\w|')"#,
    ),
    (
        "statement",
        &["DELETE FROM "],
        r#"\bDELETE FROM\s+[`"\[\\]*\w+[`"\]\\]*\s+WHERE\s+[`"\[\\]*[\w.]+[`"\]\\]*\s*=\s*(?:\$\d|\?|@p\d|:\w|')"#,
    ),
    (
        "address",
        &["://"],
        r#"\b(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|mssql|sqlserver)(?:\+\w+)?://[^\s"'<>/:@]{1,80}:[^\s"'<>/@]{1,120}@[\w.-]+"#,
    ),
    (
        "address",
        &["jdbc:"],
        r"\bjdbc:(?:mysql|mariadb|postgresql|oracle|sqlserver|db2|h2)[:\w]*:?(?://|@)[\w.-]+",
    ),
];

/// Substrings for a prefilter: each text in which [`database_error`] finds something contains one of them, escaped or
/// not.
pub const DATABASE_NEEDLES: &[&str] = &needles();

const fn needles() -> [&'static str; count(SYNTAX) + count(DETAIL)] {
    let mut needles = [""; count(SYNTAX) + count(DETAIL)];
    let mut next = 0;
    let mut tables = [SYNTAX, DETAIL].as_slice();
    while let [table, others @ ..] = tables {
        tables = others;
        let mut row = 0;
        while row < table.len() {
            let mut at = 0;
            while at < table[row].1.len() {
                needles[next] = table[row].1[at];
                next += 1;
                at += 1;
            }
            row += 1;
        }
    }
    needles
}

const fn count(table: &[Sign]) -> usize {
    let (mut row, mut count) = (0, 0);
    while row < table.len() {
        count += table[row].1.len();
        row += 1;
    }
    count
}

struct Compiled {
    detector: &'static str,
    syntax: bool,
    needles: &'static [&'static str],
    pattern: Regex,
}

static COMPILED: LazyLock<Vec<Compiled>> = LazyLock::new(|| {
    let table = |table: &'static [Sign], syntax| {
        table.iter().map(move |(detector, needles, pattern)| Compiled {
            detector,
            syntax,
            needles,
            pattern: find::compile(pattern),
        })
    };
    table(SYNTAX, true).chain(table(DETAIL, false)).collect()
});

impl Compiled {
    fn find<'t>(&self, text: &'t [u8]) -> Option<regex::bytes::Match<'t>> {
        let near = |needle: &&str| memchr::memmem::find(text, needle.as_bytes()).is_some();
        if self.needles.iter().any(near) { self.pattern.find(text) } else { None }
    }

    /// What it is a sign of, such as `postgresql`.
    fn kind(&self) -> &'static str {
        self.detector.trim_end_matches("-syntax").trim_end_matches("-detail")
    }
}

/// What a database says in `text`, raw or under up to three layers of JSON, HTML and URL escapes. A statement that
/// could not be read comes before all else.
pub fn database_error(text: &str) -> Option<DatabaseError> {
    let mut layer = std::borrow::Cow::Borrowed(head(text.as_bytes(), READ));
    let mut kinds = BTreeSet::new();
    let mut said: Option<DatabaseError> = None;
    let mut secret = false;
    for round in 0..=ROUNDS {
        let text = head(&layer, LOOK);
        for known in COMPILED.iter() {
            let Some(found) = known.find(text) else { continue };
            kinds.insert(known.kind());
            secret |= known.detector == "address" && found.as_bytes().contains(&b'@');
            if said.as_ref().is_none_or(|said| known.syntax && !said.syntax) {
                let evidence = inert(found.as_bytes(), EVIDENCE).to_string();
                let (detector, syntax) = (known.detector, known.syntax);
                said = Some(DatabaseError { detector, syntax, secret: false, signs: 0, evidence });
            }
        }
        match unescape::once(&layer) {
            Some(plain) if round < ROUNDS => layer = plain.into(),
            _ => break,
        }
    }
    said.map(|said| DatabaseError { secret, signs: kinds.len(), ..said })
}

#[cfg(test)]
mod tests {
    use super::database_error;

    const UNREAD: &[(&str, &str)] = &[
        (
            "mysql-syntax",
            "You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server version for the right syntax to use near ''' at line 1",
        ),
        ("mysql-syntax", "ERROR 1064 (42000): near"),
        ("postgresql-syntax", r#"ERROR: unterminated quoted string at or near "'" LINE 1: SELECT"#),
        ("postgresql-syntax", r#"syntax error at or near "x""#),
        ("postgresql-syntax", "ERROR: syntax error at end of input (SQLSTATE 42601)"),
        ("postgresql-syntax", r#"at or near "'": syntax error: unterminated"#),
        ("sqlite-syntax", r#"near "%": syntax error in SELECT id FROM dishes at offset 30"#),
        ("sqlite-syntax", r#"unrecognized token: "'soup''""#),
        ("sqlite-syntax", "incomplete input in SELECT id FROM dishes"),
        ("sqlite-syntax", "SQLITE_ERROR: incomplete input"),
        ("sql-server-syntax", "Unclosed quotation mark after the character string ''."),
        ("sql-server-syntax", "Incorrect syntax near 'x'."),
        ("oracle-syntax", "ORA-01756: quoted string not properly terminated"),
        ("oracle-syntax", "ORA-00933: SQL command not properly ended"),
        ("db2-syntax", "DB2 SQL Error: SQLCODE=-104, SQLSTATE=42601"),
        ("access-syntax", "Syntax error (missing operator) in query expression 'id = 1''."),
        ("h2-syntax", "org.h2.jdbc.JdbcSQLSyntaxErrorException: Syntax error in SQL statement"),
        ("hsqldb-syntax", "org.hsqldb.HsqlException: malformed string: '"),
        ("firebird-syntax", "Dynamic SQL Error; SQL error code = -104; Token unknown"),
        ("clickhouse-syntax", "Code: 62. DB::Exception: Syntax error: failed at position 30"),
        ("sql-compilation", "SQL compilation error: parse error line 1"),
        (
            "driver-syntax",
            "org.springframework.jdbc.BadSqlGrammarException: StatementCallback; bad SQL grammar [SELECT",
        ),
    ];

    const READ: &[(&str, &str)] = &[
        ("mysql-detail", "Duplicate entry 'a@ph.example' for key 'users.email'"),
        ("mysql-detail", "Unknown column 'x' in 'where clause'"),
        ("postgresql-detail", r#"duplicate key value violates unique constraint "users_email_key""#),
        ("postgresql-detail", r#"ERROR:  relation "orderz" does not exist"#),
        ("postgresql-detail", r#"invalid input syntax for type uuid: "x'""#),
        ("sqlite-detail", "UNIQUE constraint failed: users.email"),
        ("sqlite-detail", "no such column: soup"),
        ("sql-server-detail", "Conversion failed when converting the nvarchar value 'x' to data type int."),
        ("sql-server-detail", "Msg 208, Level 16, State 1, Line 1"),
        ("oracle-detail", "ORA-00942: table or view does not exist"),
        ("db2-detail", "SQL0204N  USERS is an undefined name"),
        ("mongodb-detail", "E11000 duplicate key error collection: shop.users"),
        ("mongodb-detail", "unknown operator: $zz"),
        ("redis-detail", "WRONGTYPE Operation against a key holding the wrong kind of value"),
        ("sqlstate", "SQLSTATE[23000]: Integrity"),
        ("mapper-detail", "SequelizeDatabaseError: column"),
        ("statement", "SELECT id, name FROM users WHERE id = $1"),
        ("statement", "INSERT INTO orders (id, note) VALUES (1, 'x')"),
        ("statement", "INSERT INTO `orders` (`id`, `note`) VALUES (?, ?)"),
        ("sqlite-detail", "no such table: dish_misses in INSERT INTO x"),
        ("mysql-detail", "a foreign key constraint fails (`shop`.`o`, CONSTRAINT `o_fk`"),
        ("address", "connect postgres://app:s3cret@db.internal/app"),
    ];

    #[test]
    fn each_database_is_known_by_what_it_says() {
        for (table, syntax) in [(UNREAD, true), (READ, false)] {
            for (detector, text) in table {
                let json = serde_json::to_string(&serde_json::json!({"error": text})).expect("text");
                let twice = serde_json::to_string(&serde_json::json!({"error": json})).expect("text");
                for shown in
                    [(*text).to_owned(), json, twice, text.replace('\'', "&#39;").replace('"', "&quot;")]
                {
                    let found = database_error(&shown).unwrap_or_else(|| panic!("{shown}"));
                    assert_eq!((found.detector, found.syntax), (*detector, syntax), "{shown}");
                    assert!(!found.evidence.is_empty());
                }
            }
        }
    }

    #[test]
    fn ordinary_errors_are_nothing() {
        for text in [
            "",
            r#"{"error": "syntax error"}"#,
            r#"{"detail": "The request is not as documented.", "errors": [{"name": "q", "rule": "no quotes"}]}"#,
            "Unexpected token ' in JSON at position 3",
            "Please select a dish from the menu and update your order where needed.",
            "The resource does not exist. It already exists.",
            "There is no such table reservation",
            "SQL injection detected. This request was blocked.",
            "invalid input: expected an integer",
            "Bad Request: unterminated string starting at: line 1 column 9 (char 8)",
            "the name violates a unique constraint",
            "SELECT a plan FROM the list",
            "duplicate entry for this key",
            "see https://docs.example/a:b@c",
            "table 4 doesn't exist",
            "a syntax error near the end of your query",
            "incomplete input in JSON at line 1",
            "syntax error at end of input",
            "relation \"friend\" does not exist",
        ] {
            assert_eq!(database_error(text), None, "{text}");
        }
    }

    #[test]
    fn kinds_of_signs_are_counted_and_secrets_seen() {
        let both = database_error("SQLITE_BUSY in SELECT id FROM dishes WHERE id = ?").expect("two kinds");
        assert_eq!((both.detector, both.signs, both.secret), ("sqlite-detail", 2, false));
        assert!(database_error("postgres://app:s3cret@db/app").is_some_and(|found| found.secret));
        assert!(database_error("jdbc:postgresql://db.internal/app").is_some_and(|found| !found.secret));
    }
}
