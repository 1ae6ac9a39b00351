//! What databases, their drivers and mappers say when a statement fails.
//!
//! A text of documentation may quote one of these; whoever looks for them compares with a harmless request.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::bytes::Regex;

use super::{LOOK, READ, ROUNDS, find, head, trace, unescape};

/// What a database said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseError {
    /// The pattern that told, in kebab-case: `mysql-syntax`, `postgresql-constraint`.
    pub detector: &'static str,
    /// The database could not read the statement itself: what an unbalanced quote in a statement put together from
    /// text does, and nothing that is bound as a parameter can do.
    pub syntax: bool,
    /// The telling line, inert, at most 300 characters.
    pub evidence: String,
}

/// The statement itself could not be read.
const SYNTAX: &[(&str, &str)] = &[
    (
        "mysql-syntax",
        r"You have an error in your SQL syntax|check the manual that corresponds to your \w+ (?:server|version)|\b1064 \(42000\)",
    ),
    (
        "postgresql-syntax",
        r#"syntax error at (?:or near\b|end of input)|unterminated (?:quoted|bit|hexadecimal|dollar-quoted) (?:string|identifier|string literal) at or near\b|at or near "[^"\n]{0,80}": (?:syntax|lexical) error|PG::SyntaxError|SQLSTATE:? ?\[?42601\b|lexical error: unterminated string"#,
    ),
    (
        "sqlite-syntax",
        r#"near ["'][^\n]{0,80}["']: syntax error|unrecognized token: ["'][^\n]|\bincomplete input(?: in [A-Z]|[^\n]{0,20}SQLITE)|SQLITE_ERROR[^\n]{0,40}(?:syntax error|incomplete input)"#,
    ),
    (
        "sql-server-syntax",
        r"Unclosed quotation mark (?:after|before) the character string|Incorrect syntax near (?:the keyword )?'",
    ),
    (
        "oracle-syntax",
        r"ORA-(?:009[0-3]\d|01756|01740|01742)\b|PLS-00103:|quoted string not properly terminated",
    ),
    ("db2-syntax", r"\bSQL0(?:104|010|007)N\b|SQLCODE ?[=:] ?-(?:104|10|7)\b"),
    (
        "access-syntax",
        r"Syntax error (?:\(missing operator\) |in string )?in query expression|Syntax error in (?:FROM|WHERE|UPDATE|INSERT INTO) (?:clause|statement)",
    ),
    ("h2-syntax", r"JdbcSQLSyntaxErrorException|Syntax error in SQL statement"),
    (
        "hsqldb-syntax",
        r"org\.hsqldb\.\w*[^\n]{0,80}(?:malformed string|unexpected token|unexpected end of statement)",
    ),
    ("firebird-syntax", r"Dynamic SQL Error[^\n]{0,80}(?:-104|token unknown|unexpected end)"),
    ("clickhouse-syntax", r"DB::Exception: Syntax error|\bCode: 62\. DB::"),
    (
        "sql-compilation",
        r"SQL compilation error|\[PARSE_SYNTAX_ERROR\]|Syntax error: Unclosed string literal",
    ),
    (
        "driver-syntax",
        r"SQLSyntaxErrorException|BadSqlGrammarException|bad SQL grammar \[|QuerySyntaxException|SQLSTATE\[42000\][^\n]{0,80}[Ss]yntax",
    ),
];

/// The statement was read and failed: names of tables, columns and constraints, drivers, mappers, statements.
const DETAIL: &[(&str, &str)] = &[
    (
        "mysql-detail",
        r"Duplicate entry '[^'\n]*' for key\b|Unknown column '[^'\n]+' in '|Table '[^'\n]+\.[^'\n]+' doesn't exist|\bERROR \d{4} \([0-9A-Z]{5}\)",
    ),
    (
        "postgresql-detail",
        r#"violates (?:unique|foreign key|check|not-null|exclusion) constraint\b|\brelation "[^"\n]+" does not exist|\bcolumn "?[\w.]+"?(?: of relation "[^"\n]+")? does not exist|\bKey \([^)\n]+\)=\([^\n]*\) (?:already exists|is not present|is still referenced)|PSQLException|PgDatabaseError \{|psycopg2?\.errors\.|invalid input syntax for (?:type )?(?:integer|bigint|smallint|uuid|numeric|boolean|date|timestamp|json)\b"#,
    ),
    (
        "sqlite-detail",
        r"\b(?:UNIQUE|NOT NULL|CHECK|FOREIGN KEY|PRIMARY KEY) constraint failed\b|\bno such (?:table|column): \w|\bSQLITE_[A-Z]{4,}\b|\bSqliteFailure\(|sqlite3\.\w+Error\b",
    ),
    (
        "sql-server-detail",
        r"Conversion failed when converting the \w+ value|\bMsg \d+, Level \d+, State \d+|\bInvalid (?:object|column) name '|Violation of (?:PRIMARY|UNIQUE) KEY constraint|(?:System|Microsoft)\.Data\.SqlClient\.SqlException|Microsoft OLE DB Provider|\[ODBC [^\]\n]{0,40}Driver",
    ),
    ("oracle-detail", r"\bORA-\d{5}:|\bPLS-\d{5}:|\bTNS-\d{5}:|oracle\.jdbc\."),
    ("db2-detail", r"\bDB2 SQL Error: SQLCODE|\bSQL\d{4,5}N +[A-Z]"),
    (
        "mongodb-detail",
        r"\bMongo(?:Server|Network|Bulk\w*)?(?:Error|Exception)\b|\bE11000 duplicate key|Cast to ObjectId failed|unknown (?:top level )?operator: \$",
    ),
    (
        "store-detail",
        r"\bWRONGTYPE Operation against a key|\bsearch_phase_execution_exception\b|\bNeo\.ClientError\.|\bcom\.datastax\.",
    ),
    ("sqlstate", r"\bSQLSTATE\[[0-9A-Z]{5}\]|\bSQLSTATE:? [0-9A-Z]{5}\b|\bjava\.sql\.SQL\w*Exception\b"),
    (
        "mapper-detail",
        r"\bSequelize\w+Error\b|\bActiveRecord::\w+|\bsqlalchemy\.exc\.\w+|\borg\.hibernate\.\w+|\bPrismaClient\w+Error\b|Invalid .prisma\.\w+|\bDoctrine\\DBAL\b|\bPDOException\b|\bdiesel::result\b|\bsqlx::error\b|\bTypeORMError\b|\bQueryFailedError\b",
    ),
    (
        "statement",
        r#"\bSELECT [^\n]{1,400} FROM [`"\[\w.]+[^\n]{0,200} (?:WHERE|ORDER BY|GROUP BY|LIMIT|JOIN) [^\n]{0,200}(?:=|\$\d|\?)|\bINSERT INTO [`"\[\w.]+[^\n]{0,200}\bVALUES ?\(|\bUPDATE [`"\[\w.]+ SET [^\n]{1,200}=|\bDELETE FROM [`"\[\w.]+ WHERE [^\n]{1,100}="#,
    ),
];

