//! What Prisma's schema file says about the database, and where it is.

use camino::Utf8Path;
use trueup_model::Ident;

use crate::folder::{self, shown};
use crate::settings::{UrlHint, dotenv, read_text};
use crate::url;

/// `"prisma": { "schema": "db/schema.prisma" }` in `package.json`.
pub(crate) fn place_in_package(text: &str) -> Option<String> {
    let after = &text[text.find("\"prisma\"")?..];
    let block = after.split_once('{').filter(|(name, _)| name.trim_end().ends_with(':'))?.1;
    let block = &block[..block.find('}')?];
    let value = block.split_once("\"schema\"")?.1.trim_start().strip_prefix(':')?.trim_start();
    let value = value.strip_prefix('"')?;
    Some(value[..value.find('"')?].to_owned())
}

/// The URL without what only Prisma understands.
pub(crate) fn url_hint(root: &Utf8Path, migrations: &Utf8Path) -> Option<UrlHint> {
    let written = written_url(root, migrations)?;
    Some(UrlHint::new(without_prisma_options(written.reveal()), written.source))
}

/// `?schema=shop`: the whole search path, to the letter.
pub(crate) fn schema(root: &Utf8Path, migrations: &Utf8Path) -> Option<Ident> {
    let written = written_url(root, migrations)?;
    url::parameter(written.reveal(), "schema").filter(|schema| !schema.is_empty()).map(Ident::new)
}

/// `url = env("NAME")` with the variable from `.env`, or `url = "…"`.
fn written_url(root: &Utf8Path, migrations: &Utf8Path) -> Option<UrlHint> {
    let beside = migrations.parent()?;
    let files = folder::files(beside).ok()?;
    for entry in files.iter().filter(|entry| entry.name.ends_with(".prisma")) {
        let text = read_text(&entry.path).unwrap_or_default();
        let Some(block) = text.split_once("datasource ").map(|(_, rest)| rest) else { continue };
        let block = block.split('}').next().unwrap_or_default();
        // Migrations go past a pooler where the schema names both.
        for setting in ["directUrl", "url"] {
            let Some(value) = setting_of(block, setting) else { continue };
            let source = format!("{setting} in {}", shown(root, &entry.path));
            if let Some(url) = value.strip_prefix('"').and_then(|rest| rest.split('"').next()) {
                return Some(UrlHint::new(url, source));
            }
            if let Some(name) = value.strip_prefix("env(").and_then(|rest| rest.split('"').nth(1))
                && let Some(hint) = from_environment(root, beside, name)
            {
                return Some(hint);
            }
        }
    }
    from_environment(root, beside, "DATABASE_URL")
}

fn setting_of<'a>(block: &'a str, name: &str) -> Option<&'a str> {
    block.lines().find_map(|line| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == name).then(|| value.trim())
    })
}

fn from_environment(root: &Utf8Path, folder: &Utf8Path, name: &str) -> Option<UrlHint> {
    let (file, settings) = dotenv(root, folder)?;
    let value = settings.get(name).filter(|value| !value.is_empty() && !value.contains("${"))?;
    Some(UrlHint::new(value, format!("{name} in {file}")))
}

/// Options that only Prisma knows would be refused by everyone else.
fn without_prisma_options(url: &str) -> String {
    const OWN: &[&str] = &[
        "schema",
        "connection_limit",
        "pool_timeout",
        "pgbouncer",
        "socket_timeout",
        "statement_cache_size",
        "sslidentity",
        "sslpassword",
        "sslaccept",
    ];
    let Some((base, options)) = url.split_once('?') else { return url.to_owned() };
    let kept: Vec<&str> = options
        .split('&')
        .filter(|option| !OWN.contains(&option.split('=').next().unwrap_or_default()))
        .collect();
    if kept.is_empty() { base.to_owned() } else { format!("{base}?{}", kept.join("&")) }
}
