//! What names of operations and of fields say about registration and login.

/// What a field of a registration or a login is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Password,
    /// The password once more.
    Confirmation,
    Email,
    Username,
    Phone,
    /// The kind of an OAuth 2.0 grant (RFC 6749 section 4.3.2).
    GrantType,
}

/// What a field of this name is for.
pub(super) fn field(name: &str) -> Option<Field> {
    let plain = plain(name);
    let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
    let is = |words: &[&str]| words.contains(&plain.as_str());
    let password = has(&["password", "passwd", "passphrase", "passcode"]) || is(&["pwd", "pass", "secret"]);
    if password && has(&["confirm", "repeat", "again", "retype", "verif", "password2", "repassword"]) {
        Some(Field::Confirmation)
    } else if password && !has(&["old", "current", "hint", "reset", "expire"]) {
        Some(Field::Password)
    } else if is(&["granttype"]) {
        Some(Field::GrantType)
    } else if plain.ends_with("email") || is(&["mail", "emailaddress", "mailaddress", "useremail"]) {
        Some(Field::Email)
    } else if is(&["phone", "phonenumber", "mobile", "mobilenumber", "msisdn", "tel"]) {
        Some(Field::Phone)
    } else if is(&[
        "username",
        "user",
        "login",
        "loginname",
        "userid",
        "account",
        "accountname",
        "identifier",
    ]) || is(&[
        "nickname",
        "nick",
        "handle",
        "userlogin",
        "usernameoremail",
        "emailorusername",
        "name",
    ]) {
        Some(Field::Username)
    } else {
        None
    }
}

/// Words of operations that make an account.
const REGISTERS: &[&str] = &["register", "registration", "signup", "join", "enroll", "enrol"];
/// Collections in which an account is an object.
const COLLECTIONS: &[&str] =
    &["users", "user", "accounts", "account", "customers", "customer", "members", "member", "clients"];
/// Words of operations that begin a session.
const LOGS_IN: &[&str] = &[
    "login",
    "signin",
    "logon",
    "authenticate",
    "authentication",
    "auth",
    "token",
    "tokens",
    "session",
    "sessions",
    "jwt",
    "authorize",
    "credentials",
];
/// Words of operations that do something else with accounts.
const OTHERWISE: &[&str] = &[
    "reset",
    "forgot",
    "forgotten",
    "recover",
    "recovery",
    "change",
    "verify",
    "verification",
    "confirm",
    "refresh",
    "revoke",
    "logout",
    "signout",
    "introspect",
    "activate",
    "invite",
    "otp",
    "mfa",
    "2fa",
    "totp",
    "delete",
    "update",
    "unregister",
    "impersonate",
    "validate",
    "check",
];

/// How much the words of an operation speak for a registration; below zero they speak against it.
pub(super) fn registers(words: &[String], last: &str) -> i32 {
    let mut score = 0;
    if says(words, REGISTERS) || follows(words, "sign", "up") {
        score += 10;
    }
    if COLLECTIONS.contains(&last) {
        score += 5;
    }
    if says(words, LOGS_IN) || follows(words, "sign", "in") {
        score -= 3;
    }
    score - 12 * i32::from(says(words, OTHERWISE)) - 4 * i32::from(says(words, &["admin", "internal"]))
}

/// How much the words of an operation speak for a login.
pub(super) fn logs_in(words: &[String]) -> i32 {
    let mut score = 0;
    if says(words, LOGS_IN) || follows(words, "sign", "in") || follows(words, "log", "in") {
        score += 10;
    }
    if says(words, REGISTERS) || follows(words, "sign", "up") {
        score -= 12;
    }
    score - 12 * i32::from(says(words, OTHERWISE)) - 4 * i32::from(says(words, &["admin", "internal"]))
}

fn says(words: &[String], known: &[&str]) -> bool {
    words.iter().any(|word| known.contains(&word.as_str()))
}

fn follows(words: &[String], first: &str, second: &str) -> bool {
    words.windows(2).any(|pair| pair[0] == first && pair[1] == second)
}

/// The words of a path or an identifier, in lower case: `signUp`, `sign-up` and `sign_up` are two.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in text.chars() {
        if !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && before.is_ascii_lowercase()) {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_ascii_alphanumeric(), words.last_mut()) {
            word.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Letters and digits in lower case.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
}