/// Substrings for a prefilter, case-sensitive: each text in which [`database_error`] finds something has one of them.
pub const DATABASE_NEEDLES: &[&str] = &[
    "SQL",
    "sql",
    "yntax error",
    "ORA-",
    "PLS-",
    "TNS-",
    "quot",
    "unterminated",
    "unrecognized token",
    "incomplete input",
    "ncorrect syntax",
    "DB::",
    "PG::",
    "42601",
    "1064",
    "token unknown",
    "Duplicate entry",
    "Unknown column",
    "doesn't exist",
    "constraint",
    "does not exist",
    "already exists",
    "is not present",
    "still referenced",
    "PgDatabaseError",
    "psycopg",
    "invalid input syntax",
    "no such ",
    "converting",
    "Msg ",
    "Invalid ",
    "OLE DB",
    "ODBC",
    "oracle.jdbc",
    "Mongo",
    "E11000",
    "ObjectId",
    "operator: ",
    "WRONGTYPE",
    "search_phase",
    "Neo.Client",
    "datastax",
    "Sequelize",
    "ActiveRecord",
    "hibernate",
    "Prisma",
    "DBAL",
    "PDOException",
    "diesel::",
    "TypeORM",
    "QueryFailed",
    "SELECT",
    "INSERT",
    "UPDATE",
    "DELETE",
    "PARSE_SYNTAX",
    "lexical error",
    "ERROR ",
];

struct Compiled {
    detector: &'static str,
    syntax: bool,
    pattern: Regex,
}

static PREFILTER: LazyLock<AhoCorasick> =
    LazyLock::new(|| AhoCorasick::new(DATABASE_NEEDLES).expect("the needles are a few short strings"));

static COMPILED: LazyLock<Vec<Compiled>> = LazyLock::new(|| {
    let table = |table: &'static [(&str, &str)], syntax| {
        table.iter().map(move |(detector, pattern)| Compiled {
            detector,
            syntax,
            pattern: find::compile(pattern),
        })
    };
    table(SYNTAX, true).chain(table(DETAIL, false)).collect()
});

/// What a database says in `text`, raw or under up to three layers of JSON, HTML and URL escapes. A statement that
/// could not be read comes before all else.
pub fn database_error(text: &str) -> Option<DatabaseError> {
    let mut layer = std::borrow::Cow::Borrowed(head(text.as_bytes(), READ));
    let mut detail = None;
    for round in 0..=ROUNDS {
        let text = head(&layer, LOOK);
        if PREFILTER.is_match(text) {
            let found = COMPILED.iter().find_map(|known| {
                let place = known.pattern.find(text)?.range();
                let evidence = trace(known.detector, &[find::line(text, &place)]).evidence;
                Some(DatabaseError { detector: known.detector, syntax: known.syntax, evidence })
            });
            match found {
                Some(found) if found.syntax => return Some(found),
                found => detail = detail.or(found),
            }
        }
        match unescape::once(&layer) {
            Some(plain) if round < ROUNDS => layer = plain.into(),
            _ => break,
        }
    }
    detail
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
        ("postgresql-detail", r#"relation "orderz" does not exist"#),
        ("postgresql-detail", r#"invalid input syntax for type uuid: "x'""#),
        ("sqlite-detail", "UNIQUE constraint failed: users.email"),
        ("sqlite-detail", "no such column: soup"),
        ("sql-server-detail", "Conversion failed when converting the nvarchar value 'x' to data type int."),
        ("sql-server-detail", "Msg 208, Level 16, State 1, Line 1"),
        ("oracle-detail", "ORA-00942: table or view does not exist"),
        ("db2-detail", "SQL0204N  USERS is an undefined name"),
        ("mongodb-detail", "E11000 duplicate key error collection: shop.users"),
        ("mongodb-detail", "unknown operator: $zz"),
        ("store-detail", "WRONGTYPE Operation against a key holding the wrong kind of value"),
        ("sqlstate", "SQLSTATE[23000]: Integrity"),
        ("mapper-detail", "SequelizeDatabaseError: column"),
        ("statement", "SELECT id, name FROM users WHERE id = $1"),
        ("statement", "INSERT INTO orders (id, note) VALUES (1, 'x')"),
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
        ] {
            assert_eq!(database_error(text), None, "{text}");
        }
    }
}
