//! Scripts with all that a careless tool, or a careless writer for it, would trip over.

use trueup_model::repair::{Script, ScriptPart};

/// Comments that some tool would take for its own marks. That of sqlx counts on the first line only.
const COMMENTS: &[&str] =
    &["no-transaction", "make it; -- migrate:down", "+goose Down ${x}", "größer 🦀 $1 :x {{ y }} */"];

fn parts(texts: &[&str]) -> Vec<ScriptPart> {
    let alone = |text: &str| text.contains("CONCURRENTLY") || text.contains("ADD VALUE");
    texts
        .iter()
        .zip(COMMENTS.iter().cycle())
        .map(|(text, comment)| ScriptPart::new(*comment, *text, !alone(text)))
        .collect()
}

fn script(up: &[&str], down: Result<&[&str], &str>) -> Script {
    Script {
        title: "Repair public.größen; ${x}".to_owned(),
        head: COMMENTS.iter().map(|line| (*line).to_owned()).collect(),
        up: parts(up),
        down: down.map(parts).map_err(str::to_owned),
    }
}

const FUNCTION: &str = "CREATE FUNCTION public.f(n int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
-- migrate:down
-- +goose Down
  -- ünï; 🦀
  RETURN 'a;b ${x} $1 :n' || n;
END
$$";

const ATOMIC: &str =
    "CREATE FUNCTION public.g() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END";

const GUARDED: &str = "DO $guard$ BEGIN
  EXECUTE $x$ALTER TABLE public.customers ADD COLUMN name text DEFAULT ';--''$$'$x$;
END $guard$";

const COMMENT: &str = "COMMENT ON TABLE public.customers IS 'a\r\nb\n-- migrate:up transaction:false\n-- no-transaction\n\\i x ${flyway:table} ü🦀;\n'";

const TABLE: &str = "CREATE TABLE public.\"we;ird \"\"${t}\"\" ü\" (\"--\" int DEFAULT 7, c text DEFAULT '\\', d text DEFAULT E'x\\r;\\n''')";

/// With one statement back for each of them.
pub fn hostile() -> Script {
    script(
        &[
            FUNCTION,
            ATOMIC,
            GUARDED,
            COMMENT,
            TABLE,
            "INSERT INTO public.customers (email) VALUES ('$1 ${y}; -- migrate:down')",
            "CREATE INDEX CONCURRENTLY customers_email ON public.customers (email)",
            "CREATE UNIQUE INDEX CONCURRENTLY \"ü;${x} -- y\" ON public.customers (lower(email)) WHERE email <> ';'",
            "ALTER TABLE public.customers -- migrate:down
               ADD COLUMN further text /* ; */",
        ],
        Ok(&[
            "ALTER TABLE public.customers DROP COLUMN further",
            "DROP INDEX CONCURRENTLY public.\"ü;${x} -- y\"",
            "DROP INDEX CONCURRENTLY public.customers_email",
            "DELETE FROM public.customers WHERE email LIKE '%${y}; -- migrate:down'",
            "DROP TABLE public.\"we;ird \"\"${t}\"\" ü\"",
            "COMMENT ON TABLE public.customers IS NULL",
            "DO $$ BEGIN ALTER TABLE public.customers DROP COLUMN name; END $$",
            "DROP FUNCTION public.g()",
            "DROP FUNCTION public.f",
        ]),
    )
}

/// What tools can run that know nothing but transactions.
pub fn within(script: &Script) -> Script {
    let mut script = script.clone();
    script.up.retain(|part| part.transactional);
    if let Ok(down) = &mut script.down {
        down.retain(|part| part.transactional);
    }
    script
}

/// Fewer statements back than there are up.
pub fn together() -> Script {
    script(
        &[
            "CREATE TABLE public.one (a int)",
            "CREATE INDEX CONCURRENTLY one_a ON public.one (a)",
            "CREATE TABLE public.two (a int)",
        ],
        Ok(&["DROP TABLE public.one, public.two"]),
    )
}

pub fn harmless() -> Script {
    script(&["CREATE TABLE public.one (a int)"], Ok(&["DROP TABLE public.one"]))
}

pub fn one_way() -> Script {
    script(
        &[
            "ALTER TYPE public.mood ADD VALUE 'fine; ${x} ü'",
            "ALTER TABLE public.customers DROP COLUMN email",
        ],
        Err("its rows are gone; $trueup$ 'q' ü"),
    )
}

/// The second statement fails.
pub fn failing() -> Script {
    script(
        &["CREATE TABLE public.one (a int)", "ALTER TABLE public.customers ADD COLUMN email text"],
        Ok(&["ALTER TABLE public.customers DROP COLUMN email", "DROP TABLE public.one"]),
    )
}
