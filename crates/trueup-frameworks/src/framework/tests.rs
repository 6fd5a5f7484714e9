//! What tools arrange before their first migration, as their own configuration says it.

use crate::testing::project;

/// `path / default schema / schemas that are made` on a database whose URL says nothing.
fn preparation(framework: &str, files: &[(&str, &str)]) -> String {
    let (_, history) = project(files).history(framework);
    let names =
        |list: Vec<trueup_model::Ident>| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let preparation = history.preparation;
    format!("{} / {}", names(preparation.search_path_on(&[])), names(preparation.schemas_on(&[])))
}

#[test]
fn flyway_puts_its_default_schema_in_front_and_makes_it() {
    for (settings, expected) in [
        ("flyway.locations=filesystem:sql\n", " / "),
        ("flyway.defaultSchema=shop\n", "shop,$user,public / shop"),
        ("flyway.schemas=shop,audit\n", "shop,$user,public / shop,audit"),
        ("flyway.schemas=audit\nflyway.defaultSchema=shop\n", "shop,$user,public / shop,audit"),
        ("flyway.schemas=shop\nflyway.createSchemas=false\n", "shop,$user,public / "),
        (
            "flyway.defaultSchema=shop\nflyway.url=jdbc:postgresql://h/db?currentSchema=app\n",
            "shop,app / shop",
        ),
        ("flyway.defaultSchema=${SCHEMA}\n", " / "),
    ] {
        let files = [("flyway.conf", settings), ("sql/V1__a.sql", "SELECT 1;")];
        assert_eq!(preparation("flyway", &files), expected, "{settings}");
    }
    let spring = "spring:\n  flyway:\n    default-schema: shop\n    create-schemas: false\n";
    let files = [
        ("src/main/resources/application.yml", spring),
        ("src/main/resources/db/migration/V1__a.sql", "SELECT 1;"),
    ];
    assert_eq!(preparation("flyway", &files), "shop,$user,public / ");
}

#[test]
fn prisma_works_in_the_schema_of_its_url_and_makes_it() {
    for (url, expected) in
        [("postgresql://h/db", " / "), ("postgresql://h/db?schema=Shop&connection_limit=1", "Shop / Shop")]
    {
        let schema = format!("datasource db {{\n  url = \"{url}\"\n}}\n");
        let files =
            [("prisma/schema.prisma", schema.as_str()), ("prisma/migrations/1_a/migration.sql", "SELECT 1;")];
        assert_eq!(preparation("prisma", &files), expected, "{url}");
    }
}

#[test]
fn other_tools_take_the_search_path_of_their_url() {
    let goose = ("migrations/1_a.sql", "-- +goose Up\nSELECT 1;\n");
    let dbmate = ("db/migrations/1_a.sql", "-- migrate:up\nSELECT 1;\n");
    let sqlx = ("Cargo.toml", "[dependencies]\nsqlx = \"0.8\"\n");
    let refinery = ("Cargo.toml", "[dependencies]\nrefinery = \"0.9\"\n");
    let options = "DATABASE_URL=postgres://h/db?options=-c%20search_path%3Dshop\n";
    let parameter = "DATABASE_URL=postgres://h/db?search_path=shop,public\n";
    for (framework, environment, files, expected) in [
        ("golang-migrate", parameter, vec![("migrations/1_a.up.sql", "SELECT 1;")], "shop,public / "),
        ("goose", "GOOSE_DBSTRING=\"host=h search_path=shop\"\n", vec![goose], "shop / "),
        ("goose", parameter, vec![goose], "shop,public / "),
        ("dbmate", parameter, vec![dbmate], "shop,public / shop"),
        (
            "dbmate",
            &format!("{parameter}DBMATE_MIGRATIONS_TABLE=app.done\n"),
            vec![dbmate],
            "shop,public / app",
        ),
        ("sqlx", options, vec![sqlx, ("migrations/1_a.sql", "SELECT 1;")], "shop / "),
        ("diesel", options, vec![("migrations/1_a/up.sql", "SELECT 1;")], "shop / "),
        ("refinery", options, vec![refinery, ("migrations/V1__a.sql", "SELECT 1;")], "shop / "),
        ("plain", options, vec![("migrations/1_a.sql", "SELECT 1;")], "shop / "),
        ("plain", "OTHER=1\n", vec![("migrations/1_a.sql", "SELECT 1;")], " / "),
    ] {
        let mut files = files;
        files.push((".env", environment));
        assert_eq!(preparation(framework, &files), expected, "{framework} {environment}");
    }
    let files = [
        ("sqlx.toml", "[migrate]\ncreate-schemas = [\"shop\", \"audit\"]\n"),
        ("migrations/1_a.sql", "SELECT 1;"),
    ];
    assert_eq!(preparation("sqlx", &files), " / shop,audit");
}
