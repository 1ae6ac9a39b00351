//! What each operation does, and each of its refusals. The client checks shape, type and documentation of every answer.

use axum::body::Body;
use axum::http::HeaderValue;
use serde_json::{Value, json};

use crate::client::{Client, request};

const NOBODY: &str = "/orders/00000000000000000000000000000000";

#[tokio::test]
async fn public_operations_answer_anybody() {
    let client = Client::hardened();
    assert_eq!(client.call("", "GET /health").await.json, json!({"status": "ok"}));
    assert_eq!(client.call("", "GET /openapi.json").await.json["openapi"], "3.1.0");
    assert_eq!(client.raw(request("HEAD /menu").body(Body::empty()).unwrap()).await.text, "");
}

#[tokio::test]
async fn unknown_paths_and_methods_are_problems() {
    let client = Client::hardened();
    assert_eq!(client.call("", "GET /nothing").await.status, 404);
    assert_eq!(client.call("", "GET /menu/").await.status, 404);
    let answer = client.call("", "DELETE /menu").await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET,HEAD"));
    let answer = client.call("alice", &format!("PUT {NOBODY}")).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET,HEAD,PATCH,DELETE"));
    assert_eq!(client.call("", "TRACE /health").await.status, 405);
}

#[tokio::test]
async fn login_issues_a_token_that_works() {
    let client = Client::hardened();
    for account in client.config.accounts.people() {
        let body = json!({"username": account.name, "password": account.password});
        let answer = client.post("", "POST /login", &body).await;
        assert_eq!(answer.status, 200);
        let bearer = format!("bearer {}", answer.json["access_token"].as_str().unwrap());
        let me = request("GET /me").header("authorization", bearer).body(Body::empty()).unwrap();
        assert_eq!(client.send(me).await.json["name"], account.name);
    }
}

#[tokio::test]
async fn permissions_are_shown_to_administrators_only() {
    let client = Client::hardened();
    assert_eq!(client.call("olga", "GET /me").await.json["permissions"], json!(["accounts:list"]));
    assert_eq!(client.call("alice", "GET /me").await.json.get("permissions"), None);
}

#[tokio::test]
async fn login_says_the_same_of_a_wrong_password_and_an_unknown_account() {
    let client = Client::hardened();
    let wrong = client.post("", "POST /login", &json!({"username": "alice", "password": "wrong"})).await;
    let unknown = client.post("", "POST /login", &json!({"username": "nobody", "password": "wrong"})).await;
    assert_eq!((wrong.status, wrong.json, wrong.headers), (401, unknown.json, unknown.headers));
}

#[tokio::test]
async fn login_wants_what_the_document_says() {
    let client = Client::hardened();
    for (body, field) in [
        (json!({"username": "alice", "password": ""}), "password"),
        (json!({"username": "alice", "password": "x".repeat(129)}), "password"),
        (json!({"username": "Alice", "password": "x"}), "username"),
        (json!({"username": "alice", "password": null}), "password"),
        (json!({"username": "alice", "password": "x", "role": "admin"}), "role"),
        (json!({"username": ["alice"], "password": "x"}), "username"),
        (json!({"username": "alice"}), "password"),
        (json!(["alice", "x"]), "."),
    ] {
        let answer = client.post("", "POST /login", &body).await;
        assert_eq!((answer.status, answer.field()), (422, field), "{body}");
    }
}

