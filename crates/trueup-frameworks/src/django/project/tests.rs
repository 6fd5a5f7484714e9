//! Projects as they are found.

mod dynaconf;
mod entry_points;
mod obstacles;

use std::collections::BTreeMap;
use std::rc::Rc;

use super::*;
use crate::python::Memory;

const MANAGE: &str = "\
import os, sys
def main():
    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')
    from django.core.management import execute_from_command_line
    execute_from_command_line(sys.argv)
if __name__ == '__main__':
    main()
";

/// A project with these files, beside an environment with Django 5.2.
fn project(files: &[(&str, &str)], environment: &[(&str, &str)]) -> Project {
    read(&request(files, environment)).unwrap_or_else(|error| panic!("{error}"))
}

fn request(files: &[(&str, &str)], environment: &[(&str, &str)]) -> Request {
    let site = ".venv/lib/python3.11/site-packages";
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    all.insert("manage.py".to_owned(), MANAGE.to_owned());
    all.insert("shop/__init__.py".to_owned(), String::new());
    all.insert(format!("{site}/django/__init__.py"), "VERSION = (5, 2, 1, \"final\", 0)\n".to_owned());
    for (path, text) in files {
        all.insert((*path).to_owned(), (*text).to_owned());
    }
    let files = Memory::new(all.into_iter().map(|(path, text)| (format!("/p/{path}"), text)));
    let environment =
        environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mut request = Request::new("/p", environment);
    request.files = Rc::new(files);
    request
}

fn messages(project: &Project) -> Vec<String> {
    project.findings.iter().filter_map(|finding| finding.found.clone()).collect()
}

fn url(project: &Project, alias: &str) -> String {
    match &project.databases[alias].url {
        Ok(url) => url.reveal().to_owned(),
        Err(problem) => problem.to_string(),
    }
}

/// The configuration may be one of another module. Functions that an `apps.py` imports are not followed for that: here
/// that would be seen.
#[test]
fn a_configuration_that_is_imported_counts() {
    let apps = "from shop.base import check_all, Imported, helper\n";
    for (base, label) in [
        ("def check_all():\n    pass\n", "cart"),
        ("def helper():\n    pass\nhelper = Other\n", "other"),
        ("def helper():\n    pass\nclass helper(Other):\n    label = 'more'\n", "more"),
    ] {
        let imported = if label == "cart" {
            "class Imported(AppConfig):\n    name, label = 'shop', 'cart'\n"
        } else {
            ""
        };
        let base = format!(
            "from django.apps import AppConfig\nclass Other(AppConfig):\n    name, label = 'shop', 'other'\n{imported}{base}"
        );
        let project = project(
            &[
                ("settings.py", "INSTALLED_APPS = ['shop']\n"),
                (
                    "manage.py",
                    "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n# django\n",
                ),
                ("shop/__init__.py", ""),
                ("shop/base.py", &base),
                ("shop/apps.py", apps),
            ],
            &[],
        );
        assert_eq!(project.apps[0].label, label, "{base}");
    }
    let project = project(
        &[
            ("settings.py", "INSTALLED_APPS = ['shop']\n"),
            (
                "manage.py",
                "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n# django\n",
            ),
            ("shop/__init__.py", ""),
            ("shop/checks.py", "def check_all(:\n    pass\n"),
            ("shop/apps.py", "from shop.checks import check_all\n"),
        ],
        &[],
    );
    assert_eq!(messages(&project), Vec::<String>::new());
}

/// One line that names a function a hundred thousand times takes no longer than as many lines.
#[test]
fn long_lines_are_looked_through_once() {
    let checks = format!("#{}\ndef check_all():\n    pass\n", " check_all".repeat(100_000));
    let project = project(
        &[
            ("settings.py", "INSTALLED_APPS = ['shop']\n"),
            (
                "manage.py",
                "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\n# django\n",
            ),
            ("shop/__init__.py", ""),
            ("shop/checks.py", &checks),
            ("shop/apps.py", "from shop.checks import check_all\n"),
        ],
        &[],
    );
    assert_eq!(project.apps[0].label, "shop");
}

/// One package brings Django and others in a folder of its own, and the project has a folder of apps.
#[test]
fn folders_that_manage_adds_are_looked_into() {
    let manage = "\
import os, sys
import suite
if __name__ == '__main__':
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), 'apps'))
    sys.path.insert(0, os.path.join(os.path.dirname(suite.__file__), 'dist'))
    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')
