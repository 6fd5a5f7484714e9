//! Passwords that are right, wrong or missing, and roles that may not come in.

use std::sync::OnceLock;

use trueup_database::connect::Problem;
use trueup_testing::servers::Server;

use super::secure::{self, Certificates, ENCODED};
use super::{refusal, session, value};

/// One server for all tests of logins and encryption.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let (certificate, key) = signed_for_tests();
        let clients = clients().as_ref().pem();
        secure::server(17, &Certificates { server: certificate, key, clients })
    })
}

/// The authority of the server's certificate.
pub fn servers() -> &'static secure::Authority {
    static AUTHORITY: OnceLock<secure::Authority> = OnceLock::new();
    AUTHORITY.get_or_init(|| secure::authority("authority of servers"))
}

/// The authority of clients' certificates.
pub fn clients() -> &'static secure::Authority {
    static AUTHORITY: OnceLock<secure::Authority> = OnceLock::new();
    AUTHORITY.get_or_init(|| secure::authority("authority of clients"))
}

fn signed_for_tests() -> (String, String) {
    let names = ["db.example.com", "*.pool.example.com", "127.0.0.1"];
    let (certificate, key) = secure::signed(servers(), "subject.example.com", &names);
    (certificate, key.serialize_pem())
}

fn url(user: &str, database: &str) -> String {
    format!("postgres://{user}@127.0.0.1:{}/{database}", server().port())
}

fn with_password(user: &str, database: &str) -> String {
    url(&format!("{user}:{ENCODED}"), database)
}

#[test]
fn every_way_to_give_a_password_works() {
    for user in ["ann", "by_md5", "by_text", "only_encrypted", "only_plain"] {
        assert_eq!(value(&mut session(&with_password(user, "shop")), "select current_user"), user);
    }
    // The same password as nobody should write it, and everybody does.
    assert_eq!(value(&mut session(&url("ann:hunter2@/?#%", "shop")), "select current_user"), "ann");
}

#[test]
fn wrong_and_missing_passwords() {
    for user in ["ann", "by_md5", "by_text", "only_encrypted"] {
        let problem = |error: trueup_database::ConnectError| error.problem().clone();
        let user = user.to_owned();
        assert_eq!(
            problem(refusal(&url(&format!("{user}:wrong"), "shop"))),
            Problem::WrongPassword { user: user.clone() }
        );
        assert_eq!(problem(refusal(&url(&user, "shop"))), Problem::PasswordMissing { user });
    }
}

#[test]
fn roles_that_may_not_come_in() {
    let error = refusal(&with_password("stranger", "shop"));
    assert!(matches!(error.problem(), Problem::RoleRefused { .. }), "{error}");
    assert!(
        error.to_string().contains("`create role stranger login` or `alter role stranger login`"),
        "{error}"
    );
    let error = refusal(&with_password("barred", "shop"));
    assert!(matches!(error.problem(), Problem::RoleRefused { .. }), "{error}");
    // A role that does not exist looks like a wrong password where passwords are asked for.
    let error = refusal(&with_password("unnamed", "shop"));
    assert!(error.to_string().contains("is wrong, or there is no such role"), "{error}");
    let error = refusal(&with_password("limited", "shop"));
    assert!(matches!(error.problem(), Problem::TooManyConnections { .. }), "{error}");
    let error = refusal(&with_password("ann", "closed"));
    assert!(error.to_string().contains("`grant connect on database closed to ann`"), "{error}");
}

#[test]
fn no_entry_in_pg_hba() {
    let error = refusal(&with_password("no_entry", "shop"));
    assert!(matches!(error.problem(), Problem::NoEntry { encrypted: true, .. }), "{error}");
    let error = refusal(&format!("{}?sslmode=disable", with_password("no_entry", "shop")));
    assert!(matches!(error.problem(), Problem::NoEntry { encrypted: false, .. }), "{error}");
    // Each of them is let in one way only, and the reason is about the way that was asked for.
    let error = refusal(&format!("{}?sslmode=disable", with_password("only_encrypted", "shop")));
    assert!(error.to_string().contains("sslmode=require in the URL"), "{error}");
    let error = refusal(&format!("{}?sslmode=require", with_password("only_plain", "shop")));
    assert!(matches!(error.problem(), Problem::NoEntry { encrypted: true, .. }), "{error}");
    let error = refusal(&url("only_encrypted:wrong", "shop"));
    assert!(matches!(error.problem(), Problem::WrongPassword { .. }), "{error}");
}

#[test]
fn databases_that_do_not_exist_are_answered_with_those_that_do() {
    for (database, expected) in [
        ("shpo", "did you mean \"shop\"?"),
        ("Shop", "did you mean \"shop\" or \"shop_staging\"?"),
        ("shop_stagin", "did you mean \"shop_staging\""),
        ("warehouse", "it has closed, postgres, shop, shop_staging; `createdb warehouse` makes it"),
        ("ware house", "`createdb 'ware house'` makes it"),
    ] {
        let error = refusal(&with_password("ann", database)).to_string();
        assert!(error.contains(&format!("there is no database {database:?} on this server")), "{error}");
        assert!(error.contains(expected), "{expected}\n{error}");
    }
}