#[tokio::test]
async fn bodies_are_typed_sized_and_well_formed_in_this_order() {
    let client = Client::hardened();
    let good = r#"{"pickup":"table","lines":[{"dish":1,"quantity":1}]}"#;
    let operation = "POST /orders";
    for media in ["application/json", "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""]
    {
        assert_eq!(client.text("alice", operation, media, good).await.status, 201, "{media}");
    }
    for media in [
        "",
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "application/jsonp",
        "application/json, text/xml",
        "application/json; charset=utf-16",
        "application/problem+json",
    ] {
        assert_eq!(client.text("alice", operation, media, good).await.status, 415, "{media}");
    }
    let no_type = client.authorized("alice", operation).body(Body::from(good)).unwrap();
    assert_eq!(client.send(no_type).await.status, 415);
    for (name, value) in [("content-type", "text/plain"), ("content-encoding", "gzip")] {
        let request = client.authorized("alice", operation).header("content-type", "application/json");
        assert_eq!(
            client.send(request.header(name, value).body(Body::from(good)).unwrap()).await.status,
            415
        );
    }
    let large = format!("\"{}\"", "x".repeat(64 * 1024));
    assert_eq!(client.text("alice", operation, "application/json", &large).await.status, 413);
    assert_eq!(client.text("alice", operation, "text/plain", &large).await.status, 415);
    let deep = "[".repeat(60_000);
    for body in ["", "{", "{'a':1}", &format!("{good} x"), &deep, "\u{feff}{}", r#"{"note":"\ud800"}"#] {
        let answer = client.text("alice", operation, "application/json", body).await;
        assert!(
            answer.status == 400 || (body == deep && answer.status == 422),
            "{body:.40}: {}",
            answer.text
        );
    }
    assert_eq!(
        client.text("", operation, "text/plain", &large).await.status,
        401,
        "nobody's body is not looked at"
    );
}

#[tokio::test]
async fn the_menu_searches_literally() {
    let client = Client::hardened();
    let count = async |query: &str| {
        let answer = client.call("", &format!("GET /menu{query}")).await;
        answer.json["dishes"].as_array().map(Vec::len)
    };
    assert_eq!(count("").await, Some(12));
    assert_eq!(count("?q=SOUP").await, Some(2));
    assert_eq!(count("?q=soup&category=main").await, Some(0));
    assert_eq!(count("?category=drink&limit=1").await, Some(1));
    for literal in ["%25", "_", "soup%25'%20OR%201=1--", "'", "%5C"] {
        assert_eq!(count(&format!("?q={literal}")).await, Some(0), "{literal}");
    }
    let cheapest = client.call("", "GET /menu?sort=price").await;
    assert_eq!(cheapest.json["dishes"][0]["name"], "Coffee");
    for (query, field) in [
        ("?q=", "q"),
        ("?q=%00", "q"),
        (&format!("?q={}", "x".repeat(65)), "q"),
        ("?category=Main", "category"),
        ("?sort=price_cents", "sort"),
        ("?limit=0", "limit"),
        ("?limit=%2B1", "limit"),
        ("?limit=99999999999", "limit"),
        ("?q=a&q=b", "*"),
        ("?page=1", "*"),
    ] {
        let answer = client.call("", &format!("GET /menu{query}")).await;
        assert_eq!((answer.status, answer.field()), (422, field), "{query}");
    }
}

#[tokio::test]
async fn a_dish_is_found_by_a_plain_number() {
    let client = Client::hardened();
    assert_eq!(client.call("", "GET /menu/1").await.json["name"], "Tomato soup");
    assert_eq!(client.call("", "GET /menu/13").await.status, 404);
    for id in ["0", "1.0", "+1", "1%20", "one", "100001", "2-1", "%FF"] {
        let answer = client.call("", &format!("GET /menu/{id}")).await;
        assert_eq!((answer.status, answer.field()), (422, "id"), "{id}");
    }
}

#[tokio::test]
async fn an_order_lives_and_dies_with_its_owner() {
    let client = Client::hardened();
    let body = json!({"pickup": "counter", "note": "no onions", "lines": [{"dish": 1, "quantity": 2}, {"dish": 6, "quantity": 1}]});
    let placed = client.post("alice", "POST /orders", &body).await;
    assert_eq!((placed.status, &placed.json["total_cents"]), (201, &json!(2 * 450 + 980)));
    let path = placed.header("location").to_owned();
    assert_eq!(path, format!("/orders/{}", placed.json["id"].as_str().unwrap()));

    let summary = client.call("alice", &format!("GET {path}")).await;
    assert_eq!((&summary.json, &summary.json["lines"]), (&placed.json, &Value::Null));
    let full = client.call("alice", &format!("GET {path}?view=full")).await;
    assert_eq!(full.json["lines"][1]["name"], "Bean chili");
    let receipt = client.call("alice", &format!("GET {path}/receipt")).await;
    assert_eq!(
        (&receipt.json["note"], &receipt.json["tax_cents"]),
        (&json!("no onions"), &json!(1880 * 7 / 107))
    );
    assert_eq!(client.call("alice", "GET /orders").await.json["orders"], json!([summary.json]));

    let change = json!({"note": "with onions"});
    let changed = client.post("alice", &format!("PATCH {path}"), &change).await;
    assert_eq!((&changed.json["note"], &changed.json["pickup"]), (&json!("with onions"), &json!("counter")));
    let cancelled = client.post("alice", &format!("PATCH {path}"), &json!({"status": "cancelled"})).await;
    assert_eq!(cancelled.json["status"], "cancelled");
    assert_eq!(client.post("alice", &format!("PATCH {path}"), &change).await.status, 409);

    assert_eq!(client.call("alice", &format!("DELETE {path}")).await.status, 204);
    assert_eq!(client.call("alice", &format!("DELETE {path}")).await.status, 404);
    assert_eq!(client.call("alice", &format!("GET {path}")).await.status, 404);
    assert_eq!(client.call("alice", "GET /orders").await.json["orders"], json!([]));
}

#[tokio::test]
async fn to_others_an_order_does_not_exist() {
    let client = Client::hardened();
    let path = format!("/orders/{}", client.order("alice", "no onions").await);
    for other in ["bob", "olga"] {
        for operation in ["GET PATH", "GET PATH?view=full", "GET PATH/receipt", "DELETE PATH"] {
            let theirs = client.call(other, &operation.replace("PATH", &path)).await;
            let nobodys = client.call(other, &operation.replace("PATH", NOBODY)).await;
            assert_eq!((theirs.status, theirs.text), (404, nobodys.text), "{operation}");
        }
        let change = json!({"note": "mine"});
        assert_eq!(client.post(other, &format!("PATCH {path}"), &change).await.status, 404);
        assert_eq!(client.call(other, "GET /orders").await.json["orders"], json!([]));
    }
    assert_eq!(client.call("alice", &format!("GET {path}")).await.json["note"], "no onions");
}

#[tokio::test]
async fn orders_want_what_the_document_says() {
    let client = Client::hardened();
    let line = json!({"dish": 1, "quantity": 1});
    for (body, field) in [
        (json!({"pickup": "door", "lines": [line]}), "pickup"),
        (json!({"pickup": {"table": null}, "lines": [line]}), "pickup"),
        (json!({"lines": [line]}), "pickup"),
        (json!({"pickup": "table", "lines": [[1, 1]]}), "lines[0]"),
        (json!({"pickup": "table", "lines": [{"dish": 1}]}), "lines[0].quantity"),
        (json!({"pickup": "table", "lines": []}), "lines"),
        (json!({"pickup": "table", "lines": vec![&line; 21]}), "lines"),
        (json!({"pickup": "table", "lines": [{"dish": 1, "quantity": 0}]}), "lines[0].quantity"),
        (json!({"pickup": "table", "lines": [line, {"dish": 1, "quantity": 21}]}), "lines[1].quantity"),
        (json!({"pickup": "table", "lines": [{"dish": 13, "quantity": 1}]}), "lines"),
        (json!({"pickup": "table", "lines": [{"dish": -1, "quantity": 1}]}), "lines[0].dish"),
        (json!({"pickup": "table", "lines": [{"dish": "1", "quantity": 1}]}), "lines[0].dish"),
        (json!({"pickup": "table", "lines": [line], "note": null}), "note"),
        (json!({"pickup": "table", "lines": [line], "note": "x".repeat(281)}), "note"),
        (json!({"pickup": "table", "lines": [line], "note": "a\u{0}b"}), "note"),
        (json!({"pickup": "table", "lines": [line], "owner": "bob"}), "owner"),
        (json!({"pickup": "table", "lines": [line], "Owner<b>": "bob"}), "."),
    ] {
        let answer = client.post("alice", "POST /orders", &body).await;
        assert_eq!((answer.status, answer.field()), (422, field), "{body}");
    }
    assert_eq!(client.call("alice", "GET /orders").await.json["orders"], json!([]), "nothing is left behind");
    let path = format!("/orders/{}", client.order("alice", "").await);
    for body in
        [json!({}), json!({"note": null}), json!({"status": "placed"}), json!({"total_cents": 1}), json!([])]
    {
        assert_eq!(client.post("alice", &format!("PATCH {path}"), &body).await.status, 422, "{body}");
    }
    for operation in
        ["GET PATH?view=all", "GET PATH?full=1", "GET /orders?limit=101", "GET /orders/1", "DELETE /orders/x"]
    {
        assert_eq!(client.call("alice", &operation.replace("PATH", &path)).await.status, 422, "{operation}");
    }
}

#[tokio::test]
async fn every_protected_operation_refuses_strangers() {
    let client = Client::hardened();
    let fresh = Client::hardened();
    let stranger = proofhouse_range::Config::seeded(8).accounts;
    let alice = &client.config.accounts.alice;
    let forged = format!("Bearer {}", stranger.token(alice, 60));
    let expired = format!("Bearer {}", client.config.accounts.token(alice, -1));
    let genuine = client.credential("alice");
    let none = forge(&genuine, r#"{"alg":"none","typ":"JWT"}"#, "");
    for (operation, challenge, own) in [
        ("GET /me", "Bearer", "alice"),
        ("GET /orders", "Bearer", "alice"),
        ("POST /orders", "Bearer", "alice"),
        ("POST /coupons/check", "Bearer", "alice"),
        ("GET /admin/accounts", "Bearer", "olga"),
        ("GET /reports/daily", "ApiKey", "reports"),
        ("GET /kitchen/tickets", "Basic", "kitchen"),
    ] {
        assert_ne!(fresh.call(own, operation).await.status, 401, "{operation}");
        let own = match own {
            "reports" => "Bearer x".to_owned(),
            own => client.credential(own),
        };
        for value in [
            "",
            "Bearer",
            "Bearer ",
            "Basic",
            "Basic !",
            "Basic Og==",
            &forged,
            &expired,
            &none,
            &format!("{own}, {own}"),
            &own.replacen(' ', "  ", 1),
            &format!("{own}x"),
        ] {
            let answer = client
                .send(request(operation).header("authorization", value).body(Body::empty()).unwrap())
                .await;
            assert_eq!(answer.status, 401, "{operation} {value}");
            assert!(answer.header("www-authenticate").starts_with(challenge));
        }
        let twice = request(operation).header("authorization", &own).header("authorization", &own);
        assert_eq!(client.send(twice.body(Body::empty()).unwrap()).await.status, 401);
        let binary =
            request(operation).header("authorization", HeaderValue::from_bytes(b"Bearer \xff").unwrap());
        assert_eq!(client.send(binary.body(Body::empty()).unwrap()).await.status, 401);
        assert_eq!(client.call("", operation).await.status, 401);
    }
}

/// The claims of a credential under another header and signature.
pub(crate) fn forge(bearer: &str, header: &str, signature: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let claims = bearer.split('.').nth(1).unwrap();
    format!("Bearer {}.{claims}.{signature}", URL_SAFE_NO_PAD.encode(header))
}

#[tokio::test]
async fn a_token_is_refused_for_each_thing_that_is_wrong_with_it() {
    use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
    let client = Client::hardened();
    let key = EncodingKey::from_secret(client.config.accounts.signing_key.as_bytes());
    let now = jiff::Timestamp::now().as_second();
    let claims = json!({"iss": "https://canteen.example", "aud": "canteen-api", "sub": "alice", "role": "customer", "iat": now, "exp": now + 60});
    let me = async |header: &Header, claims: &Value| {
        let token = encode(header, claims, &key).unwrap();
        let request = request("GET /me").header("authorization", format!("Bearer {token}"));
        client.send(request.body(Body::empty()).unwrap()).await.status
    };
    let header = Header::new(Algorithm::HS256);
    assert_eq!(me(&header, &claims).await, 200);
    for (claim, value) in [
        ("iss", json!("https://canteen.example/")),
        ("iss", json!(["https://canteen.example"])),
        ("aud", json!("canteen")),
        ("aud", json!([])),
        ("sub", json!("mallory")),
        ("sub", json!("Alice")),
        ("sub", json!("bob'--")),
        ("role", json!("admin")),
        ("role", json!("root")),
        ("exp", json!(now)),
        ("exp", json!(now - 1)),
        ("exp", json!(0)),
        ("exp", json!(-1)),
        ("exp", json!("9999999999")),
        ("exp", json!(null)),
        ("nbf", json!(now + 30)),
        ("iat", json!(now + 30)),
    ] {
        let mut wrong = claims.clone();
        wrong[claim] = value.clone();
        assert_eq!(me(&header, &wrong).await, 401, "{claim} {value}");
    }
    for claim in ["iss", "aud", "sub", "role", "iat", "exp"] {
        let mut less = claims.clone();
        less.as_object_mut().unwrap().remove(claim);
        assert_eq!(me(&header, &less).await, 401, "no {claim}");
    }
    let headers = [
        Header::new(Algorithm::HS512),
        Header { kid: Some("1".to_owned()), ..header.clone() },
        Header { typ: Some("at+jwt".to_owned()), ..header.clone() },
        Header { typ: None, ..header.clone() },
    ];
    for header in headers {
        assert_eq!(me(&header, &claims).await, 401, "{header:?}");
    }
    let genuine = client.credential("alice");
    for header in [r#"{"alg":"none","typ":"JWT"}"#, r#"{"alg":"nOnE","typ":"JWT"}"#, r#"{"typ":"JWT"}"#] {
        for signature in ["", genuine.rsplit('.').next().unwrap()] {
            let request = request("GET /me").header("authorization", forge(&genuine, header, signature));
            assert_eq!(client.send(request.body(Body::empty()).unwrap()).await.status, 401);
        }
    }
}

#[tokio::test]
async fn only_admins_list_accounts() {
    let client = Client::hardened();
    assert_eq!(client.call("alice", "GET /admin/accounts").await.status, 403);
    let accounts = client.call("olga", "GET /admin/accounts").await;
    assert_eq!(accounts.json["accounts"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn the_office_and_the_kitchen_see_figures() {
    let client = Client::hardened();
    client.order("alice", "private").await;
    let today = client.call("reports", "GET /reports/daily").await;
    assert_eq!((&today.json["orders"], &today.json["revenue_cents"]), (&json!(1), &json!(900)));
    assert_eq!(client.call("reports", "GET /reports/daily?date=2020-02-29").await.json["orders"], 0);
    for date in ["2021-02-29", "20200229", "today", ""] {
        let answer = client.call("reports", &format!("GET /reports/daily?date={date}")).await;
        assert_eq!((answer.status, answer.field()), (422, "date"), "{date}");
    }
    let tickets = client.call("kitchen", "GET /kitchen/tickets?limit=5").await;
    assert_eq!(tickets.json["tickets"][0]["lines"][0]["quantity"], 2);
    assert!(!tickets.text.contains("private") && !tickets.text.contains("alice"));
    assert_eq!(client.call("kitchen", "GET /kitchen/tickets?limit=51").await.status, 422);
}

#[tokio::test]
async fn coupons_are_looked_up() {
    let client = Client::hardened();
    let check = async |code: Value| client.post("bob", "POST /coupons/check", &json!({"code": code})).await;
    assert_eq!(check(json!("LUNCH10")).await.json, json!({"valid": true, "percent": 10}));
    assert_eq!(check(json!("NOSUCH1")).await.json, json!({"valid": false, "percent": 0}));
    for code in [json!("lunch10"), json!("SHORT"), json!("TOOLONGACODE1"), json!(10), json!(null)] {
        assert_eq!(check(code.clone()).await.status, 422, "{code}");
    }
}
