//! Settings that dynaconf makes.

use super::*;

const BASE: &str = "\
import dynaconf
INSTALLED_APPS = ['shop']
DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'one', 'USER': 'me'}}
settings = dynaconf.DjangoDynaconf(__name__, ENVVAR_PREFIX_FOR_DYNACONF='SHOP', load_dotenv=False)
";

/// What the apps come to: their labels, and else why they are not known.
#[track_caller]
fn check(files: &[(&str, &str)], environment: &[(&str, &str)], expected: &str) {
    let empty = ["cart", "blog", "wiki"].map(|name| format!("{name}/__init__.py"));
    let mut all: Vec<(&str, &str)> = empty.iter().map(|path| (path.as_str(), "")).collect();
    all.push(("shop/settings.py", BASE));
    all.retain(|(path, _)| !files.iter().any(|(own, _)| own == path));
    all.extend(files);
    let project = project(&all, environment);
    let labels: Vec<&str> = project.apps.iter().map(|app| app.label.as_str()).collect();
    // Where all settings may be others, the first says enough.
    let told = [labels.join(" "), messages(&project).into_iter().take(1).collect()].concat();
    assert_eq!(told, expected);
}

fn unknown(reason: &str) -> String {
    format!("the setting INSTALLED_APPS is not known: {reason}")
}

#[test]
fn files_of_python_are_laid_over_the_module() {
    check(&[], &[], "shop");
    check(&[("settings.py", "INSTALLED_APPS = ['cart']\nother = 1\n")], &[], "cart");
    check(&[("config/settings.py", "INSTALLED_APPS = ['cart']\n")], &[], "cart");
    // Of the environment that is named, and for all of them.
    let files = [
        ("settings.py", "INSTALLED_APPS = ['cart']\n"),
        ("development_settings.py", "INSTALLED_APPS = ['blog']\n"),
        ("production_settings.py", "INSTALLED_APPS = ['wiki']\n"),
    ];
    check(&files, &[], "blog");
    check(&files, &[("DJANGO_ENV", "production")], "wiki");
    check(&[files[0], ("settings.local.py", "INSTALLED_APPS = ['blog']\n")], &[], "blog");
}

#[test]
fn lists_are_joined_where_they_say_so() {
    let apps = "INSTALLED_APPS = ['cart', 'shop', 'dynaconf_merge']\n";
    check(&[("settings.py", &apps.replace("'shop', ", ""))], &[], "shop cart");
    let unique = apps.replace("dynaconf_merge", "dynaconf_merge_unique");
    check(&[("settings.py", &unique)], &[], "cart shop");
    check(&[("settings.py", "dynaconf_merge = True\nINSTALLED_APPS = ['cart']\n")], &[], "shop cart");
    check(
        &[("settings.py", "INSTALLED_APPS = '@merge cart'\n")],
        &[],
        &unknown("what @merge makes of the variable INSTALLED_APPS is not followed"),
    );
}

/// What a file in another format names may be set in it; all else is what it was.
#[test]
fn files_in_other_formats_make_unknown_what_they_name() {
    check(&[("settings.toml", "[default]\ndebug = true\n")], &[], "shop");
    let reason = unknown("it may be set in /p/settings.toml, which is not read");
    check(&[("settings.toml", "[default]\ninstalled_apps = ['cart']\n")], &[], &reason);
    check(&[("settings.toml", "INSTALLED_APPS__2 = 'cart'\n")], &[], &reason);
    let reason = unknown("it may be set in /p/.secrets.yaml, which is not read");
    check(&[(".secrets.yaml", "dynaconf_include: [more.yaml]\n")], &[], &reason);
}

#[test]
fn variables_with_the_prefix_come_last() {
    let file = ("settings.py", "INSTALLED_APPS = ['cart']\n");
    check(&[file], &[("SHOP_INSTALLED_APPS", "['blog', \"wiki\"]")], "blog wiki");
    check(&[file], &[("DYNACONF_INSTALLED_APPS", "['blog']")], "blog");
    check(&[file], &[("DJANGO_INSTALLED_APPS", "['blog']")], "cart");
    check(
        &[file],
        &[("SHOP_INSTALLED_APPS", "@merge blog")],
        &unknown("what @merge makes of the variable SHOP_INSTALLED_APPS is not followed"),
    );
    check(
        &[file],
        &[("MERGE_ENABLED_FOR_DYNACONF", "true")],
        &unknown("MERGE_ENABLED_FOR_DYNACONF of dynaconf is not followed"),
    );
}