";
    let suite = ".venv/lib/python3.11/site-packages/suite";
    let project = project(
        &[
            ("manage.py", manage),
            ("shop/settings.py", "INSTALLED_APPS = ['basket', 'brought']\n"),
            ("apps/basket/__init__.py", ""),
            (&format!("{suite}/__init__.py"), ""),
            (&format!("{suite}/dist/brought/__init__.py"), ""),
            (&format!("{suite}/dist/django/__init__.py"), "VERSION = (3, 2, 25, 'final', 0)\n"),
        ],
        &[],
    );
    assert_eq!(messages(&project), Vec::<String>::new());
    assert_eq!(project.django, Version::parse("3.2.25"));
    let folders: Vec<String> =
        project.apps.iter().filter_map(|app| app.path.clone()).map(|path| path.to_string()).collect();
    assert_eq!(folders, ["/p/apps/basket", &format!("/p/{suite}/dist/brought")]);
    assert!(project.apps[0].of_project && !project.apps[1].of_project);
}

#[test]
fn a_project_is_read_with_its_apps_and_its_database() {
    let settings = "\
from .base import *
DATABASES = {'default': {'ENGINE': 'django.db.backends.postgresql', 'NAME': 'shop', 'USER': 'ann', 'PASSWORD': 'p@ss',
    'HOST': 'db', 'PORT': 6432, 'OPTIONS': {'options': '-c search_path=a'}}, 'old': {'ENGINE': 'django.db.backends.mysql'}}
INSTALLED_APPS += ['django.forms', 'basket.apps.Basket', 'plain', 'moved', 'off', 'bare']
MIGRATION_MODULES = {'moved': 'shop.moved_migrations', 'off': None}
AUTH_USER_MODEL = 'users.User'
";
    let apps = "\
from django.apps import AppConfig
class Basket(AppConfig):
    name = 'basket'
    label = 'cart'
    default_auto_field = 'django.db.models.BigAutoField'
class Other(AppConfig):
    name = 'basket'
    default = False
";
    let project = project(
        &[
            ("shop/settings.py", settings),
            ("shop/base.py", "INSTALLED_APPS = ['users']\n"),
            ("users/__init__.py", ""),
            (
                "users/apps.py",
                "from django.apps import AppConfig as Base\nclass U(Base):\n    name = 'users'\n",
            ),
            ("users/migrations/__init__.py", ""),
            ("users/migrations/0001_initial.py", ""),
            ("users/migrations/_helper.py", ""),
            ("users/migrations/0002_more.py", ""),
            ("users/migrations/notes.txt", ""),
            ("basket/__init__.py", ""),
            ("basket/apps.py", apps),
            ("plain/__init__.py", ""),
            ("moved/__init__.py", ""),
            ("shop/moved_migrations/__init__.py", ""),
            ("off/__init__.py", ""),
            ("bare/__init__.py", ""),
            ("bare/migrations/0001_initial.py", ""),
        ],
        &[],
    );
    assert_eq!(project.settings_module, "shop.settings");
    assert_eq!(project.settings_source, SettingsSource::File("manage.py".to_owned()));
    assert_eq!(project.django, Some(Version { major: 5, minor: 2, patch: 1 }));
    assert_eq!(project.environment.python, Some((3, 11)));
    assert_eq!(project.auth_user_model, "users.User");
    assert_eq!(project.default_auto_field, "django.db.models.AutoField");
    let apps: Vec<String> = project
        .apps
        .iter()
        .map(|app| {
            let files: Vec<&str> = app.files().iter().map(|file| file.name.as_str()).collect();
            format!("{} {} {:?} {}", app.label, app.name, app.default_auto_field, files.join(","))
        })
        .collect();
    assert_eq!(
        apps,
        [
            "users users None 0001_initial,0002_more",
            "forms django.forms None ",
            "cart basket Some(\"django.db.models.BigAutoField\") ",
            "plain plain None ",
            "moved moved None ",
            "off off None ",
            "bare bare None ",
        ]
    );
    assert_eq!(project.apps[5].migrations, Migrations::Disabled);
    assert!(
        matches!(&project.apps[3].migrations, Migrations::Missing { module } if module == "plain.migrations")
    );
    assert!(
        matches!(&project.apps[4].migrations, Migrations::Package { module, .. } if module == "shop.moved_migrations")
    );
    assert!(
        matches!(&project.apps[6].migrations, Migrations::Uninitialised { files, .. } if files.len() == 1)
    );
    assert_eq!(url(&project, "default"), "postgresql://ann:p%40ss@db:6432/shop?options=-c%20search_path%3Da");
    assert_eq!(url(&project, "old"), "its engine is django.db.backends.mysql, which is not PostgreSQL");
    assert_eq!(
        messages(&project),
        ["the folder bare/migrations has no __init__.py: Django takes bare for an app without migrations"]
    );
}

