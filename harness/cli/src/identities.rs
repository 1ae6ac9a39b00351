//! Identities as `proofhouse.toml` has them.

use proofhouse::identity::{Certificate, Identity, Login, Refresh, SendAs, Spec};
use proofhouse::surface::Location;

use crate::config::{IdentityTable, RefreshTable, read_indirect};

pub(crate) fn identity(name: &str, table: &IdentityTable) -> Result<Identity, String> {
    let mut specs = Vec::new();
    if let Some(token) = &table.bearer {
        specs.push(Spec::Bearer(read_indirect(token)?.into()));
    }
    if let Some(basic) = &table.basic {
        specs.push(Spec::Basic {
            username: basic.username.clone(),
            password: read_indirect(&basic.password)?.into(),
        });
    }
    if let Some(key) = &table.api_key {
        let places =
            [(Location::Header, &key.header), (Location::Query, &key.query), (Location::Cookie, &key.cookie)];
        let mut named = places.into_iter().filter_map(|(location, name)| Some((location, name.clone()?)));
        let (Some((location, name)), None) = (named.next(), named.next()) else {
            return Err("api_key names one of header, query and cookie".to_owned());
        };
        specs.push(Spec::ApiKey { location, name, value: read_indirect(&key.value)?.into() });
    }
    if let Some(login) = &table.login {
        specs.push(Spec::Login(self::login(login)?));
    }
    if let Some(oauth2) = &table.oauth2 {
        specs.push(Spec::Login(self::oauth2(oauth2)?));
    }
    if let Some(user) = &table.user {
        let password = read_indirect(&user.password)?.into();
        specs.push(Spec::User { username: user.username.clone(), password });
    }
    let count = specs.len();
    let certificate = table.certificate.as_ref();
    let spec = match (specs.pop(), count) {
        (Some(spec), 1) => spec,
        (None, _) if certificate.is_some() => Spec::Certificate,
        _ => {
            return Err(format!(
                "one of user, bearer, basic, api_key, login and oauth2 is needed, or a certificate, and there are \
                 {count}"
            ));
        }
    };
    let certificate = certificate.map(|table| -> Result<_, String> {
        let (chain, key) = (read_indirect(&table.chain)?, read_indirect(&table.key)?.into());
        Ok(Certificate { chain, key })
    });
    if table.tenant.is_some() {
        // Read, so that a file for a later version is not refused.
    }
    Ok(Identity {
        name: name.to_owned(),
        role: table.role.clone(),
        disposable: table.disposable,
        spec,
        certificate: certificate.transpose()?,
    })
}

fn oauth2(table: &crate::config::OAuth2Table) -> Result<Login, String> {
    let path = table.token.strip_prefix("POST ").unwrap_or(&table.token);
    let secret = table.client_secret.as_deref().map(read_indirect).transpose()?;
    let mut login = Login::oauth2(path, &table.client_id, secret.as_deref().unwrap_or_default())?;
    if !table.scopes.is_empty() {
        login.body["scope"] = table.scopes.join(" ").into();
    }
    if let (Some(username), Some(password)) = (&table.username, &table.password) {
        login.body["grant_type"] = "password".into();
        login.body["username"] = username.as_str().into();
        login.body["password"] = read_indirect(password)?.into();
    } else if let Some(token) = &table.refresh_token {
        // What nobody gives a password for is renewed, and never asked for anew.
        login = login.by_refresh_token(read_indirect(token)?);
    } else if secret.is_none() {
        return Err("oauth2 needs a client_secret, a username with a password, or a refresh_token".to_owned());
    }
    Ok(login)
}

fn login(table: &crate::config::LoginTable) -> Result<Login, String> {
    let (method, path) = table.request.split_once(' ').ok_or("login.request is written METHOD /path")?;
    let (body, form) = match (&table.json, &table.form) {
        (Some(body), None) => (body, false),
        (None, Some(body)) => (body, true),
        _ => return Err("login has one of json and form".to_owned()),
    };
    let send = match &table.send {
        None => SendAs::default(),
        Some(text) => {
            let (name, template) = text.split_once(':').ok_or("login.send is written `Header: value {}`")?;
            let template = template.trim().to_owned();
            if !template.contains("{}") {
                return Err("login.send needs {} where the token goes".to_owned());
            }
            SendAs { location: Location::Header, name: name.trim().to_owned(), template }
        }
    };
    Ok(Login {
        method: method.to_uppercase(),
        path: path.to_owned(),
        body: read_texts(body)?,
        form,
        take: table.take.clone(),
        send,
        refresh: table.refresh.as_ref().map(refresh).transpose()?.map(Box::new),
        ..Login::default()
    })
}

fn refresh(table: &RefreshTable) -> Result<Refresh, String> {
    let (method, path) =
        table.request.split_once(' ').ok_or("login.refresh.request is written METHOD /path")?;
    let body = read_texts(&table.body)?;
    if !body.to_string().contains(&format!("\"{}\"", Refresh::TOKEN)) {
        return Err("login.refresh.body needs a member \"{}\", where the refresh token goes".to_owned());
    }
    Ok(Refresh {
        method: method.to_uppercase(),
        path: path.to_owned(),
        body,
        take: table.take.clone(),
        given: None,
    })
}

fn read_texts(json: &serde_json::Value) -> Result<serde_json::Value, String> {
    use serde_json::Value as Json;
    Ok(match json {
        Json::String(text) => Json::String(read_indirect(text)?),
        Json::Array(items) => Json::Array(items.iter().map(read_texts).collect::<Result<_, _>>()?),
        Json::Object(members) => {
            let members = members.iter().map(|(key, value)| Ok((key.clone(), read_texts(value)?)));
            Json::Object(members.collect::<Result<_, String>>()?)
        }
        other => other.clone(),
    })
}