#[test]
fn variables_reach_into_the_databases() {
    let project = project(
        &[("shop/settings.py", BASE)],
        &[
            ("SHOP_DATABASES__default__NAME", "two"),
            ("SHOP_DATABASES__DEFAULT__HOST", "db"),
            ("SHOP_DATABASES__default__PORT", "@str 5433"),
        ],
    );
    assert_eq!(url(&project, "default"), "postgresql://me@db:5433/two");
    assert!(project.asked().contains("SHOP_*"));
}

/// Names count in whatever case, and whether or not a file has them.
#[test]
fn variables_make_settings_that_no_file_has() {
    let text = BASE.replace(
        "settings = ",
        "def hook(settings):\n    return {'INSTALLED_APPS': settings.APPS}\nsettings = ",
    );
    let text = text.replace("load_dotenv=False", "load_dotenv=False, post_hooks=[hook]");
    check(&[("shop/settings.py", &text)], &[("SHOP_APPS", "['cart']")], "cart");
    check(&[("shop/settings.py", &text)], &[("SHOP_apps", "['cart']")], "cart");
    check(&[], &[("SHOP_installed_apps", "['cart']")], "cart");
    check(&[], &[("shop_INSTALLED_APPS", "['cart']")], "shop");
    let with = |prefix: &str| BASE.replace("'SHOP'", prefix);
    let (both, none) = (with("'SHOP,DYNACONF'"), with("None"));
    let given = [("SHOP_INSTALLED_APPS", "['cart']"), ("DYNACONF_INSTALLED_APPS", "['blog']")];
    check(&[("shop/settings.py", &both)], &given, "blog");
    check(&[("shop/settings.py", &none)], &given, "shop");
    check(&[("shop/settings.py", &with("''"))], &[("_INSTALLED_APPS", "['cart']")], "cart");
    check(&[("shop/settings.py", &with("''"))], &[("INSTALLED_APPS", "['cart']")], "shop");
    check(&[("shop/settings.py", &with("False"))], &[("INSTALLED_APPS", "['cart']")], "cart");
    // Which of them is later is decided by an order that nobody sees here.
    let reason =
        |one: &str, other: &str| unknown(&format!("which of {one} and {other} comes later is not known"));
    check(
        &[],
        &[("SHOP_INSTALLED_APPS", "['cart']"), ("SHOP_installed_apps", "['blog']")],
        &reason("SHOP_INSTALLED_APPS", "SHOP_installed_apps"),
    );
    check(
        &[],
        &[("SHOP_INSTALLED_APPS__a__b", "1"), ("SHOP_INSTALLED_APPS__A", "{b = 2}")],
        &reason("SHOP_INSTALLED_APPS__A", "SHOP_INSTALLED_APPS__a__b"),
    );
}

#[test]
fn variables_tell_where_to_look() {
    let files = [
        ("own.py", "INSTALLED_APPS = ['cart']\n"),
        ("other.py", "INSTALLED_APPS = ['blog']\n"),
        ("staging_own.py", "INSTALLED_APPS = ['wiki']\n"),
    ];
    let with = |more: &str| BASE.replace("load_dotenv=False", &format!("load_dotenv=False, {more}"));
    check(&files, &[("SETTINGS_FILE_FOR_DYNACONF", "own.py")], "cart");
    check(&files, &[("SETTINGS_FILES_FOR_DYNACONF", "['own.py']")], "cart");
    check(
        &files,
        &[("SETTINGS_FILES_FOR_DYNACONF", "other.py"), ("SETTINGS_FILE_FOR_DYNACONF", "own.py")],
        "cart",
    );
    // What the call names gives way to the one, not to the other; a variable of another name goes first.
    let called = with("settings_files=['other.py'], ENVVAR_FOR_DYNACONF='SHOP_FILES'");
    let called = [&files[..], &[("shop/settings.py", &called)]].concat();
    check(&called, &[("SETTINGS_FILES_FOR_DYNACONF", "own.py")], "blog");
    check(&called, &[("SETTINGS_FILE_FOR_DYNACONF", "own.py")], "cart");
    check(&called, &[("SETTINGS_FILE_FOR_DYNACONF", "own.py"), ("SHOP_FILES", "other.py")], "blog");
    let named = [("SETTINGS_FILE_FOR_DYNACONF", "own.py"), ("ENV_FOR_DYNACONF", "staging")];
    check(&files, &named, "wiki");
    check(&files, &[named[0], named[1], ("DJANGO_ENV", "production")], "cart");
    let called = with("ENV_FOR_DYNACONF='production'");
    check(&[&files[..], &[("shop/settings.py", &called)]].concat(), &named, "cart");
}