#[test]
fn the_environment_and_its_libraries_are_read_with_their_defaults() {
    let settings = "\
import os, environ, dj_database_url
from decouple import config, Csv
from dotenv import load_dotenv
from pathlib import Path
load_dotenv(Path(__file__).parent / 'more.env')
env = environ.Env(DEBUG=(bool, False))
environ.Env.read_env(os.path.join(os.path.dirname(os.path.dirname(__file__)), '.env'))
DEBUG = env('DEBUG')
DATABASES = {
    'default': env.db('DATABASE_URL', default='postgres://a@b/c'),
    'dj': dj_database_url.config(env='DJ_URL', default='postgis://u:p@h:1/n', conn_max_age=600),
    'secret': {'ENGINE': 'django.db.backends.postgresql', 'NAME': os.environ['SECRET_NAME']},
}
HOSTS = config('HOSTS', default='a, b', cast=Csv())
PORT = config('PORT', cast=int, default=5)
MORE = os.environ['MORE'], env.int('NUMBER'), env.list('LIST', default=[])
";
    let project = project(
        &[
            ("shop/settings.py", settings),
            ("shop/more.env", "MORE=yes\nNUMBER=7\n"),
            (".env", "DATABASE_URL=postgres://x:y@z:5433/w?currentSchema=s\nDEBUG=on\n"),
        ],
        &[],
    );
    let shown =
        |name: &str| project.settings.get(name).map(|value| crate::python::shown(&value)).unwrap_or_default();
    assert_eq!(shown("DEBUG"), "True");
    assert_eq!(shown("HOSTS"), "['a', 'b']");
    assert_eq!(shown("PORT"), "5");
    assert_eq!(shown("MORE"), "('yes', 7, [])");
    assert_eq!(url(&project, "default"), "postgresql://x:y@z:5433/w?options=-c%20search_path%3Ds");
    assert_eq!(url(&project, "dj"), "postgresql://u:p@h:1/n");
    assert_eq!(url(&project, "secret"), "NAME is not known: the environment variable SECRET_NAME is not set");
    assert!(!format!("{:?}", project.databases).contains("postgresql://"), "a password may be in it");
    assert_eq!(
        messages(&project),
        [
            "the database secret cannot be reached with the settings: NAME is not known: the environment variable SECRET_NAME is not set"
        ]
    );
}

#[test]
fn a_variable_may_be_the_one_that_was_set_under_an_unknown_name() {
    let named = "import os\nos.environ['FIRST'] = '1'\nos.environ[__doc__] = 'x'\n";
    let manage = "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n";
    let settings = "import environ\nenv = environ.Env()\nA = env('GIVEN')\n";
    let given = [("GIVEN", "as given")];
    let a = |manage: &str, settings: &str| {
        let files = [("manage.py", manage), ("shop/settings.py", settings)];
        let value = project(&files, &given).settings.get("A");
        value.and_then(|value| value.as_str().map(str::to_owned))
    };
    let plain = format!("import os\n{manage}");
    assert_eq!(a(&plain, settings).as_deref(), Some("as given"));
    assert_eq!(a(&plain, &format!("{named}{settings}")), None);
    // What manage.py leaves behind is there for the settings; which settings these are is said by its text.
    let before = format!("{plain}{named}");
    assert_eq!(a(&before, settings), None);
    assert_eq!(a(&format!("{named}def main():\n    {manage}main()\n"), settings), None);
    assert_eq!(
        a(&format!("{named}os.environ['DJANGO_SETTINGS_MODULE'] = 'shop.settings'\n"), settings),
        None
    );
    assert_eq!(a(&before, "import os\nA = os.environ.get('GIVEN')\n"), None);
    // What is worked out, or named otherwise as well, is not said by the text.
    for other in [
        "os.environ['DJANGO_SETTINGS_MODULE'] = name()",
        "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'x')",
    ] {
        let manage = format!("{named}if name():\n    {other}\nelse:\n    {manage}");
        let error = read(&request(&[("manage.py", &*manage), ("shop/settings.py", settings)], &given)).err();
        let said = error.map(|error| error.to_string());
        assert_eq!(said.as_deref(), Some("reading the Django project: nothing in /p names its settings"));
    }
    let set_later = format!("import os\nos.environ['GIVEN'] = 'set'\n{settings}");
    assert_eq!(a(&before, &set_later).as_deref(), Some("set"));
}