/// How much a member of this name and text looks like the token of a login; 0 when it does not.
pub(super) fn token_likeness(name: &str, text: &str) -> i32 {
    let name = plain(name);
    let is = |words: &[&str]| words.contains(&name.as_str());
    let plausible = text.len() >= 8 && text.len() <= 8_192 && text.bytes().all(|b| b.is_ascii_graphic());
    if !plausible || name.contains("refresh") || name.contains("csrf") || name.contains("xsrf") {
        return 0;
    }
    let by_name = if is(&["accesstoken", "authtoken", "bearertoken", "sessiontoken", "usertoken"]) {
        10
    } else if is(&["token", "jwt", "jwttoken", "authenticationtoken", "authorization", "apitoken"]) {
        9
    } else if is(&["idtoken", "sessionid", "session", "sid", "apikey", "authkey", "sessionkey", "bearer"]) {
        6
    } else if name.ends_with("token") {
        5
    } else if is(&["key", "access", "auth", "ticket"]) && text.len() >= 16 {
        4
    } else {
        0
    };
    let jwt = text.starts_with("eyJ") && text.matches('.').count() == 2;
    by_name + if jwt { 6 } else { 0 }
}

/// Whether a cookie of this name carries a login.
pub(super) fn is_session_cookie(name: &str) -> bool {
    let name = plain(name);
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    !has(&["csrf", "xsrf"]) && (has(&["session", "sess", "token", "auth", "jwt"]) || name.ends_with("sid"))
}

/// Whether a name speaks of a token against forged requests of browsers.
pub(super) fn is_csrf(name: &str) -> bool {
    let name = plain(name);
    name.contains("csrf") || name.contains("xsrf")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_say_what_they_are_for() {
        for (name, wanted) in [
            ("password", Some(Field::Password)),
            ("pwd", Some(Field::Password)),
            ("user_password", Some(Field::Password)),
            ("confirmPassword", Some(Field::Confirmation)),
            ("password_confirmation", Some(Field::Confirmation)),
            ("old_password", None),
            ("email", Some(Field::Email)),
            ("emailAddress", Some(Field::Email)),
            ("username", Some(Field::Username)),
            ("login", Some(Field::Username)),
            ("grant_type", Some(Field::GrantType)),
            ("mobile", Some(Field::Phone)),
            ("address", None),
            ("full_name", None),
        ] {
            assert_eq!(field(name), wanted, "{name}");
        }
    }

    #[test]
    fn operations_are_told_apart_by_their_words() {
        assert_eq!(words("/api/v1/auth/signUp"), ["api", "v1", "auth", "sign", "up"]);
        let score = |path: &str| {
            let last = path.rsplit('/').next().unwrap_or_default();
            (registers(&words(path), last), logs_in(&words(path)))
        };
        for path in ["/register", "/auth/sign-up", "/users", "/api/customers", "/auth/registration"] {
            let (register, login) = score(path);
            assert!(register > 0 && login < register, "{path}: {register} {login}");
        }
        for path in ["/login", "/auth/token", "/users/login", "/session", "/api/signIn"] {
            let (register, login) = score(path);
            assert!(login > 0 && login > register, "{path}: {register} {login}");
        }
        for path in ["/password/reset", "/users/verify", "/auth/refresh", "/logout"] {
            let (register, login) = score(path);
            assert!(register < 0 && login < 1, "{path}: {register} {login}");
        }
    }

    #[test]
    fn tokens_are_told_from_other_texts() {
        assert!(
            token_likeness("access_token", "abcdefgh12345678")
                > token_likeness("id_token", "abcdefgh12345678")
        );
        assert_eq!(token_likeness("refresh_token", "abcdefgh12345678"), 0);
        assert_eq!(token_likeness("token_type", "bearer"), 0);
        assert_eq!(token_likeness("message", "you are welcome"), 0);
        assert!(token_likeness("result", "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl") > 0);
        assert!(
            is_session_cookie("JSESSIONID")
                && is_session_cookie("connect.sid")
                && !is_session_cookie("csrftoken")
        );
    }
}