#[test]
fn hooks_are_called_with_the_settings() {
    let hook = |body: &str| {
        let text = BASE.replace("settings = ", &format!("def hook(settings):\n{body}\nsettings = "));
        text.replace("load_dotenv=False", "load_dotenv=False, post_hooks=[hook]")
    };
    let join = "    data = {'dynaconf_merge': True}\n    if 'SAML' in settings:\n        data['INSTALLED_APPS'] = ['cart']\n    return data";
    check(&[("shop/settings.py", &hook(join))], &[], "shop");
    check(&[("shop/settings.py", &hook(join)), ("settings.py", "SAML = {}\n")], &[], "shop cart");
    check(&[("shop/settings.py", &hook(join))], &[("SHOP_SAML", "{}")], "shop cart");
    let asks = "    return {'INSTALLED_APPS': [settings.APP, settings.get('OTHER', 'blog')]}";
    check(&[("shop/settings.py", &hook(asks)), ("settings.py", "APP = 'wiki'\n")], &[], "wiki blog");
    // What one gives that cannot be known is whatever it names.
    let lost = "    return read_all()";
    check(&[("shop/settings.py", &format!("from time import read_all\n{}", hook(lost)))], &[], "shop");
    let lost = "    return read_all('INSTALLED_APPS')";
    check(
        &[("shop/settings.py", &format!("from time import read_all\n{}", hook(lost)))],
        &[],
        &unknown("what the hook hook gives is not known"),
    );
}

/// As in pulp: settings that are read first decide what else is read.
#[test]
fn an_object_of_settings_answers_what_it_is_asked() {
    let text = "\
from dynaconf import Dynaconf, Validator
first = Dynaconf(ENVVAR_PREFIX_FOR_DYNACONF='SHOP', ENVVAR_FOR_DYNACONF='SHOP_SETTINGS', load_dotenv=False,
                 validators=[Validator('ENABLED', is_type_of=list)])
enabled = first.get('ENABLED', None)
INSTALLED_APPS = ['shop'] + [name for name in ('cart', 'blog') if enabled is None or name in enabled]
if first.exists('WIKI') and first['WIKI']:
    INSTALLED_APPS.append('wiki')
";
    check(&[("shop/settings.py", text)], &[], "shop cart blog");
    check(&[("shop/settings.py", text)], &[("SHOP_ENABLED", "['blog']")], "shop blog");
    check(
        &[("shop/settings.py", text), ("own.py", "ENABLED = ['cart']\nWIKI = True\n")],
        &[("SHOP_SETTINGS", "/p/own.py")],
        "shop cart wiki",
    );
    check(
        &[("shop/settings.py", &text.replace("is_type_of=list", "default=['cart']"))],
        &[],
        &unknown("what a validator makes of ENABLED is not followed"),
    );
}

/// Modules that are read before the files of the user.
#[test]
fn modules_are_preloaded() {
    let text = BASE.replace("load_dotenv=False", "PRELOAD_FOR_DYNACONF=['cart.settings']");
    let preload = "INSTALLED_APPS = ['cart', 'dynaconf_merge']\nDEBUG__X = 1\n";
    check(&[("shop/settings.py", &text), ("cart/settings.py", preload)], &[], "shop cart");
    let own = ("settings.py", "INSTALLED_APPS = ['blog']\n");
    check(&[("shop/settings.py", &text), ("cart/settings.py", preload), own], &[], "blog");
}