#[test]
fn the_variable_beats_manage_and_settings_may_be_split() {
    let project = project(
        &[
            ("shop/settings.py", "X = 'wrong'\n"),
            (
                "shop/conf/__init__.py",
                "from split_settings.tools import include, optional\nA = 1\ninclude('parts/*.py', optional('local.py'))\n",
            ),
            ("shop/conf/parts/a.py", "B = A + 1\nINSTALLED_APPS = []\n"),
            ("shop/conf/parts/b.py", "INSTALLED_APPS += ['plain']\n"),
            ("plain/__init__.py", ""),
        ],
        &[("DJANGO_SETTINGS_MODULE", "shop.conf")],
    );
    assert_eq!(project.settings_source, SettingsSource::Environment);
    assert_eq!(project.settings.get("B").and_then(|value| value.as_int()), Some(2));
    assert_eq!(project.apps.len(), 1, "{:?}", messages(&project));
}

#[test]
fn what_cannot_be_known_is_a_finding_with_its_place() {
    let settings = "\
from elsewhere import APPS
INSTALLED_APPS = ['plain', 'gone', APPS]
DATABASES = APPS
if {}['x']: pass
";
    let project = project(&[("shop/settings.py", settings), ("plain/__init__.py", "")], &[]);
    let found: Vec<(String, u32)> = project
        .findings
        .iter()
        .map(|finding| {
            let place = finding
                .origin
                .as_ref()
                .and_then(|origin| origin.place.as_ref())
                .map_or(0, |place| place.line);
            (finding.found.clone().unwrap_or_default(), place)
        })
        .collect();
    let expected = [
        ("no module named elsewhere", 1),
        ("this raises KeyError: 'x'", 4),
        ("the app gone cannot be read: no module named gone", 2),
        ("an entry of INSTALLED_APPS is not known: no module named elsewhere", 1),
        ("the setting DATABASES is not known: no module named elsewhere", 1),
    ];
    assert_eq!(found, expected.map(|(message, line)| (message.to_owned(), line)));
}

#[test]
fn migrations_see_the_settings() {
    let project = project(
        &[
            ("shop/settings.py", "INSTALLED_APPS = ['plain']\nPRICE_DIGITS = 9\n"),
            ("plain/__init__.py", ""),
            ("plain/migrations/__init__.py", ""),
            (
                "plain/migrations/0001_initial.py",
                "from django.conf import settings\na = settings.PRICE_DIGITS\nb = getattr(settings, 'NOT_THERE', 3)\nc = hasattr(settings, 'PRICE_DIGITS')\nimport django\nd = django.VERSION >= (5, 0)\ne = settings.AUTH_USER_MODEL\n",
            ),
        ],
        &[],
    );
    let module =
        project.world.module("plain.migrations.0001_initial").unwrap_or_else(|unknown| panic!("{unknown:?}"));
    let shown = |name: &str| project.world.get(&module, name).map(|value| crate::python::shown(&value));
    let all: Vec<String> = ["a", "b", "c", "d", "e"].iter().filter_map(|name| shown(name)).collect();
    assert_eq!(all, ["9", "3", "True", "True", "'auth.User'"]);
}

#[test]
fn a_folder_without_a_project_says_what_to_do() {
    let mut request = Request::new("/p", BTreeMap::new());
    request.files = Rc::new(Memory::new([("/p/a.txt", "")]));
    let error = read(&request).err().map(|error| error.to_string()).unwrap_or_default();
    assert_eq!(error, "reading the Django project: there is no manage.py in /p or below it");
    request.files = Rc::new(Memory::new([("/p/web/manage.py", "import django\n")]));
    let error = read(&request).err().map(|error| error.to_string()).unwrap_or_default();
    assert_eq!(error, "reading the Django project: nothing in /p/web names its settings");
}
